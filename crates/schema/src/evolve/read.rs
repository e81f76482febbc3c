//! How many values the columns took, at each place of a definition. What they did not take is counted in
//! [`compare`](super::compare).

use std::collections::HashMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;

/// Values that are not null, by column; `[]` stands behind a list for its elements.
#[derive(Debug, Default)]
pub(crate) struct Read {
    values: HashMap<String, u64>,
}

impl Read {
    /// Counts those of a batch.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            self.array(field.name(), column.as_ref());
        }
    }

    /// Those at the place of a column; `pointer` tells elements from the list.
    pub(crate) fn at(&self, column: &str, pointer: &str) -> u64 {
        let is_element = pointer.ends_with("/*") && !column.ends_with(".*");
        let elements = is_element
            .then(|| self.values.get(&format!("{column}[]")))
            .flatten();
        elements
            .or_else(|| self.values.get(column))
            .copied()
            .unwrap_or_default()
    }

    fn array(&mut self, place: &str, array: &dyn Array) {
        let count = (array.len() - array.null_count()) as u64;
        *self.values.entry(place.to_owned()).or_default() += count;
        match array.data_type() {
            DataType::Struct(fields) => {
                for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                    self.array(
                        &format!("{}.{}", place.trim_end_matches("[]"), field.name()),
                        column,
                    );
                }
            }
            DataType::List(_) => {
                let elements = array.as_list::<i32>().values();
                self.array(&format!("{place}[]"), elements.as_ref());
            }
            DataType::Map(..) => self.array(
                &format!("{}.*", place.trim_end_matches("[]")),
                array.as_map().values().as_ref(),
            ),
            _ => {}
        }
    }
}

//! Columns of booleans, also where they come as the text `"true"` or `"false"`.

use std::sync::Arc;

use arrow::array::builder::{BooleanBufferBuilder, NullBufferBuilder};
use arrow::array::{ArrayRef, BooleanArray};
use arrow::error::ArrowError;

use super::column::{Column, Context};
use super::cursor::{Cursor, Scan};
use super::rescue::{Occurrence, Place};

/// A column of booleans.
pub(crate) struct Boolean {
    values: BooleanBufferBuilder,
    validity: NullBufferBuilder,
}

impl Default for Boolean {
    fn default() -> Self {
        Self {
            values: BooleanBufferBuilder::new(0),
            validity: NullBufferBuilder::new(0),
        }
    }
}

impl Boolean {
    fn push(&mut self, value: bool) {
        self.values.append(value);
        self.validity.append_non_null();
    }

    fn get(&self, row: usize) -> Option<bool> {
        (row < self.values.len() && self.validity.is_valid(row)).then(|| self.values.get_bit(row))
    }
}

impl Column for Boolean {
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        match cursor.peek()? {
            b't' => {
                cursor.literal("true")?;
                self.push(true);
            }
            b'f' => {
                cursor.literal("false")?;
                self.push(false);
            }
            b'n' => {
                cursor.literal("null")?;
                self.append_nulls(1);
            }
            b'"' => {
                let start = cursor.position;
                match &*cursor.string()?.decode() {
                    b"true" => self.push(true),
                    b"false" => self.push(false),
                    _ => {
                        context
                            .rescue
                            .add(place, Occurrence::Nth(1), cursor.since(start))?;
                        self.append_nulls(1);
                    }
                }
            }
            _ => {
                context.rescue_next(cursor, place)?;
                self.append_nulls(1);
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn append_nulls(&mut self, count: usize) {
        self.values.append_n(count, false);
        self.validity.append_n_nulls(count);
    }

    fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        self.validity.truncate(len);
    }

    fn is_null(&self, row: usize) -> bool {
        self.get(row).is_none()
    }

    fn same(&self, row: usize, other: usize) -> bool {
        self.get(row) == self.get(other)
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let (values, validity) = (self.values.finish(), self.validity.finish());
        if validity
            .as_ref()
            .is_some_and(|validity| validity.len() != values.len())
        {
            return Err(ArrowError::InvalidArgumentError(
                "booleans and their validity differ in length".to_owned(),
            ));
        }
        Ok(Arc::new(BooleanArray::new(values, validity)))
    }
}

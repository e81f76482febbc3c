//! Decides for which columns a Parquet dictionary pays, from the first rows of a file. Where it is switched
//! on is [`FileWriter`](crate::FileWriter).
//!
//! A dictionary pays where values repeat: queues, agents, languages, emotions. For ids, times and free text
//! it would be built, found too large and thrown away, row group after row group.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use xxhash_rust::xxh3::xxh3_64;

/// Values looked at, a leaf column.
const SAMPLE: usize = 4096;
/// With fewer values than this a guess would be worth nothing. Parquet gives a dictionary up by itself once
/// it is too large, so that is the side to err on.
const ENOUGH: usize = 16;

/// For each leaf column, in the order of the Parquet schema, whether a dictionary pays.
///
/// Depends on nothing but the values: the same first batch gives the same file.
pub(crate) fn pays(batch: &RecordBatch) -> Vec<bool> {
    let mut leaves = Vec::new();
    for column in batch.columns() {
        visit(column, &mut leaves);
    }
    leaves
}

/// Depth first, the order in which Parquet numbers its leaves.
fn visit(array: &ArrayRef, leaves: &mut Vec<bool>) {
    match array.data_type() {
        DataType::Struct(_) => {
            for child in array.as_struct().columns() {
                visit(child, leaves);
            }
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            visit(&within(list.values(), list.value_offsets()), leaves);
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            visit(&within(map.keys(), map.value_offsets()), leaves);
            visit(&within(map.values(), map.value_offsets()), leaves);
        }
        DataType::Utf8 => leaves.push(repeats(
            array
                .as_string::<i32>()
                .iter()
                .flatten()
                .map(|text| xxh3_64(text.as_bytes())),
        )),
        DataType::Int64 => leaves.push(repeats(
            array
                .as_primitive::<Int64Type>()
                .iter()
                .flatten()
                .map(i64::cast_unsigned),
        )),
        DataType::Float64 => leaves.push(repeats(
            array
                .as_primitive::<Float64Type>()
                .iter()
                .flatten()
                .map(f64::to_bits),
        )),
        // Times hardly repeat, and Parquet has no dictionary for booleans.
        DataType::Timestamp(_, _) | DataType::Boolean => leaves.push(false),
        _ => leaves.push(true),
    }
}

/// The part of the child that the offsets of a (maybe sliced) list use.
fn within(child: &ArrayRef, offsets: &[i32]) -> ArrayRef {
    let first = offsets.first().copied().unwrap_or_default() as usize;
    let last = offsets.last().copied().unwrap_or_default() as usize;
    child.slice(first, last - first)
}

/// Whether each value stands there twice on average.
fn repeats(hashes: impl Iterator<Item = u64>) -> bool {
    let mut distinct = HashSet::new();
    let mut values = 0;
    for hash in hashes.take(SAMPLE) {
        values += 1;
        distinct.insert(hash);
    }
    values < ENOUGH || distinct.len() * 2 <= values
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Float64Array, Int64Array, ListBuilder, MapBuilder, StringArray, StringBuilder,
        StructArray, TimestampMicrosecondArray,
    };

    use super::*;

    fn of(array: impl Array + 'static) -> Vec<bool> {
        pays(&RecordBatch::try_from_iter([("column", Arc::new(array) as ArrayRef)]).unwrap())
    }

    fn texts(count: usize, distinct: usize) -> StringArray {
        (0..count)
            .map(|row| Some(format!("value {}", row % distinct)))
            .collect()
    }

    #[test]
    fn ids_times_and_free_text_get_no_dictionary() {
        assert_eq!(of(texts(100, 100)), [false]);
        assert_eq!(of(TimestampMicrosecondArray::from(vec![1; 100])), [false]);
        assert_eq!(of(BooleanArray::from(vec![true; 100])), [false]);
        assert_eq!(of((0..100).map(Some).collect::<Int64Array>()), [false]);
    }

    #[test]
    fn repeating_values_get_a_dictionary() {
        assert_eq!(of(texts(100, 50)), [true]);
        assert_eq!(of(texts(100, 51)), [false]);
        assert_eq!(of(Int64Array::from(vec![7; 100])), [true]);
        assert_eq!(of(Float64Array::from(vec![0.5; 100])), [true]);
    }

    #[test]
    fn nulls_say_nothing() {
        let half_null: StringArray = (0..100)
            .map(|row| (row % 2 == 0).then(|| format!("value {row}")))
            .collect();
        assert_eq!(of(half_null), [false]);
        assert_eq!(of(StringArray::new_null(100)), [true]);
        assert_eq!(of(texts(15, 15)), [true]);
    }

    #[test]
    fn leaves_of_nested_columns_are_judged_one_by_one() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        let mut maps = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for row in 0..100 {
            lists.append_value([Some(format!("message {row}")), Some(format!("message {row}b"))]);
            maps.keys().append_value("region");
            maps.values().append_value(format!("free text {row}"));
            maps.append(true).unwrap();
        }
        let nested = StructArray::try_from(vec![
            ("queue", Arc::new(texts(100, 3)) as ArrayRef),
            ("messages", Arc::new(lists.finish())),
            ("custom", Arc::new(maps.finish())),
        ]);
        assert_eq!(of(nested.unwrap()), [true, false, true, false]);
    }

    #[test]
    fn only_the_rows_of_a_slice_count() {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in 0..200 {
            lists.append_value([Some(if row < 100 {
                format!("message {row}")
            } else {
                "same".to_owned()
            })]);
        }
        let lists = lists.finish();
        assert_eq!(of(lists.slice(0, 100)), [false]);
        assert_eq!(of(lists.slice(100, 100)), [true]);
    }
}

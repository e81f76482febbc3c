//! Chooses how each leaf column is encoded, from the first rows of a file. Where it is switched on is
//! [`FileOptions`](crate::FileOptions).
//!
//! A dictionary pays where values repeat: queues, agents, languages, emotions. For ids, times and free text
//! it would be built, found too large and thrown away, row group after row group. These are stored as
//! differences to the value before. Over 200 MB of records of each shape, beside plain values: times as
//! differences make the files 3 to 8 % smaller, text without the prefix of the text before 1 to 2 %. Both take
//! less time to write, for there is less to compress, and no more to read (DuckDB, pyarrow).

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use parquet::basic::Encoding;
use xxhash_rust::xxh3::xxh3_64;

/// Values looked at, a leaf column.
const SAMPLE: usize = 4096;
/// With fewer values than this a guess would be worth nothing. Parquet gives a dictionary up by itself once
/// it is too large, so that is the side to err on.
const ENOUGH: usize = 16;

/// How the values of a leaf column are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Whether a dictionary pays.
    pub(crate) dictionary: bool,
    /// Without a dictionary, or once it has become too large.
    pub(crate) otherwise: Encoding,
}

/// The choice for each leaf column, in the order of the Parquet schema.
///
/// Depends on nothing but the values: the same first batch gives the same file.
pub(crate) fn choices(batch: &RecordBatch) -> Vec<Choice> {
    let mut leaves = Vec::new();
    for column in batch.columns() {
        visit(column, &mut leaves);
    }
    leaves
}

/// Depth first, the order in which Parquet numbers its leaves.
fn visit(array: &ArrayRef, leaves: &mut Vec<Choice>) {
    let (dictionary, otherwise) = match array.data_type() {
        DataType::Struct(_) => {
            for child in array.as_struct().columns() {
                visit(child, leaves);
            }
            return;
        }
        DataType::List(_) => {
            let list = array.as_list::<i32>();
            return visit(&within(list.values(), list.value_offsets()), leaves);
        }
        DataType::Map(_, _) => {
            let map = array.as_map();
            visit(&within(map.keys(), map.value_offsets()), leaves);
            return visit(&within(map.values(), map.value_offsets()), leaves);
        }
        DataType::Utf8 => {
            let texts = array.as_string::<i32>().iter().flatten();
            let sample = Sample::of(texts.map(|text| xxh3_64(text.as_bytes())));
            (sample.repeats(), Encoding::DELTA_BYTE_ARRAY)
        }
        DataType::Int64 => {
            let numbers = array.as_primitive::<Int64Type>().iter().flatten();
            let sample = Sample::of(numbers.map(i64::cast_unsigned));
            (sample.repeats(), Encoding::DELTA_BINARY_PACKED)
        }
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>().iter().flatten();
            let sample = Sample::of(numbers.map(f64::to_bits));
            (sample.saves_doubles(), Encoding::PLAIN)
        }
        // Times hardly repeat.
        DataType::Timestamp(_, _) => (false, Encoding::DELTA_BINARY_PACKED),
        // Parquet has no dictionary for booleans.
        DataType::Boolean => (false, Encoding::PLAIN),
        _ => (true, Encoding::PLAIN),
    };
    leaves.push(Choice {
        dictionary,
        otherwise,
    });
}

/// The part of the child that the offsets of a (maybe sliced) list use.
pub(crate) fn within(child: &ArrayRef, offsets: &[i32]) -> ArrayRef {
    let first = offsets.first().copied().unwrap_or_default() as usize;
    let last = offsets.last().copied().unwrap_or_default() as usize;
    child.slice(first, last - first)
}

/// How many values there are among the first ones, and how many different ones.
struct Sample {
    values: usize,
    distinct: usize,
}

impl Sample {
    fn of(hashes: impl Iterator<Item = u64>) -> Self {
        let mut hashes: Vec<u64> = hashes.take(SAMPLE).collect();
        let values = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        let distinct = hashes.len();
        Self { values, distinct }
    }

    /// Whether each value stands there twice on average. Text and numbers compress well without a dictionary
    /// too, so that it has to earn its hashing.
    fn repeats(&self) -> bool {
        self.values < ENOUGH || self.distinct * 2 <= self.values
    }

    /// Whether the dictionary and the indices into it take fewer bits than doubles, which do not compress
    /// without it.
    fn saves_doubles(&self) -> bool {
        let width = self.distinct.next_power_of_two().ilog2() as usize;
        self.values < ENOUGH || self.distinct * 64 + self.values * width <= self.values * 64
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        BooleanArray, Float64Array, Int64Array, ListBuilder, MapBuilder, StringArray, StringBuilder,
        StructArray, TimestampMicrosecondArray,
    };

    use super::*;

    fn choose(array: impl Array + 'static) -> Vec<Choice> {
        choices(&RecordBatch::try_from_iter([("column", Arc::new(array) as ArrayRef)]).unwrap())
    }

    /// Where a dictionary pays.
    fn of(array: impl Array + 'static) -> Vec<bool> {
        choose(array).into_iter().map(|leaf| leaf.dictionary).collect()
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
    fn doubles_need_to_repeat_less() {
        let doubles = |distinct: usize| -> Float64Array {
            (0..1000).map(|row| Some((row % distinct) as f64 / 3.0)).collect()
        };
        assert_eq!(of(doubles(840)), [true]);
        assert_eq!(of(doubles(850)), [false]);
        assert_eq!(of(texts(1000, 840)), [false]);
    }

    #[test]
    fn what_has_no_dictionary_is_a_difference_to_the_value_before() {
        for (array, encoding) in [
            (Arc::new(texts(1, 1)) as ArrayRef, Encoding::DELTA_BYTE_ARRAY),
            (Arc::new(Int64Array::from(vec![1])), Encoding::DELTA_BINARY_PACKED),
            (
                Arc::new(TimestampMicrosecondArray::from(vec![1])),
                Encoding::DELTA_BINARY_PACKED,
            ),
            (Arc::new(Float64Array::from(vec![0.5])), Encoding::PLAIN),
            (Arc::new(BooleanArray::from(vec![true])), Encoding::PLAIN),
        ] {
            let kind = array.data_type().clone();
            assert_eq!(choose(array)[0].otherwise, encoding, "{kind}");
        }
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

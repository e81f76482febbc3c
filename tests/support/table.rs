//! Reads Parquet back: the columns and, row by row, the cells as plain values. What they should be is worked out in
//! [`expectation`](super::expectation).

use std::fs::File;
use std::path::Path;

use arrow::array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value};

/// All rows of a Parquet file.
pub(crate) fn read(path: &Path) -> RecordBatch {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

/// The rows of a Parquet file as values.
pub(crate) fn rows(path: &Path) -> Vec<Value> {
    rows_of(&read(path))
}

/// The rows of a batch as values: structs and maps are objects, times are numbers of microseconds.
pub(crate) fn rows_of(batch: &RecordBatch) -> Vec<Value> {
    let schema = batch.schema();
    let row = |index| {
        let cells = schema.fields().iter().zip(batch.columns());
        let cells = cells.map(|(field, column)| (field.name().clone(), cell(column, index)));
        Value::Object(cells.collect())
    };
    (0..batch.num_rows()).map(row).collect()
}

fn cell(array: &dyn Array, index: usize) -> Value {
    if array.is_null(index) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().value(index).into(),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(index).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(index).into(),
        DataType::Boolean => array.as_boolean().value(index).into(),
        DataType::Timestamp(..) => array
            .as_primitive::<TimestampMicrosecondType>()
            .value(index)
            .into(),
        DataType::Struct(fields) => {
            let columns = fields.iter().zip(array.as_struct().columns());
            let cells = columns.map(|(field, column)| (field.name().clone(), cell(column, index)));
            Value::Object(cells.collect())
        }
        DataType::List(_) => {
            let elements = array.as_list::<i32>().value(index);
            (0..elements.len()).map(|index| cell(&elements, index)).collect()
        }
        DataType::Map(..) => {
            let entries = array.as_map().value(index);
            let mut object = Map::new();
            for index in 0..entries.len() {
                let Value::String(key) = cell(entries.column(0), index) else {
                    panic!("a key of a map is null")
                };
                let twice = object.insert(key, cell(entries.column(1), index));
                assert_eq!(twice, None, "a key of a map stands twice");
            }
            Value::Object(object)
        }
        other => panic!("no table has a column of type {other}"),
    }
}

/// Values that are neither null nor made of others.
pub(crate) fn leaves(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::Array(elements) => elements.iter().map(leaves).sum(),
        Value::Object(members) => members.values().map(leaves).sum(),
        _ => 1,
    }
}

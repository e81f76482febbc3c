//! Rows and lakes for this crate's tests. The store that fails is in `faulty`.

use std::ops::Range;
use std::path::Path as FsPath;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, MapArray, RecordBatch, StringArray,
    StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use bytes::Bytes;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::Lake;

mod faulty;

pub(crate) use faulty::Faulty;

/// The schema of [`rows`]: one column of each kind that the datasets have.
pub(crate) fn schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let queue = DataType::Struct(Fields::from(vec![text("queue_id"), text("queue_name")]));
    let entry = DataType::Struct(Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        text("value"),
    ]));
    let time = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
    let json = [
        ("ARROW:extension:name", "arrow.json"),
        ("ARROW:extension:metadata", ""),
    ];
    Arc::new(Schema::new(vec![
        text("conversation_id"),
        Field::new("conversation_start_time", time, true),
        Field::new("kore_evaluation_score", DataType::Float64, true),
        Field::new("fatal_error_count", DataType::Int64, true),
        Field::new("is_passed", DataType::Boolean, true),
        text("language"),
        Field::new(
            "queues",
            DataType::List(Arc::new(Field::new("element", queue, true))),
            true,
        ),
        Field::new(
            "custom_fields",
            DataType::Map(Arc::new(Field::new("key_value", entry, false)), false),
            true,
        ),
        text("_rescued").with_metadata(json),
    ]))
}

/// Made-up conversations number `range`; the same number gives the same row.
pub(crate) fn rows(range: Range<usize>) -> RecordBatch {
    let schema = schema();
    let DataType::List(queue_field) = schema.field(6).data_type() else {
        unreachable!()
    };
    let DataType::Struct(queue_fields) = queue_field.data_type() else {
        unreachable!()
    };
    let DataType::Map(entry_field, _) = schema.field(7).data_type() else {
        unreachable!()
    };
    let DataType::Struct(entry_fields) = entry_field.data_type() else {
        unreachable!()
    };

    let per_row: Vec<(usize, usize)> = range
        .clone()
        .flat_map(|row| (0..row % 3).map(move |part| (row, part)))
        .collect();
    let offsets = || OffsetBuffer::<i32>::from_lengths(range.clone().map(|row| row % 3));
    let texts = |of: &dyn Fn(usize, usize) -> Option<String>| -> ArrayRef {
        Arc::new(
            per_row
                .iter()
                .map(|(row, part)| of(*row, *part))
                .collect::<StringArray>(),
        )
    };
    let queues = StructArray::new(
        queue_fields.clone(),
        vec![
            texts(&|row, part| Some(format!("q-{}", (row + part) % 7))),
            texts(&|row, part| (row % 5 != 0).then(|| format!("Queue {}", (row + part) % 7))),
        ],
        // Every eleventh element is null: positions hold.
        Some(per_row.iter().map(|(row, _)| row % 11 != 0).collect()),
    );
    let entries = StructArray::new(
        entry_fields.clone(),
        vec![
            texts(&|_, part| Some(format!("field {part}"))),
            texts(&|row, part| (row % 4 != 0).then(|| format!("{row}/{part}"))),
        ],
        None,
    );
    let present = Some(range.clone().map(|row| row % 8 != 7).collect());
    let columns: Vec<ArrayRef> = vec![
        Arc::new(
            range
                .clone()
                .map(|row| Some(format!("c-{row:08}")))
                .collect::<StringArray>(),
        ),
        Arc::new(
            TimestampMicrosecondArray::from_iter(
                range
                    .clone()
                    .map(|row| (row % 9 != 0).then(|| 1_774_224_000_000_000 + row as i64 * 1_234_567)),
            )
            .with_timezone("UTC"),
        ),
        Arc::new(
            range
                .clone()
                .map(|row| (row % 6 != 0).then_some(row as f64 / 3.0))
                .collect::<Float64Array>(),
        ),
        Arc::new(
            range
                .clone()
                .map(|row| Some(row as i64 % 4 - 1))
                .collect::<Int64Array>(),
        ),
        Arc::new(
            range
                .clone()
                .map(|row| (row % 3 != 0).then_some(row % 2 == 0))
                .collect::<BooleanArray>(),
        ),
        Arc::new(
            range
                .clone()
                .map(|row| Some(["en", "de", "ja"][row % 3]))
                .collect::<StringArray>(),
        ),
        Arc::new(ListArray::new(
            queue_field.clone(),
            offsets(),
            Arc::new(queues),
            present.clone(),
        )),
        Arc::new(MapArray::new(
            entry_field.clone(),
            offsets(),
            entries,
            present,
            false,
        )),
        Arc::new(
            range
                .map(|row| (row % 10 == 0).then(|| format!("{{\"/extra\":{row}}}")))
                .collect::<StringArray>(),
        ),
    ];
    RecordBatch::try_new(schema, columns).unwrap()
}

/// One column of texts that no compression makes much smaller, `width` bytes a row.
pub(crate) fn noise(rows: usize, width: usize) -> RecordBatch {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let text = |_| {
        let mut text = String::with_capacity(width);
        while text.len() < width {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(char::from(b'0' + (state % 75) as u8));
        }
        Some(text)
    };
    let texts = (0..rows).map(text).collect::<StringArray>();
    RecordBatch::try_from_iter([("text", Arc::new(texts) as ArrayRef)]).unwrap()
}

pub(crate) fn local(folder: &FsPath) -> Lake {
    Lake::open(folder.to_str().unwrap(), &Default::default()).unwrap()
}

/// Every file below a folder, whatever its name, relative to it.
pub(crate) fn files(folder: &FsPath) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

pub(crate) async fn bytes(lake: &Lake, path: &str) -> Bytes {
    lake.store()
        .get(&Path::from(path))
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap()
}

/// All rows of a Parquet file, `batch_size` at a time.
pub(crate) fn read_back(file: Bytes, batch_size: usize) -> Vec<RecordBatch> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .with_batch_size(batch_size);
    reader.build().unwrap().map(|batch| batch.unwrap()).collect()
}

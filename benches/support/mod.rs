//! What the benches share: the records of each shape, records that fit nowhere, and the general reader to compare with.

#![allow(dead_code, reason = "each bench is a program of its own and uses a part")]

pub mod general_reader;
pub mod hostile;

use std::hint::black_box;

use arrow::array::RecordBatch;
use korelake::schema::{Decoder, Definition, Progress};
use korelake_simulator::write_ndjson;

pub use korelake_simulator::Shape;

/// Name, shape and dataset of everything that servers send.
pub const SHAPES: [(&str, Shape, &str); 5] = [
    ("v3", Shape::V3, "raw_data"),
    ("camel_case", Shape::CamelCase, "raw_data"),
    ("legacy", Shape::Legacy, "raw_data"),
    ("score_reporting", Shape::ScoreReporting, "score_reporting"),
    ("agent_assist", Shape::AgentAssist, "agent_assist"),
];

const RECORDS: usize = 2000;

/// Records of a shape, one a line.
pub fn records(shape: Shape) -> Vec<u8> {
    let mut records = Vec::new();
    write_ndjson(1, shape, RECORDS, &mut records).unwrap();
    records
}

pub fn definition(dataset: &str) -> Definition {
    Definition::builtin(dataset).unwrap()
}

/// Records of V3 as arrow-json can read them, or those of another shape as they are.
pub fn readable_records(shape: Shape) -> Vec<u8> {
    let records = records(shape);
    match shape {
        Shape::V3 => general_reader::without_lone_values(&records),
        _ => records,
    }
}

/// Decodes all of `records` and drops the batches.
pub fn decode(decoder: &mut Decoder, records: &[u8]) {
    decode_with(decoder, records, |batch| {
        black_box(batch);
    });
}

/// Decodes all of `records` and gives each batch to `take`.
pub fn decode_with(decoder: &mut Decoder, records: &[u8], mut take: impl FnMut(RecordBatch)) {
    let mut rest = records;
    loop {
        let progress = decoder.finish(rest).unwrap();
        rest = &rest[progress.consumed()..];
        if let Some(batch) = decoder.flush().unwrap() {
            take(batch);
        }
        if let Progress::NeedsInput { .. } = progress {
            break;
        }
    }
}

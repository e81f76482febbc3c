//! The bodies in `tests/fixtures`, one of each shape that the servers are known to send: every value of theirs is in
//! a typed column, and cells are what they should be.

mod cells;
mod parquet_file;

use std::path::PathBuf;

use arrow::array::{Array, RecordBatch};
use korelake::schema::Definition;
use serde_json::Value;

use crate::support::program::Program;
use crate::support::{expectation, repository, table};

/// The bodies with their datasets.
const BODIES: [(&str, &str); 6] = [
    ("raw_data_v3.json", "raw_data"),
    ("raw_data_camel_case.json", "raw_data"),
    ("raw_data_legacy.json", "raw_data"),
    ("raw_data_2025.json", "raw_data"),
    ("score_reporting.json", "score_reporting"),
    ("agent_assist.json", "agent_assist"),
];

/// A body that was converted.
struct Converted {
    program: Program,
    dataset: &'static str,
}

impl Converted {
    fn new(body: &str) -> Self {
        let (name, dataset) = BODIES.into_iter().find(|(name, _)| *name == body).unwrap();
        let program = Program::new();
        let path = repository("tests/fixtures").join(name);
        let arguments = [
            "convert",
            path.to_str().unwrap(),
            "--dataset",
            dataset,
            "--out",
            "out",
        ];
        let ran = program.run(arguments).succeeded();
        assert!(
            ran.stderr.ends_with("; 0 rescued, 0 quarantined\n"),
            "{}",
            ran.stderr
        );
        Self { program, dataset }
    }

    fn file(&self) -> PathBuf {
        self.program
            .path(&format!("out/{}/part-00000.parquet", self.dataset))
    }

    fn batch(&self) -> RecordBatch {
        table::read(&self.file())
    }

    fn rows(&self) -> Vec<Value> {
        table::rows(&self.file())
    }
}

/// The records of a body.
fn records(body: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(repository("tests/fixtures").join(body)).unwrap();
    let mut body: Value = serde_json::from_str(&text).unwrap();
    let records = body.as_object_mut().unwrap();
    let records = records.remove("results").or_else(|| records.remove("data"));
    serde_json::from_value(records.unwrap()).unwrap()
}

#[test]
fn every_fixture_is_tested() {
    let mut files: Vec<String> = repository("tests/fixtures")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    files.sort();
    let mut known = BODIES.map(|(name, _)| name);
    known.sort();
    assert_eq!(files, known);
}

#[test]
fn nothing_of_a_documented_record_is_rescued() {
    for (body, _) in BODIES {
        let batch = Converted::new(body).batch();
        let rescued = batch.column_by_name("_rescued").unwrap();
        assert_eq!(
            (batch.num_rows(), rescued.null_count()),
            (records(body).len(), batch.num_rows()),
            "{body}"
        );
    }
}

#[test]
fn every_column_is_of_its_type() {
    for (body, dataset) in BODIES {
        let definition = Definition::builtin(dataset).unwrap();
        let schema = Converted::new(body).batch().schema();
        assert_eq!(schema.fields(), definition.arrow_schema().fields(), "{body}");
    }
}

#[test]
fn every_cell_is_what_the_definition_makes_of_its_source() {
    for (body, dataset) in BODIES {
        let definition = Definition::builtin(dataset).unwrap();
        let plain = |row| expectation::with_plain_json(&definition, row);
        let rows: Vec<Value> = Converted::new(body).rows().into_iter().map(plain).collect();
        let expected: Vec<Value> = records(body)
            .iter()
            .map(|record| plain(expectation::row(&definition, record)))
            .collect();
        assert_eq!(rows, expected, "{body}");
    }
}

/// Keys whose values are kept as JSON text, or which hold a list or an object of such values.
const KEPT_AS_TEXT: [&str; 13] = [
    "triggerJustification",
    "Speaking Rate",
    "speechSpeed",
    "Auditor Response",
    "custom_fields",
    "answerLinkClicked",
    "stages",
    "message",
    "adherence",
    "sessionInfo",
    "usageDetails",
    "summary",
    "Kore Evaluation Score",
];

/// Values of a source that are neither null nor made of others, where what is kept as text counts as one.
fn source_leaves(key: &str, value: &Value) -> usize {
    match value {
        // The one text that is read as null.
        Value::String(text) if text == "NA" && key == "Kore Evaluation Score" => 0,
        Value::Array(elements) if KEPT_AS_TEXT.contains(&key) => elements.len(),
        Value::Object(members) if key == "custom_fields" => {
            members.values().filter(|value| !value.is_null()).count()
        }
        Value::Object(_) if KEPT_AS_TEXT.contains(&key) => 1,
        Value::Array(elements) => elements.iter().map(|element| source_leaves(key, element)).sum(),
        Value::Object(members) => members.iter().map(|(key, value)| source_leaves(key, value)).sum(),
        other => table::leaves(other),
    }
}

#[test]
fn as_many_values_are_in_the_columns_as_in_the_source() {
    for (body, _) in BODIES {
        let source: usize = records(body).iter().map(|record| source_leaves("", record)).sum();
        let columns: usize = Converted::new(body).rows().iter().map(table::leaves).sum();
        assert_eq!(columns, source, "{body}");
        assert!(source > 50, "{body} is nearly empty");
    }
}

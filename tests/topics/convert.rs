//! `korelake convert`: the forms in which records come, and what cannot be read.

mod oddities;
mod refusals;

use std::fs::File;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use korelake_simulator::Shape;
use serde_json::{Value, json};

use crate::support::program::{Program, Ran};
use crate::support::{lake::Lake, repository, table};

const OUTPUT: &str = "out/raw_data/part-00000.parquet";

fn convert(program: &Program, files: &[&str]) -> Ran {
    program.run([&["convert"], files, &["--dataset", "raw_data", "--out", "out"]].concat())
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn records() -> Vec<Value> {
    let body = std::fs::read(repository("tests/fixtures/raw_data_2025.json")).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    body["results"].as_array().unwrap().clone()
}

#[test]
fn every_form_of_the_same_records_gives_the_same_table() {
    let records = records();
    let body = json!({"hasMore": false, "results": records}).to_string();
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let program = Program::new();
    program.write("body.json", &body);
    convert(&program, &["body.json"]).succeeded();
    let expected = std::fs::read(program.path(OUTPUT)).unwrap();
    assert_eq!(table::rows(&program.path(OUTPUT)).len(), records.len());

    let forms: [(&str, Vec<u8>); 7] = [
        ("array.json", json!(records).to_string().into()),
        ("lines.ndjson", lines.clone().into()),
        ("windows.ndjson", lines.replace('\n', "\r\n").into()),
        ("marked.json", format!("\u{feff}{body}").into()),
        ("body.json.gz", gzip(body.as_bytes())),
        ("lines.of.no.known.name", gzip(lines.as_bytes())),
        (
            "two_members.gz",
            [gzip(&lines.as_bytes()[..50]), gzip(&lines.as_bytes()[50..])].concat(),
        ),
    ];
    for (name, content) in forms {
        program.write(name, &content);
        convert(&program, &[name]).succeeded();
        assert!(
            std::fs::read(program.path(OUTPUT)).unwrap() == expected,
            "{name} gives another table"
        );

        let arguments = ["convert", "-", "--dataset", "raw_data", "--out", "piped"];
        program.run_with_input(arguments, &content).succeeded();
        let piped = std::fs::read(program.path("piped/raw_data/part-00000.parquet")).unwrap();
        assert!(
            piped == expected,
            "{name} gives another table through standard input"
        );
    }
}

#[test]
fn several_files_are_read_in_their_order() {
    let program = Program::new();
    let records = records();
    program.write("whole.json", json!(records).to_string());
    convert(&program, &["whole.json"]).succeeded();
    let expected = std::fs::read(program.path(OUTPUT)).unwrap();

    program.write(
        "1.json",
        json!({"results": [records[0]], "hasMore": true}).to_string(),
    );
    program.write(
        "2.ndjson",
        gzip(format!("{}\n{}", records[1], records[2]).as_bytes()),
    );
    program.write("3.json", records[3].to_string());
    convert(&program, &["1.json", "2.ndjson", "3.json"]).succeeded();
    assert!(std::fs::read(program.path(OUTPUT)).unwrap() == expected);

    convert(&program, &["3.json", "1.json"]).succeeded();
    let keys: Vec<Value> = table::rows(&program.path(OUTPUT))
        .into_iter()
        .map(|mut row| row["conversation_id"].take())
        .collect();
    assert_eq!(
        keys,
        [&records[3], &records[0]].map(|record| record["Conversation ID"].clone())
    );
}

#[test]
fn one_object_is_one_row() {
    let program = Program::new();
    program.write("one.json", records()[0].to_string());
    convert(&program, &["one.json"]).succeeded();
    assert_eq!(table::rows(&program.path(OUTPUT)).len(), 1);
}

#[test]
fn no_records_are_an_empty_table() {
    for content in [
        " \n",
        "[]",
        r#"{"results": [], "totalResults": 0, "hasMore": false}"#,
    ] {
        let program = Program::new();
        program.write("none.json", content);
        let ran = convert(&program, &["none.json"]).succeeded();
        assert!(ran.stderr.starts_with("0 rows in "), "{}", ran.stderr);
        let batch = table::read(&program.path(OUTPUT));
        assert_eq!(batch.num_rows(), 0);
        assert!(
            batch.column_by_name("_rescued").is_some(),
            "{content:?} has no columns"
        );
    }
}

#[test]
fn an_empty_file_is_more_likely_a_failed_download() {
    let program = Program::new();
    program.write("old.json", r#"{"conversationId": "old"}"#);
    program.write("none.json", "");
    convert(&program, &["old.json"]).succeeded();
    convert(&program, &["none.json"]).failed(2, "none.json is empty", "did the command before it fail?");
    assert_eq!(
        table::rows(&program.path(OUTPUT)).len(),
        1,
        "the old table is gone"
    );
}

#[test]
fn a_lake_that_exports_fill_is_no_place_for_a_conversion() {
    let program = Program::new();
    program
        .run([
            "demo",
            "--days",
            "1",
            "--conversations-per-day",
            "3",
            "--out",
            "out",
        ])
        .succeeded();
    program.write("one.json", r#"{"conversationId": "a"}"#);
    convert(&program, &["one.json"]).failed(1, "is filled by exports", "another folder");
    assert!(!program.path(OUTPUT).exists());
}

#[test]
fn a_quarantine_goes_with_the_conversion_that_made_it() {
    let program = Program::new();
    program.write("bad.json", r#"[{"conversationId": "a"}, 7]"#);
    program.write("good.json", r#"[{"conversationId": "a"}]"#);
    let quarantine = program.path("out/_korelake/raw_data/quarantine/part-00000.ndjson");
    convert(&program, &["bad.json"]).succeeded();
    assert!(quarantine.exists());
    convert(&program, &["good.json"]).succeeded();
    assert!(!quarantine.exists());
}

#[test]
fn a_table_that_is_there_is_replaced_in_one_step() {
    let program = Program::new();
    program.write("old.json", r#"{"conversationId": "old"}"#);
    program.write("new.json", r#"{"conversationId": "new"}"#);
    program.write("cut.json", r#"[{"conversationId": "newer"}, {"conv"#);
    convert(&program, &["old.json"]).succeeded();
    let lake = Lake(program.path("out"));
    let before = lake.files();
    assert_eq!(before.keys().collect::<Vec<_>>(), ["raw_data/part-00000.parquet"]);
    let mut reader = File::open(program.path(OUTPUT)).unwrap();

    convert(&program, &["cut.json"]).failed(2, "cut.json", "fetch or copy it again");
    assert!(
        lake.files() == before,
        "a conversion that failed changed the table"
    );

    convert(&program, &["new.json"]).succeeded();
    assert_eq!(table::rows(&program.path(OUTPUT))[0]["conversation_id"], "new");
    assert_eq!(lake.files().len(), 1);
    // A new file took the name: who had the old one open reads it to the end.
    let mut old = Vec::new();
    reader.read_to_end(&mut old).unwrap();
    assert!(old == before["raw_data/part-00000.parquet"]);
}

#[test]
fn the_level_of_compression_changes_no_row() {
    let program = Program::new();
    let mut lines = Vec::new();
    korelake_simulator::write_ndjson(1, Shape::V3, 200, &mut lines).unwrap();
    program.write("lines.json", lines);
    let arguments = ["convert", "lines.json", "--dataset", "raw_data", "--out"];
    let sizes = ["1", "19"].map(|level| {
        program
            .run([&arguments[..], &[level, "--zstd-level", level]].concat())
            .succeeded();
        let path = program.path(level).join("raw_data/part-00000.parquet");
        (std::fs::metadata(&path).unwrap().len(), table::rows(&path))
    });
    assert!(sizes[0].0 > sizes[1].0, "level 19 is not smaller than level 1");
    assert!(sizes[0].1 == sizes[1].1);
}

#[test]
fn records_of_another_dataset_are_kept_with_a_warning() {
    let program = Program::new();
    program.write("other.json", r#"{"segmentID": "ac-1"}"#);
    let ran = convert(&program, &["other.json"]).succeeded();
    assert!(
        ran.stderr
            .contains("warning: no row has a conversation_id: are these records of raw_data?"),
        "{}",
        ran.stderr
    );
    program.write(
        "right.json",
        r#"[{"segmentID": "ac-1"}, {"conversationId": "c-1"}]"#,
    );
    let ran = convert(&program, &["right.json"]).succeeded();
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
}

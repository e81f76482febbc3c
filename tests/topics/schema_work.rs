//! `korelake schema infer` and `schema diff`: dataset files from records, and what two of them differ in.

mod against;
mod diff;

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use korelake::schema::Definition;
use korelake_simulator::{Shape, write_ndjson};
use serde_json::{Value, json};

use crate::support::program::{Program, Ran};
use crate::support::{repository, table};

fn simulated(shape: Shape, records: usize) -> String {
    let mut text = Vec::new();
    write_ndjson(11, shape, records, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Infers a dataset file from `file`, and saves it as `own.json`.
#[track_caller]
fn infer(program: &Program, arguments: &[&str]) -> (Ran, Definition) {
    let ran = program
        .run([&["schema", "infer"], arguments].concat())
        .succeeded();
    program.write("own.json", &ran.stdout);
    let definition = Definition::parse(&ran.stdout).unwrap();
    (ran, definition)
}

#[test]
fn what_is_inferred_from_records_rescues_nothing_of_them() {
    let schema: Value =
        serde_json::from_slice(&std::fs::read(repository("schemas/schema.json")).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for shape in Shape::ALL {
        let program = Program::new();
        program.write("seen.ndjson", simulated(shape, 300));
        let (ran, definition) = infer(&program, &["seen.ndjson"]);
        let file: Value = serde_json::from_str(&ran.stdout).unwrap();
        let mistakes: Vec<String> = validator
            .iter_errors(&file)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(mistakes, [""; 0], "{shape:?}");

        let key = if shape == Shape::AgentAssist {
            "segment_id"
        } else {
            "conversation_id"
        };
        let event_time = match shape {
            Shape::AgentAssist => Some("segment_start_time"),
            Shape::V3 | Shape::Legacy => Some("conversation_start_time"),
            _ => definition.event_time(),
        };
        assert_eq!(
            (definition.key(), definition.event_time()),
            (key, event_time),
            "{shape:?}"
        );
        assert_eq!(ran.lines("warning: "), [""; 0], "{shape:?}");

        program.run(["schema", "show", "own.json"]).succeeded();
        let convert = ["convert", "seen.ndjson", "--dataset", "own.json", "--out", "out"];
        let converted = program.run(convert).succeeded();
        assert!(converted.stderr.contains("300 rows"), "{}", converted.stderr);
        let rows = table::rows(&program.path("out/seen/part-00000.parquet"));
        for row in &rows {
            assert_eq!(row["_rescued"], Value::Null, "{shape:?}");
            assert!(row[key].is_string(), "{shape:?}");
        }
        // Told apart and together by every other command, too.
        let against = program.run(["schema", "infer", "seen.ndjson", "--against", "own.json"]);
        assert_eq!(
            against.succeeded().stdout,
            "seen knows all that 300 records hold\n"
        );
    }
}

#[test]
fn the_columns_of_the_simulated_records_are_those_of_the_datasets() {
    for (shape, dataset) in [(Shape::V3, "raw_data"), (Shape::AgentAssist, "agent_assist")] {
        let program = Program::new();
        program.write("seen.ndjson", simulated(shape, 400));
        let (_, inferred) = infer(&program, &["seen.ndjson"]);
        let known = Definition::builtin(dataset).unwrap();
        let mut found = 0;
        for column in inferred.columns() {
            let same = known.columns().iter().find(|known| {
                column
                    .spellings()
                    .any(|spelling| known.spellings().any(|key| key == spelling))
            });
            let same = same.unwrap_or_else(|| panic!("{dataset} has no {}", column.name()));
            found += usize::from(same.name() == column.name());
        }
        // Some columns of the dataset have names of their own, such as `duration_ms`.
        assert!(found + 6 >= inferred.columns().len(), "{found} of {dataset}");
        let custom = inferred
            .columns()
            .iter()
            .find(|column| column.name() == "custom_fields");
        if let Some(custom) = custom {
            assert_eq!(custom.data_type().to_string(), "map<utf8, utf8>");
        }
    }
}

#[test]
fn every_form_of_the_same_records_gives_the_same_columns() {
    let lines = simulated(Shape::Legacy, 50);
    let array = format!("[{}]", lines.trim_end().replace('\n', ","));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(lines.as_bytes()).unwrap();
    let program = Program::new();
    program.write("records.ndjson", &lines);
    program.write("records.json", &array);
    program.write("records.gz", encoder.finish().unwrap());
    program.write(
        "records.body.json",
        format!(r#"{{"totalResults":50,"results":{array}}}"#),
    );
    let (plain, definition) = infer(&program, &["records.ndjson"]);
    for file in ["records.json", "records.gz"] {
        assert_eq!(infer(&program, &[file]).0.stdout, plain.stdout, "{file}");
    }
    let piped = program.run_with_input(["schema", "infer", "-"], lines.as_bytes());
    assert_eq!(piped.succeeded().stdout, plain.stdout);
    let (body, of_body) = infer(&program, &["records.body.json"]);
    assert_eq!(
        body.stdout.replace("  \"records\": \"results\",\n", ""),
        plain.stdout
    );
    assert_eq!(of_body.columns(), definition.columns());
    program
        .run([
            "convert",
            "records.body.json",
            "--dataset",
            "own.json",
            "--out",
            "out",
        ])
        .succeeded();
    assert_eq!(
        table::rows(&program.path("out/records/part-00000.parquet")).len(),
        50
    );
}

#[test]
fn spellings_and_types_of_several_files_come_together() {
    let program = Program::new();
    program.write(
        "1.json",
        r#"[{"Call ID": "a", "beganAt": "2026-03-23T10:00:00Z", "Length": "1500 milliseconds"}]"#,
    );
    program.write(
        "2.json",
        r#"[{"callId": "b", "beganAt": 1774261800000, "Length": null, "words": "x"}]"#,
    );
    program.write(
        "3.json",
        r#"[{"call_id": "c", "beganAt": "", "words": ["y", "z"], "by": {"7": {"n": 1}, "12": {}}}]"#,
    );
    let (ran, _) = infer(&program, &["1.json", "2.json", "3.json", "--name", "calls"]);
    assert_eq!(
        ran.stdout,
        r#"{
  "name": "calls",
  "doc": "Proposed by `korelake schema infer` from 3 records; read it over before use.",
  "key": "call_id",
  "event_time": "began_at",
  "columns": [
    { "name": "call_id", "type": "utf8", "aliases": ["Call ID", "callId", "call_id"], "doc": "Seen in 3 of 3 records." },
    { "name": "began_at", "type": "timestamp", "aliases": ["beganAt"], "doc": "Seen in 3 of 3 records." },
    { "name": "length", "type": "int64", "aliases": ["Length"], "doc": "Seen in 2 of 3 records, null in 1.", "unit": "milliseconds" },
    { "name": "words", "type": "list", "doc": "Seen in 2 of 3 records.", "lone_value": true, "element": { "type": "utf8" } },
    {
      "name": "by", "type": "map", "doc": "Seen in 1 of 3 records. Its keys are data.",
      "values": {
        "type": "struct",
        "fields": [
          { "name": "n", "type": "int64", "doc": "Seen in 1 of 2 objects. Whole numbers so far." }
        ]
      }
    }
  ]
}
"#
    );
    assert!(
        ran.stderr.starts_with("5 columns from 3 records"),
        "{}",
        ran.stderr
    );
    let quiet = program.run(["--quiet", "schema", "infer", "1.json"]).succeeded();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn no_example_of_a_value_gets_into_a_dataset_file() {
    let program = Program::new();
    program.write(
        "people.ndjson",
        r#"{"id": "p1", "name": "Jane Doe", "mail": "jane@example.com", "tags": ["vip"]}"#,
    );
    let (ran, _) = infer(&program, &["people.ndjson"]);
    for value in ["Jane", "example.com", "p1", "vip"] {
        assert!(
            !ran.stdout.contains(value) && !ran.stderr.contains(value),
            "{ran:?}"
        );
    }
}

#[test]
fn a_key_that_is_not_sure_is_told() {
    let program = Program::new();
    program.write("calls.json", r#"[{"id": "a"}, {"id": "a"}]"#);
    let (ran, definition) = infer(&program, &["calls.json"]);
    assert_eq!(definition.key(), "id");
    assert!(
        ran.lines("warning: ")[0].contains("`id` was taken, but 1 of 2"),
        "{}",
        ran.stderr
    );
}

#[test]
fn records_under_a_key_of_their_own_are_named() {
    let program = Program::new();
    let body = json!({"count": 2, "calls": [{"id": "a"}, {"id": "b"}]}).to_string();
    program.write("body.json", body);
    let (ran, _) = infer(&program, &["body.json"]);
    assert!(ran.stderr.contains("say `--records calls`"), "{}", ran.stderr);
    let (ran, definition) = infer(&program, &["body.json", "--records", "calls"]);
    assert_eq!((definition.columns().len(), ran.lines("warning: ").len()), (1, 0));
    let convert = ["convert", "body.json", "--dataset", "own.json", "--out", "out"];
    assert!(program.run(convert).succeeded().stderr.starts_with("2 rows"));
}

#[test]
fn records_that_look_like_bodies_are_told_and_can_be_kept() {
    let program = Program::new();
    let records: Vec<String> = (0..3)
        .map(|number| {
            json!({"ticket": format!("t-{number}"), "customer": "Jane Doe", "data": [{"x": number}]})
                .to_string()
        })
        .collect();
    program.write("tickets.ndjson", records.join("\n"));
    let (ran, _) = infer(&program, &["tickets.ndjson"]);
    assert_eq!(
        ran.lines("warning: ")[0],
        "warning: 3 objects were read as response bodies; beside `data` they hold `customer`, `ticket`, which are dropped: if \
         they are records, say --records ''"
    );
    let (ran, definition) = infer(&program, &["tickets.ndjson", "--records", ""]);
    assert!(!ran.stderr.contains("response bodies"), "{}", ran.stderr);
    let names: Vec<&str> = definition.columns().iter().map(|column| column.name()).collect();
    assert_eq!(names, ["customer", "data", "ticket"]);
    assert!(
        ran.stderr.contains("`export` also needs `endpoints`"),
        "{}",
        ran.stderr
    );
    let dataset = korelake::Dataset::load(program.path("own.json").to_str().unwrap()).unwrap();
    let hint = dataset.endpoint(None).map(drop).unwrap_err().hint().unwrap();
    assert!(hint.contains("describes no endpoint"), "{hint}");
}

#[test]
fn a_key_of_records_that_no_body_has_is_wrong_usage() {
    let program = Program::new();
    program.write("calls.json", r#"[{"id": "a"}, {"id": "b"}]"#);
    let ran = program.run(["schema", "infer", "calls.json", "--records", "nope"]);
    assert_eq!(ran.stdout, "");
    ran.failed(
        1,
        "no object has a list of objects under `nope`",
        "'' if every object",
    );
}

#[test]
fn inputs_that_cannot_be_read_are_one_error_with_a_hint() {
    let program = Program::new();
    program.write("good.json", r#"[{"conversationId": "a"}]"#);
    program.write("words.json", "conversations: 3");
    program.write("cut.json", r#"[{"conversationId": "a"}"#);
    program.write("none.json", r#"{"results": [], "hasMore": false}"#);
    program.write("numbers.json", "[1, 2]");
    program.write("empty.json", "");
    for (file, code, message, hint) in [
        ("missing.json", 1, "missing.json cannot be read", "check the path"),
        (
            "words.json",
            2,
            "words.json cannot be decoded: not valid JSON at byte 0",
            "NDJSON is expected",
        ),
        (
            "cut.json",
            2,
            "cut.json cannot be decoded: the JSON ends in the middle",
            "fetch or copy it again",
        ),
        ("none.json", 2, "none.json holds no records", "under its key"),
        (
            "numbers.json",
            2,
            "numbers.json holds no records",
            "a record is a JSON object",
        ),
        (
            "empty.json",
            2,
            "empty.json is empty",
            "did the command before it fail?",
        ),
    ] {
        for more in [&[][..], &["--against", "raw_data"]] {
            let ran = program.run([&["schema", "infer", file], more].concat());
            assert_eq!(ran.stdout, "", "{file}");
            ran.failed(code, message, hint);
        }
    }
    let some = program
        .run(["schema", "infer", "good.json", "numbers.json"])
        .succeeded();
    assert!(
        some.stderr.contains("warning: 2 values are no records"),
        "{}",
        some.stderr
    );
    program
        .run(["schema", "infer", "good.json", "cut.json"])
        .failed(2, "cut.json", "fetch or copy it again");
    program
        .run(["schema", "infer", "-", "-"])
        .failed(1, "standard input is named twice", "once");
    program
        .run(["schema", "infer", "good.json", "--name", "Own Calls"])
        .failed(1, "`Own Calls` cannot be the name", "own_calls");
    let both = program.run([
        "schema",
        "infer",
        "good.json",
        "--name",
        "a",
        "--against",
        "raw_data",
    ]);
    assert_eq!(both.code, Some(1), "{both:?}");
}

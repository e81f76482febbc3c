//! What changes in the table from one dataset to another.

use serde_json::{Value, json};

use crate::support::program::Program;

fn definition(columns: Value, event_time: Option<&str>) -> String {
    let mut definition = json!({"name": "calls", "doc": "Calls.", "key": "id", "columns": columns});
    if let Some(event_time) = event_time {
        definition["event_time"] = event_time.into();
    }
    definition.to_string()
}

fn columns() -> Value {
    json!([
        {"name": "id", "type": "utf8", "aliases": ["ID"], "doc": "D."},
        {"name": "at", "type": "timestamp", "doc": "D."},
        {"name": "parts", "type": "list", "doc": "D.", "element": {"type": "struct", "fields": [
            {"name": "a", "type": "int64", "doc": "D."}, {"name": "b", "type": "utf8", "doc": "D."}]}}
    ])
}

/// The lines of the comparison, with single blanks.
fn lines(program: &Program, from: &str, to: &str) -> Vec<String> {
    let shown = program.run(["schema", "diff", from, to]).succeeded().stdout;
    let lines = shown.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn additions_are_compatible() {
    let program = Program::new();
    program.write("old.json", definition(columns(), None));
    let mut new = columns();
    new[0]["aliases"] = json!(["ID", "Id"]);
    new[1]["doc"] = "Another text.".into();
    let fields = new[2]["element"]["fields"].as_array_mut().unwrap();
    fields.insert(1, json!({"name": "c", "type": "bool", "doc": "D."}));
    program.write("new.json", definition(new, None));
    assert_eq!(
        lines(&program, "old.json", "new.json"),
        [
            "change column old.json new.json",
            "added parts.c bool",
            "spelt otherwise id Id",
            "compatible for readers: only additions; days that are committed keep their columns"
        ]
    );
    assert_eq!(
        lines(&program, "new.json", "old.json").last().unwrap(),
        "not compatible: 1 removed, 1 spelt otherwise"
    );
}

#[test]
fn everything_else_is_not() {
    let program = Program::new();
    program.write("old.json", definition(columns(), None));
    let mut new = columns();
    new[0]["aliases"] = json!(["ID", "Id"]);
    new[2]["lone_value"] = true.into();
    new[2]["element"]["fields"] =
        json!([{"name": "b", "type": "utf8", "doc": "D."}, {"name": "a", "type": "float64", "doc": "D."}]);
    program.write("new.json", definition(new, Some("at")));
    assert_eq!(
        lines(&program, "old.json", "new.json"),
        [
            "change column old.json new.json",
            "retyped parts.a int64 float64",
            "reads otherwise parts without lone_value with lone_value",
            "spelt otherwise id Id",
            "another order parts",
            "event time none at",
            "not compatible: 1 retyped, 1 read otherwise, 1 in another order, another event time"
        ]
    );
    let printed = program
        .run(["schema", "diff", "old.json", "new.json", "--json"])
        .succeeded()
        .stdout;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        printed["retyped"],
        json!([{"column": "parts.a", "from": "int64", "to": "float64"}])
    );
    assert_eq!(
        (&printed["compatible"], &printed["added"]),
        (&json!(false), &json!([]))
    );
}

#[test]
fn the_datasets_can_be_compared_by_name() {
    let program = Program::new();
    assert_eq!(
        lines(&program, "raw_data", "raw_data"),
        ["no difference in the table: the same columns, spellings, key and event time"]
    );
    let lines = lines(&program, "raw_data", "score_reporting");
    assert!(
        lines.contains(&"added audit_assignment_status utf8".to_owned()),
        "{lines:?}"
    );
    assert!(lines.contains(&"removed src utf8".to_owned()), "{lines:?}");
    program
        .run(["schema", "diff", "raw_data", "missing.json"])
        .failed(1, "missing.json cannot be read", "check the path");
    program.write("own.json", "{}");
    program.run(["schema", "diff", "raw_data", "own.json"]).failed(
        1,
        "own.json",
        "schema show raw_data --json",
    );
}

//! Records that no page documents: what no column takes is in `_rescued`, what is no record is in the quarantine.

use serde_json::{Value, json};

use super::{OUTPUT, Program, convert};
use crate::support::table;

/// The rows of an input, which is converted as it stands.
fn rows(content: &str) -> Vec<Value> {
    let program = Program::new();
    program.write("odd.json", content);
    convert(&program, &["odd.json"]).succeeded();
    table::rows(&program.path(OUTPUT))
}

fn rescued(row: &Value) -> Value {
    serde_json::from_str(row["_rescued"].as_str().unwrap()).unwrap()
}

/// The lines of the quarantine.
fn quarantine(program: &Program) -> Vec<Value> {
    let lines =
        std::fs::read_to_string(program.path("out/_korelake/raw_data/quarantine/part-00000.ndjson")).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_record_nested_ten_thousand_deep_goes_to_the_quarantine_as_it_came() {
    let lists = format!(
        r#"{{"conversationId": "b", "x": {}1{}}}"#,
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let objects = format!(
        r#"{{"custom_fields": {}1{}}}"#,
        r#"{"a": "#.repeat(10_000),
        "}".repeat(10_000)
    );
    let program = Program::new();
    let content = format!(
        r#"{{"results": [{{"conversationId": "a"}}, {lists}, {objects}, {{"conversationId": "c"}}]}}"#
    );
    program.write("deep.json", content);
    let ran = convert(&program, &["deep.json"]).succeeded();
    assert!(ran.stderr.contains("2 rows in "), "{}", ran.stderr);
    assert!(ran.stderr.contains("0 rescued, 2 quarantined"), "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("_korelake/raw_data/quarantine/part-00000.ndjson"),
        "{}",
        ran.stderr
    );
    let keys: Vec<Value> = table::rows(&program.path(OUTPUT))
        .into_iter()
        .map(|mut row| row["conversation_id"].take())
        .collect();
    assert_eq!(keys, ["a", "c"]);
    let lines = quarantine(&program);
    assert_eq!(
        lines.iter().map(|line| &line["record"]).collect::<Vec<_>>(),
        [&json!(lists), &json!(objects)]
    );
    assert!(
        lines
            .iter()
            .all(|line| line["reason"] == "a value is nested too deeply"),
        "{lines:?}"
    );
}

#[test]
fn what_is_no_object_goes_to_the_quarantine() {
    let program = Program::new();
    program.write(
        "odd.json",
        r#"{"results": [7, {"conversationId": "a"}, "text", null, [1, 2]]}"#,
    );
    let ran = convert(&program, &["odd.json"]).succeeded();
    assert!(
        ran.stderr.contains("1 rows in ") && ran.stderr.contains("4 quarantined"),
        "{}",
        ran.stderr
    );
    let expected = ["7", "\"text\"", "null", "[1, 2]"]
        .map(|record| json!({"reason": "not an object", "record": record}));
    assert_eq!(quarantine(&program), expected);
}

#[test]
fn a_lone_surrogate_is_replaced_in_its_column_and_kept_beside_it() {
    let row =
        &rows(r#"{"conversationId": "a", "Language": "x\ud800y", "custom_fields": {"k": "\uDC00"}}"#)[0];
    assert_eq!(row["language"], "x\u{fffd}y");
    assert_eq!(row["custom_fields"]["k"], "\u{fffd}");
    let expected = json!({"/Language": r#""x\ud800y""#, "/custom_fields/k": r#""\uDC00""#});
    assert_eq!(rescued(row), expected);
}

#[test]
fn of_a_key_given_twice_the_first_counts_and_the_others_are_rescued() {
    let row = &rows(
        r#"{"conversationId": "a", "Language": "English", "Language": "German", "Language": "English",
            "Metrics": [{"Metric ID": "m", "Metric ID": "n"}], "custom_fields": {"k": 1, "k": 2}, "new": 1, "new": 2}"#,
    )[0];
    assert_eq!(row["language"], "English");
    assert_eq!(row["metrics"][0]["metric_id"], "m");
    assert_eq!(row["custom_fields"], json!({"k": "1"}));
    let expected = json!({
        "/Language#2": "German", "/Language#3": "English", "/Metrics/0/Metric ID#2": "n", "/custom_fields/k#2": 2,
        "/new": 1, "/new#2": 2
    });
    assert_eq!(rescued(row), expected);
}

#[test]
fn a_number_of_400_digits_is_rescued_digit_by_digit() {
    let number = "9".repeat(400);
    let record =
        format!(r#"{{"conversationId": "a", "Kore Evaluation Score": {number}, "Fatal Errors": -{number}}}"#);
    let row = &rows(&record)[0];
    assert_eq!(
        (&row["kore_evaluation_score"], &row["fatal_error_count"]),
        (&Value::Null, &Value::Null)
    );
    // As text: no float could hold it.
    let expected = format!(r#"{{"/Kore Evaluation Score":{number},"/Fatal Errors":-{number}}}"#);
    assert_eq!(row["_rescued"].as_str().unwrap(), expected);
}

#[test]
fn what_a_column_cannot_read_is_rescued_in_place() {
    let row = &rows(
        r#"{"conversationId": "a", "Kore Evaluation Score": "good", "Conversation Start Time": "yesterday",
            "Queues": {"one": 1}, "Metrics": [{"Metric Weight": "12.5"}, "odd", {"Metric Weight": true}], "brandNew": {"x": [1]},
            "a/b~c": 0}"#,
    )[0];
    for column in ["kore_evaluation_score", "conversation_start_time", "queues"] {
        assert_eq!(row[column], Value::Null, "{column}");
    }
    assert_eq!(row["metrics"][0]["metric_weight"], 12.5);
    assert_eq!(
        (&row["metrics"][1], &row["metrics"][2]["metric_weight"]),
        (&Value::Null, &Value::Null)
    );
    let expected = json!({
        "/Kore Evaluation Score": "good", "/Conversation Start Time": "yesterday", "/Queues": {"one": 1}, "/Metrics/1": "odd",
        "/Metrics/2/Metric Weight": true, "/brandNew": {"x": [1]}, "/a~1b~0c": 0
    });
    assert_eq!(rescued(row), expected);
}

#[test]
fn two_spellings_of_one_column_lose_nothing() {
    let row =
        &rows(r#"{"conversationId": "b", "Conversation ID": "a", "language": "German", "Language": null}"#)
            [0];
    assert_eq!(
        (&row["conversation_id"], &row["language"]),
        (&json!("a"), &json!("German"))
    );
    assert_eq!(rescued(row), json!({"/conversationId": "b"}));
}

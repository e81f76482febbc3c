//! The definitions in `schemas/`: what their JSON Schema says of them and what the program says must agree.

use std::collections::BTreeSet;

use jsonschema::Validator;
use korelake::schema::Definition;
use serde_json::{Value, json};

use crate::support::program::Program;
use crate::support::{repository, table};

fn shipped(name: &str) -> Value {
    let text = std::fs::read_to_string(repository("schemas").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&shipped("schema.json")).unwrap()
}

/// A small definition with one column of each type, for tests to break.
fn small() -> Value {
    json!({
        "$schema": "schema.json",
        "name": "own_calls",
        "doc": "Calls of a system of one's own.",
        "key": "call_id",
        "event_time": "began_at",
        "endpoints": [{
            "name": "v1", "doc": "The only one.", "method": "POST", "path": "/calls/{streamId}", "headers": ["accountId"],
            "parameters_in": "body", "parameters": { "all": true },
            "filters": {
                "all": { "type": "boolean" }, "line": { "type": "text", "one_of": ["in", "out"] },
                "teams": { "parameter": "teamIds", "in": "body", "type": "texts" }, "labels": { "type": "object" }
            },
            "window": { "start": "from", "end": "to", "format": "%Y-%m-%d" },
            "paging": { "style": "offset", "offset": "skip", "limit": "take", "page_size": 50 },
            "response": { "records": "calls", "total": "count", "more": "more" }
        }],
        "columns": [
            { "name": "call_id", "type": "utf8", "aliases": ["Call ID", "callId"], "doc": "The key." },
            { "name": "began_at", "type": "timestamp", "aliases": ["beganAt"], "doc": "When it began." },
            { "name": "length_ms", "type": "int64", "unit": "milliseconds", "doc": "How long it was." },
            { "name": "score", "type": "float64", "doc": "How good it was." },
            { "name": "done", "type": "bool", "doc": "Whether it is over." },
            { "name": "extra", "type": "json", "doc": "Anything." },
            { "name": "words", "type": "list", "lone_value": true, "doc": "Words.", "element": { "type": "utf8" } },
            { "name": "labels", "type": "map", "doc": "Labels.", "values": { "type": "utf8", "nested_as_text": true } },
            {
                "name": "caller", "type": "struct", "doc": "Who called.",
                "fields": [{ "name": "name", "type": "utf8", "doc": "The name." }]
            }
        ]
    })
}

#[test]
fn every_definition_keeps_to_the_schema_and_is_read() {
    let validator = validator();
    let mut names = BTreeSet::new();
    for entry in repository("schemas").read_dir().unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        if file == "schema.json" {
            continue;
        }
        let definition = shipped(file);
        let mistakes: Vec<String> = validator
            .iter_errors(&definition)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert_eq!(mistakes, [""; 0], "{file}");
        let read = Definition::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(format!("{}.json", read.name()), file);
        assert_eq!(
            definition["columns"].as_array().unwrap().len(),
            read.columns().len()
        );
        names.insert(read.name().to_owned());
    }
    let compiled_in: BTreeSet<String> = Definition::builtin_names().map(str::to_owned).collect();
    assert_eq!(names, compiled_in);
    assert!(validator.is_valid(&small()));
}

/// Breaks the small definition at `place` and holds that the program refuses it, naming `named` and `problem`.
#[track_caller]
fn refused(change: impl FnOnce(&mut Value), named: &str, problem: &str) -> Value {
    let mut definition = small();
    change(&mut definition);
    let program = Program::new();
    program.write("own.json", definition.to_string());
    let ran = program.run(["schema", "show", "./own.json"]);
    let ran = ran.failed(1, "./own.json", "schema show raw_data --json");
    assert!(
        ran.lines("error: ")[0].contains(named),
        "{named:?} is not in {}",
        ran.stderr
    );
    assert!(
        ran.lines("error: ")[0].contains(problem),
        "{problem:?} is not in {}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
    definition
}

/// Takes a member away.
fn without(place: &str, key: &str) -> impl FnOnce(&mut Value) {
    move |definition| {
        let object = definition.pointer_mut(place).unwrap().as_object_mut().unwrap();
        object.remove(key).unwrap();
    }
}

/// Sets a member, or adds it.
fn with(place: &str, key: &str, value: Value) -> impl FnOnce(&mut Value) {
    move |definition| definition.pointer_mut(place).unwrap()[key] = value
}

#[test]
fn broken_definitions_are_refused_by_the_program_and_by_the_schema() {
    let validator = validator();
    let columns = |index: usize| format!("/columns/{index}");
    let broken = [
        refused(
            with(&columns(3), "type", json!("decimal")),
            "columns[3].type",
            "decimal",
        ),
        refused(without(&columns(3), "doc"), "columns[3]", "\"doc\" is missing"),
        refused(without(&columns(3), "name"), "columns[3]", "\"name\" is missing"),
        refused(without(&columns(3), "type"), "columns[3]", "type"),
        refused(
            with(&columns(3), "name", json!("Score")),
            "columns[3].name",
            "not snake_case",
        ),
        refused(
            with(&columns(3), "name", json!("_rescued")),
            "columns[3].name",
            "_rescued",
        ),
        refused(
            with(&columns(3), "aliases", json!([])),
            "columns[3].aliases",
            "empty",
        ),
        refused(
            with(&columns(3), "aliases", json!(["Score", "Score"])),
            "columns[3].aliases[1]",
            "Score",
        ),
        refused(
            with(&columns(3), "unit", json!("milliseconds")),
            "columns[3].unit",
            "int64",
        ),
        refused(
            with(&columns(2), "unit", json!("hours")),
            "columns[2].unit",
            "hours",
        ),
        refused(
            with(&columns(3), "element", json!({"type": "utf8"})),
            "columns[3].element",
            "list",
        ),
        refused(with(&columns(3), "colour", json!("red")), "columns[3]", "colour"),
        refused(
            without(&columns(6), "element"),
            "columns[6]",
            "\"element\" is missing",
        ),
        refused(
            with("/columns/6/element", "name", json!("word")),
            "columns[6].element.name",
            "named field",
        ),
        refused(
            with("/columns/6/element", "type", json!("word")),
            "columns[6].element.type",
            "word",
        ),
        refused(
            without(&columns(7), "values"),
            "columns[7]",
            "\"values\" is missing",
        ),
        refused(
            with(&columns(8), "fields", json!([])),
            "columns[8].fields",
            "none",
        ),
        refused(
            without("/columns/8/fields/0", "doc"),
            "columns[8].fields[0]",
            "\"doc\" is missing",
        ),
        refused(with("", "columns", json!([])), "columns", "none"),
        refused(without("", "key"), "own.json", "key"),
        refused(without("", "doc"), "own.json", "doc"),
        refused(with("", "name", json!("Own Calls")), "name", "not snake_case"),
        refused(with("", "owner", json!("us")), "owner", "unknown field"),
        refused(with("", "records", json!("")), "records", "empty"),
    ];
    for definition in broken {
        assert!(!validator.is_valid(&definition), "{definition:#}");
    }
}

#[test]
fn broken_endpoints_are_refused_by_the_program_and_by_the_schema() {
    let validator = validator();
    let endpoint = "/endpoints/0";
    let broken = [
        refused(with(endpoint, "method", json!("PUT")), "endpoints[0]", "PUT"),
        refused(with(endpoint, "method", json!("GET")), "endpoints[0]", "GET"),
        refused(with(endpoint, "path", json!("calls")), "endpoints[0]", "slash"),
        refused(
            with(endpoint, "path", json!("/calls/{botId}")),
            "endpoints[0]",
            "placeholder",
        ),
        refused(
            with(endpoint, "headers", json!(["apiKey"])),
            "endpoints[0]",
            "apiKey",
        ),
        refused(with(endpoint, "retries", json!(3)), "endpoints[0]", "retries"),
        refused(
            with("/endpoints/0/filters", "Team", json!({"type": "text"})),
            "endpoints[0]",
            "\"Team\" is not in snake_case",
        ),
        refused(
            with("/endpoints/0/filters", "line", json!({"type": "number"})),
            "endpoints[0]",
            "number",
        ),
        refused(
            without("/endpoints/0/filters/line", "type"),
            "endpoints[0]",
            "type",
        ),
        refused(
            with("/endpoints/0/filters/line", "default", json!("in")),
            "endpoints[0]",
            "default",
        ),
        refused(
            with("/endpoints/0/filters/line", "in", json!("path")),
            "endpoints[0]",
            "path",
        ),
        refused(
            with("/endpoints/0/filters/line", "one_of", json!([])),
            "endpoints[0]",
            "`one_of`",
        ),
        refused(
            with("/endpoints/0/filters/all", "one_of", json!(["true"])),
            "endpoints[0]",
            "`one_of`",
        ),
        refused(
            with("/endpoints/0/filters/teams", "in", json!("query")),
            "endpoints[0]",
            "a query cannot carry",
        ),
        refused(
            with("/endpoints/0/filters/teams", "parameter", json!("")),
            "endpoints[0]",
            "empty parameter",
        ),
        refused(
            with(endpoint, "parameters_in", json!("query")),
            "endpoints[0]",
            "a query cannot carry",
        ),
        refused(without(endpoint, "window"), "endpoints[0]", "window"),
        refused(without("/endpoints/0/paging", "offset"), "endpoints[0]", "offset"),
        refused(
            with("/endpoints/0/paging", "page_size", json!(0)),
            "endpoints[0]",
            "page of 0 records",
        ),
        refused(
            with("/endpoints/0/paging", "style", json!("cursor")),
            "endpoints[0]",
            "cursor",
        ),
        refused(
            without("/endpoints/0/response", "records"),
            "endpoints[0]",
            "records",
        ),
    ];
    for definition in broken {
        assert!(!validator.is_valid(&definition), "{definition:#}");
    }
}

#[test]
fn what_a_json_schema_cannot_say_is_refused_by_the_program() {
    let calls_twice = with("/columns/1", "aliases", json!(["Call ID"]));
    refused(
        calls_twice,
        "columns[1].aliases[0]",
        "\"Call ID\" is a spelling of field 0 already",
    );
    refused(
        with("/columns/3", "name", json!("done")),
        "columns[4].name",
        "\"done\" is the name of field 3 too",
    );
    refused(
        with("", "key", json!("caller_id")),
        "key",
        "\"caller_id\" is no column",
    );
    refused(with("", "key", json!("score")), "key", "not of type utf8");
    refused(
        with("", "event_time", json!("ended_at")),
        "event_time",
        "\"ended_at\" is no column",
    );
    refused(
        with("", "event_time", json!("call_id")),
        "event_time",
        "not of type timestamp",
    );
    refused(
        with("/columns/6", "name", json!("calls")),
        "columns",
        "the records of a response",
    );
    refused(
        with("/endpoints/0/window", "end", json!("from")),
        "endpoints[0]",
        "from",
    );
    refused(
        with("/endpoints/0/window", "format", json!("%H:%M")),
        "endpoints[0]",
        "writes two days alike",
    );
    refused(
        with("/endpoints/0/filters/teams", "parameter", json!("skip")),
        "endpoints[0]",
        "the window or the paging set",
    );
    refused(
        with("/endpoints/0/filters/teams", "parameter", json!("line")),
        "endpoints[0]",
        "the same parameter",
    );
}

#[test]
fn a_definition_that_is_no_json_is_refused_with_its_place() {
    let program = Program::new();
    program.write("own.json", "{\n  \"name\": \"own\",\n  \"doc\" \"text\"\n}");
    let ran = program.run(["schema", "show", "own.json"]);
    ran.failed(1, "line 3", "schema show raw_data --json");
    program.write("own.json", small().to_string() + "]");
    program
        .run(["schema", "show", "own.json"])
        .failed(1, "the end", "schema show raw_data --json");
}

#[test]
fn a_definition_of_ones_own_works_by_its_path() {
    let program = Program::new();
    std::fs::create_dir(program.path("definitions")).unwrap();
    program.write(
        "definitions/calls.json",
        serde_json::to_string_pretty(&small()).unwrap(),
    );
    let path = program.path("definitions/calls.json");
    for named in ["definitions/calls.json", path.to_str().unwrap()] {
        let shown = program.run(["schema", "show", named]).succeeded().stdout;
        assert!(
            shown.starts_with("own_calls: Calls of a system of one's own.\n"),
            "{shown}"
        );
        assert!(shown.contains("v1  POST /calls/{streamId}"), "{shown}");
        let line = shown.lines().find(|line| line.starts_with("call_id")).unwrap();
        assert_eq!(
            line.split_whitespace().collect::<Vec<_>>().join(" "),
            "call_id utf8 Call ID | callId"
        );
        assert!(shown.contains("  name") && shown.contains("_rescued"), "{shown}");
    }
    let printed = program
        .run(["schema", "show", "--json", "definitions/calls.json"])
        .succeeded()
        .stdout;
    assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), small());

    program.write(
        "body.json",
        r#"{"calls": [{"Call ID": "c-1", "beganAt": "2026-01-02T03:04:05Z", "length_ms": "1500 milliseconds",
            "words": "hello", "caller": {"name": "Jane Doe"}, "labels": {"a": 1}, "odd": null}]}"#,
    );
    let arguments = [
        "convert",
        "body.json",
        "--dataset",
        "definitions/calls.json",
        "--out",
        "out",
    ];
    program.run(arguments).succeeded();
    let expected = json!({
        "call_id": "c-1", "began_at": 1_767_323_045_000_000_i64, "length_ms": 1500, "score": null, "done": null, "extra": null,
        "words": ["hello"], "labels": {"a": "1"}, "caller": {"name": "Jane Doe"}, "_rescued": r#"{"/odd":null}"#
    });
    assert_eq!(
        table::rows(&program.path("out/own_calls/part-00000.parquet")),
        [expected]
    );
}

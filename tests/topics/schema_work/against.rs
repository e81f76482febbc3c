//! What records hold that a dataset does not know.

use std::collections::{BTreeMap, BTreeSet};

use korelake_simulator::Shape;
use serde_json::Value;

use super::simulated;
use crate::support::program::Program;
use crate::support::table;

const BODY: &str = r#"{"results": [
    {"Conversation ID": "c-1", "Duration": "61 s", "Agents": [{"Agent ID": "a", "shift": 2, "Skill Level": "B1"}, {"shift": 3}],
     "brandNew": {"x": [1, 2]}},
    {"Conversation ID": "c-2", "Agents": [{"agentId": "a", "shift": 2.5}], "Emotions": "Calm", "LANGUAGE": "English"},
    {"Conversation ID": "c-3"}
], "hasMore": false}"#;

/// Pointers with `*` for indices, and the records that have them, as a conversion rescues them.
fn rescued(program: &Program, file: &str, dataset: &str) -> BTreeMap<String, usize> {
    program
        .run(["convert", file, "--dataset", dataset, "--out", "out"])
        .succeeded();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for row in table::rows(&program.path(&format!("out/{dataset}/part-00000.parquet"))) {
        let Some(rescued) = row["_rescued"].as_str() else {
            continue;
        };
        let rescued: BTreeMap<String, Value> = serde_json::from_str(rescued).unwrap();
        let pointers: BTreeSet<String> = rescued
            .keys()
            .map(|pointer| {
                let tokens = pointer.split('/').map(|token| match token.parse::<usize>() {
                    Ok(_) => "*",
                    Err(_) => token,
                });
                tokens.collect::<Vec<_>>().join("/")
            })
            .collect();
        for pointer in pointers {
            *places.entry(pointer).or_default() += 1;
        }
    }
    places
}

#[test]
fn what_is_unknown_is_what_a_conversion_rescues() {
    for (shape, dataset) in [
        (Shape::V3, "score_reporting"),
        (Shape::Legacy, "score_reporting"),
        (Shape::ScoreReporting, "raw_data"),
        (Shape::AgentAssist, "raw_data"),
        (Shape::CamelCase, "agent_assist"),
    ] {
        let program = Program::new();
        program.write("seen.ndjson", simulated(shape, 120));
        let expected = rescued(&program, "seen.ndjson", dataset);
        let ran = program
            .run(["schema", "infer", "seen.ndjson", "--against", dataset, "--json"])
            .succeeded();
        let unknown: Value = serde_json::from_str(&ran.stdout).unwrap();
        let lists = ["keys", "values"].map(|list| unknown[list].as_array().unwrap().clone());
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for place in lists.iter().flatten() {
            let records = place["records"].as_u64().unwrap() as usize;
            let before = found.insert(place["pointer"].as_str().unwrap().to_owned(), records);
            assert_eq!(before, None, "{place} stands twice");
        }
        assert_eq!(found, expected, "{shape:?} as {dataset}");
        assert!(!found.is_empty(), "{shape:?} as {dataset}");
        assert_eq!(unknown["records"], 120);
    }
}

#[test]
fn unknown_keys_and_unread_values_are_shown_with_examples_and_ready_to_paste() {
    let program = Program::new();
    program.write("body.json", BODY);
    let shown = program
        .run(["schema", "infer", "body.json", "--against", "raw_data"])
        .succeeded()
        .stdout;
    let line = |beginning: &str| {
        let line = shown.lines().find(|line| line.starts_with(beginning));
        let words: Vec<&str> = line
            .unwrap_or_else(|| panic!("no line begins with {beginning:?} in {shown}"))
            .split_whitespace()
            .collect();
        words.join(" ")
    };
    assert!(
        shown.starts_with("2 of 3 records hold what raw_data does not know\n"),
        "{shown}"
    );
    assert_eq!(
        line("agents.shift"),
        "agents.shift /Agents/*/shift 2 number 3 float64 2"
    );
    assert_eq!(
        line("agents.skill_level"),
        r#"agents.skill_level /Agents/*/Skill Level 1 text 1 utf8 "B1""#
    );
    assert_eq!(
        line("brand_new"),
        r#"brand_new /brandNew 1 object 1 struct {"x": [1, 2]}"#
    );
    assert_eq!(
        line("language"),
        r#"language /LANGUAGE 1 text 1 alias of language "English""#
    );
    assert_eq!(
        line("duration_ms"),
        r#"duration_ms /Duration 1 text 1 not a value of int64 utf8 "61 s""#
    );
    assert_eq!(
        line("emotions"),
        r#"emotions /Emotions 1 text 1 not a value of list<utf8> "lone_value": true "Calm""#
    );
    assert!(
        shown.contains(
            "To add to the fields of `agents`:\n    { \"name\": \"shift\", \"type\": \"float64\", \"doc\": \"Seen in 2 of 3 records.\" },\n"
        ),
        "{shown}"
    );
    assert!(
        shown.contains("To add to the aliases of `language`:\n    \"LANGUAGE\"\n"),
        "{shown}"
    );
    let table = shown.split("To add to `columns`:\n").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let own = Value::Array(serde_json::from_str(&format!("[{table}]")).unwrap());
    assert_eq!(own[0]["name"], "brand_new");
}

#[test]
fn pasting_what_is_proposed_leaves_nothing_unknown() {
    let program = Program::new();
    program.write("body.json", BODY);
    let arguments = ["schema", "infer", "body.json", "--against", "raw_data", "--json"];
    let unknown: Value = serde_json::from_str(&program.run(arguments).succeeded().stdout).unwrap();
    let mut dataset: Value =
        serde_json::from_str(korelake::schema::Definition::builtin_text("raw_data").unwrap()).unwrap();
    let position = |name: &str| {
        let columns = dataset["columns"].as_array().unwrap();
        columns.iter().position(|column| column["name"] == name).unwrap()
    };
    let (agents, language) = (position("agents"), position("language"));
    for paste in unknown["paste"].as_array().unwrap() {
        let fields = match paste["below"].as_str().unwrap() {
            "" => &mut dataset["columns"],
            "agents" => &mut dataset["columns"][agents]["element"]["fields"],
            other => panic!("nothing is to be added below {other}"),
        };
        let columns = paste["columns"].as_array().unwrap().clone();
        fields.as_array_mut().unwrap().extend(columns);
    }
    let aliases = dataset["columns"][language]["aliases"].as_array_mut().unwrap();
    aliases.push("LANGUAGE".into());
    program.write("own.json", dataset.to_string());
    let left = program
        .run(["schema", "infer", "body.json", "--against", "own.json", "--json"])
        .succeeded();
    let left: Value = serde_json::from_str(&left.stdout).unwrap();
    assert_eq!(
        (&left["keys"], &left["paste"]),
        (&Value::Array(vec![]), &Value::Array(vec![]))
    );
    // These need another type, which is nothing to add.
    assert_eq!(left["values"].as_array().unwrap().len(), 2);
    assert_eq!(left["values"][0]["why"], "not_readable");

    program.write("of_another.json", r#"[{"segmentID": "s"}, 5]"#);
    let other = program
        .run(["schema", "infer", "of_another.json", "--against", "own.json"])
        .succeeded();
    assert!(
        other.stderr.contains("are these records of raw_data?"),
        "{}",
        other.stderr
    );
    assert!(
        other.stderr.contains("1 values are no records"),
        "{}",
        other.stderr
    );
}

#[test]
fn keys_of_the_server_cannot_steer_the_terminal() {
    let program = Program::new();
    let key = format!("\u{1b}[2J\u{202e}{}", "long ".repeat(30));
    let body = serde_json::json!([{"conversationId": "a", &key: 1}]).to_string();
    program.write("body.json", body);
    let arguments = ["schema", "infer", "body.json", "--against", "raw_data"];
    let shown = program.run(arguments).succeeded().stdout;
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
    let row = shown.lines().find(|line| line.contains("/\\u001b[2J\\u202elong"));
    assert!(row.is_some_and(|row| row.contains('…')), "{shown}");
    // What is pasted is the key all the same.
    let table = shown.split("To add to `columns`:\n").nth(1).unwrap();
    let own: Value = serde_json::from_str(table).unwrap();
    assert_eq!(own["aliases"][0], key);
    let json = program
        .run([&arguments[..], &["--json"]].concat())
        .succeeded()
        .stdout;
    let unknown: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(unknown["keys"][0]["pointer"], format!("/{key}"));
}

#[test]
fn a_dataset_that_nobody_knows_is_wrong_usage() {
    let program = Program::new();
    program.write("body.json", BODY);
    program
        .run(["schema", "infer", "body.json", "--against", "rawdata"])
        .failed(1, "no dataset `rawdata`", "known are raw_data");
}

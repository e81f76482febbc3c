use super::*;
use crate::evolve::unknown::Suggestion;

const CALLS: &str = r#"{"name": "calls", "doc": "D.", "key": "id", "columns": [
    {"name": "id", "type": "utf8", "aliases": ["Call ID", "callId"], "doc": "D."},
    {"name": "score", "type": "int64", "aliases": ["Score", "score"], "doc": "D."},
    {"name": "note", "type": "utf8", "doc": "D."},
    {"name": "words", "type": "list", "doc": "D.", "element": {"type": "utf8"}},
    {"name": "parts", "type": "list", "doc": "D.", "element": {"type": "struct", "fields": [
        {"name": "at", "type": "timestamp", "doc": "D."}]}},
    {"name": "labels", "type": "map", "doc": "D.", "values": {"type": "struct", "fields": [
        {"name": "n", "type": "int64", "doc": "D."}]}}
]}"#;

fn unknown(input: &str) -> Unknown {
    let mut comparison = Comparison::new(&Definition::parse(CALLS).unwrap());
    comparison.finish(input.as_bytes()).unwrap();
    comparison.unknown()
}

fn keys(unknown: &Unknown) -> Vec<(&str, &str, u64, &str)> {
    let keys = unknown.keys.iter();
    keys.map(|key| {
        (
            key.column.as_str(),
            key.pointer.as_str(),
            key.records,
            key.example.as_str(),
        )
    })
    .collect()
}

fn values(unknown: &Unknown) -> Vec<(&str, &str, Why, &str)> {
    let values = unknown.values.iter();
    values
        .map(|value| {
            let suggestion = value.suggestion.as_deref().unwrap_or_default();
            (
                value.column.as_str(),
                value.pointer.as_str(),
                value.why,
                suggestion,
            )
        })
        .collect()
}

#[test]
fn documented_records_leave_nothing_unknown() {
    let unknown = unknown(r#"[{"callId":"a","score":"1","parts":[{"at":null}],"labels":{"x":{"n":1}}}]"#);
    assert_eq!((unknown.records, unknown.rescued, unknown.without_key), (1, 0, 0));
    assert!(unknown.keys.is_empty() && unknown.values.is_empty() && unknown.paste.is_empty());
}

#[test]
fn unknown_keys_are_counted_by_place() {
    let unknown = unknown(
        r#"{"callId":"a","Agent Name":"Jane Doe","parts":[{"why":1},{"why":2.5},{"at":null}],"labels":{"x":{"m":true},"y":{"m":null}}}
           {"callId":"b","agentName":null,"parts":[{"why":null}],"labels":{"z":{"m":false}}}
           {"callId":"c","parts":[{"Why":3}]}"#,
    );
    assert_eq!(
        keys(&unknown),
        [
            ("parts.why", "/parts/*/why", 2, "1"),
            ("labels.*.m", "/labels/*/m", 2, "true"),
            ("agent_name", "/Agent Name", 1, "\"Jane Doe\""),
            ("agent_name", "/agentName", 1, "null"),
            ("parts.why", "/parts/*/Why", 1, "3"),
        ]
    );
    assert_eq!(unknown.keys[0].types, [("number", 2), ("null", 1)]);
    assert_eq!(
        unknown.keys[0].suggestion,
        Suggestion::Column("float64".to_owned())
    );
    assert_eq!((unknown.records, unknown.rescued), (3, 3));
}

#[test]
fn what_is_to_be_pasted_makes_everything_known() {
    let input = r#"[{"callId":"a","New Key":[{"x":"2026-03-23"}],"parts":[{"why":1}]},
                    {"callId":"b","newKey":[],"callID":"x","date":4,"parts":[{"why":"x"}]}]"#;
    let paste = unknown(input).paste;
    let text = |below: &str| {
        let paste = paste.iter().find(|paste| paste.below == below);
        paste
            .unwrap_or_else(|| panic!("nothing below {below:?}"))
            .text
            .as_str()
    };
    assert_eq!(
        text(""),
        r#"    {
      "name": "new_key", "type": "list", "aliases": ["New Key", "newKey"], "doc": "Seen in 2 of 2 records.",
      "element": {
        "type": "struct",
        "fields": [
          { "name": "x", "type": "timestamp", "doc": "Seen in 1 of 1 objects." }
        ]
      }
    },
    { "name": "date_value", "type": "int64", "aliases": ["date"], "doc": "Seen in 1 of 2 records. Whole numbers so far." }"#
    );
    let columns: Vec<serde_json::Value> = paste
        .iter()
        .flat_map(|paste| &paste.columns)
        .map(|column| serde_json::from_str(column.get()).unwrap())
        .collect();
    assert_eq!(columns.len(), 3);

    let end_of_parts = "]}},\n    {\"name\": \"labels\"";
    let extended = CALLS
        .replace(end_of_parts, &format!(",{}{end_of_parts}", text("parts")))
        .replace("\n]}", &format!(",{}]}}", text("")));
    let mut comparison = Comparison::new(&Definition::parse(&extended).unwrap());
    comparison.finish(input.as_bytes()).unwrap();
    let left = comparison.unknown();
    // The identifier comes under a third spelling, which is no column of its own.
    assert_eq!(keys(&left), [("id", "/callID", 1, "\"x\"")], "{extended}");
    assert_eq!(left.keys[0].suggestion, Suggestion::SpellingOf("id".to_owned()));
    assert!(left.values.is_empty() && left.paste.is_empty());
}

#[test]
fn another_spelling_of_a_column_is_no_new_column() {
    let unknown =
        unknown(r#"[{"callID":"a","SCORE":1,"Words":["x"],"Parts":{}},{"callID":"b","Score_":"x"}]"#);
    let suggestions: Vec<(&str, &Suggestion)> = unknown
        .keys
        .iter()
        .map(|key| (key.pointer.as_str(), &key.suggestion))
        .collect();
    let spelling = |column: &str| Suggestion::SpellingOf(column.to_owned());
    let column = |data_type: &str| Suggestion::Column(data_type.to_owned());
    assert_eq!(
        suggestions,
        [
            ("/callID", &spelling("id")),
            ("/SCORE", &spelling("score")),
            ("/Words", &spelling("words")),
            ("/Parts", &column("json")),
            ("/Score_", &column("utf8")),
        ]
    );
    assert_eq!(unknown.without_key, 2);
    assert_eq!(
        (unknown.keys[3].column.as_str(), unknown.keys[4].column.as_str()),
        ("parts_2", "score_2")
    );
}

#[test]
fn values_that_their_column_cannot_take_say_why() {
    let unknown = unknown(
        r#"{"callId":"a","score":"good","note":{"x":1},"words":"one","parts":[{"at":"soon"},5],"labels":{"x":{"n":1.5}}}
           {"callId":"b","score":2.5,"words":[["x"]],"labels":[1]}
           {"callId":"c","Call ID":"d","note":"x\ud800","score":1,"score":2}"#,
    );
    let mut found = values(&unknown);
    found.sort_unstable_by_key(|value| value.1);
    assert_eq!(
        found,
        [
            ("id", "/callId", Why::Contradicted, ""),
            ("labels", "/labels", Why::NotReadable, "json"),
            ("labels.*.n", "/labels/*/n", Why::NotReadable, "float64"),
            ("note", "/note", Why::NotReadable, "\"nested_as_text\": true"),
            ("note", "/note", Why::LoneSurrogate, ""),
            ("parts", "/parts/*", Why::NotReadable, "json"),
            ("parts.at", "/parts/*/at", Why::NotReadable, "utf8"),
            ("score", "/score", Why::NotReadable, "utf8"),
            ("score", "/score", Why::KeyAgain, ""),
            ("words", "/words", Why::NotReadable, "\"lone_value\": true"),
            ("words", "/words/*", Why::NotReadable, "\"nested_as_text\": true"),
        ]
    );
    assert_eq!(
        unknown
            .values
            .iter()
            .find(|value| value.column == "score")
            .unwrap()
            .records,
        2
    );
    assert!(unknown.keys.is_empty());
}

#[test]
fn an_unknown_key_that_comes_again_is_one_key() {
    let twice = unknown(r##"{"callId":"a","x":1,"x":2,"y#2":3}"##);
    assert_eq!(keys(&twice), [("x", "/x", 1, "1"), ("y_2", "/y#2", 1, "3")]);
    assert_eq!(twice.keys[0].types, [("number", 2)]);
}

#[test]
fn keys_that_are_data_and_examples_that_are_long_take_one_line() {
    let records: Vec<String> = (0..9000)
        .map(|number| {
            format!(
                "{{\"callId\":\"{number}\",\"k{number}\":\"{}\"}}",
                "é\\n".repeat(100)
            )
        })
        .collect();
    let unknown = unknown(&records.join("\n"));
    assert_eq!(unknown.keys.len(), KEYS_LIMIT + 1);
    let rest = &unknown.keys[0];
    assert_eq!((rest.pointer.as_str(), rest.records), ("/*", 8744));
    assert_eq!(rest.suggestion, Suggestion::KeysAreData);
    assert_eq!(rest.example.chars().count(), EXAMPLE_LENGTH + 1);
    assert_eq!(unknown.paste[0].columns.len(), KEYS_LIMIT);
}

#[test]
fn many_objects_of_one_form_stay_a_struct() {
    let record = r#"{"callId":"a","who":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}}"#;
    let records = vec![record; 9000];
    let suggested = |records: &[&str]| unknown(&records.join("\n")).keys[0].suggestion.clone();
    let a_struct = Suggestion::Column("struct".to_owned());
    assert_eq!(suggested(&records), a_struct);
    // Also behind as many objects that a known column did not take.
    let of_note = record.replace("who", "note");
    let mut records = vec![of_note.as_str(); 9000];
    records.push(record);
    assert_eq!(suggested(&records), a_struct);
}

#[test]
fn keys_that_are_very_long_are_data() {
    let records: Vec<String> = (0..3)
        .map(|number| format!(r#"{{"callId":"a","{}{number}":1}}"#, "long".repeat(100)))
        .collect();
    let unknown = unknown(&records.join("\n"));
    assert_eq!(keys(&unknown), [("*", "/*", 3, "1")]);
    assert_eq!(unknown.keys[0].suggestion, Suggestion::KeysAreData);
    assert!(unknown.paste.is_empty());
}

#[test]
fn a_key_that_is_a_star_is_a_key() {
    let star = unknown(r#"{"callId":"a","*":1,"b":{"*":2}}"#);
    assert_eq!(star.keys.len(), 2);
    assert_eq!(star.keys[0].suggestion, Suggestion::Column("int64".to_owned()));
    assert_eq!(star.keys[0].column, "field");
}

#[test]
fn spellings_that_contradict_each_other_are_two_columns() {
    let input = r#"[{"callId":"a","newKey":1,"New Key":2},{"callId":"b","new_key":3,"newKey":3,"parts":[
        {"a b":1,"aB":null},{"aB":2}]}]"#;
    let unknown = unknown(input);
    let mut columns: Vec<(&str, &str)> = unknown
        .keys
        .iter()
        .map(|key| (key.pointer.as_str(), key.column.as_str()))
        .collect();
    columns.sort_unstable();
    assert_eq!(
        columns,
        [
            ("/New Key", "new_key_2"),
            ("/newKey", "new_key"),
            ("/new_key", "new_key"),
            ("/parts/*/a b", "parts.a_b"),
            ("/parts/*/aB", "parts.a_b"),
        ]
    );
    let table = unknown.paste.iter().find(|paste| paste.below.is_empty()).unwrap();
    assert_eq!(table.columns.len(), 2);
}

#[test]
fn one_odd_value_among_many_suggests_no_other_type() {
    let records = |good: usize| {
        let mut records =
            vec![r#"{"callId":"a","score":1,"parts":[{"at":"2026-03-23"}],"labels":{"x":{"n":1}}}"#; good];
        records.push(r#"{"callId":"b","score":"good","parts":[{"at":"soon"}],"labels":{"x":{"n":0.5}}}"#);
        records.join("\n")
    };
    for (good, suggested) in [(30, 0), (3, 3)] {
        let unknown = unknown(&records(good));
        assert_eq!(unknown.values.len(), 3);
        let suggestions = unknown.values.iter().filter(|value| value.suggestion.is_some());
        assert_eq!(suggestions.count(), suggested, "{good}");
    }
}

#[test]
fn what_is_no_record_is_counted_apart() {
    let unknown = unknown(r#"[7, {"callId":"a"}, "x"]"#);
    assert_eq!((unknown.records, unknown.quarantined), (1, 2));
}

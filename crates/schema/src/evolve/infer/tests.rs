use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::decoder::{Decoder, Progress};

fn propose(input: &str) -> Proposal {
    let mut inference = Inference::new();
    inference.finish(input.as_bytes()).unwrap();
    inference.propose("d").unwrap().unwrap()
}

/// Decodes with the proposal what it was made from; gives the rows of which something was rescued.
#[track_caller]
fn rescued(input: &str) -> u64 {
    let proposal = propose(input);
    let mut decoder = Decoder::new(&proposal.definition);
    let progress = decoder.finish(input.as_bytes()).unwrap();
    assert_eq!(
        progress,
        Progress::NeedsInput {
            consumed: input.len()
        }
    );
    assert_eq!(decoder.counts().records, proposal.records);
    decoder.counts().rescued
}

#[test]
fn the_key_is_the_identifier_that_tells_records_apart() {
    let both = propose(r#"{"callId":"a","Call ID":"a"} {"Call ID":"b"} {"callId":null,"Call ID":"c"}"#);
    assert_eq!((both.definition.key(), both.warnings.len()), ("call_id", 0));
    let plain = propose(r#"{"customCallId":"x","callId":"a"}"#);
    assert_eq!(plain.definition.key(), "call_id");
    let proposal = propose(
        r#"{"conversationId":"c","Segment ID":"s1","at":"2026-03-23T10:00:00Z","note":"x"}
           {"conversationId":"c","segmentId":"s2","at":"2026-03-23T11:00:00Z","note":"y"}"#,
    );
    assert_eq!(proposal.definition.key(), "segment_id");
    assert_eq!(proposal.definition.event_time(), Some("at"));
    assert_eq!(proposal.warnings, [""; 0]);
    assert!(
        proposal.text.contains(
            r#"    { "name": "segment_id", "type": "utf8", "aliases": ["Segment ID", "segmentId"], "doc": "Seen in 2 of 2 records." }"#
        ),
        "{}",
        proposal.text
    );
}

#[test]
fn the_event_time_is_rather_a_start_than_an_end() {
    let times = r#"{"id":1,"endTime":"2026-03-23","evaluatedAt":"2026-03-23","startTime":"2026-03-23","began":"2026-03-23"}"#;
    let definition = propose(times).definition;
    assert_eq!(
        (definition.event_time(), definition.key()),
        (Some("start_time"), "id")
    );
    assert_eq!(definition.columns()[0].data_type().to_string(), "utf8");
    let sometimes = r#"{"id":1,"startTime":"2026-03-23","end":"2026-03-23"} {"id":2,"startTime":null,"end":"2026-03-23"}"#;
    assert_eq!(propose(sometimes).definition.event_time(), Some("end"));
    assert_eq!(propose(r#"{"id":1,"t":"soon"}"#).definition.event_time(), None);
}

#[test]
fn where_no_column_is_surely_the_key_the_choice_is_told() {
    for (records, key, warning) in [
        (
            r#"{"id":"a"} {"id":"a"}"#,
            "id",
            "`id` was taken, but 1 of 2 records have a value that came before",
        ),
        (
            r#"{"id":"a"} {"x":"b"}"#,
            "id",
            "`id` was taken, but only 1 of 2 records have it",
        ),
        (
            r#"{"n":1,"x":"b"}"#,
            "x",
            "`x` was taken, but no column named like an identifier",
        ),
        (r#"{"n":1}"#, "n", "`n` was taken"),
        (r#"{"l":[1]}"#, "id", "`id` is made up"),
        (r#"{"id":[1]}"#, "id_2", "`id_2` is made up"),
    ] {
        let proposal = propose(records);
        assert_eq!(proposal.definition.key(), key, "{records}");
        assert!(proposal.warnings[0].contains(warning), "{:?}", proposal.warnings);
        assert_eq!(rescued(records), 0, "{records}");
    }
}

#[test]
fn what_was_seen_is_never_rescued() {
    for records in [
        r#"[{"id":"a","v":1},{"id":"b","v":"x"},{"id":"c","v":true},{"id":"d","v":null}]"#,
        r#"[{"id":"a","v":[1]},{"id":"b","v":"x"},{"id":"c","v":{"a":1}},{"id":"d","v":[[2]]}]"#,
        r#"[{"id":"a","v":{}},{"id":"b","v":{"x":{"y":[{"z":1},{"z":[2,"3"]}]}}},{"id":"c","v":{"x":{"y":{"z":null}}}}]"#,
        r#"[{"id":1,"Status":"a","status":"b"},{"id":2,"Status":"a"},{"id":3,"STATUS":"a","status":"a"}]"#,
        r#"[{"id":1,"v":9007199254740993},{"id":2,"v":0.5},{"id":3,"v":"NA"}]"#,
        r#"[{"id":1,"v":{"1":[1],"2":2,"3":{"x":1}}},{"id":2,"v":{"1":""}}]"#,
        r#"{"total":2,"data":[{"id":1,"when":1775034041000},{"id":2,"when":"2026-03-23 10:00:00"}],"hasMore":false}"#,
        r#"[{"id":1,"a b":1,"a_b":"x","aB":[2],"a-b":{}}]"#,
        r#"[{"_id":"x","date":"2026-01-01","_rescued":{"a":1},"é":1,"日":2}]"#,
        r#"[{"id":"a","flag":"true"},{"id":"b","flag":"false"},{"id":"c","flag":true},{"id":"d","flag":""}]"#,
    ] {
        assert_eq!(rescued(records), 0, "{records}\n{}", propose(records).text);
    }
}

#[test]
fn what_lies_too_deep_is_json_even_beside_what_does_not() {
    for (inside, beside) in [
        ("[1]", "2"),
        (r#"{"a":{"b":1}}"#, r#""x""#),
        ("[[1]]", "null"),
        ("{}", "[]"),
    ] {
        let nested = |value: &str| format!("{}{value}{}", "[".repeat(15), "]".repeat(15));
        let records = format!(
            r#"{{"id":"a","v":{}}} {{"id":"b","v":{}}}"#,
            nested(inside),
            nested(beside)
        );
        assert_eq!(rescued(&records), 0, "{records}\n{}", propose(&records).text);
    }
}

#[test]
fn a_body_names_the_key_of_its_records() {
    let body = r#"{"results":[{"id":"a"}],"hasMore":false}"#;
    assert!(propose(body).text.contains("\"records\": \"results\""));
    assert_eq!(rescued(body), 0);
    let own = r#"{"count":1,"calls":[{"id":"a"},{"id":"b"}]}"#;
    assert!(
        propose(own)
            .warnings
            .iter()
            .any(|warning| warning.ends_with("say `--records calls`")),
        "{:?}",
        propose(own).warnings
    );
    let record = r#"{"id":"a","parts":[{"x":1},{"x":2}],"tags":["x"]}"#;
    assert_eq!(propose(record).warnings, [""; 0]);
    let mut inference = Inference::new().record_key("calls");
    inference.finish(own.as_bytes()).unwrap();
    assert_eq!(inference.propose("d").unwrap().unwrap().records, 2);
    let mut inference = Inference::new().record_key("");
    inference.finish(body.as_bytes()).unwrap();
    assert_eq!(
        inference.propose("d").unwrap().unwrap().definition.columns()[0].name(),
        "results"
    );
    let both = propose(r#"{"results":[{"id":"a","results":1}]}"#);
    assert!(!both.text.contains("\"records\":") && both.warnings[0].contains("is also a key"));
}

#[test]
fn without_a_record_there_is_no_proposal() {
    for input in [" ", "[]", "{}", "[7, \"x\"]", r#"{"results":[]}"#] {
        let mut inference = Inference::new();
        inference.finish(input.as_bytes()).unwrap();
        assert!(inference.propose("d").unwrap().is_none(), "{input}");
    }
    let mut inference = Inference::new();
    inference.finish(br#"[7,{"id":"a"}]"#).unwrap();
    assert_eq!(inference.records(), 1);
    let error = Inference {
        ..Inference::default()
    };
    assert!(error.propose("d").unwrap().is_none());
    assert_eq!(
        inference.propose("d").unwrap().unwrap().warnings,
        ["1 values are no records and were left out"]
    );
    let mut inference = Inference::new();
    inference.finish(br#"{"id":"a"}"#).unwrap();
    let error = inference.propose("Own Calls").unwrap_err().to_string();
    assert!(error.contains("not snake_case"), "{error}");
}

#[test]
fn records_with_a_list_of_data_are_told_from_bodies_or_warned_of() {
    let records = r#"{"id":"0","n":1,"data":[{"x":1}]} "#.repeat(3);
    let proposal = propose(&records);
    assert_eq!(proposal.bodies, 3);
    assert_eq!(
        proposal.warnings[0],
        "3 objects were read as response bodies; beside `data` they hold `id`, which are dropped: if they are records, \
         say --records ''"
    );
    let mut inference = Inference::new().record_key("data");
    inference.finish(records.as_bytes()).unwrap();
    let named = inference.propose("d").unwrap().unwrap();
    assert!(
        !named
            .warnings
            .iter()
            .any(|warning| warning.contains("response bodies"))
    );
    let pages = r#"{"total":2,"status":"ok","data":[{"id":"a"}],"page":1} {"data":[{"id":"b"}],"page":2} {"data":[]}"#;
    let proposal = propose(pages);
    assert_eq!((proposal.records, proposal.bodies), (2, 3));
    assert_eq!(proposal.warnings, [""; 0]);
    let first_without = propose(r#"{"id":"a","n":1,"data":[]} {"id":"b","n":2,"data":[{"x":1}]}"#);
    assert_eq!((first_without.records, first_without.bodies), (2, 0));
}

#[test]
fn integers_are_times_where_their_name_says_so() {
    let records = r#"{"id":"a","caller":971501234567,"createdAt":1775034041000,"seenOn":"2026-03-23"}"#;
    let proposal = propose(records);
    let column = |name: &str| {
        let columns = proposal.definition.columns();
        let column = columns.iter().find(|column| column.name() == name).unwrap();
        (column.data_type().to_string(), column.doc().to_owned())
    };
    assert_eq!(column("caller").0, "int64");
    assert!(column("caller").1.ends_with("Whole numbers so far."));
    assert_eq!(column("created_at").0, "timestamp");
    assert!(
        column("created_at")
            .1
            .ends_with("Integers, read as epoch milliseconds.")
    );
    // A text says surely that it is a time.
    assert_eq!(proposal.definition.event_time(), Some("seen_on"));
    let only = propose(r#"{"id":"a","createdAt":1775034041000}"#);
    assert_eq!(only.definition.event_time(), Some("created_at"));
    let key = &propose(r#"{"id":1,"x":2}"#).definition.columns()[0].clone();
    assert_eq!(key.doc(), "Seen in 1 of 1 records.");
}

#[test]
fn what_is_called_like_an_identifier_but_is_none_is_no_key() {
    for (record, key) in [
        (r#"{"paid":true,"covid":"no","name":"x"}"#, "covid"),
        (r#"{"isKey":true,"callId":1}"#, "call_id"),
        (r#"{"valid":"a","grid":"b","orderUuid":"c"}"#, "order_uuid"),
        (r#"{"id":1.5,"key":"x"}"#, "key"),
        (r#"{"at_id":"2026-03-23","key":"x"}"#, "key"),
    ] {
        assert_eq!(propose(record).definition.key(), key, "{record}");
    }
    let unsure = propose(r#"{"paid":"a"}"#);
    assert!(unsure.warnings[0].contains("no column named like an identifier"));
}

#[test]
fn a_key_of_more_values_than_are_remembered_is_not_surely_unique() {
    let mut inference = Inference::new();
    let mut records = String::new();
    for number in 0..=super::super::identity::VALUES_LIMIT {
        records.push_str(&format!("{{\"id\":{number}}}\n"));
    }
    inference.finish(records.as_bytes()).unwrap();
    let warnings = inference.propose("d").unwrap().unwrap().warnings;
    assert!(
        warnings[0].contains("unique in its first 262144 values only"),
        "{warnings:?}"
    );
}

#[test]
fn after_an_error_another_input_can_be_looked_at() {
    let mut inference = Inference::new();
    assert!(inference.decode(br#"{"results":[{"id":"a"},?"#).is_err());
    inference.finish(br#"{"results":[{"id":"b"}]}"#).unwrap();
    let error = inference.finish(b"?").unwrap_err().to_string();
    assert!(error.starts_with("not valid JSON at byte 0 (line 1)"), "{error}");
    assert_eq!(inference.records(), 2);
}

#[test]
fn a_record_may_come_in_pieces() {
    let input = r#"{"results":[{"id":"a","v":[1,{"x":"y"}]},{"id":"b"}]}"#;
    let mut inference = Inference::new();
    let mut buffer = Vec::new();
    for byte in input.bytes() {
        buffer.push(byte);
        let consumed = inference.decode(&buffer).unwrap();
        buffer.drain(..consumed);
    }
    inference.finish(&buffer).unwrap();
    assert_eq!(inference.propose("d").unwrap().unwrap().text, propose(input).text);
}

/// Values of every kind, with the texts and numbers that columns read in several ways.
fn value() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "NA",
        "x",
        "12",
        "12.5",
        "true",
        "007",
        "1e3",
        "2026-03-23",
        "2026-03-23T10:00:00+02:00",
        "99 milliseconds",
        "1775034041000",
        "é\n\"",
    ];
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![
            0_i64,
            1,
            -7,
            1_775_034_041_000,
            9_007_199_254_740_993,
            i64::MAX
        ])
        .prop_map(Value::from),
        prop::sample::select(vec![0.5, 1.0, -2.25, 1e300]).prop_map(Value::from),
        prop::sample::select(texts.to_vec()).prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner).prop_map(Value::Object),
        ]
    })
}

/// Objects whose keys are often spellings of one name, and sometimes data.
fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    let keys = [
        "id",
        "ID",
        "Id",
        "callId",
        "Call ID",
        "call_id",
        "call_id_2",
        "x",
        "X",
        "1",
        "204",
        "date",
        "_rescued",
        "日",
        "",
        "a.b",
        "A B",
    ];
    prop::collection::vec((prop::sample::select(keys.to_vec()), value), 0..5).prop_map(|members| {
        let named = members.into_iter().map(|(key, value)| (key.to_owned(), value));
        named.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_value_that_was_seen_is_rescued_whatever_comes(
        mut records in prop::collection::vec(members(value()), 1..12)
    ) {
        for record in &mut records {
            // A key without a character can have no column in a table.
            record.remove("");
        }
        records.retain(|record| !record.is_empty());
        prop_assume!(!records.is_empty());
        let input = serde_json::to_string(&records).unwrap();
        prop_assert_eq!(rescued(&input), 0, "{}\n{}", input, propose(&input).text);
    }
}

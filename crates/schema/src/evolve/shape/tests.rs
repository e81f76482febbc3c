use super::*;
use crate::decoder::cursor::Cursor;
use crate::definition::Type;
use crate::evolve::observe::Observer;
use crate::evolve::types::fits;

fn proposed(records: &[String]) -> Vec<String> {
    let (mut level, mut observer) = (Level::default(), Observer::default());
    for record in records {
        let mut cursor = Cursor::new(record.as_bytes(), true);
        cursor.peek().unwrap();
        observer.object(&mut level, &mut cursor, 0).unwrap();
    }
    columns(level, "records")
        .iter()
        .map(|column| format!("{}: {}", column.field.name(), column.field.data_type()))
        .collect()
}

fn of(values: &[&str]) -> String {
    let records: Vec<String> = values.iter().map(|value| format!(r#"{{"v":{value}}}"#)).collect();
    proposed(&records).join("; ")
}

#[test]
fn nested_values_get_the_type_that_reads_them_all() {
    for (values, column) in [
        (&["null"][..], "v: json"),
        (&["{}"], "v: json"),
        (&["[]", "null"], "v: list<json>"),
        (&["[null]"], "v: list<json>"),
        (&["[1,2.5]", "[]"], "v: list<float64>"),
        (&["[1]", "2"], "v: list<int64>"),
        (&["[1]", r#""x""#], "v: list<utf8>"),
        (&["[[1],2]", "3"], "v: list<list<int64>>"),
        (
            &[r#"{"a":1}"#, r#"{"b":[true]}"#],
            "v: struct<a: int64, b: list<bool>>",
        ),
        (&[r#"{"a":1}"#, r#"[{"a":2}]"#], "v: list<struct<a: int64>>"),
        (&[r#"{"a":1}"#, r#""x""#], "v: json"),
        (&[r#"[{"a":1},"x"]"#], "v: list<json>"),
        (&[r#"{"a":{"x":1}}"#, r#"{"a":5}"#], "v: struct<a: json>"),
        (
            &[r#"{"17":{"n":1},"204":{"n":2}}"#],
            "v: map<utf8, struct<n: int64>>",
        ),
        (&[r#"{"17":1,"204":"x"}"#], "v: map<utf8, utf8>"),
        (
            &[
                r#"{"kind one":{"n":1}}"#,
                r#"{"two":{"n":2,"m":3}}"#,
                r#"{"three":{}}"#,
            ],
            "v: map<utf8, struct<n: int64, m: int64>>",
        ),
        (
            &[r#"{"a":{"n":1}}"#, r#"{"b":{"n":2}}"#],
            "v: struct<a: struct<n: int64>, b: struct<n: int64>>",
        ),
        (
            &[r#"{"Order No":1,"call-back":"x","Is_New":true}"#],
            "v: map<utf8, utf8>",
        ),
        (&[r#"{"":1,"a":2}"#], "v: map<utf8, int64>"),
        (&[r#"{"":1,"a":[2]}"#], "v: json"),
    ] {
        assert_eq!(of(values), column, "{values:?}");
    }
}

#[test]
fn maps_of_scalars_and_a_little_else_are_maps_of_text() {
    let mixed = r#"{"v":{"Order No":1,"call-back":"x","Is_New":[1],"2":null}}"#;
    let (mut level, mut observer) = (Level::default(), Observer::default());
    observer
        .object(&mut level, &mut Cursor::new(mixed.as_bytes(), true), 0)
        .unwrap();
    let column = columns(level, "records").remove(0).field;
    assert_eq!(
        column.data_type,
        Type::Map {
            values: Box::new(Type::Utf8 { nested_as_text: true })
        }
    );
    assert_eq!(column.doc, "Seen in 1 of 1 records. Its keys are data.");
}

#[test]
fn objects_whose_keys_are_data_are_maps() {
    let one_each = |value: fn(usize) -> String| -> Vec<String> {
        (0..20)
            .map(|number| {
                let letters = ["ash", "birch", "cedar", "elm"];
                let key = format!("{} {}", letters[number % 4], letters[number / 4 % 4]);
                let key = format!("{key}{}", if number < 16 { "" } else { " tree" });
                format!(r#"{{"v":{{"{key}":{}}}}}"#, value(number))
            })
            .collect()
    };
    assert_eq!(
        proposed(&one_each(|number| number.to_string())),
        ["v: map<utf8, int64>"]
    );
    let mixed = one_each(|number| if number == 3 { "[1]".into() } else { "1".into() });
    assert!(
        proposed(&mixed)[0].starts_with("v: struct<ash_ash: int64, "),
        "{mixed:?}"
    );
    let two_each: Vec<String> = (0..20_u8)
        .map(|number| {
            let key = |number: u8| char::from(b'a' + number % 20);
            format!(r#"{{"v":{{"{}":[],"{}":[1]}}}}"#, key(number), key(number + 1))
        })
        .collect();
    assert_eq!(proposed(&two_each), ["v: map<utf8, list<int64>>"]);
    let of_any_kind: Vec<String> = (0..40)
        .map(|number| {
            let value = if number % 2 == 0 { "[1]" } else { "1" };
            format!(r#"{{"v":{{"{}":{value}}}}}"#, char::from(b'a' + number / 2))
        })
        .collect();
    assert!(proposed(&of_any_kind)[0].starts_with("v: struct<a: list<int64>, "));
    let many = |from: usize| -> String {
        let members: Vec<String> = (from..from + 400)
            .map(|number| format!("\"k{number}\":1"))
            .collect();
        members.join(",")
    };
    let under_two_spellings = format!(r#"{{"Labels":{{{}}},"labels":null}} "#, many(0));
    let second = format!(r#"{{"labels":{{{}}}}}"#, many(200));
    assert_eq!(
        proposed(&[under_two_spellings, second]),
        ["labels: map<utf8, int64>"]
    );
    let long = format!(r#"{{"v":{{"{}":1}}}}"#, "long ".repeat(60));
    assert_eq!(proposed(&[long]), ["v: map<utf8, int64>"]);
    let always: Vec<String> = (0..20)
        .map(|_| {
            let members: Vec<String> = ('a'..'m').map(|key| format!("\"{key}\":1")).collect();
            format!(r#"{{"v":{{{}}}}}"#, members.join(","))
        })
        .collect();
    assert!(proposed(&always)[0].starts_with("v: struct<a: int64, "));
    let endless: Vec<String> = (0..2000)
        .map(|number| {
            let letter = |place: usize| char::from(b'a' + (number / place % 26) as u8);
            format!(
                r#"{{"v":{{"{}{}{}":[{number}]}}}}"#,
                letter(1),
                letter(26),
                letter(676)
            )
        })
        .collect();
    assert_eq!(proposed(&endless), ["v: map<utf8, list<int64>>"]);
}

#[test]
fn spellings_of_one_name_are_one_column_unless_they_contradict_each_other() {
    let records = [
        r#"{"Call ID":"a","status":"x"}"#,
        r#"{"callId":"b","Status":"x","status":"y"}"#,
        r#"{"Call ID":7,"Status":null}"#,
    ];
    let (mut level, mut observer) = (Level::default(), Observer::default());
    for record in records {
        observer
            .object(&mut level, &mut Cursor::new(record.as_bytes(), true), 0)
            .unwrap();
    }
    let columns = columns(level, "records");
    let shown: Vec<(&str, Vec<&str>, String, &str)> = columns
        .iter()
        .map(|column| {
            let field = &column.field;
            let spellings = field.spellings().collect();
            (
                field.name(),
                spellings,
                field.data_type().to_string(),
                field.doc(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (
                "call_id",
                vec!["Call ID", "callId"],
                "utf8".to_owned(),
                "Seen in 3 of 3 records."
            ),
            (
                "status",
                vec!["status"],
                "utf8".to_owned(),
                "Seen in 2 of 3 records."
            ),
            (
                "status_2",
                vec!["Status"],
                "utf8".to_owned(),
                "Seen in 2 of 3 records, null in 1."
            ),
        ]
    );
}

#[test]
fn objects_with_two_spellings_count_once() {
    let docs = |records: &[&str]| {
        let (mut level, mut observer) = (Level::default(), Observer::default());
        for record in records {
            observer
                .object(&mut level, &mut Cursor::new(record.as_bytes(), true), 0)
                .unwrap();
        }
        let columns = columns(level, "records");
        columns
            .into_iter()
            .map(|column| (column.field.name, column.field.doc, column.values))
            .collect::<Vec<_>>()
    };
    let expected = |doc: &str, values| vec![("a".to_owned(), doc.to_owned(), values)];
    assert_eq!(
        docs(&[r#"{"A":"x","a":null}"#; 6]),
        expected("Seen in 6 of 6 records.", 6)
    );
    assert_eq!(
        docs(&[
            r#"{"A":"x"}"#,
            r#"{"a":null,"A":null}"#,
            r#"{"A":null,"a":"y"}"#,
            r#"{"a":"y"}"#,
            r#"{"a":"y"}"#
        ]),
        expected("Seen in 5 of 5 records, null in 1.", 4)
    );
}

#[test]
fn the_exact_spelling_has_the_plain_name() {
    let record = r#"{"callId":1,"call_id":2,"Call ID":3,"call_id_2":4}"#.to_owned();
    assert_eq!(
        proposed(&[record, r#"{"callId":1}"#.to_owned()]),
        [
            "call_id_3: int64",
            "call_id: int64",
            "call_id_4: int64",
            "call_id_2: int64"
        ]
    );
}

#[test]
fn many_spellings_of_one_name_take_no_time_of_their_square() {
    let members: Vec<String> = (0..4000)
        .map(|number: usize| {
            let letters = (0..12).map(|bit| if number >> bit & 1 == 0 { "_a" } else { "-a" });
            format!("\"a{}\":{number}", letters.collect::<String>())
        })
        .collect();
    let record = format!("{{{}}}", members.join(","));
    let (mut level, mut observer) = (Level::default(), Observer::default());
    observer
        .object(&mut level, &mut Cursor::new(record.as_bytes(), true), 0)
        .unwrap();
    assert!(level.conflicts.len() <= 16 * 15 / 2, "{}", level.conflicts.len());
    assert_eq!(columns(level, "records").len(), 4000);
}

#[test]
fn names_that_a_table_cannot_have_are_changed() {
    let record = r#"{"date":"x","hour":1,"_rescued":2,"地域":3,"数":4,"":5,"v":{"date":1}}"#;
    assert_eq!(
        proposed(&[record.to_owned()]),
        [
            "date_value: utf8",
            "hour_value: int64",
            "rescued: int64",
            "field: int64",
            "field_2: int64",
            "v: struct<date: int64>"
        ]
    );
}

#[test]
fn whether_a_type_reads_what_was_seen_is_told_without_a_decoder() {
    let node = |values: &[&str]| {
        let (mut node, mut observer) = (Node::default(), Observer::default());
        for value in values {
            let mut cursor = Cursor::new(value.as_bytes(), true);
            observer.value(&mut node, &mut cursor, 1).unwrap();
        }
        node
    };
    let utf8 = |nested_as_text| Type::Utf8 { nested_as_text };
    let list = |lone_value| Type::List {
        element: Box::new(Type::Float64),
        lone_value,
    };
    assert!(fits(&node(&["1", "\"x\"", "null"]), &utf8(false)));
    assert!(!fits(&node(&["1", "{}"]), &utf8(false)));
    assert!(fits(&node(&["1", "{}"]), &utf8(true)));
    assert!(fits(&node(&["[1,\"2\"]", "[]"]), &list(false)));
    assert!(!fits(&node(&["[1]", "2"]), &list(false)));
    assert!(fits(&node(&["[1]", "2"]), &list(true)));
    assert!(!fits(&node(&["[1]", "\"x\""]), &list(true)));
    assert!(!fits(&node(&["[\"x\"]"]), &list(true)));
    assert!(!fits(&node(&["true"]), &Type::Float64));
    assert!(fits(&node(&["{\"a\":1}"]), &Type::Struct { fields: Vec::new() }));
    assert!(!fits(&node(&["[]"]), &Type::Struct { fields: Vec::new() }));
}

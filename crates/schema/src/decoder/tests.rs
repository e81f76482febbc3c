use arrow::array::types::TimestampMicrosecondType;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::util::display::array_value_to_string;
use chrono::SecondsFormat;

use super::*;

mod input;
mod limits;

/// One column of every type.
const EVERY_TYPE: &str = r#"{
    "name": "every_type", "doc": "Test.", "key": "id",
    "endpoints": [{"response": {"records": "results"}}],
    "columns": [
        {"name": "id", "type": "utf8", "aliases": ["ID", "id"], "doc": "Key."},
        {"name": "text", "type": "utf8", "doc": "Text."},
        {"name": "int", "type": "int64", "doc": "Integer."},
        {"name": "ms", "type": "int64", "unit": "milliseconds", "aliases": ["Duration", "duration"], "doc": "Time."},
        {"name": "float", "type": "float64", "aliases": ["Float", "float"], "doc": "Float."},
        {"name": "flag", "type": "bool", "doc": "Boolean."},
        {"name": "time", "type": "timestamp", "doc": "Time."},
        {"name": "raw", "type": "json", "doc": "Anything."},
        {"name": "list", "type": "list", "element": {"type": "int64"}, "doc": "List."},
        {"name": "lone", "type": "list", "lone_value": true, "element": {"type": "utf8"}, "doc": "List or value."},
        {"name": "people", "type": "list", "aliases": ["People", "people"], "doc": "Structs.", "element": {
            "type": "struct", "fields": [
                {"name": "name", "type": "utf8", "aliases": ["Name", "name"], "doc": "Name."},
                {"name": "score", "type": "float64", "doc": "Score."}
            ]}},
        {"name": "fields", "type": "map", "values": {"type": "utf8", "nested_as_text": true}, "doc": "Map."},
        {"name": "counts", "type": "map", "values": {"type": "int64"}, "doc": "Map."}
    ]
}"#;

fn decoder() -> Decoder {
    Decoder::new(&Definition::parse(EVERY_TYPE).unwrap())
}

fn decode(input: &str) -> RecordBatch {
    let mut decoder = decoder();
    decoder.finish(input.as_bytes()).unwrap();
    decoder.flush().unwrap().unwrap()
}

fn cell(batch: &RecordBatch, column: &str, row: usize) -> String {
    let array = batch.column_by_name(column).unwrap();
    if array.is_null(row) {
        return "null".into();
    }
    match array.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(times) => times
            .value_as_datetime(row)
            .unwrap()
            .and_utc()
            .to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => array_value_to_string(array, row).unwrap(),
    }
}

/// The cell of one column and `_rescued` of a record with one member.
fn read(column: &str, member: &str) -> (String, String) {
    let batch = decode(&format!("{{{member}}}"));
    (cell(&batch, column, 0), cell(&batch, "_rescued", 0))
}

#[track_caller]
fn reads(column: &str, member: &str, value: &str) {
    assert_eq!(read(column, member), (value.into(), "null".into()), "{member}");
}

#[track_caller]
fn rescues(column: &str, member: &str, value: &str, rescued: &str) {
    assert_eq!(read(column, member), (value.into(), rescued.into()), "{member}");
}

#[test]
fn values_of_their_type_and_their_readings_are_typed() {
    reads("text", r#""text":"a\"é""#, "a\"é");
    reads("text", r#""text":12.50"#, "12.50");
    reads("text", r#""text":false"#, "false");
    reads("text", r#""text":"NA""#, "NA");
    reads("text", r#""text":"""#, "");
    reads("int", r#""int":-7"#, "-7");
    reads("int", r#""int":1.0"#, "1");
    reads("int", r#""int":"12""#, "12");
    reads("int", r#""int":"NA""#, "null");
    reads("int", r#""int":"""#, "null");
    reads("ms", r#""Duration":"99000 milliseconds""#, "99000");
    reads("ms", r#""duration":99000"#, "99000");
    reads("float", r#""float":0"#, "0.0");
    reads("float", r#""float":"-12.5""#, "-12.5");
    reads("flag", r#""flag":"true""#, "true");
    reads("flag", r#""flag":false"#, "false");
    reads("time", r#""time":"2026-03-23 12:30:00""#, "2026-03-23T12:30:00Z");
    reads("time", r#""time":1774268100123"#, "2026-03-23T12:15:00.123Z");
    reads("time", r#""time":"NA""#, "null");
    reads("raw", r#""raw": {"a" : [1, null]}"#, r#"{"a" : [1, null]}"#);
    reads("raw", r#""raw":"text""#, r#""text""#);
    reads("raw", r#""raw":null"#, "null");
    reads("list", r#""list":[1,null,"2"]"#, "[1, , 2]");
    reads("list", r#""list":[]"#, "[]");
    reads("lone", r#""lone":"m-1""#, "[m-1]");
    reads("lone", r#""lone":["m-1","m-2"]"#, "[m-1, m-2]");
    reads(
        "people",
        r#""People":[{"Name":"Jane Doe","score":1},null]"#,
        "[{name: Jane Doe, score: 1.0}, ]",
    );
    reads(
        "fields",
        r#""fields":{"a":"x","b":1.0,"c":{"d":[1]},"e":null}"#,
        r#"{a: x, b: 1.0, c: {"d":[1]}, e: }"#,
    );
    reads(
        "text",
        r#""te\u0078t":"the key is escaped""#,
        "the key is escaped",
    );
}

#[test]
fn what_has_no_reading_is_rescued_where_it_stood() {
    rescues("text", r#""text":{"a":1}"#, "null", r#"{"/text":{"a":1}}"#);
    rescues("int", r#""int":1.5"#, "null", r#"{"/int":1.5}"#);
    rescues("int", r#""int": "12 apples""#, "null", r#"{"/int":"12 apples"}"#);
    rescues(
        "int",
        r#""int":"99000 milliseconds""#,
        "null",
        r#"{"/int":"99000 milliseconds"}"#,
    );
    rescues(
        "float",
        r#""float":9007199254740993"#,
        "null",
        r#"{"/float":9007199254740993}"#,
    );
    rescues("flag", r#""flag":1"#, "null", r#"{"/flag":1}"#);
    rescues("flag", r#""flag":"True""#, "null", r#"{"/flag":"True"}"#);
    rescues(
        "time",
        r#""time":"10/20/2020 2:13:12""#,
        "null",
        r#"{"/time":"10/20/2020 2:13:12"}"#,
    );
    rescues("time", r#""time":1"#, "null", r#"{"/time":1}"#);
    rescues("list", r#""list":[1,"x",3]"#, "[1, , 3]", r#"{"/list/1":"x"}"#);
    rescues("list", r#""list":"x""#, "null", r#"{"/list":"x"}"#);
    rescues("lone", r#""lone":{"a":1}"#, "null", r#"{"/lone":{"a":1}}"#);
    rescues(
        "people",
        r#""people":[{"name":[],"x/y":2}]"#,
        "[{name: , score: }]",
        r#"{"/people/0/name":[],"/people/0/x~1y":2}"#,
    );
    rescues(
        "counts",
        r#""counts":{"a":1,"b":"many"}"#,
        "{a: 1, b: }",
        r#"{"/counts/b":"many"}"#,
    );
    rescues("fields", r#""fields":[1]"#, "null", r#"{"/fields":[1]}"#);
    rescues(
        "id",
        r#""brandNewField":{"x":1},"id":"c-1""#,
        "c-1",
        r#"{"/brandNewField":{"x":1}}"#,
    );
}

#[test]
fn a_number_of_400_digits_is_kept_digit_by_digit() {
    let digits = "7".repeat(400);
    reads("text", &format!(r#""text":{digits}"#), &digits);
    for column in ["int", "float", "time"] {
        rescues(
            column,
            &format!(r#""{column}":{digits}"#),
            "null",
            &format!(r#"{{"/{column}":{digits}}}"#),
        );
    }
}

#[test]
fn a_key_given_twice_keeps_the_first() {
    rescues(
        "text",
        r#""text":"a","text":"b","int":1,"text":"c""#,
        "a",
        r##"{"/text#2":"b","/text#3":"c"}"##,
    );
    rescues(
        "fields",
        r#""fields":{"k":"a","k":"b"}"#,
        "{k: a}",
        r##"{"/fields/k#2":"b"}"##,
    );
    rescues(
        "id",
        r#""id":"c","new":1,"new":2"#,
        "c",
        r##"{"/new":1,"/new#2":2}"##,
    );
    rescues(
        "people",
        r#""people":[{"name":"a","zip":1},{"name":"b","name":"b","zip":2,"zip":3}]"#,
        "[{name: a, score: }, {name: b, score: }]",
        r##"{"/people/0/zip":1,"/people/1/name#2":"b","/people/1/zip":2,"/people/1/zip#2":3}"##,
    );
    rescues(
        "text",
        r#""text":{"a":1},"text":"b""#,
        "null",
        r##"{"/text":{"a":1},"/text#2":"b"}"##,
    );
}

#[test]
fn a_map_of_many_keys_finds_its_doubles_too() {
    let keys: Vec<String> = (0..100).map(|key| format!(r#""k{key}":{key}"#)).collect();
    let member = format!(r#""counts":{{{},"k7":1,"k99":2,"k7":3}}"#, keys.join(","));
    let (_, rescued) = read("counts", &member);
    assert_eq!(
        rescued,
        r##"{"/counts/k7#2":1,"/counts/k99#2":2,"/counts/k7#3":3}"##
    );
}

#[test]
fn of_two_spellings_the_one_with_a_value_wins_then_the_stronger() {
    reads("id", r#""id":"a","ID":"a""#, "a");
    reads("id", r#""id":"a","ID":null"#, "a");
    reads("id", r#""ID":null,"id":"a""#, "a");
    reads(
        "ms",
        r#""duration":99000,"Duration":"99000 milliseconds""#,
        "99000",
    );
    rescues(
        "id",
        r#""id":"weak","ID":"strong""#,
        "strong",
        r#"{"/id":"weak"}"#,
    );
    rescues(
        "id",
        r#""ID":"strong","id":"weak""#,
        "strong",
        r#"{"/id":"weak"}"#,
    );
    rescues(
        "float",
        r#""Float":"NA","float":35"#,
        "35.0",
        r#"{"/Float":"NA"}"#,
    );
    rescues(
        "float",
        r#""float":35,"Float":"NA""#,
        "35.0",
        r#"{"/Float":"NA"}"#,
    );
    reads("float", r#""float":null,"Float":"NA""#, "null");
    rescues(
        "float",
        r#""Float":"bad","float":35"#,
        "35.0",
        r#"{"/Float":"bad"}"#,
    );
    rescues(
        "float",
        r#""Float":35,"float":"bad""#,
        "35.0",
        r#"{"/float":"bad"}"#,
    );
    rescues(
        "people",
        r#""people":[{"name":"a"}],"People":[{"Name":"a","x":1}]"#,
        "[{name: a, score: }]",
        r#"{"/People/0/x":1}"#,
    );
    rescues(
        "people",
        r#""people":[{"name":"a","x":1}],"People":[{"Name":"a"}]"#,
        "[{name: a, score: }]",
        r#"{"/people":[{"name":"a","x":1}]}"#,
    );
    rescues(
        "people",
        r#""people":[{"name":"a"}],"People":[]"#,
        "[]",
        r#"{"/people":[{"name":"a"}]}"#,
    );
}

#[test]
fn a_lone_surrogate_is_replaced_and_what_was_sent_is_rescued_as_text() {
    rescues(
        "text",
        r#""text":"x\ud800y""#,
        "x\u{fffd}y",
        r#"{"/text":"\"x\\ud800y\""}"#,
    );
    rescues(
        "raw",
        r#""raw":{"a":"\udc00"}"#,
        r#"{"a":"\ufffd"}"#,
        r#"{"/raw":"{\"a\":\"\\udc00\"}"}"#,
    );
    rescues(
        "fields",
        r#""fields":{"a":"\ud800"}"#,
        "{a: \u{fffd}}",
        r#"{"/fields/a":"\"\\ud800\""}"#,
    );
    rescues(
        "fields",
        r#""fields":{"\ud800":"v"}"#,
        "{\u{fffd}: v}",
        r#"{"/fields/\\ud800":"v"}"#,
    );
    rescues(
        "id",
        r#""id":"a","ID":"a","\ud800":1,"\\ud800":2"#,
        "a",
        r##"{"/\\ud800":1,"/\\ud800#2":2}"##,
    );
    rescues(
        "id",
        r#""id":"c","new":"\ud800""#,
        "c",
        r#"{"/new":"\"\\ud800\""}"#,
    );
    rescues("int", r#""int":"\ud800""#, "null", r#"{"/int":"\"\\ud800\""}"#);
    reads("text", r#""text":"\ud83d\ude00""#, "😀");
}

#[test]
fn rows_that_are_no_records_go_to_the_quarantine() {
    let deep = format!(r#"{{"raw":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let input = format!(r#"[{{"id":"a"}}, null, 7, "x", [1], {deep}, {{"id":"b"}}]"#);
    let mut decoder = decoder();
    decoder.finish(input.as_bytes()).unwrap();
    assert_eq!(
        decoder.counts(),
        Counts {
            records: 2,
            rescued: 0,
            quarantined: 5
        }
    );
    let quarantined = decoder.take_quarantined();
    let records: Vec<&[u8]> = quarantined.iter().map(|row| row.record.as_slice()).collect();
    assert_eq!(
        records,
        [b"null".as_slice(), b"7", b"\"x\"", b"[1]", deep.as_bytes()]
    );
    assert_eq!(quarantined[0].reason, "not an object");
    assert_eq!(quarantined[4].reason, "a value is nested too deeply");
    let batch = decoder.flush().unwrap().unwrap();
    assert_eq!(
        (cell(&batch, "id", 0), cell(&batch, "id", 1)),
        ("a".into(), "b".into())
    );
}

#[test]
fn a_record_whose_paths_would_fill_the_memory_goes_to_the_quarantine() {
    let key = "k".repeat(1 << 20);
    let unknown: Vec<String> = (0..100).map(|key| format!(r#""x{key}":1"#)).collect();
    let definition = EVERY_TYPE.replace(
        r#"{"name": "counts", "type": "map", "values": {"type": "int64"}"#,
        r#"{"name": "counts", "type": "map", "values": {"type": "struct", "fields": [
            {"name": "a", "type": "utf8", "doc": "A."}]}"#,
    );
    let mut decoder = Decoder::new(&Definition::parse(&definition).unwrap());
    decoder
        .finish(format!(r#"{{"counts":{{"{key}":{{{}}}}}}}"#, unknown.join(",")).as_bytes())
        .unwrap();
    assert_eq!(decoder.counts().quarantined, 1);
}

#[test]
fn types_have_the_names_of_the_parquet_standard() {
    let schema = decoder().schema();
    let of = |name: &str| schema.field_with_name(name).unwrap().clone();
    assert_eq!(
        of("list").data_type().to_string(),
        "List(Int64, field: 'element')"
    );
    assert_eq!(of("time").data_type().to_string(), "Timestamp(µs, \"UTC\")");
    assert!(of("counts").data_type().to_string().contains("key_value"));
    assert_eq!(of("_rescued").extension_type_name(), Some("arrow.json"));
    assert_eq!(of("raw").extension_type_name(), Some("arrow.json"));
    let batch = decode(r#"{"counts":{"a":1}}"#);
    assert_eq!(
        batch
            .column_by_name("counts")
            .unwrap()
            .as_map()
            .keys()
            .as_string::<i32>()
            .value(0),
        "a"
    );
}

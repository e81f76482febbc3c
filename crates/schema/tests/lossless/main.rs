//! Any record, of any shape: every scalar of the source is in its typed column, in `_rescued` or in the quarantine.
//!
//! Records are generated from the definitions that are compiled in, mostly fitting and partly not: values of other
//! types, unknown keys, keys given twice or with escapes, several spellings at once, huge numbers, lone surrogates,
//! white space. What was generated is then looked up in the batch by a reader that shares nothing with the decoder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may")]

mod generated;

use std::collections::HashMap;

use arrow::array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::array::{Array, AsArray, RecordBatch};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use korelake_schema::{Decoder, Definition, Field, Type};
use proptest::prelude::*;
use serde_json::value::RawValue;

use generated::{Json, anything, body, object_of, space};

/// The text of a raw JSON string, surrogates replaced.
fn plain(raw: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut chars = raw.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next().unwrap() {
                'n' => units.push(10),
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                }
                other => units.extend(other.encode_utf16(&mut [0; 2]).iter()),
            },
            char => units.extend(char.encode_utf16(&mut [0; 2]).iter()),
        }
    }
    String::from_utf16_lossy(&units)
}

fn has_lone_surrogate(raw: &str) -> bool {
    raw.contains("\\u") && plain(raw).contains('\u{fffd}')
}

fn token(key: &str) -> String {
    let name = if has_lone_surrogate(key) {
        key.to_owned()
    } else {
        plain(key)
    };
    name.replace('~', "~0").replace('/', "~1")
}

/// What the batch has of one record.
struct Row<'a> {
    rescued: HashMap<String, Box<RawValue>>,
    definition: &'a Definition,
    /// What stands between tokens.
    space: &'a str,
}

impl Row<'_> {
    /// The raw value at `pointer` is kept.
    fn is_rescued(&self, pointer: &str, value: &Json) -> bool {
        let Some(kept) = self.rescued.get(pointer) else {
            return false;
        };
        let text = value.text(self.space);
        if has_lone_surrogate(&text) {
            return serde_json::from_str::<String>(kept.get()).ok() == Some(text);
        }
        kept.get() == text
    }

    /// Panics unless every scalar of `value` is in row `row` of `array` or rescued.
    fn check(&self, value: &Json, data_type: &Type, array: &dyn Array, row: usize, pointer: &str) {
        if *value == Json::Null || self.is_rescued(pointer, value) {
            return;
        }
        match (value, data_type) {
            (Json::List(values), Type::List { element, .. }) => {
                let list = array.as_list::<i32>().value(row);
                assert_eq!(list.len(), values.len(), "{pointer}");
                for (index, value) in values.iter().enumerate() {
                    self.check(value, element, &list, index, &format!("{pointer}/{index}"));
                }
            }
            (
                value,
                Type::List {
                    element,
                    lone_value: true,
                },
            ) if !array.is_null(row) => {
                let list = array.as_list::<i32>().value(row);
                assert_eq!(list.len(), 1, "{pointer}");
                self.check(value, element, &list, 0, pointer);
            }
            (Json::Object(members), Type::Struct { fields }) => {
                assert!(array.is_valid(row), "{pointer} is neither a struct nor rescued");
                let columns = array.as_struct();
                self.members(
                    members,
                    fields,
                    |column| columns.column(column).as_ref(),
                    row,
                    pointer,
                );
            }
            (Json::Object(members), Type::Map { values }) => {
                let entries = array.as_map().value(row);
                let keys = entries.column(0).as_string::<i32>();
                let mut seen = HashMap::new();
                for (key, value) in members {
                    let count = seen.entry(plain(key)).or_insert(0);
                    *count += 1;
                    let pointer = format!("{pointer}/{}", token(key));
                    if *count > 1 {
                        assert!(
                            self.is_rescued(&format!("{pointer}#{count}"), value),
                            "{pointer}#{count}"
                        );
                        continue;
                    }
                    let at = keys
                        .iter()
                        .position(|name| name == Some(&plain(key)))
                        .expect("the key is there");
                    self.check(value, values, entries.column(1).as_ref(), at, &pointer);
                }
                let distinct: std::collections::HashSet<_> = keys.iter().collect();
                assert_eq!(distinct.len(), keys.len(), "{pointer} has a key twice");
            }
            (value, data_type) => {
                let found = !array.is_null(row)
                    && scalar_is_there(value, &value.text(self.space), data_type, array, row);
                let says_nothing = !matches!(data_type, Type::Utf8 { .. } | Type::Json | Type::Bool)
                    && matches!(value, Json::Text(text) if text.is_empty() || text == "NA");
                assert!(
                    found || says_nothing,
                    "{pointer}: {} of type {data_type} is lost",
                    value.text(self.space)
                );
            }
        }
    }

    fn members<'a>(
        &self,
        members: &[(String, Json)],
        fields: &[Field],
        column: impl Fn(usize) -> &'a dyn Array,
        row: usize,
        pointer: &str,
    ) {
        let mut seen = HashMap::new();
        for (key, value) in members {
            let count = seen.entry(plain(key)).or_insert(0);
            *count += 1;
            let pointer = format!("{pointer}/{}", token(key));
            let field = fields
                .iter()
                .position(|field| field.spellings().any(|name| name == plain(key)));
            match field {
                _ if *count > 1 => {
                    assert!(
                        self.is_rescued(&format!("{pointer}#{count}"), value),
                        "{pointer}#{count} is lost"
                    )
                }
                Some(field) => self.check(value, fields[field].data_type(), column(field), row, &pointer),
                None => assert!(
                    self.is_rescued(&pointer, value),
                    "{pointer} is unknown and not rescued"
                ),
            }
        }
    }

    fn record(&self, record: &Json, batch: &RecordBatch, row: usize) {
        let Json::Object(members) = record else {
            panic!("a record is an object")
        };
        self.members(
            members,
            self.definition.columns(),
            |column| batch.column(column).as_ref(),
            row,
            "",
        );
    }
}

/// Whether the cell is `value`, which was sent as `sent`.
fn scalar_is_there(value: &Json, sent: &str, data_type: &Type, array: &dyn Array, row: usize) -> bool {
    let text = match value {
        Json::Text(raw) => plain(raw),
        _ => sent.to_owned(),
    };
    match data_type {
        // A string with a lone surrogate is replaced here, so it has to be rescued: then we do not get here.
        Type::Utf8 { .. } => !has_lone_surrogate(sent) && array.as_string::<i32>().value(row) == text,
        Type::Json => array.as_string::<i32>().value(row) == sent,
        Type::Bool => array.as_boolean().value(row).to_string() == text,
        Type::Int64 { .. } => {
            let cell = array.as_primitive::<Int64Type>().value(row);
            whole(text.trim_end_matches(" milliseconds")) == Some(cell)
        }
        Type::Float64 => {
            let cell = array.as_primitive::<Float64Type>().value(row);
            text.parse() == Ok(cell) && (text.contains('e') || cell.abs() <= (1_i64 << 53) as f64)
        }
        Type::Timestamp => {
            let cell = array.as_primitive::<TimestampMicrosecondType>().value(row);
            let times = [
                text.parse::<DateTime<chrono::Utc>>().ok(),
                NaiveDateTime::parse_from_str(&text, "%F %T")
                    .ok()
                    .map(|time| time.and_utc()),
                NaiveDate::parse_from_str(&text, "%F")
                    .ok()
                    .map(|day| day.and_hms_opt(0, 0, 0).unwrap().and_utc()),
                text.parse::<f64>()
                    .ok()
                    .and_then(|millis| DateTime::from_timestamp_millis(millis as i64)),
            ];
            times
                .into_iter()
                .flatten()
                .any(|time| time.timestamp_micros() == cell)
        }
        _ => false,
    }
}

/// The integer that a decimal number is, by moving its digits about.
fn whole(text: &str) -> Option<i64> {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{before}{after}");
    let shift = exponent.parse::<i32>().ok()? - after.len() as i32;
    if digits.chars().all(|digit| matches!(digit, '0' | '-')) {
        return Some(0);
    }
    digits.extend(std::iter::repeat_n(
        '0',
        usize::try_from(shift).unwrap_or(0).min(40),
    ));
    for _ in shift..0 {
        digits = digits.strip_suffix('0')?.to_owned();
    }
    digits.parse().ok()
}

fn check_all(name: &str, records: &[Json], space: &str) {
    let definition = Definition::builtin(name).unwrap();
    let mut decoder = Decoder::new(&definition);
    decoder.finish(body(records, space).as_bytes()).unwrap();
    assert_eq!(decoder.counts().records as usize, records.len());
    let Some(batch) = decoder.flush().unwrap() else {
        return;
    };
    let rescued = batch.column(batch.num_columns() - 1).as_string::<i32>();
    for (row, record) in records.iter().enumerate() {
        let rescued = match rescued.is_valid(row) {
            true => serde_json::from_str(rescued.value(row)).expect("_rescued is JSON with distinct keys"),
            false => HashMap::new(),
        };
        Row {
            rescued,
            definition: &definition,
            space,
        }
        .record(record, &batch, row);
    }
}

fn records(name: &str) -> BoxedStrategy<Vec<Json>> {
    prop::collection::vec(object_of(Definition::builtin(name).unwrap().columns()), 1..4).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn raw_data_loses_nothing(records in records("raw_data"), space in space()) {
        check_all("raw_data", &records, space);
    }

    #[test]
    fn score_reporting_loses_nothing(records in records("score_reporting"), space in space()) {
        check_all("score_reporting", &records, space);
    }

    #[test]
    fn agent_assist_loses_nothing(records in records("agent_assist"), space in space()) {
        check_all("agent_assist", &records, space);
    }

    #[test]
    fn any_json_is_a_row_or_quarantined(values in prop::collection::vec(anything(), 0..6), space in space()) {
        let mut decoder = Decoder::new(&Definition::builtin("raw_data").unwrap());
        decoder.finish(body(&values, space).as_bytes()).unwrap();
        let counts = decoder.counts();
        prop_assert_eq!((counts.records + counts.quarantined) as usize, values.len());
    }
}

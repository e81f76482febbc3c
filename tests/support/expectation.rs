//! Works out, by the definition of a dataset, which row a record should become: slowly, over a tree of values, and
//! with none of the program's own code but the names and types of the columns. A record must hold nothing that has
//! to be rescued.

use chrono::{DateTime, NaiveDateTime};
use korelake::schema::{Definition, Field, Type};
use serde_json::{Map, Value};

/// The row that a record should become, as [`table`](super::table) shows it.
pub(crate) fn row(definition: &Definition, record: &Value) -> Value {
    let mut row = members(definition.columns(), record, "");
    row.insert("_rescued".to_owned(), Value::Null);
    Value::Object(row)
}

/// Texts of records, one a row.
pub(crate) fn rows<S: AsRef<str>>(
    definition: &Definition,
    records: impl IntoIterator<Item = S>,
) -> Vec<Value> {
    let parse = |record: S| serde_json::from_str(record.as_ref()).unwrap();
    let records = records.into_iter().map(parse);
    records.map(|record: Value| row(definition, &record)).collect()
}

fn members(fields: &[Field], record: &Value, place: &str) -> Map<String, Value> {
    let record = record
        .as_object()
        .unwrap_or_else(|| panic!("{place} is no object"));
    let mut row: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name().to_owned(), Value::Null))
        .collect();
    for (key, value) in record {
        let place = format!("{place}/{key}");
        let field = fields
            .iter()
            .find(|field| field.spellings().any(|spelling| spelling == key));
        let field = field.unwrap_or_else(|| panic!("{place} is in no column"));
        let before = row.insert(
            field.name().to_owned(),
            expected(field.data_type(), value, &place),
        );
        assert_eq!(before, Some(Value::Null), "{place} is sent in two spellings");
    }
    row
}

fn expected(data_type: &Type, value: &Value, place: &str) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    let number = || {
        value
            .as_f64()
            .unwrap_or_else(|| panic!("{place} is no number: {value}"))
    };
    match data_type {
        Type::Utf8 { nested_as_text } => match value {
            Value::String(text) => text.clone().into(),
            Value::Array(_) | Value::Object(_) if !nested_as_text => {
                panic!("{place} is no text: {value}")
            }
            other => other.to_string().into(),
        },
        Type::Json => value.to_string().into(),
        Type::Bool => value
            .as_bool()
            .unwrap_or_else(|| panic!("{place}: {value}"))
            .into(),
        Type::Float64 if value == "NA" => Value::Null,
        Type::Float64 => number().into(),
        Type::Int64 { milliseconds: true } if value.is_string() => {
            let number = value
                .as_str()
                .and_then(|text| text.strip_suffix(" milliseconds")?.parse::<i64>().ok());
            number.unwrap_or_else(|| panic!("{place}: {value}")).into()
        }
        Type::Int64 { .. } => value
            .as_i64()
            .unwrap_or_else(|| panic!("{place}: {value}"))
            .into(),
        Type::Timestamp => time(value).unwrap_or_else(|| panic!("{place}: {value}")).into(),
        Type::List { element, .. } => match value {
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(index, value)| expected(element, value, &format!("{place}/{index}")))
                .collect(),
            lone => vec![expected(element, lone, place)].into(),
        },
        Type::Struct { fields } => Value::Object(members(fields, value, place)),
        Type::Map { values } => {
            let entries = value.as_object().unwrap_or_else(|| panic!("{place}: {value}"));
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), expected(values, value, &format!("{place}/{key}"))));
            Value::Object(entries.collect())
        }
        other => panic!("{place} has type {other}"),
    }
}

/// Epoch milliseconds, RFC 3339, or a time without zone, which means UTC.
fn time(value: &Value) -> Option<i64> {
    if let Some(milliseconds) = value.as_i64() {
        return Some(milliseconds * 1000);
    }
    let text = value.as_str()?;
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let time =
        time.or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").map(|time| time.and_utc()));
    time.ok().map(|time| time.timestamp_micros())
}

/// The same row with the JSON of its `json` columns in one notation: blanks and the order of keys mean nothing there,
/// and the expectation does not keep them.
pub(crate) fn with_plain_json(definition: &Definition, mut row: Value) -> Value {
    for column in definition.columns() {
        plain(column.data_type(), &mut row[column.name()]);
    }
    row
}

fn plain(data_type: &Type, value: &mut Value) {
    match (data_type, &mut *value) {
        (Type::Json | Type::Utf8 { nested_as_text: true }, Value::String(text)) => {
            if let Ok(json @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str::<Value>(text) {
                *text = json.to_string();
            }
        }
        (Type::List { element, .. }, Value::Array(elements)) => {
            elements.iter_mut().for_each(|value| plain(element, value));
        }
        (Type::Map { values }, Value::Object(entries)) => {
            entries.values_mut().for_each(|value| plain(values, value));
        }
        (Type::Struct { fields }, Value::Object(members)) => {
            for field in fields {
                if let Some(value) = members.get_mut(field.name()) {
                    plain(field.data_type(), value);
                }
            }
        }
        _ => {}
    }
}

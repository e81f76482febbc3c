//! arrow-json, set up to do as much of the same work as it can.
//!
//! It gets the source's spellings as names (it knows no aliases) and our types; where ours is JSON text, the struct
//! or list that stands there, as it cannot keep raw values; and text where some of the numbers are sent as `"NA"`
//! or `"99000 milliseconds"`, which it cannot read. Keys that no field names it drops, where we would keep them.

use std::hint::black_box;
use std::io::Cursor;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use arrow_json::ReaderBuilder;
use arrow_json::reader::infer_json_schema;
use korelake::schema::{Definition, Field, Type};

/// Puts the lone message ids and timestamps of V3 records into brackets: a general reader refuses a field that is a list in one
/// record and a text in another, and both sides are to read the same bytes.
pub fn without_lone_values(records: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(records).unwrap();
    let mut out = String::with_capacity(text.len() + text.len() / 64);
    let mut rest = text;
    let keys = ["\"message_id\":", "\"timestamp\":"];
    while let Some((at, key)) = keys
        .iter()
        .filter_map(|key| Some((rest.find(key)?, *key)))
        .min_by_key(|(at, _)| *at)
    {
        let (before, value) = rest.split_at(at + key.len());
        out.push_str(before);
        rest = value;
        let end = match value.as_bytes()[0] {
            b'"' => value[1..].find('"').unwrap() + 2,
            b'0'..=b'9' => value.find([',', '}']).unwrap(),
            _ => continue,
        };
        out.push_str(&format!("[{}]", &value[..end]));
        rest = &value[end..];
    }
    out.push_str(rest);
    out.into_bytes()
}

/// The schema under which arrow-json reads `records`.
pub fn schema(definition: &Definition, records: &[u8]) -> SchemaRef {
    let (inferred, _) = infer_json_schema(Cursor::new(records), None).unwrap();
    Arc::new(Schema::new(fields(definition.columns(), inferred.fields())))
}

fn fields(ours: &[Field], sent: &Fields) -> Fields {
    sent.iter()
        .map(|sent| {
            let ours = ours
                .iter()
                .find(|field| field.spellings().any(|spelling| spelling == sent.name()));
            let data_type = match ours {
                Some(ours) => data_type(ours.data_type(), sent.data_type()),
                None => sent.data_type().clone(),
            };
            ArrowField::new(sent.name(), data_type, true)
        })
        .collect()
}

fn data_type(ours: &Type, sent: &DataType) -> DataType {
    match (ours, sent) {
        (Type::Json, sent) => sent.clone(),
        // Some are not numbers: `"NA"`, `"99000 milliseconds"`.
        (Type::Int64 { .. } | Type::Float64, DataType::Utf8) => DataType::Utf8,
        (Type::Struct { fields: ours }, DataType::Struct(sent)) => DataType::Struct(fields(ours, sent)),
        (Type::List { element, .. }, DataType::List(sent)) => {
            let element = data_type(element, sent.data_type());
            DataType::List(FieldRef::new(ArrowField::new("element", element, true)))
        }
        (Type::Map { values }, DataType::Struct(sent))
            if sent.iter().all(|value| !value.data_type().is_nested()) =>
        {
            Type::Map {
                values: values.clone(),
            }
            .arrow_type()
        }
        (Type::Map { .. }, sent) => sent.clone(),
        // It knows no names of time zones.
        (Type::Timestamp, DataType::Utf8 | DataType::Int64) => {
            DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
        }
        // Never sent but as null, or as an empty list: any type does.
        (_, DataType::Null) => DataType::Null,
        (ours, _) => ours.arrow_type(),
    }
}

/// Reads all of `records` and drops the batches.
pub fn decode(schema: &SchemaRef, records: &[u8]) {
    let reader = ReaderBuilder::new(Arc::clone(schema))
        .with_coerce_primitive(true)
        .with_batch_size(8192)
        .build(Cursor::new(records));
    for batch in reader.unwrap() {
        black_box(batch.unwrap());
    }
}

//! A dataset as its file in `schemas/` describes it: names, spellings and types of columns. The endpoint part is
//! kept as it stands for [`korelake-fetch`], which this crate does not know. How the file is read is in [`form`].
//!
//! [`korelake-fetch`]: https://docs.rs/korelake-fetch

mod form;

use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use arrow_schema::extension::Json;
use xxhash_rust::xxh3::xxh3_128;

use crate::error::Error;

/// The column that holds what no other column takes; it is added to every table as the last one.
pub const RESCUED: &str = "_rescued";

/// The zone of all timestamps.
pub(crate) const UTC: &str = "UTC";

/// The definitions that are compiled in, by name.
const BUILTIN: [(&str, &str); 3] = [
    ("raw_data", include_str!("../../../schemas/raw_data.json")),
    (
        "score_reporting",
        include_str!("../../../schemas/score_reporting.json"),
    ),
    ("agent_assist", include_str!("../../../schemas/agent_assist.json")),
];

/// A dataset: its columns and the endpoints that fill it.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    name: String,
    doc: String,
    key: String,
    event_time: Option<String>,
    records: Option<String>,
    endpoints: Vec<serde_json::Value>,
    columns: Vec<Field>,
}

/// A column, or a field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub(crate) name: String,
    pub(crate) aliases: Option<Vec<String>>,
    pub(crate) doc: String,
    pub(crate) data_type: Type,
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Type {
    /// Text.
    Utf8 {
        /// Objects and arrays are kept as their JSON text instead of being rescued.
        nested_as_text: bool,
    },
    /// 64-bit signed integers.
    Int64 {
        /// Text such as `"99000 milliseconds"` is read as its number.
        milliseconds: bool,
    },
    /// 64-bit floats.
    Float64,
    /// Booleans.
    Bool,
    /// Microseconds since 1970, UTC.
    Timestamp,
    /// Any value as JSON text, tagged as `arrow.json`.
    Json,
    /// Lists of one type.
    List {
        /// Type of the elements.
        element: Box<Type>,
        /// A value that is no array is read as a list of one.
        lone_value: bool,
    },
    /// Structs.
    Struct {
        /// Fields in the order of the table.
        fields: Vec<Field>,
    },
    /// Maps with text keys.
    Map {
        /// Type of the values.
        values: Box<Type>,
    },
}

impl Definition {
    /// The names of the definitions that are compiled in.
    pub fn builtin_names() -> impl Iterator<Item = &'static str> {
        BUILTIN.into_iter().map(|(name, _)| name)
    }

    /// The text of a definition that is compiled in.
    pub fn builtin_text(name: &str) -> Option<&'static str> {
        BUILTIN
            .into_iter()
            .find(|(builtin, _)| *builtin == name)
            .map(|(_, text)| text)
    }

    /// A definition that is compiled in. Tests hold that all of them can be read.
    pub fn builtin(name: &str) -> Option<Self> {
        Self::parse(Self::builtin_text(name)?).ok()
    }

    /// Reads the text of a definition file, whose form `schemas/schema.json` describes.
    ///
    /// # Errors
    ///
    /// [`Error::Form`] or [`Error::Definition`], with the place in the file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        form::parse(text)
    }

    /// The dataset's name; the table has it too unless it is given another.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What a record of the dataset is.
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// The text column at the top level that tells records apart.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The timestamp column at the top level that says when the record happened, if the server sends one.
    pub fn event_time(&self) -> Option<&str> {
        self.event_time.as_deref()
    }

    /// The endpoints that fill the table, the default one first, as they stand in the file.
    pub fn endpoints(&self) -> &[serde_json::Value] {
        &self.endpoints
    }

    /// The columns, without [`RESCUED`].
    pub fn columns(&self) -> &[Field] {
        &self.columns
    }

    /// The schema of the table: the columns and [`RESCUED`].
    pub fn arrow_schema(&self) -> SchemaRef {
        let mut fields: Vec<FieldRef> = arrow_fields(&self.columns).iter().cloned().collect();
        fields.push(Arc::new(arrow_field(RESCUED, &Type::Json)));
        Arc::new(Schema::new(fields))
    }

    /// Identifies names and types of the columns: 32 hexadecimal digits. Spellings and docs may change without it.
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        write_fields(&self.columns, &mut text);
        format!("{:032x}", xxh3_128(text.as_bytes()))
    }

    /// The envelope keys that hold records, that of the definition itself and over all endpoints, each once.
    pub(crate) fn record_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = self.records.iter().cloned().collect();
        for endpoint in &self.endpoints {
            if let Some(key) = endpoint
                .pointer("/response/records")
                .and_then(serde_json::Value::as_str)
                && keys.iter().all(|known| known != key)
            {
                keys.push(key.to_owned());
            }
        }
        keys
    }
}

impl Field {
    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the column holds, in a sentence or two.
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// The column's type.
    pub fn data_type(&self) -> &Type {
        &self.data_type
    }

    /// The keys under which servers send it, the strongest first: the aliases, or else the name.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let aliases = self.aliases.iter().flatten();
        aliases
            .chain(self.aliases.is_none().then_some(&self.name))
            .map(String::as_str)
    }
}

impl Type {
    /// The Arrow type. Nested fields have the names of the Parquet standard: `element`, `key_value`.
    pub fn arrow_type(&self) -> DataType {
        match self {
            Self::Utf8 { .. } | Self::Json => DataType::Utf8,
            Self::Int64 { .. } => DataType::Int64,
            Self::Float64 => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::List { element, .. } => DataType::List(element_field(element)),
            Self::Struct { fields } => DataType::Struct(arrow_fields(fields)),
            Self::Map { values } => DataType::Map(entries_field(values), false),
        }
    }
}

/// A type as people write it: `list<struct<queue_id: utf8>>`.
impl std::fmt::Display for Type {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Utf8 { .. } => out.write_str("utf8"),
            Self::Int64 { .. } => out.write_str("int64"),
            Self::Float64 => out.write_str("float64"),
            Self::Bool => out.write_str("bool"),
            Self::Timestamp => out.write_str("timestamp"),
            Self::Json => out.write_str("json"),
            Self::List { element, .. } => write!(out, "list<{element}>"),
            Self::Map { values } => write!(out, "map<utf8, {values}>"),
            Self::Struct { fields } => {
                let mut text = String::new();
                write_fields(fields, &mut text);
                write!(out, "struct<{text}>")
            }
        }
    }
}

fn write_fields(fields: &[Field], out: &mut String) {
    for (index, field) in fields.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        out.push_str(&format!("{comma}{}: {}", field.name, field.data_type));
    }
}

pub(crate) fn arrow_fields(fields: &[Field]) -> Fields {
    fields
        .iter()
        .map(|field| arrow_field(&field.name, &field.data_type))
        .collect()
}

/// The field of a list's elements.
pub(crate) fn element_field(element: &Type) -> FieldRef {
    Arc::new(arrow_field("element", element))
}

/// The field of a map's entries.
pub(crate) fn entries_field(values: &Type) -> FieldRef {
    Arc::new(ArrowField::new(
        "key_value",
        DataType::Struct(entries_fields(values)),
        false,
    ))
}

pub(crate) fn entries_fields(values: &Type) -> Fields {
    vec![
        ArrowField::new("key", DataType::Utf8, false),
        arrow_field("value", values),
    ]
    .into()
}

fn arrow_field(name: &str, data_type: &Type) -> ArrowField {
    let field = ArrowField::new(name, data_type.arrow_type(), true);
    match data_type {
        Type::Json => field.with_extension_type(Json::default()),
        _ => field,
    }
}

#[cfg(test)]
mod tests;

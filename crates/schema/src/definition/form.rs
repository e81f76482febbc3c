//! Reads a definition file: first its form, with the place of a mistake from the JSON reader, then what the form
//! cannot say, such as names that are given twice.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Definition, Field, RESCUED, Type};
use crate::error::Error;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    name: String,
    doc: String,
    key: String,
    event_time: Option<String>,
    records: Option<String>,
    #[serde(default)]
    endpoints: Vec<serde_json::Value>,
    columns: Vec<Form>,
}

/// A column, a field of a struct, or the bare type of elements and values: these have no name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: Option<String>,
    doc: Option<String>,
    aliases: Option<Vec<String>>,
    #[serde(rename = "type")]
    kind: Kind,
    element: Option<Box<Form>>,
    fields: Option<Vec<Form>>,
    values: Option<Box<Form>>,
    unit: Option<Unit>,
    lone_value: Option<bool>,
    nested_as_text: Option<bool>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Utf8,
    Int64,
    Float64,
    Bool,
    Timestamp,
    Json,
    List,
    Struct,
    Map,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Milliseconds,
}

/// Columns nest no deeper: the decoder calls itself once a level.
const DEPTH_LIMIT: usize = 32;

/// What the path of a file in the lake says (`date=2026-03-23`), readers make a column of.
const PARTITION_COLUMNS: [&str; 3] = ["date", "hour", "month"];

pub(super) fn parse(text: &str) -> Result<Definition, Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let file: File = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = match error.path().to_string() {
            root if root == "." => "the top level".to_owned(),
            path => path,
        };
        Error::Form {
            place,
            source: error.into_inner(),
        }
    })?;
    reader.end().map_err(|source| Error::Form {
        place: "the end".to_owned(),
        source,
    })?;

    check_name(&file.name, "name")?;
    if file.name.starts_with('_') {
        return Err(wrong(
            "name",
            format!(
                "{:?} begins with an underscore, as what is no table does",
                file.name
            ),
        ));
    }
    if file.records.as_deref() == Some("") {
        return Err(wrong("records", "the key is empty".to_owned()));
    }
    check_endpoints(&file.endpoints)?;
    let columns = fields(file.columns, "columns", 1)?;
    for (index, column) in columns.iter().enumerate() {
        if PARTITION_COLUMNS.contains(&column.name.as_str()) {
            return Err(wrong(
                &format!("columns[{index}].name"),
                format!("{:?} is a partition column, which would hide it", column.name),
            ));
        }
    }
    let top_level = |role: &str, name: &str, wanted: Type| {
        let column = columns.iter().find(|column| column.name == name);
        match column.map(|column| column.data_type == wanted) {
            Some(true) => Ok(()),
            Some(false) => Err(wrong(role, format!("column {name:?} is not of type {wanted}"))),
            None => Err(wrong(role, format!("{name:?} is no column"))),
        }
    };
    top_level(
        "key",
        &file.key,
        Type::Utf8 {
            nested_as_text: false,
        },
    )?;
    if let Some(event_time) = &file.event_time {
        top_level("event_time", event_time, Type::Timestamp)?;
    }
    let definition = Definition {
        name: file.name,
        doc: file.doc,
        key: file.key,
        event_time: file.event_time,
        records: file.records,
        endpoints: file.endpoints,
        columns,
    };
    for key in definition.record_keys() {
        if definition
            .columns
            .iter()
            .any(|column| column.spellings().any(|spelling| spelling == key))
        {
            return Err(wrong(
                "columns",
                format!("{key:?} names a column and the records of a response"),
            ));
        }
    }
    Ok(definition)
}

/// An endpoint is chosen by its name. What else makes an endpoint is known to the crate that asks it.
fn check_endpoints(endpoints: &[serde_json::Value]) -> Result<(), Error> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (index, endpoint) in endpoints.iter().enumerate() {
        if let Some(name) = endpoint.get("name").and_then(serde_json::Value::as_str)
            && let Some(first) = names.insert(name, index)
        {
            return Err(wrong(
                &format!("endpoints[{index}].name"),
                format!("{name:?} is the name of endpoint {first} too"),
            ));
        }
    }
    Ok(())
}

fn fields(forms: Vec<Form>, place: &str, depth: usize) -> Result<Vec<Field>, Error> {
    if forms.is_empty() {
        return Err(wrong(place, "there are none".to_owned()));
    }
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut spellings: HashMap<String, usize> = HashMap::new();
    let mut fields = Vec::with_capacity(forms.len());
    for (index, mut form) in forms.into_iter().enumerate() {
        let place = format!("{place}[{index}]");
        let name = form.name.take().ok_or_else(|| missing(&place, "name"))?;
        let doc = form.doc.take().ok_or_else(|| missing(&place, "doc"))?;
        let aliases = form.aliases.take();
        check_name(&name, &format!("{place}.name"))?;
        if let Some(first) = names.insert(name.clone(), index) {
            return Err(wrong(
                &format!("{place}.name"),
                format!("{name:?} is the name of field {first} too"),
            ));
        }
        let data_type = type_of(form, &place, depth)?;
        let field = Field {
            name,
            aliases,
            doc,
            data_type,
        };
        if field.spellings().next().is_none() {
            return Err(wrong(&format!("{place}.aliases"), "the list is empty".to_owned()));
        }
        for (number, spelling) in field.spellings().enumerate() {
            if let Some(first) = spellings.insert(spelling.to_owned(), index) {
                let place = match field.aliases {
                    Some(_) => format!("{place}.aliases[{number}]"),
                    None => format!("{place}.name"),
                };
                return Err(wrong(
                    &place,
                    format!("{spelling:?} is a spelling of field {first} already"),
                ));
            }
        }
        fields.push(field);
    }
    Ok(fields)
}

/// The type that `form` describes; its name, if it may have one, is taken already.
fn type_of(form: Form, place: &str, depth: usize) -> Result<Type, Error> {
    if depth > DEPTH_LIMIT {
        return Err(wrong(
            place,
            format!("columns are nested more than {DEPTH_LIMIT} levels deep"),
        ));
    }
    let Form {
        name,
        doc,
        aliases,
        kind,
        element,
        fields: members,
        values,
        unit,
        lone_value,
        nested_as_text,
    } = form;
    let belongs = [
        ("name", name.is_some(), false, "a named field"),
        ("doc", doc.is_some(), false, "a named field"),
        ("aliases", aliases.is_some(), false, "a named field"),
        ("element", element.is_some(), kind == Kind::List, "type \"list\""),
        (
            "fields",
            members.is_some(),
            kind == Kind::Struct,
            "type \"struct\"",
        ),
        ("values", values.is_some(), kind == Kind::Map, "type \"map\""),
        ("unit", unit.is_some(), kind == Kind::Int64, "type \"int64\""),
        (
            "lone_value",
            lone_value.is_some(),
            kind == Kind::List,
            "type \"list\"",
        ),
        (
            "nested_as_text",
            nested_as_text.is_some(),
            kind == Kind::Utf8,
            "type \"utf8\"",
        ),
    ];
    for (key, given, fits, owner) in belongs {
        if given && !fits {
            return Err(wrong(&format!("{place}.{key}"), format!("only {owner} has it")));
        }
    }
    let nested = |form: Option<Box<Form>>, key: &str| match form {
        Some(form) => type_of(*form, &format!("{place}.{key}"), depth + 1).map(Box::new),
        None => Err(missing(place, key)),
    };
    Ok(match kind {
        Kind::Utf8 => Type::Utf8 {
            nested_as_text: nested_as_text.unwrap_or(false),
        },
        Kind::Int64 => Type::Int64 {
            milliseconds: matches!(unit, Some(Unit::Milliseconds)),
        },
        Kind::Float64 => Type::Float64,
        Kind::Bool => Type::Bool,
        Kind::Timestamp => Type::Timestamp,
        Kind::Json => Type::Json,
        Kind::List => Type::List {
            element: nested(element, "element")?,
            lone_value: lone_value.unwrap_or(false),
        },
        Kind::Struct => {
            let members = members.ok_or_else(|| missing(place, "fields"))?;
            Type::Struct {
                fields: fields(members, &format!("{place}.fields"), depth + 1)?,
            }
        }
        Kind::Map => Type::Map {
            values: nested(values, "values")?,
        },
    })
}

/// Names become path parts, SQL identifiers and Parquet names: lower-case words joined by single underscores, with
/// one more in front for names like `_id`.
fn check_name(name: &str, place: &str) -> Result<(), Error> {
    let words = name.strip_prefix('_').unwrap_or(name);
    let fits = words.starts_with(|first: char| first.is_ascii_lowercase())
        && words.split('_').all(|word| {
            !word.is_empty()
                && word
                    .chars()
                    .all(|char| char.is_ascii_lowercase() || char.is_ascii_digit())
        });
    if !fits {
        return Err(wrong(place, format!("{name:?} is not snake_case")));
    }
    if name == RESCUED {
        return Err(wrong(
            place,
            format!("every table has a column {RESCUED:?} of its own"),
        ));
    }
    Ok(())
}

fn wrong(place: &str, problem: String) -> Error {
    Error::Definition {
        place: place.to_owned(),
        problem,
    }
}

fn missing(place: &str, key: &str) -> Error {
    wrong(place, format!("{key:?} is missing"))
}

//! Writes dataset files, and the columns that belong into one: a column without fields is one line, in the form of the
//! files in `schemas/`. They are read back by [`form`](crate::definition).

use serde_json::Value;

use crate::definition::{Field, Type};

/// What stands before the columns of a dataset file.
#[derive(Debug, Clone)]
pub(crate) struct Head<'a> {
    pub(crate) name: &'a str,
    pub(crate) doc: &'a str,
    pub(crate) key: &'a str,
    pub(crate) event_time: Option<&'a str>,
    pub(crate) records: Option<&'a str>,
}

/// The text of a dataset file, without a line break at the end.
pub(crate) fn dataset(head: &Head<'_>, columns: &[Field]) -> String {
    let lines = [
        ("name", Some(head.name)),
        ("doc", Some(head.doc)),
        ("key", Some(head.key)),
        ("event_time", head.event_time),
        ("records", head.records),
    ];
    let lines = lines
        .into_iter()
        .filter_map(|(key, value)| Some(format!("  \"{key}\": {},\n", quoted(value?))));
    format!(
        "{{\n{}  \"columns\": [\n{}\n  ]\n}}",
        lines.collect::<String>(),
        fields(columns, 2)
    )
}

/// Columns as they stand in a list of a dataset file, indented by `depth` times two blanks.
pub(crate) fn fields(fields: &[Field], depth: usize) -> String {
    let fields: Vec<String> = fields.iter().map(|field| self::field(field, depth)).collect();
    fields.join(",\n")
}

fn field(field: &Field, depth: usize) -> String {
    let mut members = vec![member("name", &field.name), type_name(&field.data_type)];
    if let Some(aliases) = &field.aliases {
        let aliases: Vec<String> = aliases.iter().map(|alias| quoted(alias)).collect();
        members.push(format!("\"aliases\": [{}]", aliases.join(", ")));
    }
    members.push(member("doc", &field.doc));
    object(members, &field.data_type, depth)
}

/// An object whose scalar members stand in its first line; what is nested follows in lines of its own.
fn object(mut members: Vec<String>, data_type: &Type, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match data_type {
        Type::Utf8 { nested_as_text: true } => members.push("\"nested_as_text\": true".to_owned()),
        Type::Int64 { milliseconds: true } => members.push(member("unit", "milliseconds")),
        Type::List { lone_value: true, .. } => members.push("\"lone_value\": true".to_owned()),
        _ => {}
    }
    let nested = match data_type {
        Type::List { element, .. } => Some(format!("\"element\": {}", nameless(element, depth + 1))),
        Type::Map { values } => Some(format!("\"values\": {}", nameless(values, depth + 1))),
        Type::Struct { fields } => Some(format!(
            "\"fields\": [\n{}\n{indent}  ]",
            self::fields(fields, depth + 2)
        )),
        _ => None,
    };
    let members = members.join(", ");
    match nested {
        None => format!("{indent}{{ {members} }}"),
        Some(nested) if !nested.contains('\n') => format!("{indent}{{ {members}, {nested} }}"),
        Some(nested) => format!("{indent}{{\n{indent}  {members},\n{indent}  {nested}\n{indent}}}"),
    }
}

fn nameless(data_type: &Type, depth: usize) -> String {
    object(vec![type_name(data_type)], data_type, depth)
        .trim_start()
        .to_owned()
}

fn type_name(data_type: &Type) -> String {
    let name = match data_type {
        Type::Utf8 { .. } => "utf8",
        Type::Int64 { .. } => "int64",
        Type::Float64 => "float64",
        Type::Bool => "bool",
        Type::Timestamp => "timestamp",
        Type::Json => "json",
        Type::List { .. } => "list",
        Type::Struct { .. } => "struct",
        Type::Map { .. } => "map",
    };
    member("type", name)
}

fn member(key: &str, value: &str) -> String {
    format!("\"{key}\": {}", quoted(value))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Definition;

    #[test]
    fn every_definition_that_is_compiled_in_is_written_and_read_back() {
        for name in Definition::builtin_names() {
            let definition = Definition::builtin(name).unwrap();
            let head = Head {
                name,
                doc: definition.doc(),
                key: definition.key(),
                event_time: definition.event_time(),
                records: Some("rows"),
            };
            let read = Definition::parse(&dataset(&head, definition.columns())).unwrap();
            assert_eq!(read.columns(), definition.columns(), "{name}");
            assert_eq!(read.record_keys(), ["rows"]);
            assert_eq!((read.doc(), read.key()), (definition.doc(), definition.key()));
            assert_eq!(read.event_time(), definition.event_time());
        }
    }

    #[test]
    fn a_column_without_fields_is_one_line() {
        let columns = r#"[
    { "name": "id", "type": "utf8", "aliases": ["Call \"ID\"", "id"], "doc": "Who." },
    { "name": "labels", "type": "map", "doc": "Any.", "values": { "type": "utf8", "nested_as_text": true } },
    {
      "name": "parts", "type": "list", "doc": "Parts.", "lone_value": true,
      "element": {
        "type": "struct",
        "fields": [
          { "name": "length_ms", "type": "int64", "doc": "Length.", "unit": "milliseconds" }
        ]
      }
    }
  ]"#;
        let text = format!(
            "{{\n  \"name\": \"d\",\n  \"doc\": \"D.\",\n  \"key\": \"id\",\n  \"columns\": {columns}\n}}"
        );
        let definition = Definition::parse(&text).unwrap();
        let head = Head {
            name: "d",
            doc: "D.",
            key: "id",
            event_time: None,
            records: None,
        };
        assert_eq!(dataset(&head, definition.columns()), text);
    }
}

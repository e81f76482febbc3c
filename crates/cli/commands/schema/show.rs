//! `korelake schema show`: the columns of a dataset, with their spellings and types.

use korelake::Dataset;
use korelake::schema::{Field, Type};

use super::plain;
use crate::exit::{Exit, Failure};
use crate::output::{Output, table};

pub(super) fn show(name_or_path: &str, json: bool, output: &Output) -> Result<Exit, Failure> {
    // A file that is no definition is refused, not printed.
    let dataset = Dataset::load(name_or_path)?;
    if json {
        output.result(Dataset::text(name_or_path)?.trim_end())?;
        return Ok(Exit::Done);
    }
    let definition = dataset.definition();
    let mut text = format!("{}: {}\n\n", definition.name(), definition.doc());
    for endpoint in dataset.endpoints() {
        text.push_str(&format!(
            "{}  {} {}\n",
            endpoint.name(),
            endpoint.method(),
            endpoint.path()
        ));
    }
    let mut rows = Vec::new();
    for column in definition.columns() {
        add(column, 0, &mut rows);
    }
    rows.push(vec![
        "_rescued".to_owned(),
        "json".to_owned(),
        "whatever no other column takes".to_owned(),
    ]);
    if !dataset.endpoints().is_empty() {
        text.push('\n');
    }
    text.push_str(&table(&["column", "type", "sent as"], &[], rows));
    output.result(&text)?;
    Ok(Exit::Done)
}

fn add(field: &Field, depth: usize, rows: &mut Vec<Vec<String>>) {
    let name = format!("{}{}", "  ".repeat(depth), field.name());
    let spellings: Vec<&str> = field.spellings().collect();
    rows.push(vec![
        name,
        outline(field.data_type()),
        plain(&spellings.join(" | ")).replace('\n', "\\n"),
    ]);
    for nested in members(field.data_type()) {
        add(nested, depth + 1, rows);
    }
}

/// The type without the members, which follow in lines of their own.
fn outline(data_type: &Type) -> String {
    match data_type {
        Type::List { element, .. } => format!("list of {}", outline(element)),
        Type::Map { values } => format!("map of {}", outline(values)),
        Type::Struct { .. } => "struct".to_owned(),
        scalar => scalar.to_string(),
    }
}

fn members(data_type: &Type) -> &[Field] {
    match data_type {
        Type::Struct { fields } => fields,
        Type::List { element, .. } => members(element),
        Type::Map { values } => members(values),
        _ => &[],
    }
}

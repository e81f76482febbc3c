//! `korelake schema`: what the datasets hold.

use korelake::Dataset;
use korelake::schema::{Definition, Field, Type};

use crate::args::Schema;
use crate::exit::{Exit, Failure};
use crate::output::{Output, table};

pub(crate) fn schema(args: &Schema, output: &Output) -> Result<Exit, Failure> {
    match args {
        Schema::List => list(output),
        Schema::Show { dataset, json: true } => {
            // A file that is no definition is refused, not printed.
            Dataset::load(dataset)?;
            output.result(Dataset::text(dataset)?.trim_end())?;
            Ok(Exit::Done)
        }
        Schema::Show { dataset, json: false } => show(&Dataset::load(dataset)?, output),
    }
}

fn list(output: &Output) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for name in Definition::builtin_names() {
        let dataset = Dataset::load(name)?;
        let endpoints: Vec<&str> = dataset
            .endpoints()
            .iter()
            .map(|endpoint| endpoint.name())
            .collect();
        let definition = dataset.definition();
        rows.push(vec![
            name.to_owned(),
            definition.columns().len().to_string(),
            definition.key().to_owned(),
            endpoints.join(", "),
            definition.doc().to_owned(),
        ]);
    }
    output.result(&table(
        &["dataset", "columns", "key", "endpoints", "holds"],
        &[1],
        rows,
    ))?;
    Ok(Exit::Done)
}

fn show(dataset: &Dataset, output: &Output) -> Result<Exit, Failure> {
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
    text.push('\n');
    text.push_str(&table(&["column", "type", "sent as"], &[], rows));
    output.result(&text)?;
    Ok(Exit::Done)
}

fn add(field: &Field, depth: usize, rows: &mut Vec<Vec<String>>) {
    let name = format!("{}{}", "  ".repeat(depth), field.name());
    let spellings: Vec<&str> = field.spellings().collect();
    rows.push(vec![name, outline(field.data_type()), spellings.join(" | ")]);
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

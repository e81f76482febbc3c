//! `korelake schema infer --against`: what records hold that a dataset does not know, with examples, ready to paste.

use korelake::Dataset;
use korelake::schema::{Suggestion, Unknown, Why};

use super::{as_json, cell, infer, plain};
use crate::args::Infer;
use crate::exit::{Exit, Failure};
use crate::output::{Output, grouped, table};

pub(super) fn unknown(args: &Infer, dataset: &str, output: &Output) -> Result<Exit, Failure> {
    let inputs = infer::inputs(&args.files)?;
    let dataset = Dataset::load(dataset)?;
    let definition = dataset.definition();
    let unknown = korelake::unknown(&dataset, &inputs)?;
    if args.json {
        output.result(&as_json(&unknown)?)?;
    } else {
        output.result(&text(&unknown, definition.name()))?;
    }
    if unknown.quarantined > 0 {
        output.note(&format!("{} values are no records", grouped(unknown.quarantined)));
    }
    if unknown.without_key == unknown.records {
        let (name, key) = (definition.name(), definition.key());
        output.note(&format!(
            "warning: no record has a {key}: are these records of {name}?"
        ));
    }
    Ok(Exit::Done)
}

fn text(unknown: &Unknown, name: &str) -> String {
    let records = grouped(unknown.records);
    if unknown.rescued == 0 {
        return format!("{name} knows all that {records} records hold");
    }
    let mut parts = vec![format!(
        "{} of {records} records hold what {name} does not know",
        grouped(unknown.rescued)
    )];
    if !unknown.keys.is_empty() {
        parts.push(keys(unknown));
    }
    if !unknown.values.is_empty() {
        parts.push(values(unknown));
    }
    if unknown.more > 0 {
        parts.push(format!(
            "{} values stand at further places",
            grouped(unknown.more)
        ));
    }
    for paste in &unknown.paste {
        let place = match paste.below.as_str() {
            "" => "`columns`".to_owned(),
            column => format!("the fields of `{column}`"),
        };
        parts.push(format!("To add to {place}:\n{}", plain(&paste.text)));
    }
    parts.extend(aliases(unknown));
    parts.join("\n\n")
}

/// Spellings to add, by column.
fn aliases(unknown: &Unknown) -> Vec<String> {
    let mut by_column: Vec<(&str, Vec<String>)> = Vec::new();
    for key in &unknown.keys {
        let Suggestion::SpellingOf(column) = &key.suggestion else {
            continue;
        };
        let token = key.pointer.rsplit('/').next().unwrap_or_default();
        let spelling = serde_json::Value::from(token.replace("~1", "/").replace("~0", "~")).to_string();
        match by_column.iter_mut().find(|(name, _)| name == column) {
            Some((_, spellings)) => spellings.push(spelling),
            None => by_column.push((column, vec![spelling])),
        }
    }
    let block = |(column, spellings): (&str, Vec<String>)| {
        let spellings = plain(&spellings.join(", "));
        format!("To add to the aliases of `{column}`:\n    {spellings}")
    };
    by_column.into_iter().map(block).collect()
}

/// Keys that are a spelling of no column.
fn keys(unknown: &Unknown) -> String {
    let rows = unknown.keys.iter().map(|key| {
        let suggestion = match &key.suggestion {
            Suggestion::SpellingOf(column) => format!("alias of {column}"),
            Suggestion::Column(data_type) => data_type.clone(),
            Suggestion::KeysAreData => "its keys are data".to_owned(),
            _ => String::new(),
        };
        vec![
            cell(&key.column),
            cell(&key.pointer),
            grouped(key.records),
            kinds(&key.types),
            suggestion,
            cell(&key.example),
        ]
    });
    let header = [
        "unknown key",
        "pointer",
        "records",
        "types seen",
        "suggested",
        "example",
    ];
    table(&header, &[2], rows)
}

/// Values that their column could not take.
fn values(unknown: &Unknown) -> String {
    let rows = unknown.values.iter().map(|value| {
        let why = match value.why {
            Why::NotReadable => format!("not a value of {}", value.data_type),
            Why::Contradicted => "another spelling says otherwise".to_owned(),
            Why::KeyAgain => "the key came before".to_owned(),
            Why::LoneSurrogate => "half a surrogate pair".to_owned(),
            _ => String::new(),
        };
        vec![
            cell(&value.column),
            cell(&value.pointer),
            grouped(value.records),
            kinds(&value.types),
            why,
            value.suggestion.clone().unwrap_or_default(),
            cell(&value.example),
        ]
    });
    let header = [
        "column",
        "pointer",
        "records",
        "types seen",
        "rescued, since",
        "suggested",
        "example",
    ];
    table(&header, &[2], rows)
}

fn kinds(types: &[(&str, u64)]) -> String {
    let kinds: Vec<String> = types
        .iter()
        .map(|(kind, count)| format!("{kind} {}", grouped(*count)))
        .collect();
    kinds.join(", ")
}

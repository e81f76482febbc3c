//! Which columns are the key and the event time of a proposal. It is put together in [`infer`](super::infer).

use super::identity::{Identities, VALUES_LIMIT};
use super::shape::{self, Column, WHOLE_NUMBERS};
use crate::definition::{Field, Type};

/// Chooses the key among the columns, or makes one: a definition cannot be without.
pub(crate) fn key(
    columns: &mut Vec<Column>,
    records: u64,
    identities: &Identities,
    warnings: &mut Vec<String>,
) -> String {
    let is_scalar = |column: &Column| {
        !matches!(
            column.field.data_type,
            Type::List { .. } | Type::Struct { .. } | Type::Map { .. } | Type::Json
        )
    };
    let repeated = |column: &Column| {
        identities
            .get(&column.field.name)
            .map(|identity| identity.repeated)
    };
    let present = |column: &Column| {
        identities
            .get(&column.field.name)
            .map_or(0, |identity| identity.present)
    };
    // The better a column is as a key, the smaller; among equals the plainest name wins, then the first column.
    let words = |column: &Column| column.field.name.split('_').count();
    let unchecked = |column: &Column| {
        identities
            .get(&column.field.name)
            .map_or(0, |identity| identity.unchecked)
    };
    let is_identity =
        |column: &Column| matches!(column.field.data_type, Type::Utf8 { .. } | Type::Int64 { .. });
    let rank = |column: &Column| match repeated(column).filter(|_| is_identity(column)) {
        Some(0) if present(column) == records => (0, unchecked(column)),
        Some(repeated) if present(column) == records => (1, repeated),
        Some(repeated) => (2, records - present(column).min(records) + repeated),
        None => match (&column.field.data_type, column.values == records) {
            (Type::Utf8 { .. }, true) => (3, 0),
            (Type::Utf8 { .. }, false) => (4, 0),
            _ => (5, 0),
        },
    };
    let best = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| is_scalar(column))
        .min_by_key(|(_, column)| (rank(column), words(column)))
        .map(|(index, _)| index);
    let Some(column) = best.and_then(|index| columns.get_mut(index)) else {
        let name = shape::unused("id".to_owned(), |name| {
            columns.iter().any(|column| {
                column
                    .field
                    .spellings()
                    .chain([column.field.name()])
                    .any(|used| used == name)
            })
        });
        warnings.push(format!(
            "no column can be the key: `{name}` is made up, and no record has it"
        ));
        columns.insert(
            0,
            Column {
                field: Field {
                    name: name.clone(),
                    aliases: None,
                    doc: format!("Seen in 0 of {records} records: a dataset file needs a key."),
                    data_type: Type::Utf8 {
                        nested_as_text: false,
                    },
                },
                values: 0,
                epochs: false,
            },
        );
        return name;
    };
    let name = column.field.name.clone();
    let problem = match rank(column) {
        (0, 0) => None,
        (0, _) => Some(format!(
            "it is known to be unique in its first {VALUES_LIMIT} values only"
        )),
        (1, repeated) => Some(format!(
            "{repeated} of {records} records have a value that came before"
        )),
        (2, _) => Some(format!(
            "only {} of {records} records have it",
            present(column).min(records)
        )),
        _ => Some("no column named like an identifier is better".to_owned()),
    };
    if let Some(problem) = problem {
        warnings.push(format!(
            "no column is surely the key; `{name}` was taken, but {problem}"
        ));
    }
    // Keys are text, also where numbers are sent.
    column.field.doc = column.field.doc.replace(WHOLE_NUMBERS, "");
    column.field.data_type = Type::Utf8 {
        nested_as_text: false,
    };
    name
}

/// The time that every record has; rather one that comes as text, and is called its start.
pub(crate) fn event_time(columns: &[Column], records: u64) -> Option<String> {
    let times = columns
        .iter()
        .filter(|column| column.field.data_type == Type::Timestamp && column.values == records);
    let rank = |column: &&Column| {
        let name = column.field.name.as_str();
        let has = |words: &[&str]| name.split('_').any(|word| words.contains(&word));
        let by_name = match () {
            () if has(&["start", "started", "begin", "began", "begun"]) => 0,
            () if has(&["created", "event", "occurred"]) => 1,
            () if has(&["end", "ended", "updated", "modified"]) => 3,
            () => 2,
        };
        (column.epochs, by_name)
    };
    times.min_by_key(rank).map(|column| column.field.name.clone())
}

//! `korelake schema diff`: what changes in the table from one dataset file to another.

use korelake::Dataset;
use korelake::schema::{Changed, Diff};

use super::{as_json, cell};
use crate::exit::{Exit, Failure};
use crate::output::{Output, table};

pub(super) fn diff(from: &str, to: &str, json: bool, output: &Output) -> Result<Exit, Failure> {
    let (one, other) = (Dataset::load(from)?, Dataset::load(to)?);
    let diff = Diff::between(one.definition(), other.definition());
    if json {
        let mut value = serde_json::json!(diff);
        value["compatible"] = diff.is_compatible().into();
        output.result(&as_json(&value)?)?;
    } else {
        output.result(&text(&diff, from, to))?;
    }
    Ok(Exit::Done)
}

fn text(diff: &Diff, from: &str, to: &str) -> String {
    if diff.is_empty() {
        return "no difference in the table: the same columns, spellings, key and event time".to_owned();
    }
    let row = |change: &str, column: &str, from: &str, to: &str| {
        vec![change.to_owned(), cell(column), cell(from), cell(to)]
    };
    let changed = |change: &'static str| {
        move |changed: &Changed| row(change, &changed.column, &changed.from, &changed.to)
    };
    let mut rows = Vec::new();
    rows.extend(
        diff.added
            .iter()
            .map(|added| row("added", &added.column, "", &added.data_type)),
    );
    rows.extend(
        diff.removed
            .iter()
            .map(|removed| row("removed", &removed.column, &removed.data_type, "")),
    );
    rows.extend(diff.retyped.iter().map(changed("retyped")));
    rows.extend(diff.readings.iter().map(changed("reads otherwise")));
    rows.extend(diff.spellings.iter().map(|respelt| {
        let mut to = respelt.added.join(" | ");
        if respelt.reordered {
            to = [to.as_str(), "(in another order)"]
                .join(" ")
                .trim_start()
                .to_owned();
        }
        row(
            "spelt otherwise",
            &respelt.column,
            &respelt.removed.join(" | "),
            &to,
        )
    }));
    rows.extend(diff.reordered.iter().map(|place| {
        let place = if place.is_empty() {
            "the table"
        } else {
            place.as_str()
        };
        row("another order", place, "", "")
    }));
    let roles = [
        ("key", &diff.key),
        ("event time", &diff.event_time),
        ("records under", &diff.records),
    ];
    for (role, change) in roles {
        rows.extend(
            change
                .iter()
                .map(|change| row(role, "", &change.from, &change.to)),
        );
    }
    format!(
        "{}\n\n{}",
        table(&["change", "column", from, to], &[], rows),
        verdict(diff)
    )
}

/// The last line: whether what reads the table goes on as before.
fn verdict(diff: &Diff) -> String {
    if diff.is_compatible() {
        return "compatible for readers: only additions; days that are committed keep their columns"
            .to_owned();
    }
    let respelt = diff
        .spellings
        .iter()
        .filter(|respelt| !respelt.removed.is_empty() || respelt.reordered);
    let counts = [
        (diff.removed.len(), "removed"),
        (diff.retyped.len(), "retyped"),
        (diff.readings.len(), "read otherwise"),
        (respelt.count(), "spelt otherwise"),
        (diff.reordered.len(), "in another order"),
    ];
    let roles = [
        (&diff.key, "another key"),
        (&diff.event_time, "another event time"),
        (&diff.records, "records under another key"),
    ];
    let counts = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"));
    let roles = roles
        .iter()
        .filter(|(change, _)| change.is_some())
        .map(|(_, what)| (*what).to_owned());
    let counts: Vec<String> = counts.chain(roles).collect();
    format!("not compatible: {}", counts.join(", "))
}

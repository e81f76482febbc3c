//! Holds a batch against the rows that its records should become: every cell of every column, and `_rescued` to the
//! last byte. What they should become is decided in [`naive`](super).

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{Array, AsArray, RecordBatch};
use korelake_schema::{Definition, RESCUED};

use super::cell::Cell;
use super::{Rescued, json, row};

/// Panics unless the batch is what the records should become, all of which are objects.
pub(crate) fn compare(definition: &Definition, records: &[&str], batch: &RecordBatch) {
    assert_eq!(batch.num_rows(), records.len(), "rows of {records:?}");
    let columns = definition.columns();
    assert_eq!(batch.num_columns(), columns.len() + 1);
    let kept = batch.column_by_name(RESCUED).unwrap().as_string::<i32>();
    for (index, record) in records.iter().enumerate() {
        let expected = row(definition, record);
        for ((field, array), expected) in columns.iter().zip(batch.columns()).zip(&expected.cells) {
            let cell = Cell::read(field.data_type(), array, index);
            let name = field.name();
            assert!(
                cell.is(expected),
                "column {name} of {record}\n decoder: {cell:?}\n   naive: {expected:?}"
            );
        }
        let kept = kept.is_valid(index).then(|| kept.value(index));
        assert!(
            is_kept(kept, &expected.rescued),
            "{RESCUED} of {record}\n decoder: {kept:?}\n   naive: {:?}",
            by_key(&expected.rescued)
        );
    }
}

fn by_key(rescued: &[Rescued]) -> BTreeMap<String, &str> {
    rescued
        .iter()
        .map(|rescued| (rescued.key(), rescued.raw.as_str()))
        .collect()
}

/// Whether `kept` is one JSON object of exactly what was rescued.
fn is_kept(kept: Option<&str>, rescued: &[Rescued]) -> bool {
    let Some(kept) = kept else {
        return rescued.is_empty();
    };
    let mut members = json::members(kept);
    let distinct: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(distinct.len(), members.len(), "{kept} has a key twice");
    // A key such as `a#2` can meet the second `a`. How the decoder tells them apart is its own business.
    let by_value = by_key(rescued).len() < rescued.len();
    for expected in rescued {
        let found = members.iter().position(|member| {
            (by_value || member.name == expected.key()) && is_sent(member.value, &expected.raw)
        });
        match found {
            Some(found) => drop(members.swap_remove(found)),
            None => return false,
        }
    }
    members.is_empty() && !rescued.is_empty()
}

/// Whether what is kept is what was sent: its text, or if readers would refuse that, the text as a JSON string.
fn is_sent(kept: &str, raw: &str) -> bool {
    match json::has_lone_surrogate(raw) {
        true => serde_json::from_str::<String>(kept).is_ok_and(|text| text == raw),
        false => kept == raw,
    }
}

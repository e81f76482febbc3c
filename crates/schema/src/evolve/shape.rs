//! From what was seen at a place to its type: which keys are columns, which are data, and what type reads all values.
//! The rule above all others is that no proposed type rescues a value that was seen.

use std::collections::HashSet;

use super::level::Level;
use super::names::snake_case;
use super::observe::Node;
use super::types::data_type;
use crate::definition::{Field, Type};

/// A proposed column, and how often it was seen.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) field: Field,
    /// Objects in which it has a value.
    pub(crate) values: u64,
}

/// Names that columns of a table cannot have, since readers make columns of the folders that are called so.
const PARTITION_COLUMNS: [&str; 3] = ["date", "hour", "month"];

/// The columns for the objects of one place, in the order in which they appeared. A key without a single character
/// has none. `nouns` is what the objects are called.
pub(crate) fn columns(mut level: Level, nouns: &str) -> Vec<Column> {
    let is_table = nouns == "records";
    let mut taken: HashSet<String> = HashSet::new();
    let mut columns = Vec::new();
    for family in level.families() {
        for group in groups(&level, family) {
            let first = &level.members[group[0]].key;
            if first.is_empty() {
                continue;
            }
            let name = unused(name(first, is_table), |name| taken.contains(name));
            taken.insert(name.clone());
            let aliases: Vec<String> = group
                .iter()
                .map(|index| level.members[*index].key.clone())
                .collect();
            let overlap: u64 = group[1..]
                .iter()
                .filter_map(|index| level.overlaps.get(index))
                .sum();
            let seen: u64 = group.iter().map(|index| level.members[*index].seen).sum();
            let mut node = Node::default();
            for index in &group {
                node.merge(std::mem::take(&mut level.members[*index].node));
            }
            let seen = seen.saturating_sub(overlap);
            let values = seen.saturating_sub(node.nulls);
            let mut doc = doc(&node, seen, level.objects, nouns);
            let data_type = data_type(node, &name).unwrap_or(Type::Json);
            if let Type::Map { .. } = data_type {
                doc.push_str(" Its keys are data.");
            }
            columns.push(Column {
                field: Field {
                    aliases: (aliases != [name.as_str()]).then_some(aliases),
                    name,
                    doc,
                    data_type,
                },
                values,
            });
        }
    }
    columns
}

/// The name of the column for a key, of the table itself or of a struct.
pub(crate) fn name(key: &str, is_table: bool) -> String {
    let mut name = snake_case(key).unwrap_or_else(|| "field".to_owned());
    if is_table && PARTITION_COLUMNS.contains(&name.as_str()) {
        name.push_str("_value");
    }
    name
}

/// `name`, or with the first number from 2 on that makes it one that is not in use.
pub(crate) fn unused(name: String, is_used: impl Fn(&str) -> bool) -> String {
    if !is_used(&name) {
        return name;
    }
    let numbered = (2_u64..).map(|number| format!("{name}_{number}"));
    numbered
        .into_iter()
        .find(|name| !is_used(name))
        .unwrap_or(name.clone())
}

/// How often a place was seen, and what its type does not say.
pub(crate) fn doc(node: &Node, seen: u64, objects: u64, nouns: &str) -> String {
    let mut doc = format!("Seen in {seen} of {objects} {nouns}");
    match node.nulls {
        0 => {}
        nulls if node.values() == 0 => doc.push_str(if nulls == 1 { ", as null" } else { ", always null" }),
        nulls if nulls > seen => {} // of elements, which nobody has counted
        nulls => doc.push_str(&format!(", null in {nulls}")),
    }
    doc.push('.');
    if node.scalars.are_digits_as_text() {
        doc.push_str(" Always text, and always a number.");
    }
    doc
}

/// Spellings of one name, those together that may mean the same: in no object do two of them differ. The most
/// frequent spelling leads, and is the strongest alias.
fn groups(level: &Level, mut family: Vec<usize>) -> Vec<Vec<usize>> {
    family.sort_by_key(|index| (std::cmp::Reverse(level.members[*index].seen), *index));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for index in family {
        let differs = |other: &usize| level.conflicts.contains(&(index.min(*other), index.max(*other)));
        match groups.iter_mut().find(|group| !group.iter().any(differs)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

#[cfg(test)]
mod tests;

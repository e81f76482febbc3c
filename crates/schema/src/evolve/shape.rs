//! From what was seen at a place to its type: which keys are columns, which are data, and what type reads all values.
//! The rule above all others is that no proposed type rescues a value that was seen.

use std::collections::{HashMap, HashSet};

use super::level::Level;
use super::names::snake_case;
use super::observe::Node;
use super::scalars::Scalars;
use super::types::data_type;
use crate::definition::{Field, Type};

/// A proposed column, and how often it was seen.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) field: Field,
    /// Objects in which it has a value.
    pub(crate) values: u64,
    /// Its times are all integers, which may be something else.
    pub(crate) epochs: bool,
}

/// Names that columns of a table cannot have, since readers make columns of the folders that are called so.
const PARTITION_COLUMNS: [&str; 3] = ["date", "hour", "month"];

/// The columns for the objects of one place, in the order in which they appeared. A key without a single character
/// has none. `nouns` is what the objects are called.
pub(crate) fn columns(mut level: Level, nouns: &str) -> Vec<Column> {
    let is_table = nouns == "records";
    // A key that is the name of a column has it, whatever other spellings are more frequent.
    let exact: HashSet<String> = level
        .members
        .iter()
        .filter(|member| name(&member.key, is_table) == member.key)
        .map(|member| member.key.clone())
        .collect();
    let mut taken: HashSet<String> = HashSet::new();
    let mut numbers: HashMap<String, u64> = HashMap::new();
    let mut columns = Vec::new();
    for family in level.families() {
        for group in groups(&level, family) {
            let first = &level.members[group[0]].key;
            if first.is_empty() {
                continue;
            }
            let spelt = |name: &str| group.iter().any(|index| level.members[*index].key == name);
            let plain = name(first, is_table);
            let from = numbers.entry(plain.clone()).or_insert(2);
            let name = numbered(plain, from, |name| {
                taken.contains(name) || (exact.contains(name) && !spelt(name))
            });
            taken.insert(name.clone());
            let aliases: Vec<String> = group
                .iter()
                .map(|index| level.members[*index].key.clone())
                .collect();
            let (twice, nulls_twice) = match group.len() {
                1 => (0, 0),
                _ => level.counted_twice(&group),
            };
            let seen: u64 = group.iter().map(|index| level.members[*index].seen).sum();
            let mut node = Node::default();
            for index in &group {
                node.merge(std::mem::take(&mut level.members[*index].node));
            }
            node.nulls = node.nulls.saturating_sub(nulls_twice);
            let seen = seen.saturating_sub(twice).min(level.objects);
            let values = seen.saturating_sub(node.nulls);
            let mut doc = doc(&node, seen, level.objects, nouns);
            let scalars = node.scalars.clone();
            let data_type = data_type(node, &name).unwrap_or(Type::Json);
            doc.push_str(remark(&scalars, &data_type));
            columns.push(Column {
                field: Field {
                    aliases: (aliases != [name.as_str()]).then_some(aliases),
                    name,
                    doc,
                    data_type,
                },
                values,
                epochs: scalars.are_integers(),
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
    numbered(name, &mut 2, is_used)
}

/// As [`unused`], with the numbers from `from` on, which moves forward.
fn numbered(name: String, from: &mut u64, is_used: impl Fn(&str) -> bool) -> String {
    if !is_used(&name) {
        return name;
    }
    loop {
        let numbered = format!("{name}_{from}");
        *from += 1;
        if !is_used(&numbered) {
            return numbered;
        }
    }
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

/// What a type does not say of what was seen, behind [`doc`].
pub(crate) fn remark(scalars: &Scalars, data_type: &Type) -> &'static str {
    match data_type {
        Type::Map { .. } => " Its keys are data.",
        Type::Int64 { milliseconds: false } => WHOLE_NUMBERS,
        Type::Timestamp if scalars.are_integers() => " Integers, read as epoch milliseconds.",
        _ => "",
    }
}

/// The remark on a column of integers.
pub(crate) const WHOLE_NUMBERS: &str = " Whole numbers so far.";

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

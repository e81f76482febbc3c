//! Columns for keys that a dataset file does not know, ready to be pasted into it. Values that a known column could not
//! take are in [`unread`](super::unread).

use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;

use super::compare::Seen;
use super::file;
use super::names::snake_case;
use super::observe::Node;
use super::shape;
use super::types::{self, fits};
use super::unknown::{Paste, Suggestion, UnknownKey};
use super::unread::outline;
use crate::definition::{Field, Type};

/// Columns for unknown keys; those of one name at one place are one column.
/// The keys have numbers; two that contradict each other are two columns all the same.
pub(crate) struct Proposed {
    places: Vec<Below>,
    conflicts: HashSet<(usize, usize)>,
}

struct Below {
    column: String,
    columns: Vec<Missing>,
}

struct Missing {
    name: String,
    /// The name without the number that tells it from others.
    plain: String,
    members: Vec<usize>,
    aliases: Vec<String>,
    node: Node,
    records: u64,
    doc_of: u64,
    /// Keys of the report that it stands for.
    keys: Vec<String>,
}

impl Proposed {
    /// Nothing so far; the pairs are those of keys that contradict each other, the smaller first.
    pub(crate) fn new(conflicts: HashSet<(usize, usize)>) -> Self {
        Self {
            places: Vec::new(),
            conflicts,
        }
    }

    /// Takes what was seen of a key. The suggestion of a column has its type only when all keys are taken.
    pub(crate) fn key(&mut self, index: usize, seen: Seen, records: u64) -> UnknownKey {
        let types = seen.node.kinds();
        let name = shape::name(&seen.key, seen.pointer.rfind('/') == Some(0));
        let path = |name: &str| match seen.column.as_str() {
            "" => name.to_owned(),
            column => format!("{column}.{name}"),
        };
        let same = seen.beside.iter().find(|field| {
            let mut names = field.spellings().filter_map(snake_case);
            (field.name == name || names.any(|spelling| spelling == name))
                && fits(&seen.node, &field.data_type)
        });
        let (column, suggestion) = match same {
            Some(field) if !seen.collapsed => (path(&field.name), Suggestion::SpellingOf(path(&field.name))),
            _ if seen.collapsed && seen.column.is_empty() => (path("*"), Suggestion::KeysAreData),
            _ if seen.collapsed => (path("*"), Suggestion::Column("map".to_owned())),
            _ => {
                let is_used = |name: &str| {
                    let spelt = |field: &Field| field.spellings().any(|spelling| spelling == name);
                    seen.beside.iter().any(|field| field.name == name || spelt(field))
                };
                let name = self.add(index, &seen, &name, is_used, records);
                (path(&name), Suggestion::Column(String::new()))
            }
        };
        UnknownKey {
            column,
            pointer: seen.pointer,
            records: seen.records,
            types,
            example: seen.example.unwrap_or_else(|| "null".to_owned()),
            suggestion,
        }
    }

    /// Adds a key to the column of this name that it does not contradict, or to a new one. Gives the column's name.
    fn add(
        &mut self,
        member: usize,
        seen: &Seen,
        plain: &str,
        is_used: impl Fn(&str) -> bool,
        records: u64,
    ) -> String {
        let position = self.places.iter().position(|below| below.column == seen.column);
        let position = position.unwrap_or_else(|| {
            self.places.push(Below {
                column: seen.column.clone(),
                columns: Vec::new(),
            });
            self.places.len() - 1
        });
        let conflicts = &self.conflicts;
        let contradicts = |other: &usize| conflicts.contains(&(member.min(*other), member.max(*other)));
        let columns = &mut self.places[position].columns;
        let index = columns
            .iter()
            .position(|column| column.plain == plain && !column.members.iter().any(contradicts));
        let index = index.unwrap_or_else(|| {
            let name = shape::unused(plain.to_owned(), |name| {
                is_used(name) || columns.iter().any(|column| column.name == name)
            });
            columns.push(Missing {
                name,
                plain: plain.to_owned(),
                members: Vec::new(),
                aliases: Vec::new(),
                node: Node::default(),
                records: 0,
                doc_of: records,
                keys: Vec::new(),
            });
            columns.len() - 1
        });
        let column = &mut columns[index];
        if !column.aliases.contains(&seen.key) {
            column.aliases.push(seen.key.clone());
        }
        column.node.merge(seen.node.clone());
        column.records = (column.records + seen.records).min(records);
        column.keys.push(seen.pointer.clone());
        column.members.push(member);
        column.name.clone()
    }

    /// Says in the report of which type the proposed columns are.
    pub(crate) fn name(&self, keys: &mut [UnknownKey]) {
        let mut types: HashMap<&str, String> = HashMap::new();
        for column in self.places.iter().flat_map(|below| &below.columns) {
            let data_type = outline(&column.data_type());
            types.extend(column.keys.iter().map(|key| (key.as_str(), data_type.clone())));
        }
        for key in keys {
            if let Some(data_type) = types.get(key.pointer.as_str()) {
                key.suggestion = Suggestion::Column(data_type.clone());
            }
        }
    }

    pub(crate) fn paste(self) -> Vec<Paste> {
        self.places
            .into_iter()
            .map(|below| {
                let fields: Vec<Field> = below.columns.iter().map(Missing::field).collect();
                let columns = fields.iter().filter_map(|field| {
                    RawValue::from_string(file::fields(std::slice::from_ref(field), 0)).ok()
                });
                Paste {
                    below: below.column,
                    text: file::fields(&fields, 2),
                    columns: columns.collect(),
                }
            })
            .collect()
    }
}

impl Missing {
    fn data_type(&self) -> Type {
        types::data_type(self.node.clone(), &self.name).unwrap_or(Type::Json)
    }

    fn field(&self) -> Field {
        let data_type = self.data_type();
        let mut doc = shape::doc(&self.node, self.records, self.doc_of, "records");
        doc.push_str(shape::remark(&self.node.scalars, &data_type));
        Field {
            name: self.name.clone(),
            aliases: (self.aliases != [self.name.as_str()]).then(|| self.aliases.clone()),
            doc,
            data_type,
        }
    }
}

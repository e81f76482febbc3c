//! What two definitions differ in, as far as it concerns the table: columns, types, spellings, key and event time;
//! and what holds the records of a body. Docs and the rest of endpoints are not compared.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::definition::{Definition, Field, Type};

/// The way from one definition to another. Columns are named with dots between the names; `*` stands for what a map
/// holds.
///
/// ```
/// use korelake_schema::{Definition, Diff};
///
/// let columns = |columns: &str| Definition::parse(&format!(
///     r#"{{"name": "calls", "doc": "D.", "key": "id", "columns": [{{"name": "id", "type": "utf8", "doc": "D."}}{columns}]}}"#
/// ));
/// let diff = Diff::between(&columns("")?, &columns(r#", {"name": "score", "type": "float64", "doc": "D."}"#)?);
/// assert_eq!(diff.added[0].column, "score");
/// assert!(diff.is_compatible());
/// # Ok::<(), korelake_schema::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// Columns that only the second has; of a struct that is new, only the struct.
    pub added: Vec<Named>,
    /// Columns that only the first has.
    pub removed: Vec<Named>,
    /// Columns of another type.
    pub retyped: Vec<Changed>,
    /// Columns of the same type that read other values: `unit`, `lone_value` and `nested_as_text`.
    pub readings: Vec<Changed>,
    /// Columns with other spellings, or another order of them.
    pub spellings: Vec<Respelt>,
    /// Places whose common columns stand in another order: a column with fields, or `` for the table.
    pub reordered: Vec<String>,
    /// The key, if it changed.
    pub key: Option<Changed>,
    /// The event time, if it changed; `none` stands for none.
    pub event_time: Option<Changed>,
    /// The keys of response bodies that hold the records, if these changed; `none` stands for none. The table is
    /// the same, but bodies are read otherwise.
    pub records: Option<Changed>,
}

/// A column with its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Named {
    /// The column.
    pub column: String,
    /// Its type.
    #[serde(rename = "type")]
    pub data_type: String,
}

/// Something that was one thing and is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changed {
    /// The column, or the role that it has.
    pub column: String,
    /// In the first definition.
    pub from: String,
    /// In the second definition.
    pub to: String,
}

/// A column that is spelt otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Respelt {
    /// The column.
    pub column: String,
    /// Spellings that only the second has.
    pub added: Vec<String>,
    /// Spellings that only the first has.
    pub removed: Vec<String>,
    /// Whether the spellings that both have stand in another order, or new ones before them: the strongest may be
    /// another.
    pub reordered: bool,
}

impl Diff {
    /// What changes from `one` to `other`.
    pub fn between(one: &Definition, other: &Definition) -> Self {
        let mut diff = Self::default();
        diff.fields("", one.columns(), other.columns());
        let role = |column: &str, from: Option<&str>, to: Option<&str>| {
            let text = |name: Option<&str>| name.unwrap_or("none").to_owned();
            (from != to).then(|| Changed {
                column: column.to_owned(),
                from: text(from),
                to: text(to),
            })
        };
        diff.key = role("key", Some(one.key()), Some(other.key()));
        diff.event_time = role("event_time", one.event_time(), other.event_time());
        let keys = |definition: &Definition| {
            let keys = definition.record_keys();
            (!keys.is_empty()).then(|| keys.join(", "))
        };
        diff.records = role("records", keys(one).as_deref(), keys(other).as_deref());
        diff
    }

    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether there is nothing but additions, of columns, fields and spellings behind those that were there: what
    /// reads the table, and what was sent so far, goes on as before. What is written already keeps its columns.
    pub fn is_compatible(&self) -> bool {
        let only_added = |respelt: &Respelt| respelt.removed.is_empty() && !respelt.reordered;
        self.removed.is_empty()
            && self.retyped.is_empty()
            && self.readings.is_empty()
            && self.reordered.is_empty()
            && self.key.is_none()
            && self.event_time.is_none()
            && self.records.is_none()
            && self.spellings.iter().all(only_added)
    }

    fn fields(&mut self, place: &str, one: &[Field], other: &[Field]) {
        let path = |field: &Field| match place {
            "" => field.name.clone(),
            place => format!("{place}.{}", field.name),
        };
        let named = |field: &Field| Named {
            column: path(field),
            data_type: field.data_type.to_string(),
        };
        let find = |fields: &'_ [Field], name: &str| fields.iter().position(|field| field.name == name);
        let mut positions = Vec::new();
        for field in one {
            let Some(position) = find(other, &field.name) else {
                self.removed.push(named(field));
                continue;
            };
            positions.push(position);
            let Some(now) = other.get(position) else { continue };
            self.spellings.extend(respelt(path(field), field, now));
            self.types(&path(field), &field.data_type, &now.data_type);
        }
        if !positions.is_sorted() {
            self.reordered.push(place.to_owned());
        }
        let new = other.iter().filter(|field| find(one, &field.name).is_none());
        self.added.extend(new.map(named));
    }

    fn types(&mut self, path: &str, one: &Type, other: &Type) {
        match (one, other) {
            (Type::Struct { fields: one }, Type::Struct { fields: other }) => self.fields(path, one, other),
            (Type::Map { values: one }, Type::Map { values: other }) => {
                self.types(&format!("{path}.*"), one, other)
            }
            (
                Type::List {
                    element: one,
                    lone_value: before,
                },
                Type::List {
                    element: other,
                    lone_value: now,
                },
            ) => {
                self.reading(path, "lone_value", *before, *now);
                match std::mem::discriminant(&**one) == std::mem::discriminant(&**other) {
                    true => self.types(path, one, other),
                    // Told with the list around it: the column is not what its elements are.
                    false => self.retyped.push(Changed {
                        column: path.to_owned(),
                        from: format!("list<{one}>"),
                        to: format!("list<{other}>"),
                    }),
                }
            }
            (
                Type::Utf8 {
                    nested_as_text: before,
                },
                Type::Utf8 { nested_as_text: now },
            ) => {
                self.reading(path, "nested_as_text", *before, *now);
            }
            (Type::Int64 { milliseconds: before }, Type::Int64 { milliseconds: now }) => {
                self.reading(path, "unit milliseconds", *before, *now);
            }
            (one, other) if one != other => self.retyped.push(Changed {
                column: path.to_owned(),
                from: one.to_string(),
                to: other.to_string(),
            }),
            _ => {}
        }
    }

    fn reading(&mut self, path: &str, name: &str, before: bool, now: bool) {
        let text = |on: bool| format!("{} {name}", if on { "with" } else { "without" });
        if before != now {
            self.readings.push(Changed {
                column: path.to_owned(),
                from: text(before),
                to: text(now),
            });
        }
    }
}

fn respelt(column: String, one: &Field, other: &Field) -> Option<Respelt> {
    let (before, now): (Vec<&str>, Vec<&str>) = (one.spellings().collect(), other.spellings().collect());
    if before == now {
        return None;
    }
    let all =
        |spellings: &[&str]| -> BTreeSet<String> { spellings.iter().map(|&key| key.to_owned()).collect() };
    let only = |these: &[&str], others: &[&str]| -> Vec<String> {
        let others = all(others);
        let only = these.iter().filter(|key| !others.contains(**key));
        only.map(|&key| key.to_owned()).collect()
    };
    let common = |these: &[&str], others: &[&str]| -> Vec<String> {
        let others = all(others);
        let common = these.iter().filter(|key| others.contains(**key));
        common.map(|&key| key.to_owned()).collect()
    };
    // Where an object has both, the first one counts.
    let known = all(&before);
    let last_known = now.iter().rposition(|key| known.contains(*key));
    let first_new = now.iter().position(|key| !known.contains(*key));
    let is_before = first_new.zip(last_known).is_some_and(|(new, known)| new < known);
    Some(Respelt {
        column,
        added: only(&now, &before),
        removed: only(&before, &now),
        reordered: common(&before, &now) != common(&now, &before) || is_before,
    })
}

#[cfg(test)]
mod tests;

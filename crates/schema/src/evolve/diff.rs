//! What two definitions differ in, as far as it concerns the table: columns, types, spellings, key and event time.
//! Docs and endpoints are not compared.

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
    /// Whether the spellings that both have stand in another order: the strongest may be another.
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
        diff
    }

    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether there is nothing but additions, of columns, fields and spellings: what reads the table, and what was
    /// sent so far, goes on as before.
    pub fn is_compatible(&self) -> bool {
        let only_added = |respelt: &Respelt| respelt.removed.is_empty() && !respelt.reordered;
        self.removed.is_empty()
            && self.retyped.is_empty()
            && self.readings.is_empty()
            && self.reordered.is_empty()
            && self.key.is_none()
            && self.event_time.is_none()
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
                self.types(path, one, other);
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
    Some(Respelt {
        column,
        added: only(&now, &before),
        removed: only(&before, &now),
        reordered: common(&before, &now) != common(&now, &before),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(key: &str, event_time: &str, columns: &str) -> Definition {
        let text = format!(r#"{{"name":"d","doc":"D.","key":"{key}"{event_time},"columns":[{columns}]}}"#);
        Definition::parse(&text).unwrap()
    }

    fn table(columns: &str) -> Definition {
        definition("id", "", &format!("{ID},{columns}"))
    }

    const ID: &str = r#"{"name":"id","type":"utf8","aliases":["ID","id"],"doc":"D."}"#;

    #[test]
    fn a_definition_does_not_differ_from_itself() {
        for name in Definition::builtin_names() {
            let definition = Definition::builtin(name).unwrap();
            let diff = Diff::between(&definition, &definition);
            assert!(diff.is_empty() && diff.is_compatible(), "{diff:?}");
        }
    }

    #[test]
    fn columns_are_compared_at_every_level() {
        let one = table(
            r#"{"name":"a","type":"int64","doc":"D."},{"name":"l","type":"list","doc":"D.","element":{"type":"struct",
                "fields":[{"name":"x","type":"utf8","doc":"D."},{"name":"y","type":"utf8","doc":"D."}]}},
            {"name":"m","type":"map","doc":"D.","values":{"type":"list","element":{"type":"int64"}}}"#,
        );
        let other = table(
            r#"{"name":"b","type":"int64","doc":"D."},{"name":"l","type":"list","doc":"D.","element":{"type":"struct",
                "fields":[{"name":"x","type":"timestamp","doc":"D."},{"name":"z","type":"bool","doc":"D."}]}},
            {"name":"m","type":"map","doc":"D.","values":{"type":"list","element":{"type":"utf8"}}}"#,
        );
        let diff = Diff::between(&one, &other);
        let named = |column: &str, data_type: &str| Named {
            column: column.to_owned(),
            data_type: data_type.to_owned(),
        };
        let changed = |column: &str, from: &str, to: &str| Changed {
            column: column.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
        };
        assert_eq!(diff.added, [named("l.z", "bool"), named("b", "int64")]);
        assert_eq!(diff.removed, [named("a", "int64"), named("l.y", "utf8")]);
        assert_eq!(
            diff.retyped,
            [
                changed("l.x", "utf8", "timestamp"),
                changed("m.*", "int64", "utf8")
            ]
        );
        assert!(diff.reordered.is_empty() && !diff.is_compatible());
    }

    #[test]
    fn only_additions_are_compatible() {
        let a = r#"{"name":"a","type":"int64","aliases":["A","a"],"doc":"D."}"#;
        let one = table(a);
        let to = |columns: &str| Diff::between(&one, &table(columns));
        let b = r#"{"name":"b","type":"int64","doc":"D."}"#;
        assert!(to(&format!("{b},{a}")).is_compatible());
        assert!(to(&a.replace(r#""A","#, r#""A","aa","#)).is_compatible());
        assert!(!to(&a.replace(r#""A","a""#, r#""a","A""#)).is_compatible());
        assert!(!to(&a.replace(r#""A","#, "")).is_compatible());
        assert!(!to(&a.replace("int64", "float64")).is_compatible());
        assert!(!to(&a.replace(r#""doc""#, r#""unit":"milliseconds","doc""#)).is_compatible());
        let ab = table(&format!("{a},{b}"));
        let ba = Diff::between(&ab, &table(&format!("{b},{a}")));
        assert!(!ba.is_compatible() && ba.reordered == [""]);
        let respelt = to(&a.replace(r#""A","a""#, r#""a","x""#)).spellings;
        assert_eq!(
            (&respelt[0].added, &respelt[0].removed, respelt[0].reordered),
            (&vec!["x".to_owned()], &vec!["A".to_owned()], false)
        );
    }

    #[test]
    fn another_key_or_event_time_is_no_addition() {
        let columns = format!(
            r#"{ID},{{"name":"other","type":"utf8","doc":"D."}},{{"name":"at","type":"timestamp","doc":"D."}}"#
        );
        let one = definition("id", "", &columns);
        let key = Diff::between(&one, &definition("other", "", &columns));
        assert_eq!(key.key.as_ref().map(|key| key.to.as_str()), Some("other"));
        assert!(!key.is_compatible());
        let time = Diff::between(&one, &definition("id", r#","event_time":"at""#, &columns));
        let change = time.event_time.as_ref().unwrap();
        assert_eq!((change.from.as_str(), change.to.as_str()), ("none", "at"));
        assert!(!time.is_compatible() && time.spellings.is_empty());
    }
}

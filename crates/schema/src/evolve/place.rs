//! Where a JSON Pointer of `_rescued` leads in a definition: to a key that no field has, or to a column that could not
//! read its value. Counted in [`unknown`](super::unknown).

use crate::definition::{Definition, Field, Type};

/// A pointer, with what differs from record to record replaced by `*`.
#[derive(Debug, PartialEq)]
pub(crate) struct Place<'d> {
    /// Column and fields with dots between them; `*` stands for a key of a map. Empty for the record itself.
    pub(crate) column: String,
    /// JSON Pointer with `*` for each index of a list and each key of a map.
    pub(crate) pattern: String,
    pub(crate) target: Target<'d>,
}

/// What a pointer leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Target<'d> {
    /// A key beside these fields that is a spelling of none of them. The place is that of the fields.
    Unknown(&'d [Field]),
    /// A value of a column, a field, an element or an entry.
    Value(&'d Type),
    /// A further occurrence of a key that stood in the object before.
    Repeated(&'d Type),
}

/// Follows `pointer`; gives the key as well, the last part of the pointer.
pub(crate) fn locate<'d>(definition: &'d Definition, pointer: &str) -> (Place<'d>, String) {
    let tokens: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect();
    let mut place = Place {
        column: String::new(),
        pattern: String::new(),
        target: Target::Unknown(definition.columns()),
    };
    for (position, token) in tokens.iter().enumerate() {
        match place.target {
            Target::Unknown(fields) => {
                let key = without_occurrence(token);
                match (find(fields, token), key.and_then(|key| find(fields, key))) {
                    (Some(field), _) => place.enter(field, token),
                    (None, Some(field)) => {
                        place.enter(field, key.unwrap_or(token));
                        place.target = Target::Repeated(&field.data_type);
                    }
                    (None, None) => return (place, tokens[position..].join("/")),
                }
            }
            Target::Value(data_type) | Target::Repeated(data_type) => place.descend(data_type, token),
        }
        // From a struct onwards a key is expected.
        if position + 1 < tokens.len() {
            place.open(&tokens[position + 1]);
        }
    }
    let key = tokens.last().cloned().unwrap_or_default();
    (place, key)
}

impl<'d> Place<'d> {
    fn enter(&mut self, field: &'d Field, token: &str) {
        if !self.column.is_empty() {
            self.column.push('.');
        }
        self.column.push_str(&field.name);
        self.push(token);
        self.target = Target::Value(&field.data_type);
    }

    /// Goes into a list or a map; other types have nothing to go into.
    fn descend(&mut self, data_type: &'d Type, token: &str) {
        match data_type {
            Type::List { element, .. } => {
                self.pattern.push_str("/*");
                self.target = Target::Value(element);
            }
            Type::Map { values } => {
                self.pattern.push_str("/*");
                self.column.push_str(".*");
                self.target = Target::Value(values);
            }
            _ => self.push(token),
        }
    }

    /// Expects a key where the value is a struct, or stands alone instead of in a list.
    fn open(&mut self, next: &str) {
        loop {
            match self.target {
                Target::Value(Type::Struct { fields }) | Target::Repeated(Type::Struct { fields }) => {
                    self.target = Target::Unknown(fields);
                    return;
                }
                Target::Value(Type::List {
                    element,
                    lone_value: true,
                }) if next.parse::<u64>().is_err() => {
                    self.target = Target::Value(element);
                }
                _ => return,
            }
        }
    }

    fn push(&mut self, token: &str) {
        self.pattern.push('/');
        self.pattern
            .push_str(&token.replace('~', "~0").replace('/', "~1"));
    }
}

fn find<'d>(fields: &'d [Field], key: &str) -> Option<&'d Field> {
    fields
        .iter()
        .find(|field| field.spellings().any(|spelling| spelling == key))
}

/// `a` of `a#2`, as the second occurrence of a key is told.
pub(crate) fn without_occurrence(token: &str) -> Option<&str> {
    let (key, number) = token.rsplit_once('#')?;
    let is_number = number.parse::<u64>().is_ok_and(|number| number > 1);
    is_number.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_columns_whatever_the_spelling() {
        let definition = Definition::builtin("agent_assist").unwrap();
        let shown = |pointer: &str| {
            let (place, key) = locate(&definition, pointer);
            let target = match place.target {
                Target::Unknown(fields) => format!("{} fields", fields.len()),
                Target::Value(data_type) => data_type.to_string(),
                Target::Repeated(data_type) => format!("again {data_type}"),
            };
            (place.column, place.pattern, target, key)
        };
        let expected = |column: &str, pattern: &str, target: &str, key: &str| {
            (
                column.to_owned(),
                pattern.to_owned(),
                target.to_owned(),
                key.to_owned(),
            )
        };
        assert_eq!(
            shown("/tags/3/createdAt"),
            expected("tags.created_at", "/tags/*/createdAt", "timestamp", "createdAt")
        );
        assert_eq!(shown("/tags/3/new~1key").3, "new/key");
        assert_eq!(
            shown("/tags/3/new"),
            expected("tags", "/tags/*", "5 fields", "new")
        );
        assert_eq!(shown("/new").1, "");
        assert_eq!(shown("/segmentID#x").2, "19 fields");
        assert_eq!(
            shown("/segmentID#2"),
            expected("segment_id", "/segmentID", "again utf8", "segmentID#2")
        );
        assert_eq!(
            shown("/agentActions/0/used/12/target/answer/usedTime"),
            expected(
                "agent_actions.used.target.*.used_time",
                "/agentActions/*/used/*/target/*/usedTime",
                "timestamp",
                "usedTime"
            )
        );
        assert_eq!(
            shown("/agentActions/0/used/12/target/answer/new").1,
            "/agentActions/*/used/*/target/*"
        );
    }

    #[test]
    fn a_value_that_stands_alone_is_an_element_too() {
        let definition = Definition::parse(
            r#"{"name": "d", "doc": "D.", "key": "id", "columns": [
                {"name": "id", "type": "utf8", "doc": "D."},
                {"name": "parts", "type": "list", "lone_value": true, "doc": "D.", "element": {
                    "type": "struct", "fields": [{"name": "a", "type": "int64", "doc": "D."}]}}]}"#,
        )
        .unwrap();
        let (place, _) = locate(&definition, "/parts/a");
        assert_eq!(
            (place.column.as_str(), place.pattern.as_str()),
            ("parts.a", "/parts/a")
        );
        let (place, key) = locate(&definition, "/parts/b");
        assert!(matches!(place.target, Target::Unknown(fields) if fields.len() == 1));
        assert_eq!((place.pattern.as_str(), key.as_str()), ("/parts", "b"));
        assert_eq!(locate(&definition, "/parts/0/a").0.pattern, "/parts/*/a");
    }
}

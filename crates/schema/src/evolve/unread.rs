//! Values that their column could not take, and what the column would have to become. Keys without a column are in
//! [`missing`](super::missing).

use super::compare::Seen;
use super::observe::Node;
use super::types::fits;
use super::unknown::{Unread, Why};
use crate::definition::Type;

/// Where the column takes this many values for one that it does not, the one is odd, and not the column's type.
const ODD: u64 = 10;

/// The report on values that a column did not take, where it took `read` others.
pub(crate) fn unread(seen: Seen, why: Why, read: u64) -> Unread {
    let data_type = seen.data_type.unwrap_or(Type::Json);
    let is_odd = read >= seen.node.values().saturating_mul(ODD);
    Unread {
        suggestion: (why == Why::NotReadable && !is_odd).then(|| wider(&data_type, &seen.node)),
        data_type: outline(&data_type),
        column: seen.column,
        pointer: seen.pointer,
        why,
        records: seen.records,
        types: seen.node.kinds(),
        example: seen.example.unwrap_or_else(|| "null".to_owned()),
    }
}

/// What a place has to become to take these values and those that it took before.
fn wider(data_type: &Type, node: &Node) -> String {
    let utf8 = Type::Utf8 {
        nested_as_text: false,
    };
    match data_type {
        Type::Utf8 { .. } => "\"nested_as_text\": true".to_owned(),
        Type::List {
            element,
            lone_value: false,
        } if fits(
            node,
            &Type::List {
                element: element.clone(),
                lone_value: true,
            },
        ) =>
        {
            "\"lone_value\": true".to_owned()
        }
        Type::Int64 { .. } if node.scalars.fit(&Type::Float64) && fits(node, &utf8) => "float64".to_owned(),
        Type::Int64 { milliseconds: false }
            if node.scalars.fit(&Type::Int64 { milliseconds: true }) && fits(node, &utf8) =>
        {
            "\"unit\": \"milliseconds\"".to_owned()
        }
        Type::Int64 { .. } | Type::Float64 | Type::Bool | Type::Timestamp if fits(node, &utf8) => {
            "utf8".to_owned()
        }
        _ => "json".to_owned(),
    }
}

/// A type without what it holds: the fields of a struct would fill the line.
pub(crate) fn outline(data_type: &Type) -> String {
    match data_type {
        Type::List { element, .. } => format!("list<{}>", outline(element)),
        Type::Map { values } => format!("map<utf8, {}>", outline(values)),
        Type::Struct { .. } => "struct".to_owned(),
        scalar => scalar.to_string(),
    }
}

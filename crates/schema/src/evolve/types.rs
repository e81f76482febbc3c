//! The type of a place: the narrowest that reads all values that were seen, and for objects whether their keys are
//! fields or data. The columns of objects are made in [`shape`](super::shape).

use super::level::Level;
use super::names::{is_data, is_time, joints};
use super::observe::Node;
use super::shape::columns;
use crate::definition::Type;

/// Fewer keys than this may all be fields, however seldom each of them is.
const MANY_KEYS: u64 = 8;

/// The type that reads all values of a place; `None` if there are none. `name` is that of the column.
pub(crate) fn data_type(mut node: Node, name: &str) -> Option<Type> {
    if node.opaque > 0 {
        return Some(Type::Json);
    }
    let (level, scalars) = (node.level.take(), std::mem::take(&mut node.scalars));
    if node.lists > 0 {
        // What stands alone is read as a list of one.
        let lone = Node {
            scalars,
            level,
            ..Node::default()
        };
        let lone_value = lone.values() > 0;
        let mut element = node.element.take().map_or_else(Node::default, |element| *element);
        element.merge(lone);
        return Some(Type::List {
            element: Box::new(data_type(element, name).unwrap_or(Type::Json)),
            lone_value,
        });
    }
    match level {
        Some(_) if scalars.total() > 0 => Some(Type::Json),
        Some(level) => Some(object_type(*level, name)),
        None => scalars.data_type(is_time(name)),
    }
}

fn object_type(level: Level, name: &str) -> Type {
    let keys = level.members.len() as u64;
    let without_name = level.members.iter().any(|member| member.key.is_empty());
    if level.values.is_some()
        || has_keys_of_data(&level, name)
        || (without_name && have_one_type(&level, name))
    {
        return Type::Map {
            values: Box::new(map_values(level, name)),
        };
    }
    if keys == 0 || without_name {
        return Type::Json;
    }
    Type::Struct {
        fields: columns(level, "objects")
            .into_iter()
            .map(|column| column.field)
            .collect(),
    }
}

/// Whether the keys are no names of fields.
fn has_keys_of_data(level: &Level, name: &str) -> bool {
    let keys = level.members.len() as u64;
    let spellings = || level.members.iter().map(|member| member.key.as_str());
    // Each object has but few of very many keys, or one of several that stand for kinds of the same.
    let sparse = keys >= MANY_KEYS && level.entries.saturating_mul(3) <= level.objects.saturating_mul(keys);
    let one_of_several = keys >= 3 && level.entries <= level.objects;
    keys > 0
        && (spellings().all(is_data)
            || joints(spellings()).len() >= 3
            || ((sparse || one_of_several) && have_one_type(level, name)))
}

/// The type of a map's values. Where people have put in whatever they liked, it is text rather than JSON, as long as
/// most of it is no list and no object.
fn map_values(level: Level, name: &str) -> Type {
    let mixed = level.values.is_none() && !have_one_type(&level, name);
    let values = level.into_values();
    let nested = values.values() - values.scalars.total();
    match data_type(values.clone(), name) {
        _ if mixed && nested > 0 && nested < values.scalars.total() => Type::Utf8 { nested_as_text: true },
        data_type => data_type.unwrap_or(Type::Json),
    }
}

/// Whether the values under all keys are of one kind, integers and other numbers being the same. What lists and
/// objects hold is not looked into.
fn have_one_type(level: &Level, name: &str) -> bool {
    let mut kinds = level.members.iter().filter_map(|member| kind(&member.node, name));
    let first = kinds.next();
    first.is_some_and(|first| first != Kind::Mixed && kinds.all(|kind| kind == first))
}

#[derive(PartialEq)]
enum Kind {
    List,
    Object,
    Scalar(std::mem::Discriminant<Type>),
    Mixed,
}

fn kind(node: &Node, name: &str) -> Option<Kind> {
    let scalar = node.scalars.data_type(is_time(name));
    match (node.opaque > 0, node.lists > 0, node.level.is_some(), scalar) {
        (false, true, false, None) => Some(Kind::List),
        (false, false, true, None) => Some(Kind::Object),
        (false, false, false, scalar) => scalar.map(|scalar| match scalar {
            Type::Float64 => Kind::Scalar(std::mem::discriminant(&Type::Int64 { milliseconds: false })),
            scalar => Kind::Scalar(std::mem::discriminant(&scalar)),
        }),
        _ => Some(Kind::Mixed),
    }
}

/// Whether a column of this type reads all values of a place. What objects hold is not looked into: a struct that
/// lacks some of it is still the right one.
pub(crate) fn fits(node: &Node, data_type: &Type) -> bool {
    let scalars_only = node.lists == 0 && node.level.is_none() && node.opaque == 0;
    match data_type {
        Type::Json | Type::Utf8 { nested_as_text: true } => true,
        Type::List { element, lone_value } => {
            let lone = Node {
                scalars: node.scalars.clone(),
                level: node.level.clone(),
                ..Node::default()
            };
            node.opaque == 0
                && (lone.values() == 0 || (*lone_value && fits(&lone, element)))
                && node.element.as_ref().is_none_or(|node| fits(node, element))
        }
        Type::Struct { .. } | Type::Map { .. } => {
            node.lists == 0 && node.scalars.total() == 0 && node.opaque == 0
        }
        scalar => scalars_only && node.scalars.fit(scalar),
    }
}

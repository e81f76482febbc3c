//! How values are written as the service writes them. What is written is in the modules of the shapes, of which
//! [`title_case`](super::title_case) is the largest.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One JSON text. Keys come in the order of the structs' fields.
pub(crate) fn text<T: Serialize>(record: &T) -> String {
    // Structs with text keys cannot fail to serialise into memory.
    serde_json::to_string(record).unwrap_or_default()
}

/// `2026-05-04T08:15:30.000Z`.
pub(crate) fn iso(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A number that loses its fraction where there is none, as JavaScript writes it: `85` next to `90.62`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drift(pub(crate) f64);

impl Serialize for Drift {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

/// A lone value or a list, whichever the service chose to send.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum LoneOrList<T> {
    Lone(T),
    List(Vec<T>),
}

/// A scalar of any kind, an array or an object: values of custom fields and the like.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Field {
    Text(&'static str),
    Composed(String),
    Whole(i64),
    Fraction(f64),
    Flag(bool),
    Null,
    List(&'static [&'static str]),
    Object(Pairs<&'static str>),
}

/// An object whose keys are data, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pairs<V>(pub(crate) Vec<(&'static str, V)>);

impl<V: Serialize> Serialize for Pairs<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

//! JSON taken apart by `serde_json`, one level at a time: every value stays the text that it was sent as, keys may
//! stand twice, and numbers keep their digits. What the values mean is decided in [`naive`](super).

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A member of an object.
pub(crate) struct Member<'a> {
    /// Its key as it was sent, with the quotes.
    pub(crate) key: &'a str,
    /// Its key as text.
    pub(crate) name: String,
    /// Its key in a JSON Pointer, not yet escaped. A lone surrogate is no text: the key's own spelling stands for it.
    pub(crate) token: String,
    /// Its value as it was sent.
    pub(crate) value: &'a str,
}

impl Member<'_> {
    /// The JSON Pointer of the value (RFC 6901), where `place` is that of the object.
    pub(crate) fn pointer(&self, place: &str) -> String {
        format!("{place}/{}", self.token.replace('~', "~0").replace('/', "~1"))
    }
}

/// The members of an object, in the order sent.
pub(crate) fn members(object: &str) -> Vec<Member<'_>> {
    let Members(members) = serde_json::from_str(object).expect("an object");
    let members = members.into_iter();
    members
        .map(|(key, value)| member(key.get(), value.get()))
        .collect()
}

fn member<'a>(key: &'a str, value: &'a str) -> Member<'a> {
    let name = text(key);
    let token = match has_lone_surrogate(key) {
        true => key[1..key.len() - 1].to_owned(),
        false => name.clone(),
    };
    Member {
        key,
        name,
        token,
        value,
    }
}

/// The elements of an array.
pub(crate) fn elements(array: &str) -> Vec<&str> {
    let elements: Vec<&RawValue> = serde_json::from_str(array).expect("an array");
    elements.into_iter().map(RawValue::get).collect()
}

/// The text of a string; a lone surrogate becomes U+FFFD.
pub(crate) fn text(string: &str) -> String {
    serde_json::from_str(&without_lone_surrogates(string)).expect("a string")
}

/// Whether JSON text has an escape of half a surrogate pair.
pub(crate) fn has_lone_surrogate(json: &str) -> bool {
    without_lone_surrogates(json) != json
}

/// JSON text with U+FFFD, escaped as they were, in place of lone surrogates.
pub(crate) fn without_lone_surrogates(json: &str) -> String {
    let unit = |at: usize| match json.get(at..at + 2) {
        Some("\\u") => u16::from_str_radix(&json[at + 2..at + 6], 16).ok(),
        _ => None,
    };
    let (mut out, mut at) = (String::new(), 0);
    while let Some(found) = json[at..].find('\\') {
        out.push_str(&json[at..at + found]);
        at += found;
        let length = match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            (Some(_), _) => 6,
            (None, _) => 2,
        };
        out.push_str(&json[at..at + length]);
        at += length;
    }
    out.push_str(&json[at..]);
    out
}

struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

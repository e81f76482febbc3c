//! An input as `serde_json` sees it: whether it is JSON, and which values in it should be records. What the decoder
//! may make of that is decided in [`check`](super).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::naive::json;

/// Whether an input is JSON: values one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    Json,
    /// Values stand side by side that should have something between them, such as `1true`. `serde_json` refuses
    /// them in a stream.
    Run,
    NoJson,
}

/// What `serde_json` finds in an input.
#[derive(Debug)]
pub(crate) struct Reference<'a> {
    pub(crate) verdict: Verdict,
    /// The values at the top, and the elements of arrays there: none if it is no JSON.
    pub(crate) values: Vec<&'a str>,
    /// An object at the top may be the envelope of a response and not a record.
    pub(crate) has_envelope: bool,
}

impl<'a> Reference<'a> {
    pub(crate) fn new(input: &'a [u8], records_key: &str) -> Self {
        let mut reference = Self {
            verdict: Verdict::NoJson,
            values: Vec::new(),
            has_envelope: false,
        };
        let Ok(text) = str::from_utf8(input) else {
            return reference;
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Some(values) = values(text) else {
            return reference;
        };
        for value in values {
            match value.as_bytes()[0] {
                b'[' => reference.values.extend(json::elements(value)),
                b'{' => {
                    let members = json::members(value);
                    reference.has_envelope |= members.iter().any(|member| member.name == records_key);
                    reference.values.push(value);
                }
                _ => reference.values.push(value),
            }
        }
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        reference.verdict = match stream.all(|value| value.is_ok()) {
            true => Verdict::Json,
            false => Verdict::Run,
        };
        reference
    }
}

/// The values of a text, whatever stands between them but white space being a value too.
fn values(text: &str) -> Option<Vec<&str>> {
    let mut values = Vec::new();
    let mut rest = text.trim_start_matches(WHITE_SPACE);
    while !rest.is_empty() {
        let mut reader = serde_json::Deserializer::from_str(rest);
        let value = <&RawValue>::deserialize(&mut reader).ok()?.get();
        values.push(value);
        rest = rest[value.len()..].trim_start_matches(WHITE_SPACE);
    }
    Some(values)
}

const WHITE_SPACE: [char; 4] = [' ', '\n', '\r', '\t'];

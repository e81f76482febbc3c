//! Splits the envelope of an answer into the bytes of its records, the total and has-more. What follows from them is
//! decided in [`pages`](crate::pages()).

use std::collections::HashSet;

use bytes::Bytes;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    Error, ResponseNames, Result,
    refusal::{Refusal, html_title, looks_like_html, quote_up_to},
};

/// Keys of an envelope that are listed when the records are missing.
const LISTED_KEYS: usize = 10;

/// Characters of such a key, or of an unreadable total or has-more, that are shown.
const SHOWN_CHARACTERS: usize = 40;

/// One answer of the server, split but not decoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page {
    /// The array of records, from `[` to `]`: a part of the body, not a copy of it. It is valid JSON and UTF-8.
    pub records: Bytes,
    /// Elements of that array.
    pub count: usize,
    /// Records in the whole window, as the server claims. Agent AI claims nothing.
    pub total: Option<u64>,
    /// Whether there is more after this page, as the server claims.
    pub more: Option<bool>,
    /// Bytes of the whole body, decompressed.
    pub body_bytes: usize,
    /// A hash of each record's text, by which pages are compared after their records are gone.
    hashes: Vec<u64>,
}

impl Page {
    /// Splits a body by the names that the endpoint gives to the parts of its envelope.
    ///
    /// The records are passed over once, without building them, however deep they are nested. Keys of the envelope
    /// that have no name there are ignored, but for a filled `error` or `errors`: an answer that reports an error is
    /// not taken for a page, whatever else it holds. A total is read as a number or as its text, has-more as a
    /// boolean or as its text; null counts as absent. A key that counts and occurs twice is an error, as either
    /// choice would lose something.
    ///
    /// # Errors
    ///
    /// [`Error::NotJson`] with the place, [`Error::Html`], [`Error::ErrorBody`] with the server's message,
    /// [`Error::NotAnObject`], [`Error::MissingRecords`], [`Error::RecordsNotArray`], [`Error::DuplicateKey`],
    /// [`Error::UnreadableEnvelope`].
    pub fn parse(body: Bytes, names: &ResponseNames) -> Result<Self> {
        Self::parse_without(body, names, &[])
    }

    /// Whether every record of this page, and it has some, was on `other`, in whatever order.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.count > 0 && self.beyond(other) == 0
    }

    /// How many of its records were not on `other`.
    pub(crate) fn beyond(&self, other: &Self) -> usize {
        let known: HashSet<u64> = other.hashes.iter().copied().collect();
        self.hashes.iter().filter(|hash| !known.contains(hash)).count()
    }

    /// Whether it holds the record with this hash.
    pub(crate) fn has(&self, hash: u64) -> bool {
        self.hashes.contains(&hash)
    }

    /// The hash of its last record.
    pub(crate) fn last_hash(&self) -> Option<u64> {
        self.hashes.last().copied()
    }

    /// The page without its records: what remains when they are with the consumer.
    pub(crate) fn outline(&self) -> Self {
        Self {
            records: Bytes::new(),
            hashes: self.hashes.clone(),
            ..*self
        }
    }

    /// [`Page::parse`] for an answer that may repeat the token it was asked with.
    pub(crate) fn parse_without(body: Bytes, names: &ResponseNames, secrets: &[&str]) -> Result<Self> {
        // A byte order mark is no part of JSON, but gateways of Microsoft's making put one there.
        let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
        if looks_like_html(json) {
            return Err(Error::Html {
                title: html_title(json, secrets),
            });
        }
        let envelope = match json.trim_ascii_start().first() {
            Some(b'{') | None => scan(json, names),
            Some(first) => match serde_json::from_slice::<IgnoredAny>(json) {
                Ok(_) => {
                    return Err(Error::NotAnObject {
                        found: kind_of(*first),
                    });
                }
                Err(source) => Err(source),
            },
        };
        let envelope = envelope.map_err(|source| not_json(&body, json, source))?;
        envelope.into_page(&body, names, secrets)
    }
}

fn scan<'de>(json: &'de [u8], names: &ResponseNames) -> Result<Envelope<'de>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let envelope = deserializer.deserialize_map(EnvelopeVisitor { names })?;
    deserializer.end()?;
    Ok(envelope)
}

/// The place of a mistake as an offset in the body: serde_json gives the line and the byte in that line.
fn not_json(body: &[u8], json: &[u8], source: serde_json::Error) -> Error {
    let line = source.line();
    let cut = source.is_eof();
    let offset = if cut {
        json.len()
    } else {
        let lines = json.split_inclusive(|byte| *byte == b'\n');
        let before: usize = lines.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
        before + source.column().saturating_sub(1)
    };
    Error::NotJson {
        offset: offset + (body.len() - json.len()),
        line,
        cut,
        source,
    }
}

/// What a JSON value is, told by its first byte.
fn kind_of(first: u8) -> &'static str {
    match first {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "a text",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        _ => "a number",
    }
}

/// The parts of an envelope, still as JSON text of the body.
#[derive(Default)]
struct Envelope<'de> {
    records: Option<Records<'de>>,
    total: Option<&'de RawValue>,
    more: Option<&'de RawValue>,
    errors: Vec<&'de RawValue>,
    duplicate: Option<String>,
    keys: Vec<String>,
}

impl Envelope<'_> {
    fn into_page(self, body: &Bytes, names: &ResponseNames, secrets: &[&str]) -> Result<Page> {
        // The outcome of an answer that is both, page and error, is in doubt; a doubt is not committed.
        if let Some(errors) = self.errors.iter().find(|errors| is_filled(errors)) {
            // From the whole body first, because message and code may stand beside each other. An error without a
            // message is one all the same: what it says is quoted.
            let Refusal { message, code } = Refusal::from_json(body, secrets)
                .or_else(|| Refusal::from_json(errors.get().as_bytes(), secrets))
                .unwrap_or_else(|| Refusal {
                    message: quote_up_to(SHOWN_CHARACTERS, errors.get(), secrets),
                    code: None,
                });
            return Err(Error::ErrorBody { message, code });
        }
        let Some(records) = self.records else {
            return Err(match Refusal::from_json(body, secrets) {
                Some(Refusal { message, code }) => Error::ErrorBody { message, code },
                None => {
                    let keys = self
                        .keys
                        .iter()
                        .map(|key| quote_up_to(SHOWN_CHARACTERS, key, secrets))
                        .collect();
                    Error::MissingRecords {
                        key: names.records.clone(),
                        keys,
                    }
                }
            });
        };
        if let Some(key) = self.duplicate {
            return Err(Error::DuplicateKey { key });
        }
        let unreadable = |key: &Option<String>, value: &RawValue| {
            let found = quote_up_to(SHOWN_CHARACTERS, value.get(), secrets);
            Error::UnreadableEnvelope {
                key: key.clone().unwrap_or_default(),
                found,
            }
        };
        let total = match self.total {
            Some(value) => read_total(value.get()).ok_or_else(|| unreadable(&names.total, value))?,
            None => None,
        };
        let more = match self.more {
            Some(value) => read_more(value.get()).ok_or_else(|| unreadable(&names.more, value))?,
            None => None,
        };
        let (records, hashes) = match records {
            Records::Array { span: None, .. } => (Bytes::from_static(b"[]"), Vec::new()),
            Records::Array {
                span: Some((first, last)),
                hashes,
            } => (array_around(body, first, last), hashes),
            Records::Other(found) => {
                return Err(Error::RecordsNotArray {
                    key: names.records.clone(),
                    found,
                });
            }
        };
        Ok(Page {
            records,
            count: hashes.len(),
            total,
            more,
            body_bytes: body.len(),
            hashes,
        })
    }
}

/// Whether the value of `error` or `errors` reports one: not null, false, 0 or empty.
fn is_filled(value: &RawValue) -> bool {
    let text = value
        .get()
        .trim_matches(|char: char| char.is_ascii_whitespace() || "[]{}\"".contains(char));
    !matches!(text, "" | "null" | "false" | "0")
}

/// A total: absent (null), a whole number, or its text. `None` when it is none of these.
fn read_total(json: &str) -> Option<Option<u64>> {
    let text = unquote(json);
    let text = text.trim();
    if text == "null" {
        return Some(None);
    }
    if let Ok(total) = text.parse::<u64>() {
        return Some(Some(total));
    }
    // Some languages write a whole number with a fraction of zero.
    let (whole, fraction) = text.split_once('.')?;
    let zeros = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    whole.parse().ok().filter(|_| zeros).map(Some)
}

/// A has-more: absent (null), a boolean, or its text. `None` when it is none of these.
fn read_more(json: &str) -> Option<Option<bool>> {
    match unquote(json).trim().to_ascii_lowercase().as_str() {
        "true" => Some(Some(true)),
        "false" => Some(Some(false)),
        "null" => Some(None),
        _ => None,
    }
}

fn unquote(json: &str) -> String {
    serde_json::from_str::<String>(json).unwrap_or_else(|_| json.to_owned())
}

/// The array that `first` and `last` are the first and last elements of. Both are parts of `body`; between them and
/// the brackets there is nothing but blanks.
fn array_around(body: &Bytes, first: &str, last: &str) -> Bytes {
    let offset = |part: &str| part.as_ptr() as usize - body.as_ptr() as usize;
    let start = body[..offset(first)].iter().rposition(|byte| *byte == b'[');
    let after = offset(last) + last.len();
    let end = body[after..].iter().position(|byte| *byte == b']');
    body.slice(start.unwrap_or(0)..end.map_or(body.len(), |end| after + end + 1))
}

struct EnvelopeVisitor<'n> {
    names: &'n ResponseNames,
}

impl<'de> Visitor<'de> for EnvelopeVisitor<'_> {
    type Value = Envelope<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope<'de>, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(key) = map.next_key::<String>()? {
            let duplicate = if key == self.names.records {
                envelope
                    .records
                    .replace(map.next_value_seed(RecordsSeed)?)
                    .is_some()
            } else if Some(&key) == self.names.total.as_ref() {
                envelope.total.replace(map.next_value()?).is_some()
            } else if Some(&key) == self.names.more.as_ref() {
                envelope.more.replace(map.next_value()?).is_some()
            } else if key == "errors" || key == "error" {
                envelope.errors.push(map.next_value()?);
                false
            } else {
                map.next_value::<IgnoredAny>()?;
                false
            };
            if envelope.keys.len() < LISTED_KEYS {
                envelope.keys.push(key.clone());
            }
            if duplicate {
                envelope.duplicate = Some(key);
            }
        }
        Ok(envelope)
    }
}

/// What stands under the key of the records.
enum Records<'de> {
    /// An array: its first and last element, which tell where it is in the body, and a hash of each.
    Array {
        span: Option<(&'de str, &'de str)>,
        hashes: Vec<u64>,
    },
    /// Something else.
    Other(&'static str),
}

struct RecordsSeed;

impl<'de> DeserializeSeed<'de> for RecordsSeed {
    type Value = Records<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Records<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RecordsSeed {
    type Value = Records<'de>;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Records<'de>, A::Error> {
        let mut span = None;
        let mut hashes = Vec::new();
        while let Some(element) = elements.next_element::<&'de RawValue>()? {
            let (first, _) = span.unwrap_or((element.get(), ""));
            span = Some((first, element.get()));
            hashes.push(xxh3_64(element.get().as_bytes()));
        }
        Ok(Records::Array { span, hashes })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Records<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Records::Other("an object"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Records<'de>, E> {
        Ok(Records::Other("a text"))
    }

    fn visit_unit<E>(self) -> Result<Records<'de>, E> {
        Ok(Records::Other("null"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Records<'de>, E> {
        Ok(Records::Other("a boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Records<'de>, E> {
        Ok(Records::Other("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Records<'de>, E> {
        Ok(Records::Other("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Records<'de>, E> {
        Ok(Records::Other("a number"))
    }
}

#[cfg(test)]
impl Page {
    /// A page that claims this, without the records.
    pub(crate) fn claiming(count: usize, total: Option<u64>, more: Option<bool>) -> Self {
        Self {
            records: Bytes::new(),
            count,
            total,
            more,
            body_bytes: 0,
            hashes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;

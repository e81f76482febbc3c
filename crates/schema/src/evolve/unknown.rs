//! The report on what records hold that a dataset file does not know. It is made by [`compare`](super::compare).

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// What records hold that a definition does not know.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Unknown {
    /// Rows that were decoded.
    pub records: u64,
    /// Rows of which something was rescued.
    pub rescued: u64,
    /// Values that are no records.
    pub quarantined: u64,
    /// Rows whose key is null. All of them: most likely these are records of another dataset.
    pub without_key: u64,
    /// Keys that are a spelling of no column, the most frequent first.
    pub keys: Vec<UnknownKey>,
    /// Values that their column could not take, the most frequent first.
    pub values: Vec<Unread>,
    /// What to add to the dataset file.
    pub paste: Vec<Paste>,
    /// Rescued values at places that are not in the lists, since there were too many.
    pub more: u64,
}

/// A key that is a spelling of no column.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct UnknownKey {
    /// Where its column would be, with dots between the names.
    pub column: String,
    /// JSON Pointer with `*` for indices and keys that are data.
    pub pointer: String,
    /// Records that have it.
    pub records: u64,
    /// Kinds of JSON that were seen, with how often.
    #[serde(serialize_with = "by_kind")]
    pub types: Vec<(&'static str, u64)>,
    /// A value, cut to 60 characters.
    pub example: String,
    /// What to do about it.
    pub suggestion: Suggestion,
}

/// What to do about an unknown key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Suggestion {
    /// Add it to the spellings of this column.
    SpellingOf(String),
    /// Add a column of this type.
    Column(String),
    /// Nothing: these are more keys than columns can be made of, so the keys are data.
    KeysAreData,
}

/// Values that their column could not take.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Unread {
    /// The column, with dots between the names.
    pub column: String,
    /// JSON Pointer with `*` for indices and keys of maps.
    pub pointer: String,
    /// The type that did not take them.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Why they were rescued.
    pub why: Why,
    /// Records that have such values.
    pub records: u64,
    /// Kinds of JSON that were seen, with how often.
    #[serde(serialize_with = "by_kind")]
    pub types: Vec<(&'static str, u64)>,
    /// A value, cut to 60 characters.
    pub example: String,
    /// The change of the definition that would take them; none if it is not the definition, or if the column takes
    /// ten times as many others.
    pub suggestion: Option<String>,
}

/// Why a value of a known column was rescued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// Its type has no reading for it.
    NotReadable,
    /// Another spelling of the column, in the same object, says something else.
    Contradicted,
    /// The key stood in the object before.
    KeyAgain,
    /// It has half a surrogate pair, which text cannot hold.
    LoneSurrogate,
}

/// Columns to add at one place of a dataset file.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Paste {
    /// The column whose fields these are, with dots between the names; empty for columns of the table.
    pub below: String,
    /// The columns as they stand in the file, without the brackets of the list; spellings to add are not among them.
    #[serde(skip)]
    pub text: String,
    /// The same as JSON.
    pub columns: Vec<Box<RawValue>>,
}

fn by_kind<S: Serializer>(types: &[(&'static str, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(types.iter().copied())
}

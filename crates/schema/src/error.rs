//! What can go wrong with dataset definitions and with the bytes of records.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A dataset definition is not JSON or not of the form that `schemas/schema.json` describes.
    #[error("the dataset definition is wrong at {place}")]
    Form {
        /// Path in the file, such as `columns[3].element.fields[1].type`.
        place: String,
        /// What the JSON reader says.
        source: serde_json::Error,
    },
    /// A dataset definition has the right form but contradicts itself.
    #[error("the dataset definition is wrong at {place}: {problem}")]
    Definition {
        /// Path in the file.
        place: String,
        /// What is wrong, as a clause.
        problem: String,
    },
    /// Bytes that should hold records are not JSON.
    #[error("not valid JSON at byte {offset} (line {line}): expected {expected}")]
    NotJson {
        /// Position from the start of the input, in bytes.
        offset: u64,
        /// Line from the start of the input, counted from 1.
        line: u64,
        /// What should have stood there.
        expected: &'static str,
    },
    /// JSON that is half a record and half the envelope of a response: reading it as one would lose the other.
    #[error("neither a record nor a response body at byte {offset} (line {line}): {problem}")]
    Mixed {
        /// Position from the start of the input, in bytes.
        offset: u64,
        /// Line from the start of the input, counted from 1.
        line: u64,
        /// What contradicts each other.
        problem: &'static str,
    },
    /// The input ends inside a value.
    #[error("the JSON ends in the middle, at byte {offset} (line {line})")]
    CutShort {
        /// Length of the input in bytes.
        offset: u64,
        /// Line from the start of the input, counted from 1.
        line: u64,
    },
    /// The input is not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// Position from the start of the input, in bytes.
        offset: u64,
    },
    /// The columns do not make a record batch. A defect of this crate.
    #[error("the decoded columns do not fit together")]
    Batch {
        /// What Arrow says.
        source: arrow::error::ArrowError,
    },
}

impl Error {
    /// Whether the bytes of records are at fault, and not a definition.
    pub fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Self::NotJson { .. } | Self::Mixed { .. } | Self::CutShort { .. } | Self::NotUtf8 { .. }
        )
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Form { .. } | Self::Definition { .. } => {
                Some("`korelake schema show raw_data --json` prints a definition to start from")
            }
            Self::CutShort { .. } => Some("the body is incomplete: fetch or copy it again"),
            Self::NotJson { .. } | Self::Mixed { .. } | Self::NotUtf8 { .. } => {
                Some("a JSON response body, a JSON array of records, one record or NDJSON is expected")
            }
            Self::Batch { .. } => None,
        }
    }
}

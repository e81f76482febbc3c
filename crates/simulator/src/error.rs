//! What can be wrong with the name of a fault. The names are in [`fault`](crate::fault).

use crate::Fault;

/// Why a text names no [`Fault`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No fault is called so.
    #[error("there is no fault {name:?}; there are {}", names())]
    UnknownFault {
        /// The name that was given.
        name: String,
    },
    /// The fault means nothing without a number.
    #[error("the fault {name} needs a value: {name}={placeholder}")]
    MissingValue {
        /// The fault.
        name: &'static str,
        /// What the number counts.
        placeholder: &'static str,
    },
    /// The fault is there or not; a number means nothing to it.
    #[error("the fault {name} takes no value, and {value:?} is one")]
    UnexpectedValue {
        /// The fault.
        name: &'static str,
        /// What stood behind `=`.
        value: String,
    },
    /// Not a number, or one that the fault cannot have.
    #[error("the fault {name} takes a whole number from {least} to {most}, and {value:?} is none")]
    InvalidValue {
        /// The fault.
        name: &'static str,
        /// What stood behind `=`.
        value: String,
        /// The least value it can have.
        least: u32,
        /// The greatest.
        most: u32,
    },
}

impl Error {
    /// Whether the name itself is unknown, and not the value wrong.
    pub fn is_unknown_fault(&self) -> bool {
        matches!(self, Self::UnknownFault { .. })
    }
}

fn names() -> String {
    let names: Vec<String> = Fault::known().iter().map(ToString::to_string).collect();
    names.join(", ")
}

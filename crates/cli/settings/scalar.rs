//! Numbers and truth values, which the environment can only give as text. The layers are put together in
//! [`layers`](super::layers).

use std::num::{IntErrorKind, ParseIntError};

use figment::value::Value;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A setting of one word that the environment can only give as text.
pub(super) trait Scalar: Sized {
    /// The value, or what it should be.
    fn parse(text: &str) -> Result<Self, &'static str>;
}

impl Scalar for bool {
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "it is true or false")
    }
}

impl Scalar for u32 {
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(no_number)
    }
}

impl Scalar for u64 {
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(no_number)
    }
}

impl Scalar for usize {
    fn parse(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(no_number)
    }
}

impl<T: Scalar> Scalar for Option<T> {
    fn parse(text: &str) -> Result<Self, &'static str> {
        T::parse(text).map(Some)
    }
}

fn no_number(error: ParseIntError) -> &'static str {
    match error.kind() {
        IntErrorKind::PosOverflow => "it is a whole number, and not that large",
        _ => "it is a whole number, not negative",
    }
}

/// Reads a [`Scalar`], written as what it is or as text.
pub(super) fn scalar<'de, D: Deserializer<'de>, T: Scalar>(input: D) -> Result<T, D::Error> {
    let text = match <Value as Deserialize>::deserialize(input)? {
        Value::String(_, text) => text,
        Value::Bool(_, flag) => flag.to_string(),
        Value::Num(_, number) => match (number.to_u128(), number.to_i128()) {
            (Some(number), _) => number.to_string(),
            (None, Some(number)) => number.to_string(),
            (None, None) => String::new(),
        },
        _ => String::new(),
    };
    T::parse(&text).map_err(D::Error::custom)
}

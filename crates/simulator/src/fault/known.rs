//! How the name of a fault is read and written. The names themselves are in [`fault`](super).

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::Fault;
use crate::Error;

/// A fault as it can be asked for by name, see [`Fault::known`]. Displays as `name`, `name=value` or `name[=value]`.
#[derive(Clone, Debug)]
pub struct Known {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// One or none.
    pub(super) value: &'static [Value],
    pub(super) make: fn(Option<u32>) -> Fault,
}

/// The number of a fault.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) placeholder: &'static str,
    pub(super) default: Preset,
    pub(super) range: RangeInclusive<u32>,
}

/// What a fault does whose number is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preset {
    /// It is refused.
    Required,
    /// It has this number.
    Number(u32),
    /// It does without, and says what then.
    Without,
}

impl Known {
    /// The name, without a value.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it does, in a sentence or two.
    pub fn about(&self) -> &'static str {
        self.about.trim_ascii()
    }

    fn with(&self, given: Option<&str>) -> Result<Fault, Error> {
        let number = match (self.value.first(), given) {
            (None, None) => None,
            (None, Some(value)) => {
                return Err(Error::UnexpectedValue {
                    name: self.name,
                    value: value.to_owned(),
                });
            }
            (Some(value), None) => match value.default {
                Preset::Number(number) => Some(number),
                Preset::Without => None,
                Preset::Required => {
                    return Err(Error::MissingValue {
                        name: self.name,
                        placeholder: value.placeholder,
                    });
                }
            },
            (Some(value), Some(given)) => Some(self.number(&value.range, given)?),
        };
        Ok((self.make)(number))
    }

    fn number(&self, range: &RangeInclusive<u32>, given: &str) -> Result<u32, Error> {
        given
            .parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| Error::InvalidValue {
                name: self.name,
                value: given.to_owned(),
                least: *range.start(),
                most: *range.end(),
            })
    }
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)?;
        match self.value.first() {
            None => Ok(()),
            Some(value) if value.default == Preset::Required => write!(formatter, "={}", value.placeholder),
            Some(value) => write!(formatter, "[={}]", value.placeholder),
        }
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        Self::known()
            .iter()
            .find(|known| known.name == name)
            .ok_or_else(|| Error::UnknownFault {
                name: name.to_owned(),
            })?
            .with(value)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (name, Some(value)) => write!(formatter, "{name}={value}"),
            (name, None) => formatter.write_str(name),
        }
    }
}

/// The type of a fault's number.
pub(super) trait Number {
    /// From what was read, or preset.
    fn from_read(number: Option<u32>) -> Self;
    /// To what can be read.
    fn to_written(self) -> Option<u32>;
}

impl Number for u32 {
    /// There is always one where a number is required or preset.
    fn from_read(number: Option<u32>) -> Self {
        number.unwrap_or_default()
    }

    fn to_written(self) -> Option<u32> {
        Some(self)
    }
}

impl Number for Option<u32> {
    fn from_read(number: Option<u32>) -> Self {
        number
    }

    fn to_written(self) -> Option<u32> {
        self
    }
}

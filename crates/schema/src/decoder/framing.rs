//! Finds the records in the input: the elements of an array, of the array in a response's envelope, or values one
//! after the other. Whether an object at the top is a record or an envelope is found out while it is read as a
//! record, by [`structure`](super::structure).

use super::cursor::{Cursor, Scan, Stop};
use super::text::Text;

/// Where in the input the next record is expected. Small and `Copy`: a step that meets the end of the chunk is
/// taken back by putting the old value back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Before the first byte: a byte order mark may stand here.
    Start,
    /// Between values at the top.
    Top,
    /// In an array.
    Array { envelope: bool, expect: Expect },
    /// At the value of the envelope's member that holds the records.
    Records,
    /// In the envelope, behind a member's value.
    Envelope,
}

/// What may come next in an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    ElementOrEnd,
    CommaOrEnd,
}

/// What [`Frame::next`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// A value that should be a record; the cursor stands at it.
    Record {
        /// It is not in an array, so it may also be an envelope.
        at_top: bool,
    },
    /// The input ends between two values at the top.
    End,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl Frame {
    /// Moves the cursor to the next record. The frame is then already where it will be behind that record.
    /// `is_column` tells a record's keys: beside the records of an envelope they would be lost.
    pub(crate) fn next(
        &mut self,
        cursor: &mut Cursor<'_>,
        record_keys: &[String],
        is_column: impl Fn(Text<'_>) -> bool,
    ) -> Scan<Next> {
        loop {
            match *self {
                Self::Start => {
                    // The mark may be cut, and half a character is no text yet.
                    if cursor.is_at_end() && !cursor.is_last() {
                        return Ok(Next::End);
                    }
                    cursor.take_exact(BYTE_ORDER_MARK);
                    *self = Self::Top;
                }
                Self::Top => match cursor.peek() {
                    Err(Stop::Incomplete) => return Ok(Next::End),
                    Ok(b'[') => {
                        cursor.take();
                        *self = Self::Array {
                            envelope: false,
                            expect: Expect::ElementOrEnd,
                        };
                    }
                    Ok(_) => return Ok(Next::Record { at_top: true }),
                    Err(stop) => return Err(stop),
                },
                Self::Array { envelope, expect } => {
                    let more = match expect {
                        Expect::ElementOrEnd => cursor.peek()? != b']',
                        Expect::CommaOrEnd => cursor.comma_or(b']')?,
                    };
                    if more {
                        *self = Self::Array {
                            envelope,
                            expect: Expect::CommaOrEnd,
                        };
                        return Ok(Next::Record { at_top: false });
                    }
                    if expect == Expect::ElementOrEnd {
                        cursor.take();
                    }
                    *self = if envelope { Self::Envelope } else { Self::Top };
                }
                Self::Records => {
                    cursor.take();
                    *self = Self::Array {
                        envelope: true,
                        expect: Expect::ElementOrEnd,
                    };
                }
                Self::Envelope => {
                    if !cursor.comma_or(b'}')? {
                        *self = Self::Top;
                        continue;
                    }
                    let key = cursor.key()?;
                    if is_column(key) {
                        return Err(Stop::Mixed(
                            "a key of a record stands beside the array of records",
                        ));
                    }
                    cursor.colon()?;
                    let holds_records = record_keys.iter().any(|name| name.as_bytes() == key.raw);
                    match cursor.peek()? {
                        b'[' if holds_records => *self = Self::Records,
                        b'n' if holds_records => cursor.literal("null")?,
                        _ if holds_records => {
                            return Err(Stop::Mixed("records come twice, and once not as an array"));
                        }
                        _ => _ = cursor.skip_to_depth(usize::MAX)?,
                    }
                }
            }
        }
    }
}

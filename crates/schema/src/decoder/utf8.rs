//! Text columns: the text of strings, and the JSON text of other values as it was sent. Columns of JSON are text
//! columns that keep strings as JSON too. Which escapes text cannot hold is said in [`text`](super::text).

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::Buffer;
use arrow::error::ArrowError;

use super::column::{Column, Context};
use super::cursor::{Cursor, Scan};
use super::rescue::{Occurrence, Place};
use super::runs::Runs;
use super::text::{has_lone_surrogate, unescape, without_lone_surrogates};

/// Rows of bytes: the buffers of a string array.
#[derive(Debug, Default)]
pub(crate) struct Strings {
    pub(crate) bytes: Vec<u8>,
    rows: Runs,
}

impl Strings {
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Makes everything appended to `bytes` since the last row a row.
    #[inline]
    pub(crate) fn end_row(&mut self) {
        self.rows.push(self.bytes.len());
    }

    #[inline]
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.end_row();
    }

    pub(crate) fn append_nulls(&mut self, count: usize) {
        self.rows.append_nulls(count);
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        let end = self.rows.truncate(len);
        self.bytes.truncate(end);
    }

    pub(crate) fn get(&self, row: usize) -> Option<&[u8]> {
        self.bytes.get(self.rows.range(row)?)
    }

    pub(crate) fn finish(&mut self) -> Result<StringArray, ArrowError> {
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes.reserve(bytes.len()); // for the next batch, which will be about as large
        let (offsets, validity) = self.rows.finish()?;
        StringArray::try_new(offsets, Buffer::from_vec(bytes), validity)
    }
}

/// Which values a text column keeps as JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AsJson {
    /// Numbers and booleans. Objects and arrays are rescued.
    Scalars,
    /// Objects and arrays too.
    Nested,
    /// Strings too, with their quotes: the column holds JSON.
    Everything,
}

/// A text column.
#[derive(Debug)]
pub(crate) struct Utf8 {
    rows: Strings,
    as_json: AsJson,
}

impl Utf8 {
    pub(crate) fn new(as_json: AsJson) -> Self {
        Self {
            rows: Strings::default(),
            as_json,
        }
    }
}

impl Column for Utf8 {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        match cursor.peek()? {
            b'"' if self.as_json != AsJson::Everything => {
                let start = cursor.position;
                let text = cursor.string()?;
                if !text.escaped {
                    self.rows.push(text.raw);
                } else {
                    if unescape(text.raw, &mut self.rows.bytes) {
                        context
                            .rescue
                            .add(place, Occurrence::Nth(1), cursor.since(start))?;
                    }
                    self.rows.end_row();
                }
            }
            b'n' => {
                cursor.literal("null")?;
                self.rows.append_nulls(1);
            }
            b'{' | b'[' if self.as_json == AsJson::Scalars => {
                context.rescue_next(cursor, place)?;
                self.rows.append_nulls(1);
            }
            _ => {
                let raw = cursor.skip()?;
                push_json(raw, &mut self.rows, place, context)?;
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn append_nulls(&mut self, count: usize) {
        self.rows.append_nulls(count);
    }

    fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
    }

    fn is_null(&self, row: usize) -> bool {
        self.rows.get(row).is_none()
    }

    fn same(&self, row: usize, other: usize) -> bool {
        self.rows.get(row) == self.rows.get(other)
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(self.rows.finish()?))
    }
}

/// Appends JSON text as it was sent, except for lone surrogates, which readers refuse: then what was sent is
/// rescued as well.
fn push_json(raw: &[u8], rows: &mut Strings, place: &Place<'_>, context: &mut Context) -> Scan<()> {
    if has_lone_surrogate(raw) {
        without_lone_surrogates(raw, &mut rows.bytes);
        rows.end_row();
        return context.rescue.add(place, Occurrence::Nth(1), raw);
    }
    rows.push(raw);
    Ok(())
}

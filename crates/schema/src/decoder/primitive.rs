//! Columns of numbers and times. What a number or a text means for each is said in [`reading`](super::reading).

use std::sync::Arc;

use arrow::array::builder::NullBufferBuilder;
use arrow::array::types::{ArrowPrimitiveType, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow::array::{ArrayRef, PrimitiveArray};
use arrow::error::ArrowError;

use super::column::{Column, Context};
use super::cursor::{Cursor, Number, Scan};
use super::reading::{self, Reading, says_nothing};
use super::rescue::{Occurrence, Place};
use crate::definition::UTC;

/// How one type of number reads what is sent.
pub(crate) trait Read: Send {
    type Arrow: ArrowPrimitiveType;

    fn number(&self, number: &Number<'_>) -> Option<<Self::Arrow as ArrowPrimitiveType>::Native>;

    /// Text that is no number.
    fn text(&self, text: &[u8]) -> Option<<Self::Arrow as ArrowPrimitiveType>::Native>;

    fn array(&self, array: PrimitiveArray<Self::Arrow>) -> ArrayRef {
        Arc::new(array)
    }
}

/// 64-bit integers, also of `"<n> milliseconds"` where the column has that unit.
#[derive(Debug)]
pub(crate) struct Int64 {
    pub(crate) milliseconds: bool,
}

impl Read for Int64 {
    type Arrow = Int64Type;

    fn number(&self, number: &Number<'_>) -> Option<i64> {
        reading::integer(number)
    }

    fn text(&self, text: &[u8]) -> Option<i64> {
        reading::milliseconds(text).filter(|_| self.milliseconds)
    }
}

/// 64-bit floats.
#[derive(Debug)]
pub(crate) struct Float64;

impl Read for Float64 {
    type Arrow = Float64Type;

    fn number(&self, number: &Number<'_>) -> Option<f64> {
        reading::float(number)
    }

    fn text(&self, _: &[u8]) -> Option<f64> {
        None
    }
}

/// Microseconds since 1970, UTC.
#[derive(Debug)]
pub(crate) struct Timestamp;

impl Read for Timestamp {
    type Arrow = TimestampMicrosecondType;

    fn number(&self, number: &Number<'_>) -> Option<i64> {
        reading::epoch_milliseconds(number)
    }

    fn text(&self, text: &[u8]) -> Option<i64> {
        reading::timestamp(text)
    }

    fn array(&self, array: PrimitiveArray<Self::Arrow>) -> ArrayRef {
        Arc::new(array.with_timezone(UTC))
    }
}

/// A column of one of these.
pub(crate) struct Primitive<R: Read> {
    read: R,
    values: Vec<<R::Arrow as ArrowPrimitiveType>::Native>,
    validity: NullBufferBuilder,
}

impl<R: Read> Primitive<R> {
    pub(crate) fn new(read: R) -> Self {
        Self {
            read,
            values: Vec::new(),
            validity: NullBufferBuilder::new(0),
        }
    }

    fn get(&self, row: usize) -> Option<<R::Arrow as ArrowPrimitiveType>::Native> {
        self.values
            .get(row)
            .copied()
            .filter(|_| self.validity.is_valid(row))
    }

    fn reading(&self, text: &[u8]) -> Reading<<R::Arrow as ArrowPrimitiveType>::Native> {
        if says_nothing(text) {
            return Reading::Null;
        }
        match reading::number_in(text) {
            Some(number) => self.read.number(&number).into(),
            None => self.read.text(text).into(),
        }
    }
}

impl<R: Read> Column for Primitive<R> {
    #[inline]
    fn read(&mut self, cursor: &mut Cursor<'_>, place: &Place<'_>, context: &mut Context) -> Scan<()> {
        let start = cursor.position;
        let read = match cursor.peek()? {
            b'-' | b'0'..=b'9' => self.read.number(&cursor.number()?).into(),
            b'"' => self.reading(&cursor.string()?.decode()),
            b'n' => {
                cursor.literal("null")?;
                Reading::Null
            }
            _ => {
                cursor.skip()?;
                Reading::Unfit
            }
        };
        match read {
            Reading::Value(value) => {
                self.values.push(value);
                self.validity.append_non_null();
            }
            Reading::Null => self.append_nulls(1),
            Reading::Unfit => {
                context
                    .rescue
                    .add(place, Occurrence::Nth(1), cursor.since(start).trim_ascii_start())?;
                self.append_nulls(1);
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn append_nulls(&mut self, count: usize) {
        self.values.resize(self.values.len() + count, Default::default());
        self.validity.append_n_nulls(count);
    }

    fn truncate(&mut self, len: usize) {
        self.values.truncate(len);
        self.validity.truncate(len);
    }

    fn is_null(&self, row: usize) -> bool {
        self.get(row).is_none()
    }

    fn same(&self, row: usize, other: usize) -> bool {
        self.get(row) == self.get(other)
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        let values = std::mem::take(&mut self.values);
        self.values.reserve(values.len());
        let array = PrimitiveArray::try_new(values.into(), self.validity.finish())?;
        Ok(self.read.array(array))
    }
}

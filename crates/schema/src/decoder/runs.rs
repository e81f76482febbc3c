//! Rows that are runs of something else: the bytes of texts in [`utf8`](super::utf8), the elements of lists in
//! [`list`](super::list), the entries of maps in [`map`](super::map).

use std::ops::Range;

use arrow::array::builder::NullBufferBuilder;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::error::ArrowError;

/// Where each row ends, and whether it is null.
#[derive(Debug)]
pub(crate) struct Runs {
    offsets: Vec<i32>,
    validity: NullBufferBuilder,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            validity: NullBufferBuilder::new(0),
        }
    }
}

impl Runs {
    pub(crate) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Appends a row that goes on to `end`.
    #[inline]
    pub(crate) fn push(&mut self, end: usize) {
        // The decoder ends a batch long before 2³¹; `finish` refuses what would have wrapped.
        self.offsets.push(end as i32);
        self.validity.append_non_null();
    }

    pub(crate) fn append_nulls(&mut self, count: usize) {
        let end = self.offsets.last().copied().unwrap_or_default();
        self.offsets.resize(self.offsets.len() + count, end);
        self.validity.append_n_nulls(count);
    }

    /// Forgets all rows from `len` on. Gives the end of what is left.
    pub(crate) fn truncate(&mut self, len: usize) -> usize {
        self.offsets.truncate(len + 1);
        self.validity.truncate(len);
        self.offsets.last().map_or(0, |end| *end as usize)
    }

    /// What a row consists of, unless it is null.
    pub(crate) fn range(&self, row: usize) -> Option<Range<usize>> {
        let (start, end) = (*self.offsets.get(row)?, *self.offsets.get(row + 1)?);
        self.validity
            .is_valid(row)
            .then_some(start as usize..end as usize)
    }

    /// The rows as the buffers of an array; there are none afterwards.
    pub(crate) fn finish(&mut self) -> Result<(OffsetBuffer<i32>, Option<NullBuffer>), ArrowError> {
        let taken = std::mem::take(self);
        // The next batch will be about as large: growing step by step would copy it several times.
        self.offsets.reserve(taken.offsets.len());
        let mut validity = taken.validity;
        if !taken.offsets.is_sorted() {
            return Err(ArrowError::OffsetOverflowError(taken.offsets.len()));
        }
        Ok((OffsetBuffer::new(taken.offsets.into()), validity.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_runs_and_nulls_have_none() {
        let mut runs = Runs::default();
        runs.push(3);
        runs.append_nulls(2);
        runs.push(3);
        runs.push(4);
        assert_eq!(runs.len(), 5);
        assert_eq!(
            [0, 1, 3, 4, 5].map(|row| runs.range(row)),
            [Some(0..3), None, Some(3..3), Some(3..4), None]
        );
        assert_eq!(runs.truncate(4), 3);
        let (offsets, validity) = runs.finish().unwrap();
        assert_eq!(*offsets, [0, 3, 3, 3, 3]);
        assert_eq!(validity.unwrap().null_count(), 2);
        assert_eq!(runs.len(), 0);
    }

    #[test]
    fn offsets_that_wrapped_are_an_error_and_no_panic() {
        let mut runs = Runs::default();
        runs.push(1);
        runs.push(1 << 31);
        assert!(runs.finish().is_err());
        assert_eq!(runs.len(), 0);
    }
}

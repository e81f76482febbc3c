//! Drives a decoder as its callers do, and holds that it always gets on. What the rows should be is for the tests to
//! say.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use korelake_schema::{Counts, Decoder, Error, Progress, Quarantined};

/// All that came of one input.
pub(crate) struct Decoded {
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) quarantined: Vec<Quarantined>,
    /// Records, rescued and quarantined rows of this input alone.
    pub(crate) counts: [u64; 3],
}

impl Decoded {
    /// Decodes an input that comes in chunks, which end at `cuts` and at its end.
    ///
    /// Panics if the decoder takes more than there is, or asks for a flush or for more input in vain: each byte and
    /// each chunk is good for two calls at most.
    pub(crate) fn new(
        decoder: &mut Decoder,
        input: &[u8],
        cuts: impl IntoIterator<Item = usize>,
    ) -> Result<Self, Error> {
        let before = numbers(decoder.counts());
        let mut batches = Vec::new();
        let mut taken = 0;
        for end in cuts.into_iter().map(Some).chain([None]) {
            let mut flushed = false;
            loop {
                let progress = match end {
                    Some(end) => decoder.decode(&input[taken..end])?,
                    None => decoder.finish(&input[taken..])?,
                };
                let consumed = progress.consumed();
                taken += consumed;
                assert!(taken <= end.unwrap_or(input.len()), "took what was not there");
                if let Progress::NeedsInput { .. } = progress {
                    break;
                }
                assert!(consumed > 0 || !flushed, "full again without a byte");
                batches.extend(decoder.flush()?);
                flushed = true;
            }
        }
        assert_eq!(taken, input.len(), "left bytes behind");
        batches.extend(decoder.flush()?);
        let after = numbers(decoder.counts());
        Ok(Self {
            batches,
            quarantined: decoder.take_quarantined(),
            counts: [0, 1, 2].map(|index| after[index] - before[index]),
        })
    }

    /// All rows in one batch.
    pub(crate) fn rows(&self, decoder: &Decoder) -> RecordBatch {
        concat_batches(&decoder.schema(), &self.batches).unwrap()
    }

    /// Panics unless the other is the same but for where its batches end.
    pub(crate) fn assert_same(&self, other: &Self, decoder: &Decoder) {
        assert_eq!(self.counts, other.counts);
        assert_eq!(self.quarantined, other.quarantined);
        let (rows, others) = (self.rows(decoder), other.rows(decoder));
        for (index, field) in decoder.schema().fields().iter().enumerate() {
            let (column, other) = (rows.column(index), others.column(index));
            assert!(column == other, "column {}:\n{column:?}\n{other:?}", field.name());
        }
    }
}

fn numbers(counts: Counts) -> [u64; 3] {
    [counts.records, counts.rescued, counts.quarantined]
}

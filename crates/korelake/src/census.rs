//! Counts the records of one unit while they pass: distinct keys, doubles, the digest. Whether the counts are enough
//! is judged in [`proof`](crate::proof).

use std::collections::HashSet;

use arrow::array::types::TimestampMicrosecondType;
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, TimestampMicrosecondArray};
use arrow::compute::filter_record_batch;
use chrono::{DateTime, TimeDelta, Utc};
use korelake_fetch::Window;
use korelake_schema::Definition;
use korelake_writer::{Digest, RowHasher};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};
use crate::seen::{Identity, Seen, Standing};

/// What was counted so far. Takes some 70 bytes a record: hashes of key and row, never the record; the part at hand of
/// a window that is read in parts is counted twice.
pub(crate) struct Census {
    key: usize,
    event_time: Option<usize>,
    window: Window,
    /// Records at this time and up to a second later belong to the next unit, if that has them.
    handover: Option<DateTime<Utc>>,
    unit: Seen,
    part: Option<Seen>,
    /// Rows whose key came before with other content.
    other_contents: HashSet<u128>,
    hasher: RowHasher,
    pub(crate) digest: Digest,
    /// Rows with something in `_rescued`.
    pub(crate) rescued: u64,
    /// Records whose event time is outside the window.
    pub(crate) outside: u64,
    /// Records that came again with the same content.
    pub(crate) duplicates: u64,
    /// Keys that came again with other content: the server changed while it was read.
    pub(crate) changed: u64,
}

/// The rows of a batch after those that came before are taken out.
pub(crate) struct Taken {
    /// Rows that are new.
    pub(crate) new: RecordBatch,
    /// New rows that stand on the unit's end: the next unit's, if that has them. They are not counted yet.
    pub(crate) on_the_end: Option<RecordBatch>,
    /// Hashes of the rows whose key came before with other content.
    pub(crate) changed: Vec<u128>,
}

impl Census {
    /// Of a read of `window`, which ends with its unit if `handover`.
    pub(crate) fn new(definition: &Definition, window: Window, handover: bool) -> Self {
        let position = |name: &str| {
            definition
                .columns()
                .iter()
                .position(|column| column.name() == name)
        };
        Self {
            key: position(definition.key()).unwrap_or_default(), // a definition's key is one of its columns
            event_time: definition.event_time().and_then(position),
            window,
            handover: handover.then_some(window.end()),
            unit: Seen::default(),
            part: None,
            other_contents: HashSet::new(),
            hasher: RowHasher::new(),
            digest: Digest::default(),
            rescued: 0,
            outside: 0,
            duplicates: 0,
            changed: 0,
        }
    }

    /// Where the key stands among the columns.
    pub(crate) fn key_column(&self) -> usize {
        self.key
    }

    /// What follows is a part of the window.
    pub(crate) fn begin_part(&mut self) {
        self.part = Some(Seen::default());
        // A part that is read again has to show whether it still contradicts itself.
        self.other_contents.clear();
    }

    /// What was seen of the part that ends here.
    pub(crate) fn end_part(&mut self) -> Seen {
        self.part.take().unwrap_or_default()
    }

    /// Distinct records and rows that are none: of the part at hand, or of the unit.
    pub(crate) fn found(&self) -> u64 {
        self.part.as_ref().unwrap_or(&self.unit).count()
    }

    /// Distinct records of the unit, rows that are none included.
    pub(crate) fn found_in_unit(&self) -> u64 {
        self.unit.count()
    }

    /// Distinct rows of the unit that are no records.
    pub(crate) fn quarantined(&self) -> u64 {
        self.unit.no_records.len() as u64
    }

    /// Counts a row that is no record. `false` if it came before, as it does on overlapping pages.
    pub(crate) fn take_no_record(&mut self, bytes: &[u8]) -> bool {
        let hash = xxh3_128(bytes);
        if let Some(part) = &mut self.part {
            part.no_records.insert(hash);
        }
        self.unit.no_records.insert(hash)
    }

    /// By what the records of a batch are told apart.
    pub(crate) fn identities(&mut self, batch: &RecordBatch) -> Result<Vec<Identity>> {
        let rows = self.hasher.rows(batch)?;
        let key_only = batch
            .project(&[self.key])
            .map_err(|source| Error::Batch { source })?;
        let hashes = self.hasher.rows(&key_only)?;
        let keys = batch.column(self.key).as_string::<i32>();
        let identities = rows
            .into_iter()
            .zip(hashes)
            .enumerate()
            .map(|(index, (row, hash))| {
                // An empty text tells no records apart.
                let has_key = keys.is_valid(index) && !keys.value(index).is_empty();
                let key = has_key.then_some(hash);
                Identity { key, row }
            });
        Ok(identities.collect())
    }

    /// The same of the records that have an event time, with that.
    pub(crate) fn timed_identities(&mut self, batch: &RecordBatch) -> Result<Vec<(DateTime<Utc>, Identity)>> {
        let identities = self.identities(batch)?;
        let times = self.times(batch).into_iter().flatten();
        Ok(times
            .zip(identities)
            .filter_map(|(time, identity)| Some((DateTime::from_timestamp_micros(time?)?, identity)))
            .collect())
    }

    /// Counts a batch and parts its rows.
    pub(crate) fn take(&mut self, batch: &RecordBatch) -> Result<Taken> {
        let identities = self.identities(batch)?;
        let on_the_end = self.on_the_end(batch);
        let mut new = Vec::with_capacity(identities.len());
        let mut changed = Vec::new();
        for identity in &identities {
            let in_unit = self.unit.take(*identity);
            // What was in another part, or in an earlier read of this one, is no double.
            let standing = match (self.part.as_mut().map(|part| part.take(*identity)), in_unit) {
                (Some(Standing::New), Standing::Changed) | (None, Standing::Changed) => Standing::Changed,
                (Some(in_part), _) => in_part,
                (None, in_unit) => in_unit,
            };
            new.push(in_unit == Standing::New);
            match standing {
                Standing::New => {}
                Standing::Same => self.duplicates += 1,
                Standing::Changed if self.other_contents.insert(identity.row) => {
                    self.changed += 1;
                    changed.push(identity.row);
                }
                // The same other content once more.
                Standing::Changed => self.duplicates += 1,
            }
        }
        let failed = |source| Error::Batch { source };
        let handed: BooleanArray = new
            .iter()
            .zip(&on_the_end)
            .map(|(new, end)| Some(*new && *end))
            .collect();
        let kept: BooleanArray = new
            .iter()
            .zip(&on_the_end)
            .map(|(new, end)| Some(*new && !*end))
            .collect();
        let rows = identities
            .iter()
            .zip(&kept)
            .filter(|(_, kept)| *kept == Some(true));
        self.digest.extend(rows.map(|(identity, _)| identity.row));
        let new = match kept.false_count() {
            0 => batch.clone(),
            _ => filter_record_batch(batch, &kept).map_err(failed)?,
        };
        self.count(&new);
        let on_the_end = match handed.true_count() {
            0 => None, // as on nearly every page
            _ => Some(filter_record_batch(batch, &handed).map_err(failed)?),
        };
        Ok(Taken {
            new,
            on_the_end,
            changed,
        })
    }

    /// Counts rows that stood on the end and are kept after all.
    pub(crate) fn keep(&mut self, batch: &RecordBatch) -> Result<()> {
        let identities = self.identities(batch)?;
        self.digest
            .extend(identities.into_iter().map(|identity| identity.row));
        self.count(batch);
        Ok(())
    }

    /// Which rows have a time within the second after the end.
    fn on_the_end(&self, batch: &RecordBatch) -> Vec<bool> {
        let Some(end) = self.handover else {
            return vec![false; batch.num_rows()];
        };
        let second = end.timestamp_micros()..(end + TimeDelta::seconds(1)).timestamp_micros();
        match self.times(batch) {
            Some(times) => times
                .iter()
                .map(|time| time.is_some_and(|time| second.contains(&time)))
                .collect(),
            None => vec![false; batch.num_rows()],
        }
    }

    fn times<'a>(&self, batch: &'a RecordBatch) -> Option<&'a TimestampMicrosecondArray> {
        batch
            .column(self.event_time?)
            .as_primitive_opt::<TimestampMicrosecondType>()
    }

    fn count(&mut self, batch: &RecordBatch) {
        if let Some(rescued) = batch.columns().last() {
            self.rescued += (rescued.len() - rescued.null_count()) as u64;
        }
        let (start, end) = (
            self.window.start().timestamp_micros(),
            self.window.end().timestamp_micros(),
        );
        let times = self.times(batch).into_iter().flatten().flatten();
        self.outside += times.filter(|time| !(start..end).contains(time)).count() as u64;
    }
}

#[cfg(test)]
mod tests;

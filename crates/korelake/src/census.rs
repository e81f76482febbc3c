//! Counts the records of one unit while they pass: distinct keys, doubles, the digest. Whether the counts are enough
//! is judged in [`proof`](crate::proof).

use std::collections::{HashMap, HashSet};

use arrow::array::types::TimestampMicrosecondType;
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use korelake_fetch::Window;
use korelake_schema::Definition;
use korelake_writer::{Digest, RowHasher};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};

/// What was counted so far. Takes some 70 bytes a record: hashes of key and row, never the record.
pub(crate) struct Census {
    key: usize,
    event_time: Option<usize>,
    window: Window,
    keys: HashMap<u128, u128>,
    without_key: HashSet<u128>,
    no_records: HashSet<u128>,
    hasher: RowHasher,
    pub(crate) digest: Digest,
    /// Rows with something in `_rescued`.
    pub(crate) rescued: u64,
    /// Records that came again with the same content.
    pub(crate) duplicates: u64,
    /// Records whose event time is outside the window.
    pub(crate) outside: u64,
    /// Keys that came again with other content: the server changed while it was read.
    pub(crate) changed: u64,
}

/// The rows of a batch after those that came before are taken out.
pub(crate) struct Taken {
    /// Rows that are new.
    pub(crate) new: RecordBatch,
    /// Hashes of the rows whose key came before with other content.
    pub(crate) changed: Vec<u128>,
}

impl Census {
    pub(crate) fn new(definition: &Definition, window: Window) -> Self {
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
            keys: HashMap::new(),
            without_key: HashSet::new(),
            no_records: HashSet::new(),
            hasher: RowHasher::new(),
            digest: Digest::default(),
            rescued: 0,
            duplicates: 0,
            outside: 0,
            changed: 0,
        }
    }

    /// Distinct records: keys, and contents of records without key.
    pub(crate) fn distinct(&self) -> u64 {
        (self.keys.len() + self.without_key.len()) as u64
    }

    /// Distinct rows that are no records.
    pub(crate) fn quarantined(&self) -> u64 {
        self.no_records.len() as u64
    }

    /// Counts a row that is no record. `false` if it came before, as it does on overlapping pages.
    pub(crate) fn take_no_record(&mut self, bytes: &[u8]) -> bool {
        self.no_records.insert(xxh3_128(bytes))
    }

    /// Counts a batch and parts its rows.
    pub(crate) fn take(&mut self, batch: RecordBatch) -> Result<Taken> {
        let rows = self.hasher.rows(&batch)?;
        let failed = |source| Error::Batch { source };
        let key_only = batch.project(&[self.key]).map_err(failed)?;
        let hashes = self.hasher.rows(&key_only)?;
        let keys = batch.column(self.key).as_string::<i32>();
        let mut new = Vec::with_capacity(rows.len());
        let mut changed = Vec::new();
        for (index, (row, hash)) in rows.iter().copied().zip(hashes).enumerate() {
            // An empty text tells no records apart.
            let has_key = keys.is_valid(index) && !keys.value(index).is_empty();
            let seen = match has_key {
                true => self.keys.get(&hash).copied(),
                false => self.without_key.contains(&row).then_some(row),
            };
            match seen {
                None if has_key => _ = self.keys.insert(hash, row),
                None => _ = self.without_key.insert(row),
                Some(_) => {}
            }
            new.push(seen.is_none());
            match seen {
                None => self.digest.add(row),
                Some(seen) if seen == row => self.duplicates += 1,
                Some(_) => {
                    self.changed += 1;
                    changed.push(row);
                }
            }
        }
        let new = match new.iter().all(|new| *new) {
            true => batch,
            false => filter_record_batch(&batch, &BooleanArray::from(new)).map_err(failed)?,
        };
        self.count(&new);
        Ok(Taken { new, changed })
    }

    fn count(&mut self, batch: &RecordBatch) {
        if let Some(rescued) = batch.columns().last() {
            self.rescued += (rescued.len() - rescued.null_count()) as u64;
        }
        let (start, end) = (
            self.window.start().timestamp_micros(),
            self.window.end().timestamp_micros(),
        );
        let times = self.event_time.and_then(|column| {
            batch
                .column(column)
                .as_primitive_opt::<TimestampMicrosecondType>()
        });
        let outside = times
            .into_iter()
            .flatten()
            .flatten()
            .filter(|time| !(start..end).contains(time))
            .count();
        self.outside += outside as u64;
    }
}

#[cfg(test)]
mod tests {
    use korelake_schema::Decoder;

    use super::*;

    fn batch(records: &str) -> RecordBatch {
        let mut decoder = Decoder::new(&Definition::builtin("raw_data").unwrap());
        decoder.finish(records.as_bytes()).unwrap();
        decoder.flush().unwrap().unwrap()
    }

    fn census() -> Census {
        let window = Window::new(
            "2026-03-23T00:00:00Z".parse().unwrap(),
            "2026-03-24T00:00:00Z".parse().unwrap(),
        );
        Census::new(&Definition::builtin("raw_data").unwrap(), window.unwrap())
    }

    #[test]
    fn equal_records_are_one_and_changed_ones_are_told() {
        let mut census = census();
        let first = batch(r#"{"conversationId":"a","Language":"English"}{"conversationId":"b"}"#);
        assert_eq!(census.take(first).unwrap().new.num_rows(), 2);
        let again = r#"{"Conversation ID":"a","language":"English"} {"conversationId":"b","Language":"German"}
            {"conversationId":"c","brandNew":1}"#;
        let taken = census.take(batch(again)).unwrap();
        assert_eq!((taken.new.num_rows(), taken.changed.len()), (1, 1));
        assert_eq!(
            (
                census.distinct(),
                census.duplicates,
                census.changed,
                census.rescued
            ),
            (3, 1, 1, 1)
        );
        assert_eq!(census.digest.rows(), 3);
    }

    #[test]
    fn records_without_key_are_told_apart_by_content() {
        let mut census = census();
        let records = r#"{"Language":"English"}{"Language":"German"}{"Language":"English"}
            {"conversationId":"","Language":"English"}{"conversationId":"","Language":"German"}"#;
        assert_eq!(census.take(batch(records)).unwrap().new.num_rows(), 4);
        assert_eq!((census.distinct(), census.duplicates, census.changed), (4, 1, 0));
    }

    #[test]
    fn rows_that_are_no_records_are_counted_once() {
        let mut census = census();
        assert!(census.take_no_record(b"7"));
        assert!(!census.take_no_record(b"7"));
        assert!(census.take_no_record(b"8"));
        assert_eq!(census.quarantined(), 2);
    }

    #[test]
    fn records_outside_the_window_are_kept_and_counted() {
        let mut census = census();
        let records = r#"{"conversationId":"a","conversationStartTime":"2026-03-24T00:00:00Z"}
            {"conversationId":"b","conversationStartTime":"2026-03-23T00:00:00Z"}
            {"conversationId":"c","conversationStartTime":"2026-03-22T23:59:59.999Z"} {"conversationId":"d"}"#;
        assert_eq!(census.take(batch(records)).unwrap().new.num_rows(), 4);
        assert_eq!(census.outside, 2);
    }
}

//! One read of a unit: pages go into files that nobody sees yet, and everything is counted. What becomes of it is
//! decided in [`unit`](crate::unit).

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use chrono::{DateTime, Utc};
use korelake_fetch::{Page, Window};
use korelake_schema::{Decoder, Definition, Progress, RECORD_LIMIT};
use korelake_writer::{FileOptions, Lake, Proof, QuarantineWriter, RowHasher, Unit, UnitWriter};
use serde_json::value::RawValue;

use crate::census::Census;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::proof::{disagreement, is_open};

/// Rows, and bytes of JSON, that are gathered from pages before they are written: a batch a page would make the
/// choice of dictionaries poor and the columns of a row group ragged.
const GATHERED_ROWS: usize = 8192;
const GATHERED_BYTES: usize = 16 << 20;

/// What is to be read, and as what it will be committed.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub(crate) unit: &'a Unit,
    pub(crate) window: Window,
    pub(crate) generation: u64,
    pub(crate) now: DateTime<Utc>,
    /// No further read will follow: what still contradicts itself is quarantined.
    pub(crate) last_attempt: bool,
}

/// A unit as it is read: rows in files that nobody sees yet, and what was counted.
pub(crate) struct Read {
    pub(crate) rows: UnitWriter,
    pub(crate) quarantine: QuarantineWriter,
    pub(crate) census: Census,
    pub(crate) proof: Proof,
    gathered: Vec<RecordBatch>,
    gathered_bytes: usize,
    /// The page that brought nothing new, where there was one: reading ended there.
    pub(crate) repeated: Option<u64>,
}

impl Read {
    /// Nothing is created before there is a row.
    pub(crate) fn new(lake: &Lake, definition: &Definition, file: FileOptions, task: Task<'_>) -> Self {
        Self {
            rows: UnitWriter::new(lake, task.unit.clone(), definition.arrow_schema(), file),
            quarantine: QuarantineWriter::new(lake, task.unit, task.generation),
            census: Census::new(definition, task.window),
            proof: Proof::default(),
            gathered: Vec::new(),
            gathered_bytes: 0,
            repeated: None,
        }
    }

    /// Takes the records of a page.
    pub(crate) async fn page(
        &mut self,
        page: &Page,
        number: u64,
        decoder: &mut Decoder,
        task: Task<'_>,
        dataset: &Dataset,
    ) -> Result<()> {
        let failed = |source| Error::Page {
            unit: task.unit.to_string(),
            page: number,
            source,
        };
        let mut rest = &page.records[..];
        let mut changed = Vec::new();
        loop {
            let progress = decoder.finish(rest).map_err(failed)?;
            rest = &rest[progress.consumed()..];
            for row in decoder.take_quarantined() {
                if self.census.take_no_record(&row.record) {
                    self.quarantine.write(row.reason, &row.record).await?;
                }
            }
            if let Some(batch) = decoder.flush().map_err(failed)? {
                let taken = self.census.take(batch)?;
                changed.extend(taken.changed);
                self.gathered.push(taken.new);
            }
            self.gathered_bytes += progress.consumed();
            self.write_gathered(GATHERED_ROWS, GATHERED_BYTES).await?;
            if let Progress::NeedsInput { .. } = progress {
                break;
            }
        }
        if task.last_attempt && !changed.is_empty() {
            let records = serde_json::from_slice(&page.records).map_err(|source| Error::Split {
                unit: task.unit.to_string(),
                page: number,
                source,
            })?;
            for record in with_hashes(records, &changed, dataset)? {
                let reason = "its key came before with other content";
                self.quarantine.write(reason, record.get().as_bytes()).await?;
            }
        }
        Ok(())
    }

    /// Writes what was gathered if it is at least that many rows or bytes.
    async fn write_gathered(&mut self, rows: usize, bytes: usize) -> Result<()> {
        let gathered: usize = self.gathered.iter().map(RecordBatch::num_rows).sum();
        if gathered < rows && self.gathered_bytes < bytes {
            return Ok(());
        }
        self.gathered_bytes = 0;
        let batches = std::mem::take(&mut self.gathered);
        let Some(first) = batches.first() else {
            return Ok(());
        };
        let batch = concat_batches(&first.schema(), &batches).map_err(|source| Error::Batch { source })?;
        Ok(self.rows.write(&batch).await?)
    }

    /// Distinct records, and distinct rows that are none.
    pub(crate) fn found(&self) -> u64 {
        self.census.distinct() + self.census.quarantined()
    }

    /// Writes what is still gathered, and sums up.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        self.write_gathered(0, 0).await?;
        self.proof.rescued = self.census.rescued;
        self.proof.quarantined = self.census.quarantined();
        self.proof.distinct_keys = self.census.distinct();
        self.proof.rows = self.census.digest.rows();
        self.proof.duplicates = self.census.duplicates + self.census.changed;
        self.proof.outside = self.census.outside;
        Ok(())
    }

    pub(crate) fn disagreement(&self, task: Task<'_>, last_attempt: bool) -> Option<String> {
        let changed = self.census.changed;
        if changed > 0 && !last_attempt {
            return Some(format!("{changed} keys came twice with different content"));
        }
        let reached = self.proof.total_last.is_some_and(|total| self.found() >= total);
        match self.repeated {
            Some(page) if !reached => Some(format!(
                "page {page} brought no record that was not there before, and more are announced"
            )),
            _ => disagreement(&self.proof, is_open(task.unit, task.now)),
        }
    }

    /// Leaves the lake as it is. What cannot be removed now is swept with the next run.
    pub(crate) async fn give_up(self) {
        let _ = (self.rows.abort().await, self.quarantine.abort().await);
    }
}

/// The records whose rows have one of these hashes, as they were sent.
fn with_hashes<'a>(
    records: Vec<&'a RawValue>,
    hashes: &[u128],
    dataset: &Dataset,
) -> Result<Vec<&'a RawValue>> {
    // No record is larger, so that each is decoded in one go.
    let mut decoder = Decoder::new(dataset.definition()).with_batch_bytes(2 * RECORD_LIMIT);
    let mut hasher = RowHasher::new();
    let mut found = Vec::new();
    for record in records {
        // In an array, as on its page: alone it could pass for the envelope of a response.
        decoder.finish(format!("[{record}]").as_bytes())?;
        decoder.take_quarantined();
        if let Some(batch) = decoder.flush()?
            && hasher.rows(&batch)?.iter().any(|row| hashes.contains(row))
        {
            found.push(record);
        }
    }
    Ok(found)
}

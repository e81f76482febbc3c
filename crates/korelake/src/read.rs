//! One read of a unit: pages go into files that nobody sees yet, and everything is counted. What becomes of it is
//! decided in [`unit`](crate::unit).

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use chrono::{DateTime, Utc};
use korelake_fetch::{Follows, Page, Window};
use korelake_schema::{Decoder, Definition, Progress, RECORD_LIMIT};
use korelake_writer::{FileOptions, Lake, Proof, QuarantineWriter, RowHasher, Unit, UnitWriter};
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::census::Census;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::proof::{Verdict, is_open, too_few};
use crate::seen::Seen;
use crate::stretch::Stretch;

/// Rows that are written together: a batch a page would make the choice of dictionaries poor and the columns of a row
/// group ragged. Always as many, so that a file does not depend on the pages that its rows came in.
const GATHERED_ROWS: usize = 2048;

/// Bytes of JSON, after which fewer are written: records of more than 32 KB on average.
const GATHERED_BYTES: usize = 64 << 20;

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

/// Pages in a row without a new record, after which a window is read enough: the server may repeat itself for ever.
const STALE_PAGES: u32 = 3;

/// A unit as it is read: rows in files that nobody sees yet, and what was counted.
pub(crate) struct Read {
    pub(crate) rows: UnitWriter,
    pub(crate) quarantine: QuarantineWriter,
    pub(crate) census: Census,
    pub(crate) proof: Proof,
    gathered: Vec<RecordBatch>,
    gathered_bytes: usize,
    row_groups: Arc<Semaphore>,
    /// The leave to have a row group open.
    row_group: Option<OwnedSemaphorePermit>,
    /// Pages that began with the last record of the one before them.
    anchors: u64,
    /// The window at hand: the whole, or a part of it.
    stretch: Option<Stretch>,
    /// The server's total for the whole, where it is read in parts.
    in_parts: Option<Option<u64>>,
    /// Parts that came to their end, of those in the proof.
    closed: u64,
    /// A part had no end, and those behind it were not read.
    is_cut_short: bool,
    /// Parts that have to be read again.
    pub(crate) unsettled: Vec<Unsettled>,
    /// Rows that stand on the end of the unit.
    pub(crate) on_the_end: Vec<RecordBatch>,
    verdict: Verdict,
}

/// A part whose records and totals disagree.
pub(crate) struct Unsettled {
    pub(crate) window: Window,
    /// What has been written of it.
    pub(crate) seen: Seen,
    pub(crate) verdict: Verdict,
}

impl Read {
    /// Nothing is created before there is a row. Of all reads that share `row_groups`, so many have one open.
    pub(crate) fn new(
        lake: &Lake,
        definition: &Definition,
        file: FileOptions,
        row_groups: Arc<Semaphore>,
        task: Task<'_>,
    ) -> Self {
        let ends_with_unit = task.window.end() == task.unit.end();
        Self {
            rows: UnitWriter::new(lake, task.unit.clone(), definition.arrow_schema(), file),
            quarantine: QuarantineWriter::new(lake, task.unit, task.generation),
            census: Census::new(definition, task.window, ends_with_unit),
            proof: Proof::default(),
            gathered: Vec::new(),
            gathered_bytes: 0,
            row_groups,
            row_group: None,
            anchors: 0,
            stretch: None,
            in_parts: None,
            closed: 0,
            is_cut_short: false,
            unsettled: Vec::new(),
            on_the_end: Vec::new(),
            verdict: Verdict::Agrees,
        }
    }

    /// The window turned out to have more records than are read in one go.
    pub(crate) fn split(&mut self, total: Option<u64>, parts: usize) {
        // A part that is cut again adds one less than its number.
        self.proof.parts += match self.in_parts {
            None => parts as u64,
            Some(_) => (parts as u64).saturating_sub(1),
        };
        self.in_parts.get_or_insert(total);
    }

    /// Takes a page of `window`. `false` if further ones are of no use.
    pub(crate) async fn take(
        &mut self,
        window: Window,
        (page, follows): (&Page, Follows),
        decoder: &mut Decoder,
        task: Task<'_>,
        dataset: &Dataset,
    ) -> Result<bool> {
        let mut stretch = match self.stretch.take() {
            Some(stretch) if stretch.window == window => stretch,
            before => {
                self.stretch = before;
                self.close(task);
                if self.in_parts.is_some() {
                    self.census.begin_part();
                }
                Stretch::begin(window, &self.census)
            }
        };
        let before = self.census.found();
        let taken = self.page(page, stretch.next_page(), decoder, task, dataset).await;
        let found = self.census.found();
        stretch.take(page, follows, found > before);
        let stale = stretch.stale;
        let is_enough = if self.in_parts.is_some() {
            // The parts behind this one are still to come; what this one has is judged when it ends.
            self.is_cut_short = stretch.is_endless();
            self.is_cut_short
        } else {
            // Ranges that were asked for together may come twice and still leave something to the next.
            stale >= STALE_PAGES || stale > 0 && stretch.is_complete(found) || stretch.is_endless()
        };
        self.stretch = Some(stretch);
        taken.map(|()| !is_enough)
    }

    /// Ends the stretch at hand, and judges it.
    pub(crate) fn close(&mut self, task: Task<'_>) {
        let Some(stretch) = self.stretch.take() else {
            return;
        };
        self.anchors += stretch.anchors;
        let verdict = stretch.verdict(&self.census, task.last_attempt, is_open(task.unit, task.now));
        if self.in_parts.is_none() {
            (self.proof.total_first, self.proof.total_last) = (stretch.claims.first, stretch.claims.last);
            self.verdict = verdict;
            return;
        }
        let seen = self.census.end_part();
        self.closed += 1;
        if !matches!(verdict, Verdict::Agrees) {
            self.unsettled.push(Unsettled {
                window: stretch.window,
                seen,
                verdict,
            });
        }
    }

    /// Ends the stretch at hand, which is one more read of an unsettled part.
    pub(crate) fn close_part_again(&mut self, task: Task<'_>) -> (Verdict, Seen) {
        let verdict = match self.stretch.take() {
            Some(stretch) => {
                self.anchors += stretch.anchors;
                stretch.verdict(&self.census, task.last_attempt, is_open(task.unit, task.now))
            }
            None => Verdict::Agrees,
        };
        (verdict, self.census.end_part())
    }

    /// A part could not be settled: the unit has to be read again.
    pub(crate) fn disagree(&mut self, disagreement: String) {
        self.verdict = Verdict::Disagrees(disagreement);
    }

    /// What the read as a whole has come to, once all of its parts are settled.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.verdict != Verdict::Agrees || self.in_parts.is_none() {
            return self.verdict.clone();
        }
        let found = self.census.found_in_unit();
        if self.is_cut_short || self.closed != self.proof.parts {
            let (closed, parts) = (self.closed, self.proof.parts);
            return Verdict::PartsDisagree(format!("only {closed} of {parts} parts came to an end"));
        }
        match self.in_parts.flatten() {
            // While the unit is open there may be more by now, but not less.
            Some(total) if found < total => {
                Verdict::PartsDisagree(format!("{}, read in parts", too_few(total, found)))
            }
            _ => Verdict::Agrees,
        }
    }

    /// Takes the records of a page.
    async fn page(
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
                let taken = self.census.take(&batch)?;
                changed.extend(taken.changed);
                self.gathered.push(taken.new);
                self.on_the_end.extend(taken.on_the_end);
            }
            self.gathered_bytes += progress.consumed();
            self.write_gathered(false).await?;
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

    /// Writes what was gathered: full batches, and what is left of them if `all`.
    async fn write_gathered(&mut self, all: bool) -> Result<()> {
        let all = all || self.gathered_bytes >= GATHERED_BYTES;
        let mut rows: usize = self.gathered.iter().map(RecordBatch::num_rows).sum();
        while rows >= GATHERED_ROWS || all && rows > 0 {
            if self.row_group.is_none() {
                // Who has one needs nothing of those who wait; the semaphore is never closed.
                self.row_group = Arc::clone(&self.row_groups).acquire_owned().await.ok();
            }
            let batch = self.next_batch()?;
            let share = self.gathered_bytes / rows * batch.num_rows();
            self.gathered_bytes = self.gathered_bytes.saturating_sub(share);
            rows -= batch.num_rows();
            self.rows.write(&batch).await?;
        }
        Ok(())
    }

    /// Takes the rows of the next full batch, or all there are, from those that were gathered.
    fn next_batch(&mut self) -> Result<RecordBatch> {
        let mut missing = GATHERED_ROWS;
        let mut taken = Vec::new();
        for batch in std::mem::take(&mut self.gathered) {
            let rows = batch.num_rows().min(missing);
            if rows > 0 {
                taken.push(batch.slice(0, rows));
            }
            if rows < batch.num_rows() {
                self.gathered.push(batch.slice(rows, batch.num_rows() - rows));
            }
            missing -= rows;
        }
        let schema = self.rows.schema();
        concat_batches(schema, &taken).map_err(|source| Error::Batch { source })
    }

    /// Takes rows that stood on the end into the unit after all.
    pub(crate) fn keep(&mut self, batch: RecordBatch) -> Result<()> {
        self.census.keep(&batch)?;
        self.gathered.push(batch);
        Ok(())
    }

    /// Writes what is still gathered, and sums up.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        self.write_gathered(true).await?;
        if let Some(total) = self.in_parts {
            (self.proof.total_first, self.proof.total_last) = (total, total);
        }
        self.proof.rescued = self.census.rescued;
        self.proof.quarantined = self.census.quarantined();
        self.proof.distinct_keys = self.census.digest.rows();
        self.proof.rows = self.census.digest.rows();
        self.proof.duplicates = self.census.duplicates.saturating_sub(self.anchors) + self.census.changed;
        self.proof.outside = self.census.outside;
        Ok(())
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

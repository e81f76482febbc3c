//! One unit: read, proved, committed. Which units there are is decided in [`run`](crate::run), how often it is read in
//! [`attempt`](crate::attempt), and whether that is enough in [`proof`](crate::proof).

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use korelake_fetch::{Client, Endpoint, Page, PageOptions, Paging, Query, Source, Window};
use korelake_writer::{Commit, Entry, FileOptions, Lake, Ledger, Pin, PinOutcome, Unit, Written, WrittenBy};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::attempt::Attempts;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::lanes::Lanes;
use crate::proof::{state, vanished};
use crate::read::{Read, Task};
use crate::report::{Outcome, UnitReport};

/// Generations of a unit's entry that are kept.
const GENERATIONS: usize = 5;

/// Everything that the units of one table share.
pub(crate) struct Table<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) client: &'a Client,
    pub(crate) source: Source,
    pub(crate) pages: PageOptions,
    pub(crate) paging: Paging,
    pub(crate) parameters: &'a Map<String, Value>,
    pub(crate) lanes: Lanes,
    pub(crate) pin: Pin,
    pub(crate) lake: &'a Lake,
    pub(crate) ledger: Ledger,
    pub(crate) file: FileOptions,
    /// Row groups that may be open, over all tables.
    pub(crate) row_groups: Arc<Semaphore>,
    pub(crate) allow_shrink: bool,
    pub(crate) writer_id: &'a str,
    /// Nothing later than this is asked for.
    pub(crate) read_until: DateTime<Utc>,
}

impl Table<'_> {
    /// Reads, proves and commits one unit. Every failure is part of the report.
    pub(crate) async fn unit(&self, unit: &Unit, on_page: &(dyn Fn(&Page) + Sync)) -> UnitReport {
        let started = Instant::now();
        let mut report = UnitReport::new(unit);
        let result = self.try_unit(unit, &mut report.requests, on_page).await;
        report.elapsed = started.elapsed();
        match result {
            Ok((outcome, entry)) => {
                report.outcome = outcome;
                report.rows = entry.proof.rows;
                report.rescued = entry.proof.rescued;
                report.quarantined = entry.proof.quarantined;
                report.duplicates = entry.proof.duplicates;
                report.bytes = entry.files.iter().map(|file| file.bytes).sum();
            }
            Err(error) => report.outcome = Outcome::Failed(error),
        }
        report
    }

    async fn try_unit(
        &self,
        unit: &Unit,
        requests: &mut u64,
        on_page: &(dyn Fn(&Page) + Sync),
    ) -> Result<(Outcome, Entry)> {
        let now = Utc::now();
        let previous = self.ledger.latest(unit).await?;
        if let Some(entry) = &previous {
            self.check_identity(entry)?;
        }
        let task = Task {
            unit,
            window: Window::new(unit.start(), unit.end().min(self.read_until))?,
            generation: previous.as_ref().map_or(0, |entry| entry.generation) + 1,
            now,
            last_attempt: false,
        };
        let parameters = self.parameters.clone();
        let query = Query::with_parameters(self.endpoint, &self.source, task.window, parameters);
        let committed = previous.as_ref().map_or(0, Entry::rows);
        let expected = previous.as_ref().map(|entry| entry.proof.rows);
        let attempts = Attempts {
            table: self,
            task,
            query: &query,
            options: self.pages.clone().parts(self.lanes.parts(self.client, expected)),
            on_page,
        };
        let read = attempts.until_one_agrees().await;
        *requests = query.requests();
        let read = read?;
        if vanished(committed, read.proof.rows) && !self.allow_shrink {
            let (unit, found) = (unit.to_string(), read.proof.rows);
            read.give_up().await;
            return Err(Error::Vanished {
                unit,
                found,
                committed,
            });
        }
        self.lanes.learn(read.proof.rows);
        self.commit(task, previous, read, *requests).await
    }

    fn check_identity(&self, entry: &Entry) -> Result<()> {
        let pin = Pin::new(&entry.table, &entry.dataset, entry.identity.clone());
        if let Some(setting) = pin.difference(&self.pin) {
            return Err(Error::other_table(&setting, &pin, &self.pin));
        }
        let schema = self.dataset.definition().fingerprint();
        if entry.schema != schema {
            return Err(Error::OtherTable {
                table: entry.table.clone(),
                setting: "schema".to_owned(),
                existing: entry.schema.clone(),
                wanted: schema,
            });
        }
        Ok(())
    }

    /// Makes the files visible, then writes the entry.
    async fn commit(
        &self,
        task: Task<'_>,
        previous: Option<Entry>,
        read: Read,
        requests: u64,
    ) -> Result<(Outcome, Entry)> {
        let Task { unit, now, .. } = task;
        let Read {
            rows,
            quarantine,
            census,
            mut proof,
            ..
        } = read;
        proof.requests = requests;
        // Judged already: from here on it says what is in the quarantine, not what counted towards the total.
        proof.quarantined += census.changed;
        proof.read_until = Some(task.window.end());
        // Not before there is something to commit: a first run with a mistyped setting must not bind the table.
        if let PinOutcome::Differs { existing, setting } = self.lake.pin(&self.pin).await? {
            return Err(Error::other_table(&setting, &existing, &self.pin));
        }
        let quarantine = quarantine.finish().await?;
        let unchanged = match &previous {
            Some(entry) if entry.digest == census.digest && same_content(&entry.quarantine, &quarantine) => {
                self.holds(&entry.files).await?
            }
            _ => false,
        };
        let mut entry = Entry {
            format: Entry::FORMAT,
            table: unit.table().to_owned(),
            dataset: self.dataset.definition().name().to_owned(),
            unit: unit.into(),
            generation: task.generation,
            writer: WrittenBy {
                id: self.writer_id.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            identity: self.pin.identity.clone(),
            schema: self.dataset.definition().fingerprint(),
            proof,
            files: Vec::new(),
            quarantine,
            stale_parts: Vec::new(),
            digest: census.digest,
            state: state(unit, now, unchanged),
            committed_at: now,
            last_checked: now,
        };
        match &previous {
            Some(previous) if unchanged => {
                rows.abort().await?;
                if let Some(copy) = entry.quarantine.take() {
                    self.lake.remove(&copy.path).await?;
                }
                entry.quarantine = previous.quarantine.clone();
                entry.files = previous.files.clone();
                entry.committed_at = previous.committed_at;
            }
            _ => entry.files = rows.finish().await?,
        }
        entry.stale_parts = self.stale_parts(previous.as_ref(), &entry.files).await?;
        let entry = match self.ledger.commit(entry).await? {
            Commit::Written(entry) => entry,
            _ => {
                return Err(Error::Conflict {
                    unit: unit.to_string(),
                });
            }
        };
        // The unit is committed; what cannot be cleaned up now is listed in the entry, or pruned, the next time.
        for part in &entry.stale_parts {
            let _ = self.lake.remove(part).await;
        }
        let _ = self.ledger.prune(unit, GENERATIONS).await;
        Ok((
            if unchanged {
                Outcome::Unchanged
            } else {
                Outcome::Written
            },
            entry,
        ))
    }

    /// Whether the files that the ledger names are in the lake, as it names them.
    async fn holds(&self, files: &[Written]) -> Result<bool> {
        for file in files {
            if !self.lake.holds(file).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Files of the last generation, or still stale then, that are not among the new ones.
    async fn stale_parts(&self, previous: Option<&Entry>, files: &[Written]) -> Result<Vec<String>> {
        let Some(previous) = previous else {
            return Ok(Vec::new());
        };
        let old = previous
            .files
            .iter()
            .map(|file| &file.path)
            .chain(&previous.stale_parts);
        let mut stale = Vec::new();
        for path in old.filter(|path| files.iter().all(|file| file.path != **path)) {
            if self.lake.exists(path).await? {
                stale.push(path.clone());
            }
        }
        Ok(stale)
    }
}

/// Whether two quarantine files, or the lack of them, say the same.
fn same_content(one: &Option<Written>, other: &Option<Written>) -> bool {
    one.as_ref().map(|file| &file.checksum) == other.as_ref().map(|file| &file.checksum)
}

//! What a run did, as values: for tables on a terminal, and for programs.

use std::time::Duration;

use korelake_writer::Unit;

use crate::error::{Error, Kind};

/// What became of one unit.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// New rows are in the lake.
    Written,
    /// The server sent what the lake holds already: only the ledger has a new entry.
    Unchanged,
    /// The unit is as it was before the run; after [`Error::Conflict`] it is as another run left it, or as this one.
    Failed(Error),
}

/// One unit of a run.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnitReport {
    /// Table of the lake.
    pub table: String,
    /// Name of the unit, such as `2026-03-23`.
    pub unit: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Rows of the unit.
    pub rows: u64,
    /// Rows with something in `_rescued`.
    pub rescued: u64,
    /// Records that could not be a row; they are in a file of their own.
    pub quarantined: u64,
    /// Records that came more than once, beyond the first, with the same content or another.
    pub duplicates: u64,
    /// Bytes of the unit's files.
    pub bytes: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// From the first request to the commit.
    pub elapsed: Duration,
}

/// All units of a run, by job and time, whichever was done first.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The units that were tried.
    pub units: Vec<UnitReport>,
    /// Units that were left out because a failure before them would have repeated.
    pub not_tried: usize,
}

impl UnitReport {
    pub(crate) fn new(unit: &Unit) -> Self {
        Self {
            table: unit.table().to_owned(),
            unit: unit.name(),
            outcome: Outcome::Unchanged,
            rows: 0,
            rescued: 0,
            quarantined: 0,
            duplicates: 0,
            bytes: 0,
            requests: 0,
            elapsed: Duration::ZERO,
        }
    }
}

impl Report {
    /// The units that failed, with the reason.
    pub fn failures(&self) -> impl Iterator<Item = (&UnitReport, &Error)> {
        self.units.iter().filter_map(|unit| match &unit.outcome {
            Outcome::Failed(error) => Some((unit, error)),
            _ => None,
        })
    }

    /// The most severe kind of failure, where there is one: what stopped the run goes before what failed in it.
    pub fn failure(&self) -> Option<Kind> {
        let kinds: Vec<Kind> = self.failures().map(|(_, error)| error.kind()).collect();
        [Kind::Credentials, Kind::Lake, Kind::Usage, Kind::Data]
            .into_iter()
            .find(|kind| kinds.contains(kind))
    }
}

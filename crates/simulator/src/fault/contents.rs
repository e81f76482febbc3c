//! Which records of a window are there, in which order, and which of them a page repeats. Where a page begins is
//! decided in [`paging`](super::paging); the rows come from [`corpus`](crate::corpus).

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};

use super::Fault;
use crate::Shape;
use crate::corpus::Row;
use crate::generate::dice::{self, Dice};
use crate::moment::Window;
use crate::traffic::Turn;

/// The faults of what a window holds. All are pure functions of the rows; what has happened to a day so far is told
/// by the caller, who keeps it in a [`Drift`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    seed: u64,
    per_day: u32,
    overlap: usize,
    arrivals: u32,
    vanishings: u32,
    touch: bool,
    order: Order,
    boundary: bool,
    inclusive_end: bool,
    exclusive_start: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Oldest,
    Newest,
    Shuffled,
}

/// One record of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) row: Row,
    /// Whether it has another score than the first time.
    pub(crate) touched: bool,
}

impl Contents {
    pub(crate) fn new(faults: &[Fault], seed: u64, per_day: u32) -> Self {
        let mut contents = Self {
            seed,
            per_day,
            ..Self::default()
        };
        for fault in faults {
            match *fault {
                Fault::Overlap(records) => contents.overlap = records as usize,
                Fault::Arrivals(records) => contents.arrivals = records,
                Fault::Vanishings(records) => contents.vanishings = records,
                Fault::Touch => contents.touch = true,
                Fault::Reversed => contents.order = Order::Newest,
                Fault::Shuffled => contents.order = Order::Shuffled,
                Fault::Boundary => contents.boundary = true,
                Fault::InclusiveEnd => contents.inclusive_end = true,
                Fault::ExclusiveStart => contents.exclusive_start = true,
                _ => {}
            }
        }
        contents
    }

    /// Whether a request for the window gets what starts at a moment.
    pub(crate) fn admits(&self, window: Window, start: DateTime<Utc>) -> bool {
        let begun = window.from < start || (window.from == start && !self.exclusive_start);
        // By whole seconds, as a server compares that stores no fractions.
        begun && (start < window.to || (self.inclusive_end && start.trunc_subsecs(0) <= window.to))
    }

    /// Where a conversation is moved to, if it is one of those at the edges of their day.
    pub(crate) fn moved_start(&self, day: NaiveDate, index: u32) -> Option<DateTime<Utc>> {
        let midnight = day.and_time(chrono::NaiveTime::MIN).and_utc();
        match index {
            _ if !self.boundary => None,
            0 => Some(midnight),
            _ if index + 1 == self.per_day => {
                Some(midnight + TimeDelta::days(1) - TimeDelta::milliseconds(500))
            }
            _ => None,
        }
    }

    /// The rows that are there, in the order of this turn; without a turn, in the order they have unless shuffled.
    /// `rows` come sorted.
    pub(crate) fn arrange(
        &self,
        rows: Vec<Row>,
        has_drifted: impl Fn(NaiveDate) -> bool,
        turn: Option<Turn>,
    ) -> Vec<Row> {
        let (mut arranged, mut rest): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| self.arrives(row));
        arranged.retain(|row| has_drifted(row.date()));
        rest.retain(|row| !(self.vanishes(row) && has_drifted(row.date())));
        arranged.append(&mut rest);
        match (self.order, turn) {
            (Order::Newest, _) => arranged.reverse(),
            (Order::Shuffled, Some(turn)) => Dice::of(&[self.seed, turn.0]).shuffle(&mut arranged),
            _ => {}
        }
        arranged
    }

    /// What stands on the page of the rows `first .. end`.
    pub(crate) fn pieces(&self, rows: &[Row], first: usize, end: usize) -> Vec<Piece> {
        if first >= end {
            return Vec::new();
        }
        let last_days = self.last_days(rows, first);
        let mut pieces = Vec::with_capacity(end - first);
        for (position, row) in rows
            .iter()
            .enumerate()
            .take(end)
            .skip(first.saturating_sub(self.overlap))
        {
            pieces.push(Piece {
                row: *row,
                touched: false,
            });
            if let Some(row) = last_days.get(&position).filter(|_| position >= first) {
                pieces.push(Piece {
                    row: **row,
                    touched: true,
                });
            }
        }
        pieces
    }

    /// For each day that begins before `first`: the position of its last row, with its first one.
    fn last_days<'a>(&self, rows: &'a [Row], first: usize) -> HashMap<usize, &'a Row> {
        let mut ends: HashMap<NaiveDate, (usize, usize)> = HashMap::new();
        for (position, row) in rows.iter().enumerate().filter(|_| self.touch) {
            ends.entry(row.date()).or_insert((position, position)).1 = position;
        }
        ends.into_values()
            .filter(|(begin, _)| *begin < first)
            .filter_map(|(begin, last)| Some((last, rows.get(begin)?)))
            .collect()
    }

    /// So many a day, evenly spread from a place that the seed chooses.
    fn arrives(&self, row: &Row) -> bool {
        let count = self.arrivals.min(self.per_day);
        if count == 0 || row.segment > 0 {
            return false;
        }
        let per_day = u64::from(self.per_day);
        let first = dice::hash(&[self.seed, dice::number(row.day)]) % per_day;
        let distance = (u64::from(row.index) + per_day - first) % per_day;
        let stride = u64::from(self.per_day / count);
        distance.is_multiple_of(stride) && distance / stride < u64::from(count)
    }

    /// The first of each day.
    fn vanishes(&self, row: &Row) -> bool {
        row.segment == 0 && row.index < self.vanishings
    }
}

/// The days of which a later page than the first has been asked for, each API for itself.
#[derive(Debug, Default)]
pub(crate) struct Drift(Mutex<HashSet<(Shape, NaiveDate)>>);

impl Drift {
    /// Notes that a later page of a window has been asked for.
    pub(crate) fn note(&self, shape: Shape, window: Window) {
        let last = (window.to - TimeDelta::nanoseconds(1)).date_naive();
        let days = window
            .from
            .date_naive()
            .iter_days()
            .take_while(|day| *day <= last);
        self.lock().extend(days.map(|day| (shape, day)));
    }

    pub(crate) fn has(&self, shape: Shape, day: NaiveDate) -> bool {
        self.lock().contains(&(shape, day))
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(Shape, NaiveDate)>> {
        // A set that was being filled when a thread panicked is still a set.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Judges what was read of a unit: pure functions of counts and times. What is counted is in
//! [`census`](crate::census).

use chrono::{DateTime, TimeDelta, Utc};
use korelake_writer::{Unit, UnitState};

/// How long after its end a unit may still get new records.
const SETTLE: TimeDelta = TimeDelta::hours(6);

/// Fewer rows than this may vanish without question.
const VANISH_GUARD: u64 = 100;

/// What the server claims about a window, or a part of it, page by page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
    /// The first total that was another than the first.
    moved: Option<u64>,
}

impl Claims {
    /// Takes the total of the next page.
    pub(crate) fn page(&mut self, total: Option<u64>) {
        self.first = self.first.or(total);
        self.last = total.or(self.last);
        self.moved = self.moved.or(total.filter(|_| total != self.first));
    }
}

/// What one read says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The records are what the server claims.
    Agrees,
    /// They are not, and by how much.
    Disagrees(String),
    /// Nothing speaks against it but that records came twice, as they do when others are pushed onto the next page
    /// while the window is read. Right if the next read gives the same.
    Doubtful(String),
    /// The parts of the window do not add up to it.
    PartsDisagree(String),
}

impl Verdict {
    /// By how much the records and the claims disagree.
    pub(crate) fn disagreement(self) -> Option<String> {
        match self {
            Self::Agrees => None,
            Self::Disagrees(text) | Self::Doubtful(text) | Self::PartsDisagree(text) => Some(text),
        }
    }
}

/// Judges a window, or a part of it, that gave `found` distinct records, and `duplicates` that came again.
pub(crate) fn verdict(claims: &Claims, found: u64, duplicates: u64, open: bool) -> Verdict {
    match disagreement(claims, found, open) {
        Some(disagreement) => Verdict::Disagrees(disagreement),
        // A total that is exceeded tells nothing of what was left out.
        None if claims.last.is_some_and(|total| found > total) && !open => Verdict::Doubtful(format!(
            "the server says {} records and gave {found}",
            claims.last.unwrap_or_default()
        )),
        // A total that was reached and stood still says that none was left out.
        None if claims.first.is_none() && duplicates > 0 => Verdict::Doubtful(format!(
            "{duplicates} records came twice, and without a total nothing tells whether others were left out"
        )),
        None => Verdict::Agrees,
    }
}

/// By how much the server's claims and the records disagree, if they do.
///
/// More records than the total are no disagreement: totals lag behind on the servers. While a unit is open, records
/// may arrive as it is read: then anything between the first total and the last is what there was.
fn disagreement(claims: &Claims, found: u64, open: bool) -> Option<String> {
    match (claims.first, claims.last, claims.moved) {
        (Some(first), Some(last), Some(_)) if open && first <= found && found <= last => None,
        (Some(first), _, Some(moved)) => Some(format!(
            "the server's total moved from {first} to {moved} while it was read"
        )),
        (_, Some(total), None) if found < total => Some(too_few(total, found)),
        _ => None,
    }
}

/// The sentence for a total that was not reached.
pub(crate) fn too_few(total: u64, found: u64) -> String {
    let missing = total.saturating_sub(found);
    format!("the server says {total} records and gave {found}, {missing} too few")
}

/// Whether so many of the committed rows are gone that it looks like a server that lost them.
pub(crate) fn vanished(committed: u64, found: u64) -> bool {
    committed >= VANISH_GUARD && found * 2 < committed
}

/// A unit settles when it was read twice with the same result, the last time well after its end.
pub(crate) fn state(unit: &Unit, now: DateTime<Utc>, unchanged: bool) -> UnitState {
    match unchanged {
        _ if is_open(unit, now) => UnitState::Open,
        true => UnitState::Settled,
        false => UnitState::Young,
    }
}

/// Whether records may still arrive.
pub(crate) fn is_open(unit: &Unit, now: DateTime<Utc>) -> bool {
    now < unit.end() + SETTLE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(totals: &[Option<u64>], found: u64, open: bool) -> Option<String> {
        let mut claims = Claims::default();
        totals.iter().for_each(|total| claims.page(*total));
        disagreement(&claims, found, open)
    }

    #[test]
    fn a_unit_agrees_when_its_keys_reach_a_total_that_stood_still() {
        for open in [false, true] {
            assert_eq!(judged(&[Some(10), Some(10)], 10, open), None);
            assert_eq!(judged(&[Some(10), None, Some(10)], 12, open), None);
            assert_eq!(judged(&[None, None], 7, open), None);
            assert_eq!(judged(&[], 0, open), None);
            let short = judged(&[Some(10), Some(10)], 8, open).unwrap();
            assert_eq!(short, "the server says 10 records and gave 8, 2 too few");
        }
    }

    #[test]
    fn a_total_that_moved_is_only_right_while_the_unit_is_open() {
        assert_eq!(judged(&[Some(10), Some(12)], 11, true), None);
        let moved = judged(&[Some(10), Some(12)], 12, false).unwrap();
        assert!(moved.contains("moved from 10 to 12"), "{moved}");
        assert!(judged(&[Some(12), Some(10)], 11, true).is_some());
        assert!(
            judged(&[Some(10), Some(11), Some(10)], 10, false).is_some(),
            "there and back"
        );
    }

    #[test]
    fn only_most_of_many_rows_may_not_vanish() {
        assert!(vanished(100, 49) && vanished(1000, 0));
        assert!(!vanished(100, 50) && !vanished(99, 0));
    }

    #[test]
    fn a_unit_settles_when_nothing_changed_well_after_its_end() {
        let unit = Unit::parse("raw_data", "2026-03-23").unwrap();
        let at = |hours| unit.end() + TimeDelta::hours(hours);
        assert_eq!(state(&unit, at(5), true), UnitState::Open);
        assert_eq!(state(&unit, at(7), false), UnitState::Young);
        assert_eq!(state(&unit, at(7), true), UnitState::Settled);
    }
}

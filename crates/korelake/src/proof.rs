//! Judges what was read of a unit: pure functions of counts and times. What is counted is in
//! [`census`](crate::census).

use chrono::{DateTime, TimeDelta, Utc};
use korelake_writer::{Proof, Unit, UnitState};

/// How long after its end a unit may still get new records.
const SETTLE: TimeDelta = TimeDelta::hours(6);

/// Fewer rows than this may vanish without question.
const VANISH_GUARD: u64 = 100;

/// By how much the server's claims and the records disagree, if they do.
///
/// More records than the total are no disagreement: totals lag behind on the servers. While a unit is open, records
/// may arrive as it is read: then anything between the first total and the last is what there was.
pub(crate) fn disagreement(proof: &Proof, open: bool) -> Option<String> {
    let found = proof.distinct_keys + proof.quarantined;
    match (proof.total_first, proof.total_last) {
        (Some(first), Some(last)) if open && first <= found && found <= last => None,
        (Some(first), Some(last)) if first != last => Some(format!(
            "the server's total moved from {first} to {last} while it was read"
        )),
        (_, Some(total)) if found < total => Some(format!(
            "the server says {total} records and gave {found}, {} too few",
            total - found
        )),
        _ => None,
    }
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

    fn judged(totals: (Option<u64>, Option<u64>), found: u64, open: bool) -> Option<String> {
        let (total_first, total_last) = totals;
        disagreement(
            &Proof {
                total_first,
                total_last,
                distinct_keys: found,
                ..Proof::default()
            },
            open,
        )
    }

    #[test]
    fn a_unit_agrees_when_its_keys_reach_a_total_that_stood_still() {
        for open in [false, true] {
            assert_eq!(judged((Some(10), Some(10)), 10, open), None);
            assert_eq!(judged((Some(10), Some(10)), 12, open), None);
            assert_eq!(judged((None, None), 7, open), None);
            let short = judged((Some(10), Some(10)), 8, open).unwrap();
            assert_eq!(short, "the server says 10 records and gave 8, 2 too few");
        }
    }

    #[test]
    fn a_total_that_moved_is_only_right_while_the_unit_is_open() {
        assert_eq!(judged((Some(10), Some(12)), 11, true), None);
        assert!(
            judged((Some(10), Some(12)), 12, false)
                .unwrap()
                .contains("moved from 10 to 12")
        );
        assert!(judged((Some(12), Some(10)), 11, true).is_some());
    }

    #[test]
    fn quarantined_records_count_towards_the_total() {
        let proof = Proof {
            total_last: Some(3),
            distinct_keys: 2,
            quarantined: 1,
            ..Proof::default()
        };
        assert_eq!(disagreement(&proof, false), None);
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

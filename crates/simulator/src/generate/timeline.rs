//! When a conversation starts, how long it lasts, how it is cut into segments. What happens in it is in
//! [`conversation`](super::conversation).

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::conversation::{BELOW_THRESHOLD, DURATION_UNAVAILABLE};
use super::dice::Dice;
use super::world::HOURS;

/// A stretch with one agent, as agent assistance counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) id: String,
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

/// Conversations share a day's hours by weight and keep the order of their index, so that a day sorts itself.
pub(super) fn start(day: NaiveDate, index: u32, per_day: u32, dice: &mut Dice) -> DateTime<Utc> {
    const HOUR: u128 = 3_600_000;
    const FINE: u128 = 1_000_000;
    let place = u128::from(index) * FINE + dice.below(FINE as usize) as u128;
    let weights: u64 = HOURS.iter().sum();
    let mut left = place * u128::from(weights) * HOUR / (u128::from(per_day.max(1)) * FINE);
    let mut milliseconds = 0;
    for weight in HOURS.map(u128::from) {
        if left < weight * HOUR {
            milliseconds += left / weight;
            break;
        }
        left -= weight * HOUR;
        milliseconds += HOUR;
    }
    day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::milliseconds(milliseconds as i64)
}

pub(super) fn duration(status: &str, dice: &mut Dice) -> TimeDelta {
    let milliseconds = match status {
        BELOW_THRESHOLD => dice.between(1_800, 24_000),
        DURATION_UNAVAILABLE => 0,
        // Many short ones, few long ones.
        _ => dice
            .between(45_000, 400_000)
            .max(dice.between(0, 2_400_000) - dice.between(0, 1_200_000)),
    };
    TimeDelta::milliseconds(milliseconds)
}

/// Cuts the conversation into stretches; a short one is not cut.
pub(super) fn segments(start: DateTime<Utc>, end: DateTime<Utc>, dice: &mut Dice) -> Vec<Segment> {
    let count = if end - start < TimeDelta::seconds(60) {
        1
    } else {
        dice.pick(&[1, 1, 1, 2, 2, 3])
    };
    let length = (end - start) / count;
    (0..count)
        .map(|number| {
            let begins = start + length * number;
            let late = TimeDelta::milliseconds(dice.between(0, length.num_milliseconds() / 4));
            Segment {
                id: dice.id("ac-"),
                start: begins + late,
                end: begins + length,
            }
        })
        .collect()
}

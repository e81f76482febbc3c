//! Seeded chance. What is drawn with it first is in [`conversation`](super::conversation).

use chrono::{Datelike, NaiveDate};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

/// Which of the independent sequences of one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequence {
    Facts = 0,
    TitleCase = 1,
    Legacy = 2,
    ScoreReporting = 3,
    AgentAssist = 4,
}

/// The same throws for the same seed, day, index and sequence.
#[derive(Debug)]
pub(crate) struct Dice(StdRng);

impl Dice {
    pub(crate) fn new(seed: u64, day: NaiveDate, index: u32, sequence: Sequence) -> Self {
        Self::of(&[seed, number(day), index.into(), sequence as u64])
    }

    /// The same throws for the same parts.
    pub(crate) fn of(parts: &[u64]) -> Self {
        Self(StdRng::seed_from_u64(hash(parts)))
    }

    /// 0 up to, but not including, `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 {
            0
        } else {
            self.0.random_range(0..bound)
        }
    }

    /// `low` up to and including `high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        if low >= high {
            low
        } else {
            self.0.random_range(low..=high)
        }
    }

    /// Between `low` and `high`, with two decimals.
    pub(crate) fn hundredths(&mut self, low: f64, high: f64) -> f64 {
        self.between((low * 100.0) as i64, (high * 100.0) as i64) as f64 / 100.0
    }

    /// True in so many of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a table, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, table: &[T]) -> T {
        table[self.below(table.len())]
    }

    /// `count` neighbours of a table, all of it if it is shorter.
    pub(crate) fn run<'a, T>(&mut self, table: &'a [T], count: usize) -> &'a [T] {
        let count = count.min(table.len());
        let first = self.below(table.len() - count + 1);
        &table[first..first + count]
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        list.shuffle(&mut self.0);
    }

    /// `<prefix>xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        written(prefix, 8, self.0.random(), self.0.random())
    }

    /// The same with seven digits in front: ids of conversations, queues and agents are cut so in the vendor's
    /// sample bodies.
    pub(crate) fn short_id(&mut self, prefix: &str) -> String {
        written(prefix, 7, self.0.random(), self.0.random())
    }
}

/// The id of something that is there for every seed: a queue, an agent, a metric.
pub(crate) fn fixed_id(prefix: &str, digits: usize, number: usize) -> String {
    let salt = prefix.bytes().fold(0, |salt, byte| mix(salt ^ u64::from(byte)));
    let high = mix(salt ^ number as u64);
    written(prefix, digits, high, mix(high))
}

fn written(prefix: &str, digits: usize, high: u64, low: u64) -> String {
    let head = high >> (64 - 4 * digits as u32);
    let (second, third) = ((high >> 16) & 0xffff, high & 0xffff);
    let (fourth, last) = (low >> 48, low & 0xffff_ffff_ffff);
    format!("{prefix}{head:0digits$x}-{second:04x}-{third:04x}-{fourth:04x}-{last:012x}")
}

/// One number of several, the same for the same ones in the same order.
pub(crate) fn hash(parts: &[u64]) -> u64 {
    parts.iter().fold(0, |state, part| mix(state ^ part))
}

/// A day as a number.
pub(crate) fn number(day: NaiveDate) -> u64 {
    i64::from(day.num_days_from_ce()).cast_unsigned()
}

/// The finaliser of splitmix64: neighbouring numbers become unrelated ones.
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_of_the_service() {
        let id = fixed_id("qu-", 7, 3);
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [2, 7, 4, 4, 4, 12], "{id}");
        assert_ne!(fixed_id("qu-", 7, 3), fixed_id("qu-", 7, 4));
    }

    #[test]
    fn sequences_of_one_conversation_are_independent() {
        let throw = |sequence| Dice::new(1, NaiveDate::default(), 0, sequence).id("");
        assert_eq!(throw(Sequence::Facts), throw(Sequence::Facts));
        assert_ne!(throw(Sequence::Facts), throw(Sequence::Legacy));
    }
}

//! What auditors did with an evaluation. The evaluation itself is in [`metric`](super::metric).

use chrono::{DateTime, TimeDelta, Utc};

use super::dice::Dice;

/// One conversation's audit. Score, date and auditor are there once it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Audit {
    pub(crate) status: &'static str,
    pub(crate) score: Option<i64>,
    /// Without zone and `T`: `2026-03-23 12:30:00`.
    pub(crate) date: Option<String>,
    pub(crate) auditor: Option<&'static str>,
}

impl Audit {
    /// `score` is that of the evaluation; what has none is not audited.
    pub(crate) fn draw(end: DateTime<Utc>, score: Option<i64>, dice: &mut Dice) -> Self {
        let throw = dice.below(100);
        let after = TimeDelta::minutes(dice.between(90, 6 * 24 * 60));
        let differs = if dice.chance(60) { 0 } else { dice.between(-12, 12) };
        let auditor = dice.pick(&["Jane Doe", "John Doe"]);
        match (throw, score) {
            (..=14, Some(score)) => Self {
                status: "Audited",
                score: Some(if score == 0 {
                    0
                } else {
                    (score + differs).clamp(-100, 100)
                }),
                date: Some((end + after).format("%Y-%m-%d %H:%M:00").to_string()),
                auditor: Some(auditor),
            },
            (..=26, _) => Self::open("Assigned"),
            // The declared list has `Not Assigned`; bodies say this one as well.
            (..=70, _) => Self::open("Unassigned"),
            _ => Self::open("Not Assigned"),
        }
    }

    fn open(status: &'static str) -> Self {
        Self {
            status,
            score: None,
            date: None,
            auditor: None,
        }
    }
}

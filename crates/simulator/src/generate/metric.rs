//! Quality metrics and the score that follows from them. Which of them judge a conversation is the form's matter,
//! in [`world`](super::world).

use super::dice::{Dice, fixed_id};

/// What a metric is, for every conversation alike.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) weight: i64,
    pub(crate) negative_weight: i64,
    pub(crate) kind: Kind,
}

/// How a metric is judged, which decides how its judgement is justified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By messages of the conversation.
    Speech,
    /// By what the agent said against what another system holds.
    Value(&'static str),
    /// By a person later on: its qualification is `-`.
    Manual,
    /// By messages; not meeting it makes the whole score 0.
    Fatal,
}

impl Definition {
    pub(crate) const COUNT: usize = DEFINITIONS.len();

    pub(crate) fn of(number: usize) -> &'static Self {
        &DEFINITIONS[number % Self::COUNT]
    }
}

/// One metric of one conversation.
#[derive(Clone, Debug)]
pub(crate) struct Metric {
    pub(crate) number: usize,
    pub(crate) qualification: &'static str,
    pub(crate) fatal_error: bool,
}

impl Metric {
    pub(crate) fn id(&self) -> String {
        fixed_id("em-", 8, self.number)
    }

    pub(crate) fn definition(&self) -> &'static Definition {
        Definition::of(self.number)
    }

    /// Judges one metric; `met` is how many of a hundred the agent meets.
    pub(crate) fn judge(number: usize, met: usize, dice: &mut Dice) -> Self {
        let definition = Definition::of(number);
        let throw = dice.below(100);
        let excused = dice.chance(75);
        let qualification = match definition.kind {
            Kind::Manual => "-",
            // Most of what would end the whole evaluation is met, or nothing but zeros would be left.
            Kind::Fatal if throw >= met && excused => "YES",
            _ if throw < met => "YES",
            // Of what is not met, most does not apply to a good agent's conversation.
            _ if throw < met + (100 - met) * met / 120 => "NA",
            _ => "NO",
        };
        let fatal_error = definition.kind == Kind::Fatal && qualification == "NO";
        Self {
            number,
            qualification,
            fatal_error,
        }
    }
}

/// The score of a form: weights met less the negative weights of what was not, in per cent of what applied. 0 with
/// a fatal error, none where nothing applied.
pub(crate) fn score(metrics: &[Metric]) -> Option<i64> {
    let (mut reached, mut possible) = (0, 0);
    for metric in metrics {
        let definition = metric.definition();
        match metric.qualification {
            "YES" => reached += definition.weight,
            "NO" => reached -= definition.negative_weight,
            _ => continue,
        }
        possible += definition.weight;
    }
    if metrics.iter().any(|metric| metric.fatal_error) {
        Some(0)
    } else if possible == 0 {
        None
    } else {
        Some((100 * reached / possible).clamp(-100, 100))
    }
}

const fn speech(name: &'static str, weight: i64, negative_weight: i64) -> Definition {
    Definition {
        name,
        weight,
        negative_weight,
        kind: Kind::Speech,
    }
}

const fn value(name: &'static str, weight: i64, entity: &'static str) -> Definition {
    Definition {
        name,
        weight,
        negative_weight: 0,
        kind: Kind::Value(entity),
    }
}

const fn fatal(name: &'static str, weight: i64, negative_weight: i64) -> Definition {
    Definition {
        name,
        weight,
        negative_weight,
        kind: Kind::Fatal,
    }
}

const fn manual(name: &'static str) -> Definition {
    Definition {
        name,
        weight: 0,
        negative_weight: 0,
        kind: Kind::Manual,
    }
}

const DEFINITIONS: [Definition; 28] = [
    speech("Opens with the agreed greeting", 8, 0),
    speech("Says own name and team", 4, 0),
    fatal("Checks identity before account details", 12, 12),
    value("Quoted tariff  matches price list", 10, "monthly tariff"),
    speech("listens without interrupting", 5, 3),
    speech("Repeats the question in own words ", 5, 0),
    speech("Shows understanding \u{2013} empathy", 6, 4),
    speech("Avoids internal jargon", 3, 0),
    value("Delivery date as in order system", 8, "delivery date"),
    fatal("No card number is read back", 10, 15),
    speech("Hold is announced and explained", 4, 2),
    speech("Dead air under 20 seconds", 3, 3),
    speech("Offers a second solution", 5, 0),
    manual("Tone of voice - manual review"),
    speech("Sagt zu, was als Nächstes passiert", 5, 0),
    speech("Verwendet die höfliche Anrede", 4, 4),
    value("Refund amount  as in ledger", 9, "refund amount"),
    speech("Asks whether anything is open", 5, 0),
    speech("敬語の使い方", 6, 6),
    speech("Keeps to the script for outages", 4, 0),
    fatal("Consent to recording is asked for", 10, 10),
    speech("Names the ticket number", 3, 0),
    speech("Explains the fee before charging it", 7, 8),
    value("Contract end date is right", 6, "contract end"),
    speech("Closes politely", 4, 0),
    speech("Rude or dismissive wording (inverse)", 6, 20),
    manual("Soft skills \u{2014} supervisor"),
    speech("Self\u{2011}service is mentioned", 2, 0),
];

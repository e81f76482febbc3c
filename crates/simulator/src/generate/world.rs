//! The contact centre that all seeds share: queues, agents, evaluation forms, regions. What happens in it is in
//! [`conversation`](super::conversation).

use super::dice::fixed_id;
use super::metric::Definition;

/// A queue. Names have the trailing and double blanks that people type.
#[derive(Debug)]
pub(crate) struct Queue {
    number: usize,
    pub(crate) name: &'static str,
    id: String,
}

impl Queue {
    pub(crate) fn new(number: usize) -> Self {
        let number = number % QUEUES.len();
        Self {
            number,
            name: QUEUES[number],
            id: fixed_id("qu-", 7, number),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// What its conversations are judged by.
    pub(crate) fn form(&self) -> &'static Form {
        &FORMS[self.number]
    }

    /// The language that most of its customers speak.
    pub(crate) fn language(&self) -> &'static str {
        LANGUAGES[self.number]
    }
}

/// Queues in the machine, so that tables and draws agree on their number.
pub(crate) const QUEUE_COUNT: usize = QUEUES.len();

const QUEUES: [&str; 6] = [
    "Billing & Payments ",
    "Kundenservice  Süd",
    "会員サポート窓口",
    "Claims \u{2013} second line",
    "Orders and returns",
    "Technical  Helpdesk",
];

const LANGUAGES: [&str; QUEUE_COUNT] = ["English", "German", "Japanese", "English", "Spanish", "English"];

/// An evaluation form: a stretch of the metrics, and the mark to pass.
#[derive(Debug)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) pass_score: i64,
    first: usize,
    length: usize,
}

impl Form {
    /// Numbers of its metrics.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = usize> {
        (self.first..self.first + self.length).map(|number| number % Definition::COUNT)
    }
}

const FORMS: [Form; QUEUE_COUNT] = [
    Form {
        name: "Billing quality 2026",
        pass_score: 70,
        first: 0,
        length: 16,
    },
    Form {
        name: "Servicequalität Süd",
        pass_score: 65,
        first: 6,
        length: 12,
    },
    Form {
        name: "応対品質  標準",
        pass_score: 75,
        first: 11,
        length: 19,
    },
    Form {
        name: "Claims handling, v3",
        pass_score: 60,
        first: 3,
        length: 22,
    },
    Form {
        name: "Retail care",
        pass_score: 55,
        first: 17,
        length: 14,
    },
    Form {
        name: "Helpdesk short form",
        pass_score: 50,
        first: 20,
        length: 8,
    },
];

/// A person who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    number: usize,
    id: String,
}

impl Agent {
    /// So many people work there.
    pub(crate) const COUNT: usize = 36;

    pub(crate) fn new(number: usize) -> Self {
        let number = number % Self::COUNT;
        Self {
            number,
            id: fixed_id("a-", 7, number),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn first_name(&self) -> &'static str {
        match self.number {
            0 => "Jane",
            1 => "John",
            _ => "Agent",
        }
    }

    pub(crate) fn last_name(&self) -> String {
        match self.number {
            0 | 1 => "Doe".to_owned(),
            number => format!("{number:02}"),
        }
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name(), self.last_name())
    }

    pub(crate) fn email(&self) -> String {
        match self.number {
            0 => "jane@example.com".to_owned(),
            1 => "john@example.com".to_owned(),
            number => format!("agent{number:02}@example.com"),
        }
    }
}

/// Values of the custom field `Region`, which every conversation has.
pub(crate) const REGIONS: [&str; 8] = ["EMEA", "EMEA", "EMEA", "APAC", "APAC", "US", "US", "LATAM"];

/// Conversations that begin in each UTC hour, as weights: busy around the working day of EMEA and the US.
pub(crate) const HOURS: [u64; 24] = [
    8, 7, 8, 10, 12, 16, 30, 52, 74, 86, 84, 78, 74, 80, 88, 84, 76, 64, 52, 42, 32, 22, 14, 10,
];

//! The facts of one conversation, which all shapes tell alike. How they are written is in the modules of the
//! shapes, such as [`title_case`](super::title_case) and [`legacy`](super::legacy).

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

use super::audit::Audit;
use super::dice::{Dice, Sequence};
use super::json::{Field, Pairs};
use super::metric::{self, Metric};
use super::timeline::{self, Segment};
use super::world::{Agent, QUEUE_COUNT, Queue, REGIONS};
use crate::words::Vocabulary;

/// What happened, how it was judged, who looked at it.
#[derive(Debug)]
pub(crate) struct Conversation {
    seed: u64,
    day: NaiveDate,
    index: u32,
    pub(crate) id: String,
    /// Only where it was given at ingestion.
    pub(crate) custom_id: Option<String>,
    pub(crate) session_id: String,
    pub(crate) start: DateTime<Utc>,
    /// Equal to the start where the duration is not known.
    pub(crate) end: DateTime<Utc>,
    pub(crate) inbound: bool,
    pub(crate) direction_defaulted: bool,
    /// What brought it in: `rtm` is chat, the others are voice.
    pub(crate) src: &'static str,
    pub(crate) language: &'static str,
    pub(crate) duration_status: &'static str,
    pub(crate) queue: Queue,
    /// One or two, the first one answered.
    pub(crate) agents: Vec<Agent>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) score: Score,
    pub(crate) audit: Audit,
    /// −10 to 10.
    pub(crate) sentiment_score: Option<f64>,
    pub(crate) churn_risk: bool,
    pub(crate) escalation: bool,
    /// Places in the vocabulary, each at most once.
    pub(crate) subjects: Vec<usize>,
    pub(crate) custom_fields: Pairs<Field>,
    /// One to three, in the order of their starts.
    pub(crate) segments: Vec<Segment>,
}

/// The evaluation's result, with the ways in which the service says that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Score {
    Points(i64),
    /// The text `NA`: no metric applied.
    NotApplicable,
    Null,
    /// The key is missing.
    Absent,
}

impl Score {
    pub(crate) fn points(self) -> Option<i64> {
        if let Self::Points(points) = self {
            Some(points)
        } else {
            None
        }
    }
}

pub(crate) const EVALUATED: &str = "evaluated";
pub(crate) const BELOW_THRESHOLD: &str = "below_threshold";
pub(crate) const DURATION_UNAVAILABLE: &str = "duration_unavailable";

impl Conversation {
    /// Conversation `index` of `per_day` that begin on a day.
    pub(crate) fn draw(seed: u64, day: NaiveDate, index: u32, per_day: u32) -> Self {
        let mut dice = Dice::new(seed, day, index, Sequence::Facts);
        let id = dice.short_id("c-");
        let session_id = dice.id("");
        let custom_id = dice
            .chance(35)
            .then(|| format!("Upload {}-{:04}", day.format("%b%d"), dice.below(10_000)));
        let duration_status = match dice.below(100) {
            ..5 => BELOW_THRESHOLD,
            5 => DURATION_UNAVAILABLE,
            _ => EVALUATED,
        };
        let start = timeline::start(day, index, per_day, &mut dice);
        let end = start + timeline::duration(duration_status, &mut dice);
        let queue = Queue::new(dice.below(QUEUE_COUNT));
        let language = if dice.chance(80) {
            queue.language()
        } else {
            dice.pick(&["English", "French", "German"])
        };
        let src = dice.pick(&["rtm", "rtm", "korevg", "korevg", "audiocodes"]);
        let agents = agents(&mut dice);
        let metrics = metrics(&queue, duration_status, &mut dice);
        let score = result(&metrics, duration_status, &mut dice);
        let audit = Audit::draw(end, score.points(), &mut dice);
        let sentiment_score = (!dice.chance(4)).then(|| match dice.below(4) {
            0 => dice.between(-9, 10) as f64,
            _ => dice.hundredths(-9.0, 10.0),
        });
        Self {
            seed,
            day,
            index,
            custom_id,
            inbound: dice.chance(72),
            direction_defaulted: dice.chance(6),
            churn_risk: dice.chance(7),
            escalation: dice.chance(11),
            subjects: subjects(language, &mut dice),
            custom_fields: custom_fields(start, end, &mut dice),
            segments: timeline::segments(start, end, &mut dice),
            id,
            session_id,
            start,
            end,
            src,
            language,
            duration_status,
            queue,
            agents,
            metrics,
            score,
            audit,
            sentiment_score,
        }
    }

    /// Dice for what only one shape tells.
    pub(crate) fn dice(&self, sequence: Sequence) -> Dice {
        Dice::new(self.seed, self.day, self.index, sequence)
    }

    pub(crate) fn vocabulary(&self) -> &'static Vocabulary {
        Vocabulary::of(self.language)
    }

    pub(crate) fn is_voice(&self) -> bool {
        self.src != "rtm"
    }

    pub(crate) fn channel(&self) -> &'static str {
        if self.is_voice() { "voice" } else { "chat" }
    }

    pub(crate) fn direction(&self) -> &'static str {
        if self.inbound { "inbound" } else { "outbound" }
    }

    pub(crate) fn is_evaluated(&self) -> bool {
        self.duration_status == EVALUATED
    }

    pub(crate) fn is_below_threshold(&self) -> bool {
        self.duration_status == BELOW_THRESHOLD
    }

    pub(crate) fn fatal_errors(&self) -> usize {
        self.metrics.iter().filter(|metric| metric.fatal_error).count()
    }

    pub(crate) fn is_passed(&self) -> bool {
        self.score
            .points()
            .is_some_and(|points| points >= self.queue.form().pass_score)
    }

    /// Start times of its records: its own, or those of its segments.
    pub(crate) fn starts(&self, segmented: bool) -> impl Iterator<Item = DateTime<Utc>> {
        let own = (!segmented).then_some(self.start);
        let segments = if segmented { self.segments.as_slice() } else { &[] };
        own.into_iter()
            .chain(segments.iter().map(|segment| segment.start))
    }

    pub(crate) fn has_custom_field(&self, name: &str, value: &Value) -> bool {
        let field = self
            .custom_fields
            .0
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, field)| field);
        field.is_some_and(|field| serde_json::to_value(field).is_ok_and(|held| held == *value))
    }
}

fn agents(dice: &mut Dice) -> Vec<Agent> {
    let first = dice.below(Agent::COUNT);
    let mut agents = vec![Agent::new(first)];
    if dice.chance(14) {
        agents.push(Agent::new(first + 1 + dice.below(Agent::COUNT - 1)));
    }
    agents
}

fn metrics(queue: &Queue, status: &str, dice: &mut Dice) -> Vec<Metric> {
    // How many of a hundred metrics are met: good, middling and poor conversations, and some where nothing applies.
    let met = match dice.below(100) {
        ..72 => 80,
        72..91 => 55,
        91..98 => 12,
        _ => 0,
    };
    let mut metrics: Vec<Metric> = queue
        .form()
        .metrics()
        .map(|number| Metric::judge(number, met, dice))
        .collect();
    if met == 0 || status != EVALUATED {
        for metric in &mut metrics {
            metric.qualification = "NA";
            metric.fatal_error = false;
        }
    }
    metrics
}

fn result(metrics: &[Metric], status: &str, dice: &mut Dice) -> Score {
    let missing = if dice.chance(50) {
        Score::Absent
    } else {
        Score::Null
    };
    match metric::score(metrics) {
        _ if status == DURATION_UNAVAILABLE => Score::Null,
        _ if status == BELOW_THRESHOLD => missing,
        _ if dice.chance(1) => missing,
        Some(points) => Score::Points(points),
        None => Score::NotApplicable,
    }
}

/// Four to eleven, all different: a stride through the vocabulary that has no factor in common with its length.
fn subjects(language: &str, dice: &mut Dice) -> Vec<usize> {
    let length = Vocabulary::of(language).subjects.len();
    let (first, count) = (dice.below(length), 4 + dice.below(8));
    (0..count.min(length))
        .map(|step| (first + step) % length)
        .collect()
}

/// `Region` is always a text; the others come in any type, as integrations send them.
fn custom_fields(start: DateTime<Utc>, end: DateTime<Utc>, dice: &mut Dice) -> Pairs<Field> {
    let minutes = (end - start).num_milliseconds() as f64 / 60_000.0;
    let mut fields = vec![("Region", Field::Text(dice.pick(&REGIONS)))];
    fields.push(match dice.below(4) {
        0 => (
            "Handle_Minutes",
            Field::Fraction((minutes * 100.0).round() / 100.0),
        ),
        1 => ("Handle_Minutes", Field::Whole(minutes as i64)),
        _ => ("Handle_Minutes", Field::Composed(format!("{}", minutes as i64))),
    });
    fields.push((
        "Customer Tier",
        Field::Text(dice.pick(&["Basic", "Plus", "Plus", "Business "])),
    ));
    if dice.chance(50) {
        let number = dice.between(100_000, 999_999);
        let field = if dice.chance(50) {
            Field::Whole(number)
        } else {
            Field::Composed(format!("C-{number}"))
        };
        fields.push(("case-number", field));
    }
    if dice.chance(40) {
        fields.push(("Repeat_Contact", Field::Flag(dice.chance(30))));
    }
    if dice.chance(30) {
        let notes = [
            Field::Null,
            Field::Text(""),
            Field::Text("+49 30 555 0100"),
            Field::Text("ご連絡済み ✅"),
        ];
        fields.push(("Notes", notes[dice.below(notes.len())].clone()));
    }
    if dice.chance(10) {
        fields.push(("Labels", Field::List(&["autumn offer", "retry"])));
    }
    if dice.chance(6) {
        fields.push((
            "Routing",
            Field::Object(Pairs(vec![("from", "ivr"), ("to", "human")])),
        ));
    }
    Pairs(fields)
}

//! Everything the server holds, made when it is asked for. The records are made in
//! [`generate`](crate::generate); the envelope goes around a page in [`page`](crate::page).

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, Value};

use crate::Shape;
use crate::generate::Conversation;
use crate::moment::Window;
use crate::page::Page;
use crate::recent::Recent;

/// Conversations whose facts are remembered, some 2 KB each: a window of a month is paged without drawing it again
/// for each page.
const FACTS: u32 = 16_000;

/// Conversations whose JSON is remembered, some 10 KB each at most: a page touches one or two days, and a few units
/// are read at a time.
const TEXTS: u32 = 9_000;

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shape: Shape,
    /// With `agenticActivities`; means nothing for the other shapes.
    pub(crate) agentic: bool,
}

impl Layout {
    /// With all that the shape can hold.
    pub(crate) fn complete(shape: Shape) -> Self {
        Self { shape, agentic: true }
    }
}

/// What a request wants of the corpus.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(crate) layout: Layout,
    pub(crate) window: Window,
    pub(crate) filter: Filter,
}

/// Which conversations a request wants. An empty list lets everything through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) include_below_threshold: bool,
    pub(crate) inbound: Option<bool>,
    pub(crate) channels: Vec<String>,
    pub(crate) queues: Vec<String>,
    pub(crate) sessions: Vec<String>,
    pub(crate) conversations: Vec<String>,
    pub(crate) agents: Vec<String>,
    /// Fields that must have these very values. The vendor does not say how this filter looks inside; equality is
    /// the plainest reading.
    pub(crate) custom_fields: Map<String, Value>,
}

impl Filter {
    fn admits(&self, conversation: &Conversation) -> bool {
        let among = |wanted: &[String], candidates: &[&str]| {
            wanted.is_empty() || wanted.iter().any(|wanted| candidates.contains(&wanted.as_str()))
        };
        let agents: Vec<&str> = conversation.agents.iter().map(|agent| agent.id()).collect();
        (self.include_below_threshold || !conversation.is_below_threshold())
            && self.inbound.is_none_or(|inbound| inbound == conversation.inbound)
            && among(&self.channels, &[conversation.src, conversation.channel()])
            && among(&self.queues, &[conversation.queue.id(), conversation.queue.name])
            && among(&self.sessions, &[&conversation.session_id])
            && among(&self.conversations, &[&conversation.id])
            && among(&self.agents, &agents)
            && self
                .custom_fields
                .iter()
                .all(|(name, value)| conversation.has_custom_field(name, value))
    }
}

/// One account's conversations. A pure function of seed and conversations a day, with a memory.
#[derive(Debug)]
pub(crate) struct Corpus {
    seed: u64,
    per_day: u32,
    days: Recent<NaiveDate, Vec<Conversation>>,
    texts: Recent<(NaiveDate, Layout), Vec<String>>,
}

/// Where a record of the window is: the day its conversation begins on, and its place among that day's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    start: DateTime<Utc>,
    day: NaiveDate,
    position: usize,
}

impl Corpus {
    pub(crate) fn new(seed: u64, per_day: u32) -> Self {
        let days = |conversations: u32, least| ((conversations / per_day.max(1)) as usize).clamp(least, 400);
        Self {
            seed,
            per_day,
            // The day before counts as well where segments are asked for.
            days: Recent::new(days(FACTS, 2)),
            // A day is asked for in several shapes at a time.
            texts: Recent::new(days(TEXTS, 4)),
        }
    }

    /// Rows `offset .. offset + limit` of the selection, in the order of their start times.
    pub(crate) fn page(&self, selection: &Selection, offset: u64, limit: u64) -> Page {
        let rows = self.rows(selection);
        let first = usize::try_from(offset).unwrap_or(usize::MAX).min(rows.len());
        let length = usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .min(rows.len() - first);
        let mut texts = Vec::with_capacity(length);
        for same_day in rows[first..first + length].chunk_by(|one, next| one.day == next.day) {
            self.with_texts(same_day[0].day, selection.layout, |day| {
                texts.extend(same_day.iter().filter_map(|row| day.get(row.position)).cloned());
            });
        }
        Page {
            rows: texts,
            offset,
            limit,
            total: rows.len() as u64,
        }
    }

    fn rows(&self, selection: &Selection) -> Vec<Row> {
        let Window { from, to } = selection.window;
        let segmented = selection.layout.shape == Shape::AgentAssist;
        // A segment can begin after midnight in a conversation that began before.
        let before = if segmented { 1 } else { 0 };
        let mut day = from
            .date_naive()
            .checked_sub_days(Days::new(before))
            .unwrap_or(NaiveDate::MIN);
        let mut rows = Vec::new();
        while day.and_time(chrono::NaiveTime::MIN).and_utc() < to {
            self.with_conversations(day, |conversations| {
                let mut position = 0;
                for conversation in conversations {
                    let admitted = selection.filter.admits(conversation);
                    for start in conversation.starts(segmented) {
                        if admitted && selection.window.contains(start) {
                            rows.push(Row { start, day, position });
                        }
                        position += 1;
                    }
                }
            });
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        rows.sort_unstable();
        rows
    }

    fn with_conversations<R>(&self, day: NaiveDate, look: impl FnOnce(&Vec<Conversation>) -> R) -> R {
        let make = || {
            (0..self.per_day)
                .map(|index| Conversation::draw(self.seed, day, index, self.per_day))
                .collect()
        };
        self.days.with(day, make, look)
    }

    fn with_texts<R>(&self, day: NaiveDate, layout: Layout, look: impl FnOnce(&Vec<String>) -> R) -> R {
        let make = || {
            self.with_conversations(day, |conversations| {
                conversations
                    .iter()
                    .flat_map(|conversation| conversation.texts(layout))
                    .collect()
            })
        };
        self.texts.with((day, layout), make, look)
    }
}

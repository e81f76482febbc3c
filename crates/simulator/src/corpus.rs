//! Everything the server holds, made when it is asked for. The records are made in
//! [`generate`](crate::generate); the envelope goes around a page in [`page`](crate::page).

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::{Map, Value};

use crate::Shape;
use crate::fault::{Contents, Drift, Piece};
use crate::generate::Conversation;
use crate::moment::Window;
use crate::page::Page;
use crate::recent::Recent;
use crate::traffic::Turn;

/// Conversations whose facts are remembered, some 2 KB each: a window of a month is paged without drawing it again
/// for each page.
const FACTS: u32 = 16_000;

/// Conversations whose JSON is remembered, some 10 KB each at most: a page touches one or two days, and a few units
/// are read side by side.
const TEXTS: u32 = 16_000;

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

/// Where a page begins and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) row: u64,
    /// The limit in force.
    pub(crate) limit: u64,
    /// At most the limit.
    pub(crate) length: u64,
}

/// One bot's conversations. A pure function of seed and conversations a day, with a memory, but for the records that
/// come and go where a fault says so.
#[derive(Debug)]
pub(crate) struct Corpus {
    seed: u64,
    per_day: u32,
    contents: Contents,
    drift: Drift,
    days: Recent<NaiveDate, Vec<Conversation>>,
    texts: Recent<(NaiveDate, Layout), Vec<String>>,
}

/// Where a record of the window is: the day its conversation begins on, its place among that day's records, and the
/// conversation and segment that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) start: DateTime<Utc>,
    pub(crate) day: NaiveDate,
    position: usize,
    pub(crate) index: u32,
    /// 0 for the first, and for conversations that are told as one.
    pub(crate) segment: usize,
}

impl Row {
    /// The day that the record itself starts on.
    pub(crate) fn date(&self) -> NaiveDate {
        self.start.date_naive()
    }
}

impl Corpus {
    pub(crate) fn new(seed: u64, per_day: u32, contents: Contents) -> Self {
        let days = |conversations: u32, least| ((conversations / per_day.max(1)) as usize).clamp(least, 400);
        Self {
            seed,
            per_day,
            contents,
            drift: Drift::default(),
            // Where segments are asked for, the days before and after count as well.
            days: Recent::new(days(FACTS, 3)),
            // A day is asked for in several shapes at a time.
            texts: Recent::new(days(TEXTS, 4)),
        }
    }

    /// One page of the selection, in the order of start times unless a fault says otherwise.
    pub(crate) fn page(&self, selection: &Selection, cut: Cut, turn: Turn) -> Page {
        let shape = selection.layout.shape;
        if cut.row > 0 {
            self.drift.note(shape, selection.window);
        }
        let rows = self.rows(selection, |start| self.contents.admits(selection.window, start));
        let rows = self
            .contents
            .arrange(rows, |day| self.drift.has(shape, day), Some(turn));
        let first = usize::try_from(cut.row).unwrap_or(usize::MAX).min(rows.len());
        let length = usize::try_from(cut.length).unwrap_or(usize::MAX);
        let end = first.saturating_add(length).min(rows.len());
        Page {
            rows: self.texts(&self.contents.pieces(&rows, first, end), selection.layout),
            end: end as u64,
            limit: cut.limit,
            total: rows.len() as u64,
        }
    }

    /// All of the selection, `[from, to)`, as it is in the end.
    pub(crate) fn held(&self, selection: &Selection) -> Vec<String> {
        let rows = self.rows(selection, |start| selection.window.contains(start));
        let rows = self.contents.arrange(rows, |_| true, None);
        let as_they_are = |row| Piece { row, touched: false };
        let pieces: Vec<Piece> = rows.into_iter().map(as_they_are).collect();
        self.texts(&pieces, selection.layout)
    }

    fn texts(&self, pieces: &[Piece], layout: Layout) -> Vec<String> {
        let mut texts = Vec::with_capacity(pieces.len());
        for same in pieces.chunk_by(|one, next| (one.row.day, one.touched) == (next.row.day, next.touched)) {
            let Piece { row, touched } = same[0];
            if touched {
                texts.extend(same.iter().filter_map(|piece| self.touched(&piece.row, layout)));
            } else {
                self.with_texts(row.day, layout, |day| {
                    texts.extend(
                        same.iter()
                            .filter_map(|piece| day.get(piece.row.position))
                            .cloned(),
                    );
                });
            }
        }
        texts
    }

    fn touched(&self, row: &Row, layout: Layout) -> Option<String> {
        let texts = self.draw(row.day, row.index).touched().texts(layout);
        texts.into_iter().nth(row.segment)
    }

    /// Sorted by start times.
    fn rows(&self, selection: &Selection, admits: impl Fn(DateTime<Utc>) -> bool) -> Vec<Row> {
        let Window { from, to } = selection.window;
        let segmented = selection.layout.shape == Shape::AgentAssist;
        // A segment can begin after midnight in a conversation that began before.
        let before = if segmented { 1 } else { 0 };
        let mut day = from
            .date_naive()
            .checked_sub_days(Days::new(before))
            .unwrap_or(NaiveDate::MIN);
        let mut rows = Vec::new();
        // The end itself may belong to the window.
        while day.and_time(chrono::NaiveTime::MIN).and_utc() <= to {
            self.with_conversations(day, |conversations| {
                let mut position = 0;
                for (index, conversation) in (0..).zip(conversations) {
                    let admitted = selection.filter.admits(conversation);
                    for (segment, start) in conversation.starts(segmented).enumerate() {
                        if admitted && admits(start) {
                            rows.push(Row {
                                start,
                                day,
                                position,
                                index,
                                segment,
                            });
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

    fn draw(&self, day: NaiveDate, index: u32) -> Conversation {
        let conversation = Conversation::draw(self.seed, day, index, self.per_day);
        match self.contents.moved_start(day, index) {
            Some(start) => conversation.starting(start),
            None => conversation,
        }
    }

    fn with_conversations<R>(&self, day: NaiveDate, look: impl FnOnce(&Vec<Conversation>) -> R) -> R {
        let make = || (0..self.per_day).map(|index| self.draw(day, index)).collect();
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

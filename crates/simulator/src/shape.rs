//! The record shapes, and their records without a server. How one is written is in
//! [`generate`](crate::generate).

use std::io::{self, Write};

use chrono::{Days, NaiveDate};

use crate::corpus::Layout;
use crate::generate::Conversation;

/// How a conversation is written. All shapes of one conversation agree in ids, scores, metrics and audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Raw Data V3 as its long sample body has it: Title Case keys with blanks, about 10 KB a record.
    V3,
    /// Raw Data V3 as its short sample body has it: camelCase mixed with Title Case, scores and audit only. Served
    /// where [`RawDataShape::CamelCase`] is set.
    CamelCase,
    /// Raw Data of the first generation (2024).
    Legacy,
    /// Score Reporting: the keys of its table in some records, those of the newest sample bodies in the others.
    ScoreReporting,
    /// Agent AI Raw Data v2: one record a segment, one to three segments a conversation.
    AgentAssist,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::V3,
        Self::CamelCase,
        Self::Legacy,
        Self::ScoreReporting,
        Self::AgentAssist,
    ];
}

/// Which of its two shapes the Raw Data V3 endpoint serves, see
/// [`Options::raw_data_shape`](crate::Options::raw_data_shape). A type of its own, since the other shapes belong to
/// other endpoints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RawDataShape {
    /// [`Shape::V3`].
    #[default]
    TitleCase,
    /// [`Shape::CamelCase`].
    CamelCase,
}

impl From<RawDataShape> for Shape {
    fn from(shape: RawDataShape) -> Self {
        match shape {
            RawDataShape::TitleCase => Self::V3,
            RawDataShape::CamelCase => Self::CamelCase,
        }
    }
}

/// The records of one UTC day as JSON texts, one object each, without line breaks.
///
/// Deterministic by `(seed, day, index)`; `per_day` only moves the start times, which rise with the index. For
/// [`Shape::AgentAssist`] the segments of one conversation follow one another, so the number of records is larger
/// than `per_day`.
pub fn conversations(seed: u64, shape: Shape, day: NaiveDate, per_day: u32) -> impl Iterator<Item = String> {
    (0..per_day)
        .flat_map(move |index| Conversation::draw(seed, day, index, per_day).texts(Layout::complete(shape)))
}

/// Writes `records` records, one a line, spread evenly over the 30 days from 2026-01-01.
///
/// # Errors
///
/// Those of the writer.
pub fn write_ndjson(seed: u64, shape: Shape, records: usize, output: &mut impl Write) -> io::Result<()> {
    let per_day = u32::try_from(records.div_ceil(30)).unwrap_or(u32::MAX);
    let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or_default();
    // Segments are several a conversation: each day gives its share of records, and the rest of it is left out.
    let days = (0_u64..).map_while(|day| first.checked_add_days(Days::new(day)));
    let texts = days.flat_map(|day| conversations(seed, shape, day, per_day).take(per_day as usize));
    for text in texts.take(records) {
        output.write_all(text.as_bytes())?;
        output.write_all(b"\n")?;
    }
    Ok(())
}

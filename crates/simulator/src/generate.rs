//! Conversations and the records written of them. What is selected and cached of them is in
//! [`corpus`](crate::corpus).
//!
//! ```text
//!  (seed, day, index) ─► facts ─────────► record of a shape ─► JSON text
//!   dice                 conversation     title_case …          json
//! ```
//!
//! What several shapes tell is a fact of the [`Conversation`]; what only one tells is drawn by that shape from
//! dice of its own, so that a field added to one shape changes no other.

mod agent_assist;
mod alter;
mod audit;
mod camel_case;
mod conversation;
pub(crate) mod dice;
pub(crate) mod json;
mod legacy;
mod metric;
mod score_reporting;
mod timeline;
mod title_case;
mod world;

pub(crate) use conversation::Conversation;

use crate::Shape;
use crate::corpus::Layout;

impl Conversation {
    /// Its records, in the order of their start times.
    pub(crate) fn texts(&self, layout: Layout) -> Vec<String> {
        match layout.shape {
            Shape::V3 => vec![title_case::record(self)],
            Shape::CamelCase => vec![camel_case::record(self)],
            Shape::Legacy => vec![legacy::record(self)],
            Shape::ScoreReporting => vec![score_reporting::record(self)],
            Shape::AgentAssist => agent_assist::records(self, layout.agentic),
        }
    }
}

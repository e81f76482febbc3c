//! From what is asked to the answer. It is asked in [`quality`](crate::quality) and
//! [`interactions`](crate::interactions), and answered from the [`corpus`](crate::corpus) of one bot.

use axum::response::Response;

use crate::corpus::{Cut, Selection};
use crate::fault::Style;
use crate::page::Envelope;
use crate::routes::{Bot, Context};
use crate::traffic::Turn;

/// One page that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) selection: Selection,
    /// How the endpoint pages.
    pub(crate) style: Style,
    pub(crate) offset: Option<u64>,
    /// From 1.
    pub(crate) page: Option<u64>,
    /// Before the cap.
    pub(crate) limit: u64,
    pub(crate) envelope: Envelope,
}

impl Context {
    /// How an endpoint pages that pages by itself in a style.
    pub(crate) fn style(&self, own: Style) -> Style {
        self.paging.style.unwrap_or(own)
    }

    pub(crate) fn answer(&self, bot: &Bot, question: &Question, turn: Turn) -> Response {
        let limit = question.limit.min(self.options.max_limit.into());
        let row = question.style.row(question.offset, question.page, limit);
        let cut = Cut {
            row,
            limit,
            length: self.paging.length(self.options.seed, row, limit),
        };
        let page = bot.corpus.page(&question.selection, cut, turn);
        question.envelope.response(&page, self.claims.of(&page, turn))
    }
}

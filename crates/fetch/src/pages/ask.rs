//! Asks for pages of one window by the row they begin with, in smaller pieces where they are too slow or too large.
//! Which rows come next is decided in [`walk`](super::walk).

use std::{sync::Arc, time::Duration};

use super::Reader;
use crate::{Error, Page, PagingStyle, Position, Query, Result};

/// How often a counted page that is too slow is asked for before its window is read anew with smaller ones.
const SAME_TRIES: u32 = 4;

/// A page with its place among the rows of the window.
pub(super) struct Asked {
    pub(super) page: Page,
    /// Rows up to and with its last one; where pages are counted, up to the next page.
    pub(super) end: u64,
    /// Whether it has as many as were asked for.
    pub(super) full: bool,
    /// Whether it has more than that.
    pub(super) overfull: bool,
}

/// Asks for pages of one window.
#[derive(Clone)]
pub(super) struct Asker {
    pub(super) reader: Arc<Reader>,
    pub(super) query: Query,
    /// Records a page, where that is the server's choice and not ours.
    pub(super) size: Option<u32>,
}

impl Asker {
    /// Records to ask for at a time.
    pub(super) fn limit(&self) -> u32 {
        let ours = self.reader.limit();
        match self.size {
            Some(size) if self.reader.is_lowered() => size.min(ours),
            Some(size) => size,
            None => ours,
        }
    }

    /// The page that begins with the row after `rows`, or a little before it: pages that are counted begin at
    /// multiples of their size.
    pub(super) async fn ask(&self, style: PagingStyle, rows: u64) -> Result<Asked> {
        self.ask_up_to(u32::MAX, style, rows).await
    }

    /// The rows after `rows` up to `end`: one page, or several where the server gives less than it was asked for.
    pub(super) async fn range(self, style: PagingStyle, rows: u64, end: u64) -> Result<Vec<Asked>> {
        let mut asked = Vec::new();
        let mut rows = rows;
        let mut most = u32::MAX;
        loop {
            let before = rows;
            let next = self.ask_up_to(most, style, rows).await?;
            rows = next.end.max(rows);
            let done = rows >= end
                || rows == before
                || next.page.total.is_some_and(|total| rows >= total)
                // The rows that a counted page lacks cannot be asked for.
                || style == PagingStyle::Page && !next.full;
            asked.push(next);
            if done {
                return Ok(asked);
            }
            if style == PagingStyle::Offset {
                // What follows is another range's.
                most = u32::try_from(end - rows).unwrap_or(u32::MAX);
            }
        }
    }

    async fn ask_up_to(&self, most: u32, style: PagingStyle, rows: u64) -> Result<Asked> {
        let mut most = most;
        let mut slow = Duration::ZERO;
        let mut tries = 0;
        loop {
            let whole = self.limit();
            let limit = whole.min(most).max(1);
            let size = u64::from(limit);
            let position = Position {
                style,
                offset: rows,
                page: rows / size + 1,
                limit,
            };
            match self.reader.client.fetch_page(&self.query, position).await {
                Ok(page) => return Ok(Asked::at(position, page)),
                // A server that answers nothing at all is not asked for ever less.
                Err(error) if limit > 1 && error.asks_for_less() && slow < self.reader.client.patience() => {
                    let is_timeout = matches!(error.root(), Error::Timeout { .. });
                    if let Error::Timeout { seconds, .. } = error.root() {
                        slow += Duration::from_secs(*seconds);
                    }
                    tries += 1;
                    if !may_shrink(style, rows) && is_timeout && tries < SAME_TRIES {
                        continue;
                    }
                    if limit < whole {
                        most = limit / 2; // a remainder tells nothing about whole pages
                        continue;
                    }
                    self.reader.lower_limit(limit, &error, self.query.window());
                    if !may_shrink(style, rows) {
                        return Err(self.on_page(position.page, error));
                    }
                }
                Err(error) => return Err(self.on_page(position.page, error)),
            }
        }
    }

    pub(super) fn on_page(&self, page: u64, error: Error) -> Error {
        Error::OnPage {
            endpoint: self.query.endpoint().name().to_owned(),
            window: self.query.window(),
            page,
            source: Box::new(error),
        }
    }
}

/// Whether pages may become smaller here: those that are counted only before the first one. A server that has a size of
/// its own counts on by that, and pages would be left out; so the window has to be read anew.
fn may_shrink(style: PagingStyle, rows: u64) -> bool {
    style == PagingStyle::Offset || rows == 0
}

impl Asked {
    fn at(position: Position, page: Page) -> Self {
        let size = u64::from(position.limit);
        let (full, overfull) = (page.count as u64 >= size, page.count as u64 > size);
        let begin = match position.style {
            PagingStyle::Offset => position.offset,
            PagingStyle::Page => (position.page - 1) * size,
        };
        let rows = match position.style {
            // Asked for once more, a counted page that is short would be the same page.
            PagingStyle::Page if page.count > 0 => size,
            // What is beyond the limit may be of the page before, or of the next.
            _ => size.min(page.count as u64),
        };
        Self {
            page,
            end: begin.saturating_add(rows),
            full,
            overfull,
        }
    }
}

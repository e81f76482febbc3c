//! How far a walk has come: what it has to know of the pages that are with the consumer already.

use super::ask::Asked;
use crate::{Page, PagingStyle, paginate::leads_on};

/// Where a walk stands after a page.
#[derive(Clone)]
pub(super) struct Place {
    /// Rows of the window up to here.
    pub(super) rows: u64,
    /// Pages up to here.
    pub(super) pages: u64,
    /// The last page, without its records.
    pub(super) last: Page,
    /// Whether that has all the rows that were asked for.
    pub(super) full: bool,
    /// Whether it has more than that, so that its last record need not be its last row.
    pub(super) overfull: bool,
    /// Whether it led no further than the page before it.
    pub(super) still: bool,
    /// Distinct records so far, at least: what totals are compared with.
    received: u64,
}

impl Place {
    /// After the first page of a window: the size of pages is what it has.
    pub(super) fn after_first(first: &Asked) -> Self {
        Self {
            rows: first.page.count as u64,
            pages: 1,
            last: first.page.outline(),
            full: true,
            overfull: false,
            still: false,
            received: first.page.count as u64,
        }
    }

    /// After a page that follows.
    pub(super) fn moved_to(&self, next: &Asked, style: PagingStyle) -> Self {
        // What was on the page before counts once: a server may begin its pages with the end of the one before.
        let new = next.page.beyond(&self.last) as u64;
        let end = match style {
            PagingStyle::Offset if new > 0 => next.end.min(self.rows.saturating_add(new)),
            _ => next.end,
        };
        Self {
            rows: end.max(self.rows),
            pages: self.pages + 1,
            last: next.page.outline(),
            full: next.full,
            overfull: next.overfull,
            still: new == 0,
            received: self.received.saturating_add(new),
        }
    }

    /// Whether there is more to ask for.
    pub(super) fn leads_on(&self) -> bool {
        leads_on(self.received, &self.last)
    }

    /// Whether the last page is empty, says that there is more, and nothing else says that there is not.
    pub(super) fn is_doubtful_end(&self) -> bool {
        let reached = self.last.total.is_some_and(|total| self.received >= total.max(1));
        self.last.count == 0 && self.last.more == Some(true) && !reached
    }

    /// Whether a page holds nothing but records of the one before, and as many as that or as were asked for.
    pub(super) fn is_repeated_by(&self, page: &Page, limit: u32) -> bool {
        let whole = self.last.count.min(limit as usize);
        page.count > 0 && page.count >= whole && page.is_within(&self.last)
    }
}

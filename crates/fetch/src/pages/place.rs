//! How far a walk has come: what it has to know of the pages that are with the consumer already.

use super::ask::Asked;
use crate::{Page, PagingStyle};

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
        page.count >= whole && page.is_within(&self.last)
    }
}

/// Whether there is more to ask for after `page`, the last of whose rows is number `rows` of its window.
///
/// The server's two claims are only believed when neither contradicts the end: has-more true goes on although the
/// total is reached, a total not reached goes on although has-more is false. A total that is exceeded is wrong, and
/// then so may has-more be. Without either claim a short page is no end. An empty page always is: there is nothing to
/// count on from.
pub(super) fn leads_on(rows: u64, page: &Page) -> bool {
    let is_other_than_total = page.total.map(|total| rows != total);
    match (page.more, is_other_than_total) {
        _ if page.count == 0 => false,
        (Some(true), _) | (_, Some(true)) | (None, None) => true,
        (Some(false), _) | (None, Some(false)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a page of `count` that ends with row `rows` leads on, for has-more true, false and absent.
    fn goes_on(rows: u64, count: usize, total: Option<u64>) -> [bool; 3] {
        [Some(true), Some(false), None].map(|more| leads_on(rows, &Page::claiming(count, total, more)))
    }

    #[test]
    fn end_needs_both_claims_or_an_empty_page() {
        // has-more:                          true   false  absent
        assert_eq!(
            goes_on(20, 10, Some(100)),
            [true, true, true],
            "short of the total"
        );
        assert_eq!(goes_on(20, 10, Some(20)), [true, false, false], "total reached");
        assert_eq!(goes_on(20, 10, Some(15)), [true, true, true], "total exceeded");
        assert_eq!(goes_on(20, 10, Some(0)), [true, true, true], "total of zero");
        assert_eq!(goes_on(20, 10, None), [true, false, true], "no total");
        assert_eq!(
            goes_on(11, 1, None),
            [true, false, true],
            "a short page is no end"
        );
        for total in [None, Some(0), Some(10), Some(100)] {
            assert_eq!(goes_on(10, 0, total), [false; 3], "empty page, total {total:?}");
        }
    }
}

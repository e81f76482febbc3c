//! A window that is read in one go, the whole or a part: what its pages say, and what that comes to. The rule for
//! totals is in [`proof`](crate::proof).

use korelake_fetch::{Follows, Page, Window};

use crate::census::Census;
use crate::proof::{Claims, Verdict, verdict};

/// Pages in a row without anything new, after which a server does not come to an end.
const BARREN_PAGES: u32 = 50;

/// A window that is read in one go.
pub(crate) struct Stretch {
    pub(crate) window: Window,
    pub(crate) claims: Claims,
    /// Pages in a row that brought nothing but records that were there before.
    pub(crate) stale: u32,
    /// Pages in a row that brought nothing new, empty ones included.
    barren: u32,
    /// Pages that began with the last record of the one before them.
    pub(crate) anchors: u64,
    pages: u64,
    /// Whether the last page said that there is more.
    more: Option<bool>,
    /// What had been counted before it began.
    duplicates: u64,
    changed: u64,
    /// The page that should have begun with the last record of the one before it, and did not.
    adrift: Option<u64>,
    /// The page with which the server began to repeat itself.
    repeated: Option<u64>,
    /// The page behind one that was short.
    gap: Option<u64>,
}

impl Stretch {
    pub(crate) fn begin(window: Window, census: &Census) -> Self {
        Self {
            window,
            claims: Claims::default(),
            stale: 0,
            barren: 0,
            anchors: 0,
            pages: 0,
            more: None,
            duplicates: census.duplicates,
            changed: census.changed,
            adrift: None,
            repeated: None,
            gap: None,
        }
    }

    /// The number of the page that is taken next, from 1.
    pub(crate) fn next_page(&self) -> u64 {
        self.pages + 1
    }

    /// Takes what a page says, and whether it brought a new record.
    pub(crate) fn take(&mut self, page: &Page, follows: Follows, is_new: bool) {
        self.pages += 1;
        self.claims.page(page.total);
        self.more = page.more;
        match follows {
            Follows::Anchored => self.anchors += 1,
            Follows::Adrift => _ = self.adrift.get_or_insert(self.pages),
            Follows::WithGap => _ = self.gap.get_or_insert(self.pages),
            _ => {}
        }
        // Nothing but the record that the page before it ended with is an end as well as nothing at all.
        let is_end = page.count == usize::from(follows == Follows::Anchored);
        self.barren = if is_new { 0 } else { self.barren + 1 };
        if is_end || is_new {
            self.stale = 0;
        } else {
            self.stale += 1;
            self.repeated.get_or_insert(self.pages);
        }
    }

    /// Whether the server does not come to an end.
    pub(crate) fn is_endless(&self) -> bool {
        self.barren >= BARREN_PAGES
    }

    /// Whether as many have come as the server claims, as far as it does.
    pub(crate) fn is_complete(&self, found: u64) -> bool {
        self.claims.last.is_none_or(|total| found >= total) && self.more != Some(true)
    }

    /// What it comes to, once it has ended. Without `last_attempt` what contradicts itself is read again.
    pub(crate) fn verdict(&self, census: &Census, last_attempt: bool, open: bool) -> Verdict {
        let found = census.found();
        if self.is_endless() {
            let pages = self.barren;
            return Verdict::Disagrees(format!(
                "{pages} pages in a row brought nothing new, and no end came"
            ));
        }
        let changed = census.changed - self.changed;
        if changed > 0 && !last_attempt {
            return Verdict::Disagrees(format!("{changed} keys came twice with different content"));
        }
        if let Some(page) = self.adrift {
            return Verdict::Disagrees(format!(
                "page {page} does not begin with the last record of the one before it: records came or went while it was read"
            ));
        }
        if let Some(page) = self.gap
            && self.claims.last != Some(found)
        {
            return Verdict::Disagrees(format!(
                "page {page} follows one that is short: records may be on no page"
            ));
        }
        let reached = self.claims.last.is_some_and(|total| found >= total) && self.more != Some(true);
        if let Some(page) = self.repeated.filter(|_| self.stale > 0 && !reached) {
            let announced = match self.claims.last {
                Some(total) => format!("{found} of {total} have come"),
                None => "more are announced".to_owned(),
            };
            return Verdict::Disagrees(format!(
                "page {page} brought no record that was not there before, and {announced}"
            ));
        }
        let duplicates = census.duplicates.saturating_sub(self.duplicates + self.anchors);
        verdict(&self.claims, found, duplicates, open)
    }
}

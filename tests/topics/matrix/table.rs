//! What has to come of each fault. Every fault of the simulator has a row; how they are combined is in
//! [`matrix`](super).

use korelake_simulator::Fault;

use super::endpoint::{Endpoint, Style};

/// What a unit may become. A committed unit that differs from what the server holds is never allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Expected {
    /// It is committed, with what the server holds.
    Exact,
    /// It is that, or refused.
    Either,
    /// It is refused, with by how much it disagrees.
    Refused,
    /// It is committed, with what the server let be seen: a documented limit, as one read cannot find out more.
    Claimed,
}

/// What a fault is about. Of each group at most one is in a combination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// One of the [`Style`]s.
    Paging,
    Contents,
    Claims,
    Transport,
    /// In no combination: it pauses for the rest of a real minute. The budget's own tests have it on a paused clock.
    Pauses,
}

pub(super) struct Row {
    /// As it is written, with the number that the combinations use.
    pub(super) fault: &'static str,
    pub(super) group: Group,
    /// Where nothing else is wrong, and neither endpoint nor style make a difference.
    expected: Expected,
}

const fn row(fault: &'static str, group: Group, expected: Expected) -> Row {
    Row {
        fault,
        group,
        expected,
    }
}

use Expected::{Claimed, Either, Exact, Refused};
use Group::{Claims, Contents, Paging, Pauses, Transport};

pub(super) const ROWS: &[Row] = &[
    row("pages-by-offset", Paging, Exact),
    row("pages-by-page", Paging, Exact),
    row("adds-both", Paging, Exact),
    row("short-pages=60", Contents, Exact),
    row("overlap=3", Contents, Exact),
    // The day is read again.
    row("arrivals=3", Contents, Exact),
    row("vanishings=3", Contents, Exact),
    // The first content is in the table, the other in the quarantine.
    row("touch", Contents, Exact),
    row("reversed", Contents, Exact),
    // Where every request has another order, pages make a whole by luck alone.
    row("shuffled", Contents, Either),
    row("boundary", Contents, Exact),
    row("inclusive-end", Contents, Exact),
    row("exclusive-start", Contents, Exact),
    row("low-totals", Claims, Exact),
    row("high-totals=5", Claims, Refused),
    row("moving-totals", Claims, Refused),
    row("more-always-false", Claims, Exact),
    row("more-on-last", Claims, Exact),
    row("more-always-true", Claims, Exact),
    row("no-totals", Claims, Exact),
    row("totals-as-text", Claims, Exact),
    // Never reached here; it has a test of its own.
    row("throttle=100000", Transport, Exact),
    row("throttle-burst=5", Transport, Exact),
    row("throttle-date=7", Transport, Exact),
    row("throttle-silent=5", Pauses, Exact),
    row("throttle-text=5", Pauses, Exact),
    row("errors=20", Transport, Exact),
    row("html=20", Transport, Exact),
    row("error-body=20", Transport, Exact),
    row("not-json=20", Transport, Exact),
    row("cut=20", Transport, Exact),
    row("reset=20", Transport, Exact),
    row("hang=10", Transport, Exact),
    row("hang-above=4", Transport, Exact),
    row("huge-above=4", Transport, Exact),
    // Followed nowhere, as the token would go along, and not tried again.
    row("redirect=20", Transport, Either),
    row("expiring-tokens=10", Transport, Exact),
    row("enforce-jti", Transport, Exact),
    row("gzip", Transport, Exact),
    row("brotli", Transport, Exact),
    row("zstd", Transport, Exact),
];

impl Row {
    pub(super) fn name(&self) -> &'static str {
        self.fault.split('=').next().unwrap_or_default()
    }

    pub(super) fn fault(&self) -> Fault {
        self.fault.parse().unwrap()
    }

    /// What has to come of this fault among others on an endpoint that pages so.
    fn expected(&self, rows: &[&Row], endpoint: Endpoint, style: Style) -> Expected {
        let has = |name| rows.iter().any(|row| row.name() == name);
        let totals = endpoint.tells_totals() && !has("no-totals");
        let limited = has("throttle-burst") || has("throttle-date");
        let endless = !totals && (has("no-totals") || has("more-on-last") || has("more-always-true"));
        match self.name() {
            "high-totals" | "moving-totals" if !endpoint.tells_totals() => Exact,
            // What a counted page lacks has no number of its own. The first page may be the only short one.
            "short-pages" if style.counts_pages(endpoint) => Either,
            // A second page that is a part of the first is not told from one that ignores its number.
            "short-pages" if style == Style::Offset && endpoint.counts_pages() => Either,
            // One record more than there are rows, and no claim of where the rows end: like a day that shrinks.
            "touch" if endless && !style.counts_pages(endpoint) => Either,
            // Where pages are counted none can begin with the last record of the one before it, and under a limit of
            // requests none does: a record that moves up from the next page is on none.
            "vanishings" if !totals && (style.counts_pages(endpoint) || limited) => Claimed,
            // Without a total there is nothing against the server's word that this page is the last.
            "more-always-false" if !totals => Claimed,
            _ => self.expected,
        }
    }
}

/// What has to come of a combination.
pub(super) fn expected(rows: &[&Row], endpoint: Endpoint, style: Style) -> Expected {
    let each = rows.iter().map(|row| row.expected(rows, endpoint, style));
    each.max().unwrap_or(Exact)
}

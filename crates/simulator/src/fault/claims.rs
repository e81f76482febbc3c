//! What an envelope claims about its window, true or not. How it is written is in [`page`](crate::page).

use super::Fault;
use crate::page::Page;
use crate::traffic::Turn;

/// The numbers and words around the rows; what is `None` is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) total: Option<u64>,
    pub(crate) pages: Option<u64>,
    pub(crate) more: Option<bool>,
    /// Whether totals are written as texts.
    pub(crate) as_text: bool,
}

/// The faults of the envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    low: Option<Low>,
    high: u32,
    moving: bool,
    more: More,
    silent: bool,
    as_text: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Low {
    AtMost(u32),
    /// 40 % of the truth.
    Share,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum More {
    #[default]
    True,
    Never,
    OnLast,
    Always,
}

impl Claims {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let mut claims = Self::default();
        for fault in faults {
            match *fault {
                Fault::LowTotals(total) => claims.low = Some(total.map_or(Low::Share, Low::AtMost)),
                Fault::HighTotals(records) => claims.high = records,
                Fault::MovingTotals => claims.moving = true,
                Fault::MoreAlwaysFalse => claims.more = More::Never,
                Fault::MoreOnLast => claims.more = More::OnLast,
                Fault::MoreAlwaysTrue => claims.more = More::Always,
                Fault::NoTotals => claims.silent = true,
                Fault::TotalsAsText => claims.as_text = true,
                _ => {}
            }
        }
        claims
    }

    pub(crate) fn of(&self, page: &Page, turn: Turn) -> Claim {
        let low = match self.low {
            None => page.total,
            Some(Low::AtMost(most)) => page.total.min(most.into()),
            Some(Low::Share) => page.total * 2 / 5,
        };
        let moved = if self.moving { turn.0 } else { 0 };
        let total = low + u64::from(self.high) + moved;
        let more = match self.more {
            More::True => page.has_more(),
            More::Never => false,
            More::OnLast => !page.rows.is_empty(),
            More::Always => true,
        };
        let told = !self.silent;
        Claim {
            total: told.then_some(total),
            pages: told.then(|| total.div_ceil(page.limit.max(1))),
            more: told.then_some(more),
            as_text: self.as_text,
        }
    }
}

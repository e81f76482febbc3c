//! Where a page begins and how long it is. What is on it is decided in [`contents`](super::contents).

use super::Fault;
use crate::generate::dice::Dice;

/// Which of `offset` and `page` says where a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Offset,
    Page,
    /// The sum of what either says.
    Sum,
}

impl Style {
    /// The first row; `page` counts from 1 in pages of `limit`.
    pub(crate) fn row(self, offset: Option<u64>, page: Option<u64>, limit: u64) -> u64 {
        let offset = offset.unwrap_or(0);
        let before = (page.unwrap_or(1).max(1) - 1).saturating_mul(limit);
        match self {
            Self::Offset => offset,
            Self::Page => before,
            Self::Sum => offset.saturating_add(before),
        }
    }
}

/// The faults of paging.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paging {
    /// Instead of each endpoint's own.
    pub(crate) style: Option<Style>,
    short: u32,
}

impl Paging {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let mut paging = Self::default();
        for fault in faults {
            match *fault {
                Fault::PagesByOffset => paging.style = Some(Style::Offset),
                Fault::PagesByPage => paging.style = Some(Style::Page),
                Fault::AddsBoth => paging.style = Some(Style::Sum),
                Fault::ShortPages(percent) => paging.short = percent,
                _ => {}
            }
        }
        paging
    }

    /// How many of the `limit` records are given, at least one of them. The same for the same row, so that a page
    /// that is asked for again is the same page.
    pub(crate) fn length(&self, seed: u64, row: u64, limit: u64) -> u64 {
        let mut dice = Dice::of(&[seed, row, limit]);
        if self.short == 0 || limit < 2 || !dice.chance(self.short as usize) {
            return limit;
        }
        let most = i64::try_from(limit - 1).unwrap_or(i64::MAX);
        dice.between(1, most).unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_by_offset_by_page_or_by_both() {
        for (style, expected) in [(Style::Offset, 7), (Style::Page, 20), (Style::Sum, 27)] {
            assert_eq!(style.row(Some(7), Some(3), 10), expected, "{style:?}");
            assert_eq!(style.row(None, None, 10), 0, "{style:?}");
        }
        assert_eq!(Style::Sum.row(Some(u64::MAX), Some(u64::MAX), 100), u64::MAX);
    }

    #[test]
    fn some_pages_are_short_and_none_is_empty() {
        let paging = Paging::new(&[Fault::ShortPages(30)]);
        let lengths: Vec<u64> = (0..200).map(|row| paging.length(1, row, 10)).collect();
        assert!(lengths.iter().all(|length| (1..=10).contains(length)));
        let short = lengths.iter().filter(|length| **length < 10).count();
        assert!((30..90).contains(&short), "{short} of 200");
        assert_eq!(Paging::default().length(1, 0, 10), 10);
    }
}

//! How many requests one unit should have in flight: the concurrency is shared with the units beside it. How a window
//! is read in parts is the matter of [`korelake_fetch::pages`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use korelake_fetch::Client;

/// Pages of a part: few enough that parts end about together, many enough that a part's last page, which is half
/// empty, hardly counts.
const PAGES_A_PART: u64 = 4;

/// Under a limit of requests a part, which costs one, has to save the waiting for so many.
const PAGES_A_PART_UNDER_A_LIMIT: u64 = 32;

/// The units of one table beside all others of the run, and what is known of their size.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// Units of the run that are not done.
    undone: Arc<AtomicUsize>,
    /// Units that are read at the same time.
    abreast: usize,
    page_size: u32,
    /// Rows of the table's unit that was done last; 0 if there is none.
    rows: AtomicU64,
}

impl Lanes {
    pub(crate) fn new(undone: Arc<AtomicUsize>, abreast: usize, page_size: u32) -> Self {
        Self {
            undone,
            abreast,
            page_size,
            rows: AtomicU64::new(0),
        }
    }

    /// A unit had so many rows.
    pub(crate) fn learn(&self, rows: u64) {
        self.rows.store(rows, Ordering::Relaxed);
    }

    /// In how many parts to read a unit whose server tells no total, if it has `expected` rows.
    pub(crate) fn parts(&self, client: &Client, expected: Option<u64>) -> u32 {
        let useful = client.useful_concurrency();
        let limited = useful.is_some();
        let useful = useful.unwrap_or(u32::MAX).min(client.concurrency());
        let abreast = self.abreast.min(self.undone.load(Ordering::Relaxed)).max(1);
        let learned = self.rows.load(Ordering::Relaxed);
        let rows = expected.or(Some(learned).filter(|rows| *rows > 0));
        parts(
            u64::from(useful),
            abreast as u64,
            rows.map(|rows| rows.div_ceil(self.page_size.max(1).into())),
            limited,
        )
    }
}

/// In how many parts to read a unit of `pages`, beside so many others, with so many requests in flight over all.
fn parts(requests: u64, abreast: u64, pages: Option<u64>, limited: bool) -> u32 {
    let a_part = if limited {
        PAGES_A_PART_UNDER_A_LIMIT
    } else {
        PAGES_A_PART
    };
    let parts = match pages {
        _ if requests < 2 * abreast => 1,
        Some(pages) => pages / a_part,
        // What is not known is not worth requests that are counted, nor those of a unit that is not alone.
        None if limited || abreast > 1 => 1,
        // It may be small, so no more than it takes to have work for all.
        None => requests,
    };
    u32::try_from(parts.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_parted_only_where_that_gives_idle_requests_work() {
        assert_eq!(parts(4, 4, Some(1000), false), 1, "others keep the requests busy");
        assert_eq!(parts(4, 1, Some(3), false), 1, "too few pages");
        assert_eq!(parts(4, 2, Some(200), false), 50);
        assert_eq!(parts(4, 1, None, false), 4);
        assert_eq!(parts(4, 2, None, false), 1);
    }

    #[test]
    fn under_a_limit_parts_are_few() {
        assert_eq!(parts(4, 1, None, true), 1);
        assert_eq!(parts(4, 1, Some(20), true), 1);
        assert_eq!(parts(4, 1, Some(200), true), 6);
    }
}

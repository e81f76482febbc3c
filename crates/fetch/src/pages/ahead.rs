//! Bounds the pages that are in memory before the consumer has taken them. Who asks for them is in
//! [`walk`](super::walk).

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Pages that a window may always have.
const OWN_PAGES: usize = 4;

/// Pages that a part of a window may always have: most parts come to no more, and are whole when it is their turn.
/// Those that come to more have to be read on page by page while the consumer waits.
const PART_PAGES: usize = 8;

/// Pages that may be asked for ahead of their consumers, over all reads that share it.
///
/// ```
/// # use korelake_fetch::{PageOptions, Readahead};
/// let readahead = Readahead::pages(8);
/// let (one, other) = (PageOptions::default().readahead(readahead.clone()), PageOptions::default().readahead(readahead));
/// ```
#[derive(Clone, Debug)]
pub struct Readahead(Arc<Semaphore>);

impl Readahead {
    /// At most so many pages, beside those that each window always may have: four, and a part eight.
    pub fn pages(pages: usize) -> Self {
        Self(Arc::new(Semaphore::new(pages.min(Semaphore::MAX_PERMITS))))
    }

    /// For a window that the consumer reads.
    pub(super) fn leave(&self) -> Leave {
        Leave {
            own: Arc::new(Semaphore::new(OWN_PAGES)),
            shared: Arc::clone(&self.0),
            turns: Vec::new(),
        }
    }
}

impl Default for Readahead {
    /// 16 pages: two for each of the requests that are in flight by default.
    fn default() -> Self {
        Self::pages(16)
    }
}

/// The leave of one window to have pages in memory.
///
/// Some pages are always allowed, so the window that the consumer waits for can go on whatever others hold: no set of
/// windows can block each other. What is shared is for windows whose turn it is: one behind them would keep it until
/// they are read. Permits must be taken in the order of the pages.
#[derive(Clone)]
pub(super) struct Leave {
    own: Arc<Semaphore>,
    shared: Arc<Semaphore>,
    /// Each has a permit once it is the window's turn among its neighbours, and that of the window it is a part of.
    turns: Vec<Arc<Semaphore>>,
}

impl Leave {
    /// For a part of the window, whose turn comes later.
    pub(super) fn part(&self) -> (Self, Turn) {
        let turn = Arc::new(Semaphore::new(0));
        let part = Self {
            own: Arc::new(Semaphore::new(PART_PAGES)),
            shared: Arc::clone(&self.shared),
            turns: self.turns.iter().chain([&turn]).cloned().collect(),
        };
        (part, Turn(turn))
    }

    /// The leave to have one more page in memory; it is given back when it is dropped.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        // No semaphore is ever closed.
        tokio::select! {
            biased;
            permit = Arc::clone(&self.own).acquire_owned() => permit.ok(),
            permit = self.shared() => permit,
        }
    }

    async fn shared(&self) -> Option<OwnedSemaphorePermit> {
        for turn in &self.turns {
            drop(turn.acquire().await);
        }
        Arc::clone(&self.shared).acquire_owned().await.ok()
    }
}

/// Lets a part know that it is its turn.
pub(super) struct Turn(Arc<Semaphore>);

impl Turn {
    pub(super) fn come(&self) {
        self.0.add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn take(leave: &Leave, most: usize) -> Vec<OwnedSemaphorePermit> {
        let permits = std::iter::from_fn(|| leave.permit().now_or_never().flatten());
        permits.take(most).collect()
    }

    #[test]
    fn a_window_may_have_some_pages_whatever_others_hold() {
        let readahead = Readahead::pages(2);
        let (one, other) = (readahead.leave(), readahead.leave());
        let held = take(&one, 10);
        assert_eq!(held.len(), OWN_PAGES + 2);
        let own = take(&other, 10);
        assert_eq!(own.len(), OWN_PAGES);
        drop(held);
        assert_eq!(take(&other, 10).len(), 2);
    }

    #[test]
    fn what_is_shared_is_for_parts_whose_turn_it_is() {
        let whole = Readahead::pages(2).leave();
        let (part, turn) = whole.part();
        let (inner, inner_turn) = part.part();
        assert_eq!(take(&part, 20).len(), PART_PAGES);
        inner_turn.come();
        let early = take(&inner, 20);
        assert_eq!(early.len(), PART_PAGES, "not before the part around it");
        turn.come();
        assert_eq!(take(&inner, 20).len(), 2);
    }
}

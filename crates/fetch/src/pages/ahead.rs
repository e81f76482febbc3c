//! Bounds the pages that are in memory before the consumer has taken them. Who asks for them is in
//! [`walk`](super::walk).

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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
    /// At most so many pages, beside the one that each window always may have.
    pub fn pages(pages: usize) -> Self {
        Self(Arc::new(Semaphore::new(pages.min(Semaphore::MAX_PERMITS))))
    }

    pub(super) fn lane(&self) -> Lane {
        Lane {
            own: Arc::new(Semaphore::new(1)),
            shared: Arc::clone(&self.0),
        }
    }
}

impl Default for Readahead {
    /// 16 pages: two for each of the requests that are in flight by default.
    fn default() -> Self {
        Self::pages(16)
    }
}

/// The permits of one window.
///
/// One page is always allowed, so the window that the consumer waits for can go on whatever others hold: no set of
/// windows can block each other. Permits must be taken in the order of the pages.
#[derive(Clone)]
pub(super) struct Lane {
    own: Arc<Semaphore>,
    shared: Arc<Semaphore>,
}

impl Lane {
    /// The leave to have one more page in memory; it is given back when it is dropped.
    pub(super) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let (own, shared) = (Arc::clone(&self.own), Arc::clone(&self.shared));
        tokio::select! {
            biased;
            permit = own.acquire_owned() => permit.ok(), // neither is ever closed
            permit = shared.acquire_owned() => permit.ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[test]
    fn a_window_may_have_one_page_whatever_others_hold() {
        let readahead = Readahead::pages(2);
        let (one, other) = (readahead.lane(), readahead.lane());
        let held: Vec<_> = (0..3).map(|_| one.permit().now_or_never().unwrap()).collect();
        assert!(one.permit().now_or_never().is_none());
        let own = other.permit().now_or_never().unwrap();
        assert!(other.permit().now_or_never().is_none());
        drop(held);
        assert!(other.permit().now_or_never().is_some());
        drop(own);
    }
}

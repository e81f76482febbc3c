//! What comes in: when each request arrived, and how many were answered at the same time. What every request passes
//! is in [`routes`](crate::routes).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// The place of a request in the order of their arrival, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn(pub(crate) u64);

/// The requests of one server.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    arrivals: Mutex<Vec<Instant>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

/// One request that is being answered, until it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight<'a>(&'a AtomicUsize);

impl Traffic {
    /// Notes that a request is here.
    pub(crate) fn enter(&self) -> (Turn, InFlight<'_>) {
        let turn = {
            let mut arrivals = self.lock();
            arrivals.push(Instant::now());
            Turn(arrivals.len() as u64 - 1)
        };
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.peak.fetch_max(now, Ordering::SeqCst);
        (turn, InFlight(&self.in_flight))
    }

    pub(crate) fn count(&self) -> u64 {
        self.lock().len() as u64
    }

    pub(crate) fn times(&self) -> Vec<Instant> {
        self.lock().clone()
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Instant>> {
        // A push cannot panic half-way, so a poisoned list is still whole.
        self.arrivals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

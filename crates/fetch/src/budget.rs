//! The account's requests a minute, shared by all clones of a client. It is asked by the [`Client`](crate::Client)
//! before each request; when the next may go out is decided in [`pacer`].

mod pacer;

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::Utc;
use tokio::time::{Instant, sleep_until};

use self::pacer::{Pacer, Turn};

/// The weight of the newest answer in the average latency: the last ten or so count.
const NEWEST_SHARE: f64 = 0.2;

/// One account's requests a minute, shared by every clone. Without a limit nothing waits until the server names one.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    pacer: Pacer,
    /// Seconds from a request to the end of its answer, averaged exponentially.
    latency: Option<f64>,
}

impl Budget {
    pub(crate) fn new(requests_per_minute: Option<NonZeroU32>) -> Self {
        Self(Arc::new(Mutex::new(State {
            pacer: Pacer::new(requests_per_minute),
            latency: None,
        })))
    }

    /// Waits for the next free slot and takes it.
    ///
    /// A slot is taken only by a caller that is awake: one that gives up, or is not polled for a while, keeps none
    /// from the others, and none is sent into a pause that began while it slept.
    pub(crate) async fn acquire(&self) {
        let arrived = Instant::now();
        loop {
            let turn = self.state().pacer.turn(arrived, Instant::now());
            match turn {
                Turn::Now => return,
                Turn::NotBefore(instant) => sleep_until(instant).await,
            }
        }
    }

    /// Takes note that the server refuses requests for a while: pauses all callers and lowers the rate. `asked` is
    /// the wait the server names, `hourly` whether it is the limit of an hour. Returns the pause now in force.
    pub(crate) fn throttled(&self, asked: Option<Duration>, hourly: bool) -> Duration {
        self.state()
            .pacer
            .throttled(asked, hourly, Instant::now(), Utc::now())
    }

    /// Takes note of a good answer, which took this long.
    pub(crate) fn succeeded(&self, latency: Duration) {
        let mut state = self.state();
        let newest = latency.as_secs_f64();
        state.latency = Some(match state.latency {
            Some(average) => average + NEWEST_SHARE * (newest - average),
            None => newest,
        });
    }

    /// The rate in force now. None while nothing limits it.
    pub(crate) fn requests_per_minute(&self) -> Option<f64> {
        self.state().pacer.rate(Instant::now())
    }

    /// How many requests in flight the rate in force can use, by the latency seen so far; more would only wait. At
    /// least 1, and 1 until an answer was seen. None while nothing limits the rate.
    pub(crate) fn useful_concurrency(&self) -> Option<u32> {
        let state = self.state();
        let per_second = state.pacer.rate(Instant::now())? / 60.0;
        let in_flight = (per_second * state.latency.unwrap_or(0.0)).ceil();
        // A float that is too large becomes the largest integer.
        Some((in_flight as u32).max(1))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

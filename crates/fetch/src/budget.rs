//! Spreads requests evenly under the account's limit. It is asked by the [`Client`](crate::Client) before each request.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// The share of the limit that is used. Kore.ai counts requests where they arrive, in windows of sixty seconds, and
/// the network moves them together or apart: the hundredth left over keeps the sixty-first out of the window.
const USED_SHARE: f64 = 0.99;

/// One account's requests a minute, shared by every clone. Without a limit nothing ever waits.
#[derive(Clone, Debug)]
pub(crate) struct Budget(Option<Arc<Mutex<Pacer>>>);

impl Budget {
    pub(crate) fn new(requests_per_minute: Option<NonZeroU32>) -> Self {
        Self(requests_per_minute.map(|limit| Arc::new(Mutex::new(Pacer::new(limit)))))
    }

    /// Waits for the next free slot and takes it. A caller that gives up while it waits leaves its slot unused,
    /// which errs on the side of the limit.
    pub(crate) async fn acquire(&self) {
        let Some(pacer) = &self.0 else { return };
        let slot = pacer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .reserve(Instant::now());
        sleep_until(slot).await;
    }
}

/// Hands out slots in time, one each interval. An idle minute is not saved up: bursts are what a limit counted in
/// fixed windows punishes.
#[derive(Debug)]
pub(crate) struct Pacer {
    interval: Duration,
    free_at: Option<Instant>,
}

impl Pacer {
    pub(crate) fn new(requests_per_minute: NonZeroU32) -> Self {
        let seconds = 60.0 / (USED_SHARE * f64::from(requests_per_minute.get()));
        Self {
            interval: Duration::from_secs_f64(seconds),
            free_at: None,
        }
    }

    /// The instant at which the caller may send: now, or when the slot before it is over.
    pub(crate) fn reserve(&mut self, now: Instant) -> Instant {
        let slot = self.free_at.map_or(now, |free_at| free_at.max(now));
        self.free_at = Some(slot + self.interval);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn per_minute(requests: u32) -> NonZeroU32 {
        NonZeroU32::new(requests).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_ever_holds_more_requests_than_the_limit() {
        for limit in [1, 7, 60, 600] {
            let start = Instant::now();
            let mut pacer = Pacer::new(per_minute(limit));
            let slots: Vec<_> = (0..1500).map(|_| pacer.reserve(start)).collect();
            for (index, slot) in slots.iter().enumerate() {
                let minute = *slot + Duration::from_secs(60);
                let inside = slots[index..].iter().take_while(|other| **other < minute).count();
                assert!(inside <= limit as usize, "{inside} of {limit}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn idle_time_is_not_saved_up_for_a_burst() {
        let mut pacer = Pacer::new(per_minute(60));
        let first = pacer.reserve(Instant::now());
        let after_an_hour = first + Duration::from_secs(3600);
        assert_eq!(pacer.reserve(after_an_hour), after_an_hour);
        assert!(pacer.reserve(after_an_hour) > after_an_hour + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn clones_of_a_budget_wait_for_each_other() {
        let budget = Budget::new(Some(per_minute(60)));
        let start = Instant::now();
        let callers = (0..61).map(|_| {
            let budget = budget.clone();
            async move { budget.acquire().await }
        });
        futures::future::join_all(callers).await;
        assert!(
            start.elapsed() >= Duration::from_secs(60),
            "{:?}",
            start.elapsed()
        );
        assert!(start.elapsed() < Duration::from_secs(61), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_nothing_waits() {
        let budget = Budget::new(None);
        let start = Instant::now();
        for _ in 0..1000 {
            budget.acquire().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}

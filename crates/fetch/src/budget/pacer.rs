//! Decides when the next request may go out: the rate, its pauses, its recovery. Pure; who waits is up to
//! [`Budget`](super::Budget).

use std::{collections::VecDeque, num::NonZeroU32, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::Instant;

/// The share of the limit that is used. Kore.ai counts requests where they arrive, in windows of sixty seconds, and
/// the network moves them together or apart: the hundredth left over keeps the sixty-first out of the window.
const USED_SHARE: f64 = 0.99;

/// How late a slot may be used without moving those after it. Half of what [`USED_SHARE`] leaves over in a minute:
/// however late callers wake, no sliding minute sees more requests than the limit.
const LATE: Duration = Duration::from_millis(300);

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The unpaused time in which the rate grows from half to full.
const RECOVERY: Duration = Duration::from_secs(120);

/// Requests a minute. Kore.ai's limits begin at 60, and half of this is tried first.
const LEAST_OBSERVED: f64 = 120.0;

/// The longest pause. Callers give up on far shorter ones; it only keeps the clock from overflowing.
const LONGEST_PAUSE: Duration = Duration::from_secs(365 * 24 * 3600);

/// Hands out slots in time, one each interval. An idle minute is not saved up: bursts are what a limit counted in
/// fixed windows punishes.
#[derive(Debug)]
pub(super) struct Pacer {
    /// Requests a minute, as configured.
    limit: Option<f64>,
    /// The earliest next slot, pauses aside.
    next: Option<Instant>,
    /// The last time the server refused, and what follows from it.
    throttle: Option<Throttle>,
    /// The requests of the last minute, where no limit is configured: what a server that refuses has objected to.
    recent: VecDeque<Instant>,
}

/// The answer to a caller who wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The slot is taken: the request has to go out now.
    Now,
    /// Not before this instant, and then only after asking again.
    NotBefore(Instant),
}

#[derive(Clone, Copy, Debug)]
struct Throttle {
    /// The end of the pause.
    until: Instant,
    /// Requests a minute at the end of the pause.
    lowered: f64,
    /// The rate that growth is measured by: the configured limit, or the one at which the server refused.
    full: f64,
    /// Whether the pause follows from the wall clock and not from what the server asked for.
    by_the_clock: bool,
    /// Whether a request has gone out since the server refused. Until then a further refusal is an answer to one
    /// that was in flight already, and tells nothing new.
    sent_since: bool,
}

impl Pacer {
    pub(super) fn new(requests_per_minute: Option<NonZeroU32>) -> Self {
        Self {
            limit: requests_per_minute.map(|limit| f64::from(limit.get())),
            next: None,
            throttle: None,
            recent: VecDeque::new(),
        }
    }

    /// Takes a slot for a caller who has been waiting since `arrived`, or says when to ask again.
    pub(super) fn turn(&mut self, arrived: Instant, now: Instant) -> Turn {
        let pause = self.throttle.map(|throttle| throttle.until);
        // A caller who was there in time takes the slot as it was planned, even if it wakes a little later: the slots
        // after it stay where they are.
        let slot = [self.next, pause]
            .into_iter()
            .flatten()
            .fold(arrived, Instant::max);
        if slot > now {
            return Turn::NotBefore(slot);
        }
        let slot = now.checked_sub(LATE).map_or(slot, |earliest| slot.max(earliest));
        self.next = self.rate(now).map(|rate| slot + interval(rate));
        if let Some(throttle) = &mut self.throttle {
            throttle.sent_since = true;
        }
        if self.limit.is_none() {
            self.forget_before(now);
            self.recent.push_back(now);
        }
        Turn::Now
    }

    /// Requests a minute at `now`. None while nothing limits them.
    ///
    /// After a pause the rate grows by the same amount each second, until it is the configured one. Where none is
    /// configured it grows past the rate at which the server refused, so that a limit which only held for a while,
    /// or was used up by others, does not slow the account down for ever; at twice that rate it is lifted.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        let Some(throttle) = &self.throttle else {
            return self.limit;
        };
        let unpaused = now.saturating_duration_since(throttle.until);
        let grown = throttle.lowered + throttle.full / 2.0 * unpaused.as_secs_f64() / RECOVERY.as_secs_f64();
        match self.limit {
            Some(limit) => Some(grown.min(limit)),
            None => (grown < 2.0 * throttle.full).then_some(grown),
        }
    }

    /// Begins or extends a pause at `now`, which is `wall` by the clock on the wall, and halves the rate, once a
    /// pause. Returns how long the pause still is.
    pub(super) fn throttled(
        &mut self,
        asked: Option<Duration>,
        hourly: bool,
        now: Instant,
        wall: DateTime<Utc>,
    ) -> Duration {
        let before = self.throttle;
        let known = before.is_some_and(|before| !before.sent_since);
        let again = before.is_some_and(|before| before.by_the_clock && now <= before.until + MINUTE);
        let pause = match asked {
            Some(asked) => asked.min(LONGEST_PAUSE),
            None if hourly => rest_of(HOUR, wall) + SECOND,
            None if known => Duration::ZERO,
            // Waiting for the minute to end did not help: the server's minute is not the one of the clock.
            None if again => MINUTE,
            None => rest_of(MINUTE, wall) + SECOND,
        };
        let (rate, full) = match (self.rate(now), before) {
            (Some(rate), Some(before)) => (rate, before.full),
            (Some(rate), None) => (rate, rate),
            (None, _) => {
                let observed = self.observed(now);
                (observed, observed)
            }
        };
        let until = now + pause;
        let throttle = Throttle {
            until: before.map_or(until, |before| before.until.max(until)),
            lowered: if known { rate } else { (rate / 2.0).max(1.0) },
            full,
            by_the_clock: asked.is_none() || before.is_some_and(|before| known && before.by_the_clock),
            sent_since: false,
        };
        self.throttle = Some(throttle);
        throttle.until.saturating_duration_since(now)
    }

    /// The rate of the requests of the last minute. A run that has just begun had no minute yet, and is judged by the
    /// seconds that it had; a handful of requests tells nothing, and counts as twice the slowest limit that is known.
    fn observed(&mut self, now: Instant) -> f64 {
        self.forget_before(now);
        let count = u32::try_from(self.recent.len()).unwrap_or(u32::MAX).max(1);
        let span = self
            .recent
            .front()
            .map(|oldest| now.saturating_duration_since(*oldest));
        (f64::from(count) * 60.0 / span.unwrap_or(MINUTE).max(SECOND).as_secs_f64()).max(LEAST_OBSERVED)
    }

    /// Forgets requests that are a minute old.
    fn forget_before(&mut self, now: Instant) {
        while let Some(oldest) = self.recent.front()
            && now.saturating_duration_since(*oldest) >= MINUTE
        {
            self.recent.pop_front();
        }
    }
}

/// The time between two slots.
fn interval(requests_per_minute: f64) -> Duration {
    Duration::from_secs_f64(60.0 / (USED_SHARE * requests_per_minute))
}

/// From `wall` to the end of its minute or hour.
fn rest_of(period: Duration, wall: DateTime<Utc>) -> Duration {
    let since_epoch = wall.timestamp_millis().rem_euclid(period.as_millis() as i64);
    period.saturating_sub(Duration::from_millis(since_epoch.unsigned_abs()))
}

#[cfg(test)]
mod tests;

//! A strict limit of requests a minute. Where it is asked is in [`transport`](super::transport).

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// The admitted requests of the last minute. Refused ones do not count: a client that knocks too often would never
/// get in again.
#[derive(Debug, Default)]
pub(super) struct Throttle(VecDeque<Instant>);

impl Throttle {
    /// Admits a request, or says in how many whole seconds one will be admitted.
    pub(super) fn admit(&mut self, most: u32, now: Instant) -> Result<(), u64> {
        while self
            .0
            .front()
            .is_some_and(|first| now.duration_since(*first) >= MINUTE)
        {
            self.0.pop_front();
        }
        match self.0.front() {
            Some(first) if self.0.len() >= most as usize => {
                let left = MINUTE - now.duration_since(*first);
                Err(left.as_millis().div_ceil(1_000) as u64)
            }
            _ => {
                self.0.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_requests_than_the_limit_wherever_it_begins() {
        let (start, mut throttle) = (Instant::now(), Throttle::default());
        let mut at = |seconds| throttle.admit(2, start + Duration::from_millis(seconds));
        assert_eq!(at(0), Ok(()));
        assert_eq!(at(50_000), Ok(()));
        assert_eq!(at(50_100), Err(10));
        assert_eq!(at(59_999), Err(1));
        assert_eq!(at(60_000), Ok(()));
        assert_eq!(at(60_001), Err(50), "not a window that starts afresh");
        assert_eq!(at(110_000), Ok(()));
    }
}

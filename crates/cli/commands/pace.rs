//! The line under the summary of a run: how fast it asked, and what it used of the budget.

use std::fmt;
use std::time::Duration;

use crate::output::{grouped, seconds};

/// A rate of a shorter time says nothing about a minute.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

/// How a run asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) requests: u64,
    /// Requests that followed a failed one.
    pub(super) repeated: u64,
    pub(super) elapsed: Duration,
    /// Requests a minute that were allowed; `None` without a limit.
    pub(super) budget: Option<u32>,
}

impl Pace {
    /// Without the first request, which waits for none before it.
    fn a_minute(&self) -> Option<f64> {
        let minutes = self.elapsed.as_secs_f64() / 60.0;
        (self.elapsed >= LONG_ENOUGH).then(|| self.requests.saturating_sub(1) as f64 / minutes)
    }

    /// The share of the requests that the time had room for: one at its beginning, and then the budget's.
    fn share(&self) -> Option<f64> {
        let budget = f64::from(self.budget?);
        Some(self.requests as f64 / (1.0 + budget * self.elapsed.as_secs_f64() / 60.0))
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.requests == 1 { "request" } else { "requests" };
        let time = match self.elapsed.as_secs() {
            whole @ 100.. => grouped(whole),
            _ => seconds(self.elapsed),
        };
        write!(formatter, "{} {noun} in {time} s", grouped(self.requests))?;
        let rate = self.a_minute().map(|rate| format!("{rate:.1} a minute"));
        let share = self
            .share()
            .map(|share| format!("{:.0} % of the budget", share * 100.0));
        let repeated = (self.repeated > 0).then(|| format!("{} of them again", grouped(self.repeated)));
        let facts: Vec<String> = [rate, share, repeated].into_iter().flatten().collect();
        match facts.as_slice() {
            [] => Ok(()),
            facts => write!(formatter, ": {}", facts.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(requests: u64, repeated: u64, seconds: f64, budget: Option<u32>) -> String {
        let elapsed = Duration::from_secs_f64(seconds);
        let pace = Pace {
            requests,
            repeated,
            elapsed,
            budget,
        };
        pace.to_string()
    }

    #[test]
    fn a_long_run_tells_its_rate_and_what_it_used_of_the_budget() {
        assert_eq!(
            line(1240, 0, 1252.4, Some(60)),
            "1,240 requests in 1,252 s: 59.4 a minute, 99 % of the budget"
        );
        assert_eq!(
            line(1240, 12, 600.0, None),
            "1,240 requests in 600 s: 123.9 a minute, 12 of them again"
        );
    }

    #[test]
    fn a_short_run_is_not_blown_up_to_a_minute() {
        assert_eq!(
            line(3, 0, 2.02, Some(60)),
            "3 requests in 2.02 s: 99 % of the budget"
        );
        assert_eq!(line(1, 0, 0.25, None), "1 request in 0.25 s");
    }
}

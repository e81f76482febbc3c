//! Decides what follows a failed try, from values alone. What counts as passing trouble is
//! [`Error::is_transient`]; the waiting is done in [`client`](crate::Client).

use std::time::Duration;

use crate::{Error, Result};

/// Throttled answers in a row after which a page is given up: somebody else uses up the account's requests.
const LONGEST_THROTTLING: u32 = 10;

/// The longest pause a server may ask for. After an hourly limit it can be an hour, and clocks differ; what is longer
/// is no rate limit but a closed account.
const LONGEST_PAUSE: Duration = Duration::from_secs(2 * 60 * 60);

/// How often a page is asked for that does not come, and at what distance. Built by value:
///
/// ```
/// # use korelake_fetch::Retry;
/// # use std::time::Duration;
/// let patient = Retry::default().tries(10).total(Duration::from_secs(1800));
/// ```
///
/// Waits are drawn at random between `first_wait` and three times the wait before (decorrelated jitter), so that
/// clients which failed in the same moment do not come back in the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    tries: u32,
    first_wait: Duration,
    longest_wait: Duration,
    total: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: 6,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            total: Duration::from_secs(5 * 60),
        }
    }
}

impl Retry {
    /// How often a page is asked for, the first time included. Default: 6, which outlasts the restart of a server; 1
    /// turns retries off.
    pub fn tries(self, tries: u32) -> Self {
        Self { tries, ..self }
    }

    /// The shortest wait between two tries. Default: 500 ms, enough for a balancer to choose another server.
    pub fn first_wait(self, first_wait: Duration) -> Self {
        Self { first_wait, ..self }
    }

    /// The longest wait between two tries, unless the server asks for a longer one. Default: 30 s.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { longest_wait, ..self }
    }

    /// The time for one page, tries and waits together, without pauses for a rate limit. Default: 5 min. A try that
    /// has begun is not cut short.
    pub fn total(self, total: Duration) -> Self {
        Self { total, ..self }
    }

    pub(crate) fn longest(&self) -> Duration {
        self.total
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self.tries {
            0 => Err(Error::InvalidOption {
                name: "tries",
                reason: "must not be 0",
            }),
            _ => Ok(()),
        }
    }

    /// How long to wait before the next try, or nothing when this was the last. `random` is from 0 up to 1.
    ///
    /// A wait that the server names is kept in full, as an earlier try would be refused again; one that goes beyond
    /// the total ends the tries now, because waiting for a part of it would be for nothing.
    fn wait(
        &self,
        error: &Error,
        tries: u32,
        spent: Duration,
        previous: Option<Duration>,
        random: f64,
    ) -> Option<Duration> {
        if tries >= self.tries {
            return None;
        }
        let widest = previous.unwrap_or(self.first_wait).saturating_mul(3);
        let spread = widest.saturating_sub(self.first_wait).as_secs_f64() * random;
        let spread = Duration::try_from_secs_f64(spread).unwrap_or(self.longest_wait);
        let wait = self.first_wait.saturating_add(spread).min(self.longest_wait);
        let wait = wait.max(asked_by_server(error).unwrap_or_default());
        (spent.saturating_add(wait) <= self.total).then_some(wait)
    }
}

fn asked_by_server(error: &Error) -> Option<Duration> {
    match error {
        Error::Status { retry_after, .. } => *retry_after,
        _ => None,
    }
}

/// What follows a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Try again after a wait.
    Wait(Duration),
    /// Let the budget pause, then try again.
    Pause,
    /// The error is the answer: another try would end in the same way, or is the caller's to make.
    Return,
    /// Another try could have helped, but there were enough.
    GiveUp,
}

/// What has happened to one page so far.
#[derive(Debug, Default)]
pub(crate) struct Course {
    tries: u32,
    throttled: u32,
    spent: Duration,
    wait: Option<Duration>,
}

impl Course {
    /// Judges a try that `took` so long and ended in `error`; `limit` records had been asked for.
    ///
    /// A page that is too slow or too large is not tried again while it can be made smaller: the caller asks for fewer
    /// records. Throttled answers are no tries: nothing is wrong with the page.
    pub(crate) fn judge(
        &mut self,
        retry: &Retry,
        error: &Error,
        limit: u32,
        took: Duration,
        random: f64,
    ) -> Next {
        if let Error::Throttled { retry_after, .. } = error {
            self.throttled += 1;
            return match retry_after {
                Some(asked) if *asked > LONGEST_PAUSE => Next::Return,
                _ if self.throttled >= LONGEST_THROTTLING => Next::GiveUp,
                _ => Next::Pause,
            };
        }
        self.throttled = 0;
        self.tries += 1;
        self.spent = self.spent.saturating_add(took);
        if !error.is_transient() || matches!(error, Error::Timeout { .. }) && limit > 1 {
            return Next::Return;
        }
        match retry.wait(error, self.tries, self.spent, self.wait, random) {
            Some(wait) => {
                self.wait = Some(wait);
                self.spent = self.spent.saturating_add(wait);
                Next::Wait(wait)
            }
            None => Next::GiveUp,
        }
    }

    /// Tries so far.
    pub(crate) fn tries(&self) -> u32 {
        self.tries
    }
}

#[cfg(test)]
mod tests;

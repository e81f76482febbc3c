//! What happens on the way to a page, for those who watch. What went wrong in the end is an [`Error`](crate::Error).

use std::{fmt, sync::Arc, time::Duration};

use crate::{PagingStyle, Window};

/// Something that happened on the way and was dealt with. It holds no secret; its text is one line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A try has failed and another follows.
    Retrying {
        /// What went wrong.
        error: String,
        /// Tries so far.
        tries: u32,
        /// The wait until the next.
        wait: Duration,
    },
    /// The server counts too many requests. All requests of the client pause.
    Throttled {
        /// The pause that is now in force.
        pause: Duration,
        /// The rate at which requests go on afterwards. None where none is known.
        requests_per_minute: Option<f64>,
        /// The server's message.
        message: String,
    },
    /// A token that had worked was refused and replaced.
    TokenRenewed,
    /// Pages were too slow or too large, and fewer records are asked for at a time.
    PageSizeLowered {
        /// Records asked for so far.
        from: u32,
        /// Records asked for from now on.
        to: u32,
        /// What made it necessary.
        reason: String,
        /// The window that is read.
        window: Window,
    },
    /// How the server counts pages turned out to differ from what was expected.
    PagingLearned {
        /// The endpoint's name.
        endpoint: String,
        /// How it counts.
        style: PagingStyle,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retrying { error, tries, wait } => {
                let seconds = wait.as_secs_f64();
                write!(formatter, "{error}; try {} follows in {seconds:.1} s", tries + 1)
            }
            Self::Throttled {
                pause,
                requests_per_minute,
                message,
            } => {
                write!(formatter, "throttled for {:.0} s", pause.as_secs_f64().ceil())?;
                if let Some(rate) = requests_per_minute {
                    write!(formatter, ", then {rate:.0} requests a minute")?;
                }
                write!(formatter, ": {message}")
            }
            Self::TokenRenewed => formatter.write_str("the token is no longer accepted; a new one is tried"),
            Self::PageSizeLowered {
                from,
                to,
                reason,
                window,
            } => {
                write!(
                    formatter,
                    "page size lowered from {from} to {to} for {window}: {reason}"
                )
            }
            Self::PagingLearned { endpoint, style } => {
                write!(formatter, "endpoint {endpoint} pages by {style}")
            }
        }
    }
}

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Observer(Option<Arc<Watcher>>);

type Watcher = dyn Fn(&Notice) + Send + Sync;

impl Observer {
    pub(crate) fn new(observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observer)))
    }

    pub(crate) fn notify(&self, notice: &Notice) {
        if let Some(observer) = &self.0 {
            observer(notice);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "watching" } else { "nobody" })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    #[test]
    fn every_notice_is_one_readable_line() {
        let start = DateTime::UNIX_EPOCH;
        let notices = [
            Notice::Retrying {
                error: "the server answers 502: Bad Gateway".to_owned(),
                tries: 2,
                wait: Duration::from_millis(1260),
            },
            Notice::Throttled {
                pause: Duration::from_millis(41_200),
                requests_per_minute: Some(29.7),
                message: "You've exceeded the per-minute rate limit".to_owned(),
            },
            Notice::Throttled {
                pause: Duration::ZERO,
                requests_per_minute: None,
                message: "no message".to_owned(),
            },
            Notice::TokenRenewed,
            Notice::PageSizeLowered {
                from: 100,
                to: 50,
                reason: "no answer within 120 s".to_owned(),
                window: Window::new(start, start + TimeDelta::hours(1)).unwrap(),
            },
            Notice::PagingLearned {
                endpoint: "v3".to_owned(),
                style: PagingStyle::Page,
            },
        ];
        let lines: Vec<_> = notices.iter().map(Notice::to_string).collect();
        assert_eq!(
            lines,
            [
                "the server answers 502: Bad Gateway; try 3 follows in 1.3 s",
                "throttled for 42 s, then 30 requests a minute: You've exceeded the per-minute rate limit",
                "throttled for 0 s: no message",
                "the token is no longer accepted; a new one is tried",
                "page size lowered from 100 to 50 for 1970-01-01T00:00:00Z..1970-01-01T01:00:00Z: \
                 no answer within 120 s",
                "endpoint v3 pages by page",
            ]
        );
    }
}

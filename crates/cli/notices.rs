//! What is said of things that happened on the way and were dealt with: what changes how long a run takes, and no more.
//! How lines get to the terminal is the matter of [`output`](crate::output).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use korelake::fetch::Notice;

use crate::output::Output;

/// A first failure of a page is worth no line: a server that is a little flaky would fill the screen. They are counted.
const WORTH_A_LINE: u32 = 2;

/// Requests that were in flight when the server refused are refused too, and the pause moves by that much.
const SAME_PAUSE: Duration = Duration::from_secs(2);

/// Tells people on standard error. Clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Notices(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    output: Output,
    repeated: AtomicU64,
    /// The end of the pause that was told last.
    paused_until: Mutex<Option<Instant>>,
}

impl Notices {
    pub(crate) fn new(output: &Output) -> Self {
        Self(Arc::new(Shared {
            output: output.clone(),
            repeated: AtomicU64::new(0),
            paused_until: Mutex::new(None),
        }))
    }

    /// What a client calls.
    pub(crate) fn observer(&self) -> impl Fn(&Notice) + Send + Sync + 'static {
        let notices = self.clone();
        move |notice| {
            if let Some(line) = notices.line(notice, Instant::now()) {
                notices.0.output.note(&line);
            }
        }
    }

    /// Requests so far that followed a failed one.
    pub(crate) fn repeated(&self) -> u64 {
        self.0.repeated.load(Ordering::Relaxed)
    }

    fn line(&self, notice: &Notice, now: Instant) -> Option<String> {
        match notice {
            Notice::Retrying { tries, .. } => {
                self.0.repeated.fetch_add(1, Ordering::Relaxed);
                (*tries >= WORTH_A_LINE).then(|| format!("retrying: {notice}"))
            }
            Notice::Throttled { pause, .. } => {
                self.0.repeated.fetch_add(1, Ordering::Relaxed);
                self.is_another_pause(now + *pause).then(|| notice.to_string())
            }
            Notice::TokenRenewed => {
                self.0.repeated.fetch_add(1, Ordering::Relaxed);
                Some(notice.to_string())
            }
            Notice::PageSizeLowered { .. } => Some(notice.to_string()),
            // How a server pages is said by `korelake probe`.
            _ => None,
        }
    }

    fn is_another_pause(&self, until: Instant) -> bool {
        let mut told = self.0.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let is_another = told.is_none_or(|told| until > told + SAME_PAUSE);
        if is_another {
            *told = Some(until);
        }
        is_another
    }
}

#[cfg(test)]
mod tests {
    use korelake::fetch::PagingStyle;

    use super::*;

    #[test]
    fn a_page_is_worth_a_line_from_its_second_failure_on_and_each_is_counted() {
        let notices = Notices::new(&Output::new(true));
        let failed = |tries| Notice::Retrying {
            error: "the server answers 502".to_owned(),
            tries,
            wait: Duration::from_millis(700),
        };
        let now = Instant::now();
        assert_eq!(notices.line(&failed(1), now), None);
        assert_eq!(
            notices.line(&failed(2), now).unwrap(),
            "retrying: the server answers 502; try 3 follows in 0.7 s"
        );
        assert_eq!(notices.repeated(), 2);
    }

    #[test]
    fn a_pause_is_told_once_however_many_requests_meet_it() {
        let notices = Notices::new(&Output::new(true));
        let throttled = |seconds| Notice::Throttled {
            pause: Duration::from_secs(seconds),
            requests_per_minute: Some(30.0),
            message: "too many requests".to_owned(),
        };
        let now = Instant::now();
        let told = |after, pause| notices.line(&throttled(pause), now + Duration::from_secs(after));
        assert_eq!(
            told(0, 30).unwrap(),
            "throttled for 30 s, then 30 requests a minute: too many requests"
        );
        assert_eq!(told(1, 29), None, "the same pause");
        assert!(told(1, 59).is_some(), "a longer one");
        assert!(told(90, 1).is_some(), "the next one");
        assert_eq!(notices.repeated(), 4);
    }

    #[test]
    fn how_a_server_pages_is_no_news() {
        let learned = Notice::PagingLearned {
            endpoint: "v3".to_owned(),
            style: PagingStyle::Page,
        };
        let notices = Notices::new(&Output::new(true));
        assert_eq!(notices.line(&learned, Instant::now()), None);
        assert!(notices.line(&Notice::TokenRenewed, Instant::now()).is_some());
    }
}

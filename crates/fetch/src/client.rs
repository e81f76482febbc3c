//! Asks for one page until it comes or is given up: keeps to the budget, signs, sends, and tries again as
//! [`retry`](crate::Retry) decides. Which page to ask for next is decided in [`pages`](crate::pages()).

use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::Utc;
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep},
};

use crate::{
    ClientOptions, Error, Notice, Page, Position, Query, Request, Result, Secret,
    auth::{Auth, Renewal},
    budget::Budget,
    retry::{Course, Next},
    transport::Transport,
};

/// New tokens for one page. Each was accepted for others before it was refused for this one.
const MOST_RENEWALS: u32 = 5;

/// Asks Kore.ai servers for pages, in the name of one account. Clones share connections, token, budget and the limit
/// of requests in flight.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    auth: Auth,
    budget: Budget,
    /// One permit a request in flight. Who waits longest is next.
    in_flight: Semaphore,
    /// Whether the server has answered well. Until then one request is in flight: where host or credentials are wrong,
    /// one refusal says so as well as many, and does not look like an attack.
    answered: AtomicBool,
    /// What the server said to credentials that had never worked. They are not tried again.
    refused: OnceLock<(u16, String)>,
    transport: Transport,
    options: ClientOptions,
}

/// One try: the page or why it did not come, the token that was sent, and the time it took.
struct Try {
    page: Result<Page>,
    token: Secret,
    took: Duration,
}

impl Client {
    /// A client, without connecting yet.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for settings that cannot work, [`Error::UnsendableToken`].
    pub fn new(options: ClientOptions) -> Result<Self> {
        let invalid = |name, reason| Error::InvalidOption { name, reason };
        let limit = match options.requests_per_minute {
            Some(limit) => {
                Some(NonZeroU32::new(limit).ok_or_else(|| invalid("requests_per_minute", "must not be 0"))?)
            }
            None => None,
        };
        if options.concurrency == 0 {
            return Err(invalid("concurrency", "must not be 0"));
        }
        options.retry.check()?;
        Ok(Self(Arc::new(Shared {
            auth: Auth::new(options.credentials.clone(), options.scheme)?,
            budget: Budget::new(limit),
            in_flight: Semaphore::new(1),
            answered: AtomicBool::new(false),
            refused: OnceLock::new(),
            transport: Transport::new(&options)?,
            options,
        })))
    }

    /// Requests in flight at the same time, by this client and its clones together.
    pub fn concurrency(&self) -> u32 {
        self.0.options.concurrency
    }

    /// Requests in flight that the budget has use for at the latency seen so far: no more of them would come sooner.
    /// `None` without a limit of requests.
    pub fn useful_concurrency(&self) -> Option<u32> {
        self.0.budget.useful_concurrency()
    }

    /// Asks for one page, again and again if need be. [`pages`](crate::pages()) asks for all of a window.
    ///
    /// What may pass is tried again as [`Retry`](crate::Retry) says. When the server counts too many requests, all
    /// requests of this client pause and go on more slowly. A token that had worked and is refused is replaced; so is the new one if others have used it up.
    ///
    /// Credentials that are refused before they have ever worked are not tried again, by any clone: a new client is
    /// needed once they are right.
    ///
    /// A page that is too slow or too large is given back at once while fewer records can be asked for.
    ///
    /// # Errors
    ///
    /// Those of [`Endpoint::request`](crate::Endpoint::request) and [`Page::parse`]; [`Error::Credentials`],
    /// [`Error::Redirect`], [`Error::Status`] and [`Error::Throttled`] by status; [`Error::Connect`],
    /// [`Error::Timeout`], [`Error::Cut`], [`Error::BodyTooLarge`], [`Error::UnknownEncoding`] and
    /// [`Error::Damaged`] on the way. [`Error::GaveUp`] is around the last of several tries.
    pub async fn fetch_page(&self, query: &Query, position: Position) -> Result<Page> {
        let request = query.request(position)?;
        let began = Instant::now();
        let mut course = Course::default();
        let mut sent = 0;
        let mut renewals = 0;
        loop {
            let Try { page, token, took } = self.send(query, &request).await?;
            sent += 1;
            let error = match page {
                Ok(page) => {
                    self.worked(&token, took);
                    return Ok(page);
                }
                Err(error) => error,
            };
            if renewals < MOST_RENEWALS && error.refuses_token() {
                match self.0.auth.renew(&token, renewals > 0) {
                    Renewal::Pointless => {}
                    renewal => {
                        renewals += 1;
                        if renewal == Renewal::Replaced {
                            self.notify(&Notice::TokenRenewed);
                        }
                        continue;
                    }
                }
            }
            match course.judge(
                &self.0.options.retry,
                &error,
                position.limit,
                took,
                rand::random(),
            ) {
                Next::Wait(wait) => {
                    self.notify(&Notice::Retrying {
                        error: error.to_string(),
                        tries: course.tries(),
                        wait,
                    });
                    sleep(wait).await;
                }
                Next::Pause => self.pause(error),
                Next::GiveUp if sent > 1 => {
                    return Err(Error::GaveUp {
                        tries: sent,
                        seconds: began.elapsed().as_secs(),
                        source: Box::new(error),
                    });
                }
                Next::GiveUp | Next::Return => return Err(error),
            }
        }
    }

    /// Sends the request when it is its turn.
    async fn send(&self, query: &Query, request: &Request) -> Result<Try> {
        let shared = &self.0;
        // Before the budget's slot, which is spent when it comes; an error would mean that it was closed, and nobody
        // does that.
        let _permit = shared.in_flight.acquire().await.ok();
        if let Some((status, message)) = shared.refused.get() {
            return Err(Error::Credentials {
                status: *status,
                message: message.clone(),
            });
        }
        shared.budget.acquire().await;
        // After the wait: a token minted before it could be expired by now.
        let token = shared.auth.token(Utc::now())?;
        query.count_request();
        let sent = Instant::now();
        let answer = shared
            .transport
            .send(&query.source().host, request, &shared.auth.header(&token))
            .await;
        let took = sent.elapsed();
        let page = answer.and_then(|answer| {
            let secrets = shared.auth.unspeakable(&token);
            answer.into_page(query.endpoint().response(), &secrets)
        });
        // While this request still holds the only permit.
        if let Err(error) = &page
            && error.refuses_token()
            && !shared.answered.load(Ordering::Relaxed)
        {
            let (status, message) = match error {
                Error::Credentials { status, message } | Error::Status { status, message, .. } => {
                    (*status, message.clone())
                }
                other => (401, other.to_string()),
            };
            let _ = shared.refused.set((status, message));
        }
        Ok(Try { page, token, took })
    }

    fn worked(&self, token: &Secret, took: Duration) {
        self.0.auth.worked(token);
        self.0.budget.succeeded(took);
        if !self.0.answered.swap(true, Ordering::Relaxed) {
            let others = usize::try_from(self.0.options.concurrency - 1).unwrap_or(usize::MAX);
            self.0
                .in_flight
                .add_permits(others.min(Semaphore::MAX_PERMITS - 1));
        }
    }

    /// The time that one page may take.
    pub(crate) fn patience(&self) -> Duration {
        self.0.options.retry.longest()
    }

    /// Makes all requests of this client wait. The next to be sent finds the pause in the budget.
    fn pause(&self, error: Error) {
        if let Error::Throttled {
            message,
            retry_after,
            hourly,
            ..
        } = error
        {
            let pause = self.0.budget.throttled(retry_after, hourly);
            self.notify(&Notice::Throttled {
                pause,
                requests_per_minute: self.0.budget.requests_per_minute(),
                message,
            });
        }
    }

    /// Tells whoever watches.
    pub(crate) fn notify(&self, notice: &Notice) {
        self.0.options.observer.notify(notice);
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Client").field(&self.0.options).finish()
    }
}

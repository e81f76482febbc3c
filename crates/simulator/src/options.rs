//! What a simulator is started with. The server itself is in [`server`](crate::server).

use std::time::Duration;

use crate::{Fault, RawDataShape};

/// Settings of one [`Simulator`](crate::Simulator). Each field has a setter of the same name, but for
/// [`faults`](Self::faults), to which [`fault`](Self::fault) adds one.
///
/// ```
/// use korelake_simulator::Options;
///
/// let options = Options::default().seed(7).max_limit(50);
/// assert_eq!(options.seed, 7);
/// assert_eq!(options.conversations_per_day, 400);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Everything that the server holds follows from it.
    pub seed: u64,
    /// Conversations that begin on each UTC day.
    pub conversations_per_day: u32,
    /// The account, 24 hexadecimal digits.
    pub account_id: String,
    /// The organisation, `o-<uuid>`.
    pub org_id: String,
    /// The bot, `st-<uuid>`.
    pub stream_id: String,
    /// Further bots of the account.
    pub streams: Vec<String>,
    /// The JWT app, `cs-<uuid>`; a token names it as `appId`.
    pub client_id: String,
    /// What tokens are signed with (HS256).
    pub client_secret: String,
    /// The TCP port on 127.0.0.1.
    pub port: u16,
    /// The most records that one page holds, whatever is asked for.
    pub max_limit: u32,
    /// How Raw Data V3 writes its records.
    pub raw_data_shape: RawDataShape,
    /// How long each answer is held back.
    pub latency: Duration,
    /// How it misbehaves.
    pub faults: Vec<Fault>,
}

impl Options {
    /// The seed. Default 42: two simulators hold the same data unless told otherwise.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Conversations a day, those below the duration threshold included. Default 400: a day is then 4 pages of 100
    /// and about 4 MB, small enough to wait for and large enough to page.
    #[must_use]
    pub fn conversations_per_day(mut self, conversations: u32) -> Self {
        self.conversations_per_day = conversations;
        self
    }

    /// The account. Default `000000000000000000000001`: of the right form and plainly nobody's.
    #[must_use]
    pub fn account_id(mut self, account_id: impl Into<String>) -> Self {
        self.account_id = account_id.into();
        self
    }

    /// The organisation. Default `o-00000000-0000-0000-0000-000000000001`, for the same reason.
    #[must_use]
    pub fn org_id(mut self, org_id: impl Into<String>) -> Self {
        self.org_id = org_id.into();
        self
    }

    /// The bot. Default `st-00000000-0000-0000-0000-000000000001`, for the same reason.
    #[must_use]
    pub fn stream_id(mut self, stream_id: impl Into<String>) -> Self {
        self.stream_id = stream_id.into();
        self
    }

    /// Further bots, for clients of several. Each has conversations of its own, as many a day, that follow from the
    /// seed and its id; credentials, budget and faults are those of the account. Default none.
    #[must_use]
    pub fn streams(mut self, streams: Vec<String>) -> Self {
        self.streams = streams;
        self
    }

    /// The JWT app. Default `cs-00000000-0000-0000-0000-000000000001`, for the same reason.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// The signing secret. Default `simulated-client-secret-0000000000000001`: it protects nothing.
    #[must_use]
    pub fn client_secret(mut self, client_secret: impl Into<String>) -> Self {
        self.client_secret = client_secret.into();
        self
    }

    /// The port. Default 0, any free one, so that tests can run side by side.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The page cap. Default 100, the vendor's maximum where it states one. A larger `limit` is cut silently; a cap
    /// of 0 is taken for 1, since a server that never hands anything out cannot be paged.
    #[must_use]
    pub fn max_limit(mut self, max_limit: u32) -> Self {
        self.max_limit = max_limit.max(1);
        self
    }

    /// The shape of Raw Data V3. Default [`RawDataShape::TitleCase`], the long sample body of its page. The vendor's
    /// pages and copies of them elsewhere show either shape from either current Quality endpoint, so a client has
    /// to read both. Which conversations a request gets, and in which order, is the same.
    #[must_use]
    pub fn raw_data_shape(mut self, shape: RawDataShape) -> Self {
        self.raw_data_shape = shape;
        self
    }

    /// The delay of each answer, on tokio's clock (a paused clock skips it). Default none.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Adds a way to misbehave. Default none: the server does what the vendor's pages say.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 42,
            conversations_per_day: 400,
            account_id: "000000000000000000000001".into(),
            org_id: "o-00000000-0000-0000-0000-000000000001".into(),
            stream_id: "st-00000000-0000-0000-0000-000000000001".into(),
            streams: Vec::new(),
            client_id: "cs-00000000-0000-0000-0000-000000000001".into(),
            client_secret: "simulated-client-secret-0000000000000001".into(),
            port: 0,
            max_limit: 100,
            raw_data_shape: RawDataShape::default(),
            latency: Duration::ZERO,
            faults: Vec::new(),
        }
    }
}

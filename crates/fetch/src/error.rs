//! What can go wrong between a request and its page. What an error means for those who meet it is answered in
//! [`question`](crate::question), what to do about it in [`hint`](crate::hint).

use std::{error::Error as StdError, time::Duration};

use chrono::{DateTime, Utc};

use crate::{PagingStyle, Window};

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A cause below this library: the HTTP or TLS stack.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// What can go wrong between a request and its page.
///
/// No variant ever holds a secret or a token; a server's message that repeats one has it taken out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was given as host is none, or more than one.
    #[error("host {host:?} {reason}")]
    InvalidHost {
        /// What was given, without a user and password.
        host: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Plain http to another machine would show the token and the conversations to the network.
    #[error("{host} is plain http to another machine")]
    InsecureHost {
        /// The host, with its scheme.
        host: String,
    },
    /// A window has to move forward in time.
    #[error("the window ends at {end}, which is not later than its start at {start}")]
    InvalidWindow {
        /// The first instant asked for.
        start: DateTime<Utc>,
        /// The instant that should be later.
        end: DateTime<Utc>,
    },
    /// A setting of the client or of a request cannot be used.
    #[error("{name} {reason}")]
    InvalidOption {
        /// The setting.
        name: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A format of dates that cannot be used.
    #[error("the date format {format:?} {reason}")]
    InvalidDateFormat {
        /// As given.
        format: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The endpoint's dates are too coarse to tell the two ends of a window apart.
    #[error("endpoint {endpoint} writes both ends of {window} as {written:?}")]
    CoarseDates {
        /// The endpoint's name.
        endpoint: String,
        /// What was asked for.
        window: Window,
        /// How both ends are written.
        written: String,
    },
    /// The endpoint part of a dataset definition contradicts itself.
    #[error("endpoint {endpoint} cannot be used: {reason}")]
    InvalidEndpoint {
        /// The endpoint's name.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The endpoint needs an id that is missing or cannot be sent.
    #[error("endpoint {endpoint} needs {name}, which {reason}")]
    UnusableId {
        /// The endpoint's name.
        endpoint: String,
        /// The id: `account_id`, `org_id` or `stream_id`.
        name: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A filter that the endpoint does not know. A server ignores such a one, and sends everything.
    #[error("endpoint {endpoint} takes no filter {setting:?}")]
    UnknownFilter {
        /// The endpoint's name.
        endpoint: String,
        /// The setting.
        setting: String,
        /// The settings for the filters that it takes.
        known: Vec<String>,
    },
    /// A filter has a value that it cannot have. The value is not shown.
    #[error("{setting} for endpoint {endpoint} {reason}")]
    InvalidFilter {
        /// The endpoint's name.
        endpoint: String,
        /// The setting.
        setting: String,
        /// What is wrong with its value.
        reason: String,
    },
    /// A parameter has the name of one that window or paging use.
    #[error("parameter {name} of endpoint {endpoint} is set by the window or the paging")]
    ReservedParameter {
        /// The endpoint's name.
        endpoint: String,
        /// The parameter.
        name: String,
    },
    /// The token holds a character no header may hold, such as a line break.
    #[error("the token contains characters that cannot be sent in a header")]
    UnsendableToken,
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Mint {
        /// What the signing library says.
        source: Cause,
    },
    /// The HTTP stack could not be set up, for instance because the system has no certificates.
    #[error("the HTTP client could not be set up")]
    Setup {
        /// What the HTTP stack says.
        source: Cause,
    },

    /// No connection was made: name, address, proxy or TLS.
    #[error("no connection to {host}")]
    Connect {
        /// The host, with its scheme.
        host: String,
        /// What the HTTP stack says.
        source: Cause,
    },
    /// The whole answer was not there in time.
    #[error("{host} did not answer within {seconds} s")]
    Timeout {
        /// The host, with its scheme.
        host: String,
        /// The time that was given to the request.
        seconds: u64,
    },
    /// The connection was lost, or the answer ended, before it was whole.
    #[error("the connection to {host} ended after {received} bytes of the answer")]
    Cut {
        /// The host, with its scheme.
        host: String,
        /// Bytes of the decompressed body that had arrived.
        received: usize,
        /// What the HTTP stack or the decompression says.
        source: Cause,
    },
    /// The body is packed in a way that was not asked for.
    #[error("the answer is encoded as {encoding:?}, which is unknown")]
    UnknownEncoding {
        /// The header `Content-Encoding`, shortened.
        encoding: String,
    },
    /// The body cannot be unpacked.
    #[error("the answer is damaged: it cannot be decompressed as {encoding}")]
    Damaged {
        /// The header `Content-Encoding`.
        encoding: &'static str,
        /// What the decompression says.
        source: Cause,
    },

    /// The server does not accept who asks (401) or what is asked for (403).
    #[error("the server refuses these credentials ({status}): {message}")]
    Credentials {
        /// The HTTP status.
        status: u16,
        /// The server's message, shortened.
        message: String,
    },
    /// The server sends elsewhere. That is not followed: the token would go along.
    #[error("the server answers {status} and sends to {target_host}")]
    Redirect {
        /// The HTTP status.
        status: u16,
        /// The host it sends to, with its scheme.
        target_host: String,
    },
    /// Any other status that is no success.
    #[error("the server answers {status}: {message}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The server's message, shortened.
        message: String,
        /// The code in the server's message.
        code: Option<i64>,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The server counts too many requests of this account. Kore.ai documents neither the status nor the headers of
    /// this answer, only its words.
    #[error(
        "the rate limit of the account is exceeded ({status}{}): {message}",
        retry_after.map(|wait| format!(", to wait {} s", wait.as_secs())).unwrap_or_default()
    )]
    Throttled {
        /// The HTTP status, 429 or another.
        status: u16,
        /// The server's message, shortened.
        message: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
        /// Whether requests are counted by the hour.
        hourly: bool,
    },
    /// The body is larger than may be held in memory.
    #[error("the answer is larger than {limit} bytes")]
    BodyTooLarge {
        /// The limit in bytes, before and after decompression.
        limit: usize,
    },
    /// The body is not JSON. It is not quoted: it may hold what people said.
    #[error("the answer {} at byte {offset} (line {line})", if *.cut { "is cut off" } else { "is not valid JSON" })]
    NotJson {
        /// Where in the decompressed body, counted from 0.
        offset: usize,
        /// The line, counted from 1.
        line: usize,
        /// Whether the body simply ends too early.
        cut: bool,
        /// What the JSON parser says.
        source: serde_json::Error,
    },
    /// The body is an HTML page: a gateway, a proxy or a login page has answered.
    #[error("the answer is an HTML page{}", title.as_ref().map(|title| format!(" titled \"{title}\"")).unwrap_or_default())]
    Html {
        /// The title of the page, shortened.
        title: Option<String>,
    },
    /// The body reports an error, with a status of success.
    #[error("the server answers with an error: {message}")]
    ErrorBody {
        /// The server's message, shortened.
        message: String,
        /// The code in the server's message.
        code: Option<i64>,
    },
    /// The body is JSON, but no object.
    #[error("the answer is {found} and not an object")]
    NotAnObject {
        /// What it is: `an array`, `a number` …
        found: &'static str,
    },
    /// The body has no records.
    #[error("the answer has no key {key:?}")]
    MissingRecords {
        /// The key the endpoint names.
        key: String,
        /// The first keys the body has.
        keys: Vec<String>,
    },
    /// The records are not an array.
    #[error("{key:?} of the answer is {found} and not an array")]
    RecordsNotArray {
        /// The key the endpoint names.
        key: String,
        /// What it is: `an object`, `null` …
        found: &'static str,
    },
    /// A key of the envelope occurs twice, so that one of two values would be lost.
    #[error("the answer has the key {key:?} twice")]
    DuplicateKey {
        /// The key.
        key: String,
    },
    /// The total or the has-more of the envelope is there, but cannot be read.
    #[error("{key:?} of the answer is {found}, which cannot be read")]
    UnreadableEnvelope {
        /// The key.
        key: String,
        /// Its JSON text, shortened.
        found: String,
    },
    /// A page holds nothing but records of the one before it.
    #[error("page {page} repeats page {}: the server ignores paging by {style}", page - 1)]
    PagingIgnored {
        /// The parameter that was counted up.
        style: PagingStyle,
        /// The page that repeats, counted from 1.
        page: u64,
    },

    /// A page did not come, however often it was asked for.
    #[error("no answer after {tries} tries in {seconds} s")]
    GaveUp {
        /// Requests that were sent for the page.
        tries: u32,
        /// The time they took, pauses included.
        seconds: u64,
        /// What happened at the last of them. See [`Error::root`].
        source: Box<Error>,
    },

    /// A task that reads stopped without a result. A defect of this crate.
    #[error("a task that reads pages stopped")]
    Stopped {
        /// What the runtime says.
        source: tokio::task::JoinError,
    },

    /// The page on which one of the others happened.
    #[error("page {page} of {endpoint} {window} could not be read")]
    OnPage {
        /// The endpoint's name.
        endpoint: String,
        /// The window that was read.
        window: Window,
        /// The page, counted from 1.
        page: u64,
        /// What happened. See [`Error::root`].
        source: Box<Error>,
    },
}

//! Sends requests: TLS, time limits, the header `auth`, the size of an answer. The only user of reqwest; which page
//! to ask for next is decided in [`paginate`](crate::pages).

use std::{
    fmt,
    num::NonZeroU32,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use chrono::Utc;
use reqwest::{Response, StatusCode, header};
use url::Url;

use crate::{
    Credentials, Error, Host, Method, Page, Position, Query, Request, Result, Scheme, Secret,
    auth::Auth,
    budget::Budget,
    refusal::{Refusal, quote},
};

/// Bytes of an error's body that are read: enough for any message, and no more.
const REFUSAL_BYTES: usize = 64 * 1024;

/// How a [`Client`] asks. Built by value:
///
/// ```
/// # use korelake_fetch::{ClientOptions, Credentials};
/// let options = ClientOptions::new(Credentials::app("cs-1234", "the client secret")).requests_per_minute(Some(60));
/// ```
#[derive(Clone, Debug)]
pub struct ClientOptions {
    credentials: Credentials,
    scheme: Scheme,
    requests_per_minute: Option<u32>,
    connect_timeout: Duration,
    timeout: Duration,
    max_body_bytes: usize,
    user_agent: String,
}

impl ClientOptions {
    /// The defaults of every setter below.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            scheme: Scheme::default(),
            requests_per_minute: None,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(120),
            max_body_bytes: 64 * 1024 * 1024,
            user_agent: concat!("korelake/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    /// How the token is written into the header. Default: the token alone, as Kore.ai's samples send it.
    pub fn scheme(self, scheme: Scheme) -> Self {
        Self { scheme, ..self }
    }

    /// Requests a minute, by this client and its clones together. Default: no limit, which suits a server of one's
    /// own; Kore.ai grants an account 60 for the Quality AI exports.
    pub fn requests_per_minute(self, requests_per_minute: Option<u32>) -> Self {
        Self {
            requests_per_minute,
            ..self
        }
    }

    /// The time for name, connection and TLS. Default: 10 s, as a host that is there answers at once.
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            ..self
        }
    }

    /// The time for a whole request, from the connection to the last byte. Default: 120 s, as Kore.ai documents no
    /// limit and public clients have seen answers that took a minute.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The largest body, after decompression. Default: 64 MiB, a hundred times a usual page.
    pub fn max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            ..self
        }
    }

    /// What the client calls itself. Default: `korelake/` and the version.
    pub fn user_agent(self, user_agent: impl Into<String>) -> Self {
        Self {
            user_agent: user_agent.into(),
            ..self
        }
    }
}

/// Asks Kore.ai servers for pages, in the name of one account. Clones share connections, token and budget.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    auth: Auth,
    budget: Budget,
    options: ClientOptions,
    /// For plain http to this machine: no proxy could reach it there, and no certificates are needed.
    local: OnceLock<reqwest::Client>,
    /// For everything else: with the system's proxy and the system's certificates.
    remote: OnceLock<reqwest::Client>,
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
        if options.max_body_bytes == 0 {
            return Err(invalid("max_body_bytes", "must not be 0"));
        }
        if options.timeout.is_zero() || options.connect_timeout.is_zero() {
            return Err(invalid("timeout", "must not be 0"));
        }
        if header::HeaderValue::from_str(&options.user_agent).is_err() {
            return Err(invalid("user_agent", "contains characters that cannot be sent"));
        }
        Ok(Self(Arc::new(Shared {
            auth: Auth::new(options.credentials.clone(), options.scheme)?,
            budget: Budget::new(limit),
            options,
            local: OnceLock::new(),
            remote: OnceLock::new(),
        })))
    }

    /// Asks for one page. [`pages`](crate::pages) asks for all of a window.
    ///
    /// # Errors
    ///
    /// Those of [`Endpoint::request`] and [`Page::parse`]; [`Error::Credentials`], [`Error::Redirect`] and
    /// [`Error::Status`] by status; [`Error::Connect`], [`Error::Timeout`], [`Error::Cut`] and
    /// [`Error::BodyTooLarge`] on the way.
    pub async fn fetch_page(&self, query: &Query, position: Position) -> Result<Page> {
        let request = query.request(position)?;
        self.0.budget.acquire().await;
        // After the wait: a token minted before it could be expired by now.
        let token = self.0.auth.token(Utc::now())?;
        query.count_request();
        let body = self.send(&query.source().host, request, &token).await?;
        Page::parse_without(
            body,
            query.endpoint().response(),
            &self.0.auth.unspeakable(&token),
        )
    }

    /// Sends one request and reads its answer, decompressed.
    async fn send(&self, host: &Host, request: Request, token: &Secret) -> Result<Bytes> {
        let mut auth = header::HeaderValue::from_str(self.0.auth.header(token).expose())
            .map_err(|_| Error::UnsendableToken)?;
        auth.set_sensitive(true);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut outgoing = self.http(host)?.request(method, request.url).header("auth", auth);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let mut response = outgoing.send().await.map_err(|error| self.lost(host, 0, error))?;
        let status = response.status();
        if status.is_success() {
            return self.read(host, &mut response).await;
        }
        if let Some(target) = status
            .is_redirection()
            .then(|| redirect_target(&response))
            .flatten()
        {
            return Err(Error::Redirect {
                status: status.as_u16(),
                target_host: quote(&target, &self.0.auth.unspeakable(token)),
            });
        }
        let body = read_beginning(&mut response).await;
        let Refusal { message, code } = Refusal::from_body(&body, &self.0.auth.unspeakable(token));
        let (refused, status) = (
            matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
            status.as_u16(),
        );
        Err(match refused {
            true => Error::Credentials { status, message },
            false => Error::Status {
                status,
                message,
                code,
            },
        })
    }

    /// Reads a body in pieces and stops as soon as it is too large: a few kilobytes of gzip can be gigabytes.
    async fn read(&self, host: &Host, response: &mut Response) -> Result<Bytes> {
        let limit = self.0.options.max_body_bytes;
        let announced = response
            .content_length()
            .and_then(|length| usize::try_from(length).ok())
            .unwrap_or(0);
        if announced > limit {
            return Err(Error::BodyTooLarge { limit });
        }
        let mut body = Vec::with_capacity(announced);
        while let Some(piece) = response
            .chunk()
            .await
            .map_err(|error| self.lost(host, body.len(), error))?
        {
            if body.len() + piece.len() > limit {
                return Err(Error::BodyTooLarge { limit });
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.into())
    }

    fn lost(&self, host: &Host, received: usize, error: reqwest::Error) -> Error {
        let host = host.to_string();
        if error.is_connect() {
            Error::Connect {
                host,
                source: error.without_url().into(),
            }
        } else if error.is_timeout() {
            Error::Timeout {
                host,
                seconds: self.0.options.timeout.as_secs(),
            }
        } else {
            Error::Cut {
                host,
                received,
                source: error.without_url().into(),
            }
        }
    }

    /// The HTTP client for a host, built when it is first needed: a machine without certificates or with a broken
    /// proxy setting can still talk to itself.
    fn http(&self, host: &Host) -> Result<&reqwest::Client> {
        let local = host.is_loopback() && host.is_plain_http();
        let cell = if local { &self.0.local } else { &self.0.remote };
        if let Some(built) = cell.get() {
            return Ok(built);
        }
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = &self.0.options;
        let mut builder = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::none())
            // Every request counts against the account's budget, also one that is repeated behind our back.
            .retry(reqwest::retry::never());
        if local {
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let built = builder.build().map_err(|error| Error::Setup {
            source: error.without_url().into(),
        })?;
        Ok(cell.get_or_init(|| built))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Client").field(&self.0.options).finish()
    }
}

/// The host a redirect names, with its scheme. A path alone stays on the host that was asked.
fn redirect_target(response: &Response) -> Option<String> {
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let target: Url = response.url().join(location).ok()?;
    target.has_host().then(|| target.origin().ascii_serialization())
}

/// The first part of a body, or as much of it as arrives: the status has already said what matters.
async fn read_beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < REFUSAL_BYTES
        && let Ok(Some(piece)) = response.chunk().await
    {
        body.extend_from_slice(&piece);
    }
    body.truncate(REFUSAL_BYTES);
    body
}

//! Sends one request and reads its answer: TLS, proxies, limits of time and size. The only user of reqwest; when to
//! send, and whether again, is decided in [`client`](crate::Client).

use std::{sync::OnceLock, time::Duration};

use bytes::Bytes;
use chrono::Utc;
use reqwest::{Certificate, Response, header};
use url::Url;

use crate::{
    Cause, ClientOptions, Error, Host, Method, Request, Result, Secret,
    answer::Answer,
    body::{ACCEPTED, Body, Encoding, Fault},
    throttle::{http_date, retry_after},
};

/// Bytes of an error's body that are read: enough for any message, and no more.
const REFUSAL_BYTES: usize = 64 * 1024;

/// The headers of an answer: more lines or more bytes (HTTP/2; HTTP/1 stops at 400 KB) are refused, before they
/// fill the memory.
const HEADER_LINES: usize = 100;
const HEADER_BYTES: u32 = 64 * 1024;

/// The HTTP stack with its limits.
pub(crate) struct Transport {
    user_agent: String,
    connect_timeout: Duration,
    read_timeout: Duration,
    timeout: Duration,
    max_body_bytes: usize,
    certificates: Vec<Certificate>,
    /// For plain http to this machine: no proxy could reach it there, and no certificates are needed.
    local: OnceLock<reqwest::Client>,
    /// For everything else: with the system's proxy and the system's certificates.
    remote: OnceLock<reqwest::Client>,
}

impl Transport {
    /// A stack that is not connected yet.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] for settings that cannot work.
    pub(crate) fn new(options: &ClientOptions) -> Result<Self> {
        let invalid = |name, reason| Err(Error::InvalidOption { name, reason });
        if options.max_body_bytes == 0 {
            return invalid("max_body_bytes", "must not be 0");
        }
        let times = [options.timeout, options.connect_timeout, options.read_timeout];
        if times.iter().any(Duration::is_zero) {
            return invalid("timeout", "must not be 0");
        }
        if header::HeaderValue::from_str(&options.user_agent).is_err() {
            return invalid("user_agent", "contains characters that cannot be sent");
        }
        Ok(Self {
            user_agent: options.user_agent.clone(),
            connect_timeout: options.connect_timeout,
            read_timeout: options.read_timeout,
            timeout: options.timeout,
            max_body_bytes: options.max_body_bytes,
            certificates: options.ca_certificates.read()?,
            local: OnceLock::new(),
            remote: OnceLock::new(),
        })
    }

    /// Sends a request with `auth` as its header of that name, and reads the answer.
    ///
    /// # Errors
    ///
    /// [`Error::Setup`] and [`Error::UnsendableToken`] before anything is sent; [`Error::Connect`],
    /// [`Error::Timeout`], [`Error::Cut`], [`Error::BodyTooLarge`], [`Error::UnknownEncoding`] and
    /// [`Error::Damaged`] after that.
    pub(crate) async fn send(&self, host: &Host, request: &Request, auth: &Secret) -> Result<Answer> {
        let mut auth = header::HeaderValue::from_str(auth.expose()).map_err(|_| Error::UnsendableToken)?;
        auth.set_sensitive(true);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut outgoing = self
            .http(host)?
            .request(method, request.url.clone())
            .header("auth", auth)
            .header(header::ACCEPT_ENCODING, ACCEPTED);
        for (name, value) in &request.headers {
            outgoing = outgoing.header(*name, value);
        }
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.clone());
        }
        let mut response = outgoing.send().await.map_err(|error| self.lost(host, 0, error))?;
        let status = response.status();
        let body = match status.is_success() {
            true => self.read(host, &mut response).await?,
            false => self.read_beginning(&mut response).await,
        };
        Ok(Answer {
            status: status.as_u16(),
            body,
            retry_after: asked_to_wait(&response),
            redirect: status
                .is_redirection()
                .then(|| redirect_target(&response))
                .flatten(),
        })
    }

    /// Reads a body in pieces and stops as soon as it is too large, whatever length was announced.
    async fn read(&self, host: &Host, response: &mut Response) -> Result<Bytes> {
        let limit = self.max_body_bytes;
        let encoding = Encoding::of(response.headers())?;
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |length| length > limit) {
            return Err(Error::BodyTooLarge { limit });
        }
        let fault = |fault, received| match fault {
            Fault::TooLarge => Error::BodyTooLarge { limit },
            Fault::Damaged(error) => Error::Damaged {
                encoding: encoding.name(),
                source: error.into(),
            },
            Fault::Cut(error) => self.cut(host, received, error.into()),
        };
        let mut body = Body::new(encoding, limit).map_err(|error| fault(error, 0))?;
        loop {
            // The first byte may take the whole time, as a server thinks before it speaks; the next are on their way.
            let piece = tokio::time::timeout(self.read_timeout, response.chunk())
                .await
                .map_err(|_| self.too_slow(host, self.read_timeout))?
                .map_err(|error| self.lost(host, body.len(), error))?;
            let Some(piece) = piece else { break };
            body.push(&piece).map_err(|error| fault(error, body.len()))?;
        }
        let received = body.len();
        let body = body.finish().map_err(|error| fault(error, received))?;
        Ok(body.into())
    }

    /// The first part of a body, or as much of it as arrives: the status has already said what matters.
    async fn read_beginning(&self, response: &mut Response) -> Bytes {
        let body = Encoding::of(response.headers())
            .ok()
            .and_then(|encoding| Body::new(encoding, REFUSAL_BYTES).ok());
        let Some(mut body) = body else {
            return Bytes::new();
        };
        while let Ok(Ok(Some(piece))) = tokio::time::timeout(self.read_timeout, response.chunk()).await {
            if body.push(&piece).is_err() {
                break;
            }
        }
        body.into_beginning().into()
    }

    fn lost(&self, host: &Host, received: usize, error: reqwest::Error) -> Error {
        if error.is_connect() {
            Error::Connect {
                host: host.to_string(),
                source: error.without_url().into(),
            }
        } else if error.is_timeout() {
            self.too_slow(host, self.timeout)
        } else {
            self.cut(host, received, error.without_url().into())
        }
    }

    fn too_slow(&self, host: &Host, given: Duration) -> Error {
        Error::Timeout {
            host: host.to_string(),
            seconds: given.as_secs(),
        }
    }

    fn cut(&self, host: &Host, received: usize, source: Cause) -> Error {
        Error::Cut {
            host: host.to_string(),
            received,
            source,
        }
    }

    /// The HTTP client for a host, built when it is first needed: a machine without certificates or with a broken
    /// proxy setting can still talk to itself.
    fn http(&self, host: &Host) -> Result<&reqwest::Client> {
        let local = host.is_loopback() && host.is_plain_http();
        let cell = if local { &self.local } else { &self.remote };
        if let Some(built) = cell.get() {
            return Ok(built);
        }
        // Fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout)
            .timeout(self.timeout)
            .http1_max_headers(HEADER_LINES)
            .http2_max_header_list_size(HEADER_BYTES)
            .redirect(reqwest::redirect::Policy::none())
            // Every request counts against the account's budget, also one that is repeated behind our back.
            .retry(reqwest::retry::never());
        builder = match local {
            true => builder.no_proxy().tls_certs_only([]),
            false => builder.tls_certs_merge(self.certificates.iter().cloned()),
        };
        let built = builder.build().map_err(|error| Error::Setup {
            source: error.without_url().into(),
        })?;
        Ok(cell.get_or_init(|| built))
    }
}

/// The header `Retry-After`. A date in it is read by the server's own clock, if that is told.
fn asked_to_wait(response: &Response) -> Option<Duration> {
    let text = |name| response.headers().get(name)?.to_str().ok();
    let answered = text(header::DATE).and_then(http_date);
    retry_after(text(header::RETRY_AFTER)?, answered.unwrap_or_else(Utc::now))
}

/// The host a redirect names, with its scheme. A path alone stays on the host that was asked.
fn redirect_target(response: &Response) -> Option<String> {
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let target: Url = response.url().join(location).ok()?;
    target.has_host().then(|| target.origin().ascii_serialization())
}

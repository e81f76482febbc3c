//! How a client asks: credentials, limits of time and size, retries. They are put to use by the
//! [`Client`](crate::Client).

use std::{fmt, time::Duration};

use reqwest::Certificate;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{Credentials, Error, Notice, Result, Retry, Scheme, notice::Observer};

/// How a [`Client`](crate::Client) asks. Built by value:
///
/// ```
/// # use korelake_fetch::{ClientOptions, Credentials};
/// let options = ClientOptions::new(Credentials::app("cs-1234", "the client secret"))
///     .requests_per_minute(Some(60))
///     .observe(|notice| eprintln!("{notice}"));
/// ```
#[derive(Clone, Debug)]
pub struct ClientOptions {
    pub(crate) credentials: Credentials,
    pub(crate) scheme: Scheme,
    pub(crate) requests_per_minute: Option<u32>,
    pub(crate) concurrency: u32,
    pub(crate) retry: Retry,
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) max_body_bytes: usize,
    pub(crate) ca_certificates: Certificates,
    pub(crate) user_agent: String,
    pub(crate) observer: Observer,
}

impl ClientOptions {
    /// The defaults of every setter below.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            scheme: Scheme::default(),
            requests_per_minute: None,
            concurrency: 8,
            retry: Retry::default(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            timeout: Duration::from_secs(120),
            max_body_bytes: 64 * 1024 * 1024,
            ca_certificates: Certificates::default(),
            user_agent: concat!("korelake/", env!("CARGO_PKG_VERSION")).to_owned(),
            observer: Observer::default(),
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

    /// Requests in flight, by this client and its clones together. Default: 8, which use up 60 requests a minute
    /// with answers of eight seconds, and hold eight bodies in memory.
    pub fn concurrency(self, concurrency: u32) -> Self {
        Self { concurrency, ..self }
    }

    /// How often a page is asked for that does not come. Default: [`Retry::default`].
    pub fn retry(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// The time for name, connection and TLS. Default: 10 s, as a host that is there answers at once.
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            ..self
        }
    }

    /// The time between two pieces of a body. Default: 60 s, as a server that has begun to answer has the answer.
    /// How long it may think before that is limited by [`timeout`](Self::timeout) alone.
    pub fn read_timeout(self, read_timeout: Duration) -> Self {
        Self { read_timeout, ..self }
    }

    /// The time for a whole request, from the connection to the last byte. Default: 120 s, as Kore.ai documents no
    /// limit and public clients have seen answers that took a minute.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The largest body, before and after decompression. Default: 64 MiB, a hundred times a usual page.
    pub fn max_body_bytes(self, max_body_bytes: usize) -> Self {
        Self {
            max_body_bytes,
            ..self
        }
    }

    /// Certificates to trust beside those of the system, in PEM: those of a proxy that opens TLS, or of an authority
    /// of one's own. Default: none.
    pub fn ca_certificates(self, pem: Vec<u8>) -> Self {
        Self {
            ca_certificates: Certificates(Some(pem)),
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

    /// Whom to tell what happens on the way, such as retries. It is called in the midst of requests and should
    /// return at once. Default: nobody.
    pub fn observe(self, observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self {
            observer: Observer::new(observer),
            ..self
        }
    }
}

/// A PEM file. Its text is not shown: people put keys into the same file.
#[derive(Clone, Default)]
pub(crate) struct Certificates(Option<Vec<u8>>);

impl Certificates {
    /// The certificates in it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`] when there are none, or some that cannot be read.
    pub(crate) fn read(&self) -> Result<Vec<Certificate>> {
        let Some(pem) = &self.0 else {
            return Ok(Vec::new());
        };
        let invalid = |reason| Error::InvalidOption {
            name: "ca_file",
            reason,
        };
        let unreadable = || invalid("holds a certificate that cannot be read");
        let mut certificates = Vec::new();
        for der in CertificateDer::pem_slice_iter(pem) {
            let der = der.map_err(|_| unreadable())?;
            certificates.push(Certificate::from_der(&der).map_err(|_| unreadable())?);
            RootCertStore::empty().add(der).map_err(|_| unreadable())?;
        }
        if certificates.is_empty() {
            return Err(invalid("holds no certificates in PEM"));
        }
        Ok(certificates)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(pem) => write!(formatter, "{} bytes of PEM", pem.len()),
            None => formatter.write_str("none"),
        }
    }
}

//! Who asks, as it is configured, and whether that can work. Tokens are signed in [`signer`](super::signer).

use std::{fmt, time::Duration};

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Result, Secret};

/// The longest life the platform grants a token with a `jti`.
const LONGEST_WITH_JTI: Duration = Duration::from_secs(3600);

/// Who asks.
#[derive(Clone)]
pub enum Credentials {
    /// A JWT app of the account: tokens are signed here, and signed again before they expire.
    App {
        /// The app's client id, `cs-<uuid>`; sent as the claim `appId`.
        client_id: String,
        /// The key of the signature. For HS256 and HS512 it is the app's client secret; for RS256 the private key
        /// whose public half the app knows, as PEM text (`BEGIN PRIVATE KEY` or `BEGIN RSA PRIVATE KEY`, without
        /// a passphrase, of 2048 bits or more).
        client_secret: Secret,
        /// Claims beside `appId`, `iat` and `exp`. A `sub` of `korelake` is added unless one is given; an `appId`
        /// given here wins over `client_id`.
        claims: Map<String, Value>,
        /// The signature. Kore.ai's apps with API scopes take HS256.
        algorithm: Algorithm,
        /// How long a token is valid. Kore.ai accepts at most an hour from some apps, and from all that enforce a
        /// `jti`.
        lifetime: Duration,
        /// Whether each request has a token of its own, with a random claim `jti`: for apps that have "Enforce JTI"
        /// switched on, where the platform takes a `jti` once only.
        jti: bool,
    },
    /// A ready-made token, sent as it is.
    Token(Secret),
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256, by the client secret.
    #[default]
    HS256,
    /// HMAC with SHA-512, by the client secret.
    HS512,
    /// RSA (PKCS #1 v1.5) with SHA-256, by a private key.
    RS256,
}

/// How a token is written into the header `auth`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Scheme {
    /// The token alone. Every sample of Kore.ai's pages does so.
    #[default]
    Bare,
    /// `Bearer <token>`, as one table of the Agent AI page says.
    Bearer,
}

impl Credentials {
    /// A JWT app with the usual settings: HS256, tokens valid for an hour, no claims of its own, no `jti`.
    pub fn app(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self::App {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            claims: Map::new(),
            algorithm: Algorithm::default(),
            lifetime: Duration::from_secs(3600),
            jti: false,
        }
    }

    /// Whether the settings can work. The key is tried by [`Signer::new`](super::signer::Signer::new).
    pub(super) fn check(&self) -> Result<()> {
        let invalid = |name, reason| Err(Error::InvalidOption { name, reason });
        let (client_id, client_secret, claims, lifetime, jti) = match self {
            Self::Token(token) if token.expose().trim().is_empty() => return invalid("token", "is empty"),
            Self::Token(token) if !is_sendable(token.expose()) => return Err(Error::UnsendableToken),
            Self::Token(_) => return Ok(()),
            Self::App {
                client_id,
                client_secret,
                claims,
                algorithm: _,
                lifetime,
                jti,
            } => (client_id, client_secret, claims, *lifetime, *jti),
        };
        if client_id.is_empty() {
            return invalid("client_id", "is empty");
        }
        if client_secret.expose().trim().is_empty() {
            return invalid("client_secret", "is empty");
        }
        if lifetime.as_secs() == 0 || TimeDelta::from_std(lifetime).is_err() {
            return invalid("lifetime_seconds", "is not a usable number of seconds");
        }
        if jti && lifetime > LONGEST_WITH_JTI {
            let reason = "must not be over 3600 with jti, as the platform refuses such tokens";
            return invalid("lifetime_seconds", reason);
        }
        if claims.contains_key("iat") || claims.contains_key("exp") {
            let reason = "must not contain iat or exp, which follow from lifetime_seconds";
            return invalid("claims", reason);
        }
        if jti && claims.contains_key("jti") {
            return invalid(
                "claims",
                "must not contain jti where each request has one of its own",
            );
        }
        Ok(())
    }

    /// What must not be printed: the key, or the token.
    pub(super) fn secret(&self) -> &str {
        match self {
            Self::App { client_secret, .. } => client_secret.expose(),
            Self::Token(token) => token.expose(),
        }
    }
}

impl fmt::Debug for Credentials {
    /// Claims are shown by name only: a configuration may put anything into them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::App {
                client_id,
                client_secret,
                claims,
                algorithm,
                lifetime,
                jti,
            } => formatter
                .debug_struct("App")
                .field("client_id", client_id)
                .field("client_secret", client_secret)
                .field("claims", &claims.keys().collect::<Vec<_>>())
                .field("algorithm", algorithm)
                .field("lifetime", lifetime)
                .field("jti", jti)
                .finish(),
            Self::Token(token) => formatter.debug_tuple("Token").field(token).finish(),
        }
    }
}

/// Visible ASCII and blanks are what a header value may hold.
fn is_sendable(token: &str) -> bool {
    token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

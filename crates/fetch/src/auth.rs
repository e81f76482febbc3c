//! Signs the JWT, or keeps a ready-made one, and says what goes into the header `auth`. It is sent in
//! [`client`](crate::Client).

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Result, Secret};

/// The claim `sub` unless the configuration names another. Kore.ai asks for one and takes any.
const DEFAULT_SUBJECT: &str = "korelake";

/// A token is replaced this long before it expires, so that none expires on its way.
const MARGIN: Duration = Duration::from_secs(60);

/// Who asks.
#[derive(Clone)]
pub enum Credentials {
    /// A JWT app of the account: tokens are signed here, and signed again before they expire.
    App {
        /// The app's client id, `cs-<uuid>`; sent as the claim `appId`.
        client_id: String,
        /// The app's client secret, the key of the signature.
        client_secret: Secret,
        /// Claims beside `appId`, `iat` and `exp`. A `sub` of `korelake` is added unless one is given; an `appId`
        /// given here wins over `client_id`.
        claims: Map<String, Value>,
        /// The signature. Kore.ai's apps with API scopes take HS256.
        algorithm: Algorithm,
        /// How long a token is valid. Kore.ai accepts at most an hour from some apps.
        lifetime: Duration,
    },
    /// A ready-made token, sent as it is.
    Token(Secret),
}

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256.
    #[default]
    HS256,
    /// HMAC with SHA-512.
    HS512,
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
    /// A JWT app with the usual settings: HS256, tokens valid for an hour, no claims of its own.
    pub fn app(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self::App {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            claims: Map::new(),
            algorithm: Algorithm::default(),
            lifetime: Duration::from_secs(3600),
        }
    }

    fn check(&self) -> Result<()> {
        let invalid = |name, reason| Err(Error::InvalidOption { name, reason });
        match self {
            Self::Token(token) if token.expose().is_empty() => invalid("token", "is empty"),
            Self::Token(token) if !is_sendable(token.expose()) => Err(Error::UnsendableToken),
            Self::Token(_) => Ok(()),
            Self::App { client_id, .. } if client_id.is_empty() => invalid("client_id", "is empty"),
            Self::App { client_secret, .. } if client_secret.expose().is_empty() => {
                invalid("client_secret", "is empty")
            }
            Self::App { lifetime, .. }
                if lifetime.as_secs() == 0 || TimeDelta::from_std(*lifetime).is_err() =>
            {
                invalid("lifetime_seconds", "is not a usable number of seconds")
            }
            Self::App { claims, .. } if claims.contains_key("iat") || claims.contains_key("exp") => invalid(
                "claims",
                "must not contain iat or exp, which follow from lifetime_seconds",
            ),
            Self::App { .. } => Ok(()),
        }
    }

    /// The token to use from `now` on, and when it expires.
    fn mint(&self, now: DateTime<Utc>) -> Result<Minted> {
        let (client_id, client_secret, claims, algorithm, lifetime) = match self {
            Self::Token(token) => {
                return Ok(Minted {
                    token: token.clone(),
                    replace_at: None,
                });
            }
            Self::App {
                client_id,
                client_secret,
                claims,
                algorithm,
                lifetime,
            } => (client_id, client_secret, claims, algorithm, lifetime),
        };
        let issued = now.timestamp();
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let mut payload = Map::new();
        payload.insert("sub".to_owned(), DEFAULT_SUBJECT.into());
        payload.insert("appId".to_owned(), client_id.as_str().into());
        payload.extend(claims.clone());
        payload.insert("iat".to_owned(), issued.into());
        payload.insert("exp".to_owned(), issued.saturating_add(seconds).into());

        // Without this a program that also turns on the other provider would make the signing panic. That one was
        // installed before is fine.
        let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
        let algorithm = match algorithm {
            Algorithm::HS256 => jsonwebtoken::Algorithm::HS256,
            Algorithm::HS512 => jsonwebtoken::Algorithm::HS512,
        };
        let key = EncodingKey::from_secret(client_secret.expose().as_bytes());
        let token =
            jsonwebtoken::encode(&Header::new(algorithm), &payload, &key).map_err(|source| Error::Mint {
                source: source.into(),
            })?;
        let valid = *lifetime - MARGIN.min(*lifetime / 2);
        let replace_at = TimeDelta::from_std(valid)
            .ok()
            .and_then(|valid| now.checked_add_signed(valid));
        Ok(Minted {
            token: token.into(),
            replace_at,
        })
    }

    fn secret(&self) -> &str {
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
            } => formatter
                .debug_struct("App")
                .field("client_id", client_id)
                .field("client_secret", client_secret)
                .field("claims", &claims.keys().collect::<Vec<_>>())
                .field("algorithm", algorithm)
                .field("lifetime", lifetime)
                .finish(),
            Self::Token(token) => formatter.debug_tuple("Token").field(token).finish(),
        }
    }
}

/// The credentials with the token in use.
#[derive(Debug)]
pub(crate) struct Auth {
    credentials: Credentials,
    scheme: Scheme,
    current: Mutex<Option<Minted>>,
}

#[derive(Clone, Debug)]
struct Minted {
    token: Secret,
    /// None where the token was given: nothing is known of its end.
    replace_at: Option<DateTime<Utc>>,
}

impl Auth {
    pub(crate) fn new(credentials: Credentials, scheme: Scheme) -> Result<Self> {
        credentials.check()?;
        Ok(Self {
            credentials,
            scheme,
            current: Mutex::new(None),
        })
    }

    /// The token to send at `now`: the one in use, or a new one when that is about to expire.
    pub(crate) fn token(&self, now: DateTime<Utc>) -> Result<Secret> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(minted) = &*current
            && minted.replace_at.is_none_or(|replace_at| now < replace_at)
        {
            return Ok(minted.token.clone());
        }
        let minted = self.credentials.mint(now)?;
        let token = minted.token.clone();
        *current = Some(minted);
        Ok(token)
    }

    /// The value of the header `auth`.
    pub(crate) fn header(&self, token: &Secret) -> Secret {
        match self.scheme {
            Scheme::Bare => token.clone(),
            Scheme::Bearer => format!("Bearer {}", token.expose()).into(),
        }
    }

    /// What must not be repeated from a server's message: `token`, and what it was signed with.
    pub(crate) fn unspeakable<'a>(&'a self, token: &'a Secret) -> [&'a str; 2] {
        [token.expose(), self.credentials.secret()]
    }
}

/// Visible ASCII and blanks are what a header value may hold.
fn is_sendable(token: &str) -> bool {
    token.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests;

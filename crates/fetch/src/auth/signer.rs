//! Signs the tokens of an app. Which of them is sent is decided in [`Auth`](super::Auth).

use std::{fmt, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{EncodingKey, Header};
use rand::{TryRng, rngs::SysRng};
use rsa::{
    RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey},
    pkcs8::DecodePrivateKey,
    traits::PublicKeyParts,
};
use serde_json::{Map, Value};

use super::credentials::{Algorithm, Credentials};
use crate::{Error, Result, Secret};

/// The claim `sub` unless the configuration names another. Kore.ai asks for one and takes any.
const DEFAULT_SUBJECT: &str = "korelake";

/// A token is replaced this long before it expires, so that none expires on its way.
const MARGIN: Duration = Duration::from_secs(60);

/// The shortest RSA key in bytes that RFC 7518 (section 3.3) allows for RS256.
const SHORTEST_RSA_KEY: usize = 2048 / 8;

/// An app's key, ready to sign with, and the claims that are the same in each of its tokens.
pub(super) struct Signer {
    key: EncodingKey,
    algorithm: jsonwebtoken::Algorithm,
    claims: Map<String, Value>,
    lifetime: Duration,
    jti: bool,
}

/// A signed token.
#[derive(Clone, Debug)]
pub(super) struct Minted {
    pub(super) token: Secret,
    /// When the next one has to take over. None for a time so far off that no calendar has it.
    pub(super) replace_at: Option<DateTime<Utc>>,
}

impl Signer {
    /// Reads an app's key. None where a ready-made token is used.
    pub(super) fn new(credentials: &Credentials) -> Result<Option<Self>> {
        let Credentials::App {
            client_id,
            client_secret,
            claims,
            algorithm,
            lifetime,
            jti,
        } = credentials
        else {
            return Ok(None);
        };
        let mut all = Map::new();
        all.insert("sub".to_owned(), DEFAULT_SUBJECT.into());
        all.insert("appId".to_owned(), client_id.as_str().into());
        all.extend(claims.clone());
        let secret = client_secret.expose();
        let (key, algorithm) = match algorithm {
            Algorithm::HS256 => (shared_key(secret), jsonwebtoken::Algorithm::HS256),
            Algorithm::HS512 => (shared_key(secret), jsonwebtoken::Algorithm::HS512),
            Algorithm::RS256 => (private_key(secret)?, jsonwebtoken::Algorithm::RS256),
        };
        Ok(Some(Self {
            key,
            algorithm,
            claims: all,
            lifetime: *lifetime,
            jti: *jti,
        }))
    }

    /// Whether a token serves for one request only.
    pub(super) fn is_for_one_request(&self) -> bool {
        self.jti
    }

    /// A new token, valid from `now` on. `replaced` counts the tokens that the server refused before: each takes a
    /// second off the life of the next one, in turn up to [`MARGIN`]. Two tokens of one second would otherwise be the
    /// same to the last byte, and the new one would be refused with the old.
    pub(super) fn mint(&self, now: DateTime<Utc>, replaced: u64) -> Result<Minted> {
        let spare = MARGIN.min(self.lifetime / 2);
        let lifetime = self.lifetime - Duration::from_secs(replaced % spare.as_secs().max(1));
        let issued = now.timestamp();
        let seconds = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        let mut claims = self.claims.clone();
        claims.insert("iat".to_owned(), issued.into());
        claims.insert("exp".to_owned(), issued.saturating_add(seconds).into());
        if self.jti {
            claims.insert("jti".to_owned(), random_id()?.into());
        }
        // Without this a program that also turns on the other provider would make the signing panic. That one was
        // installed before is fine.
        let _ = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
        let token =
            jsonwebtoken::encode(&Header::new(self.algorithm), &claims, &self.key).map_err(|source| {
                Error::Mint {
                    source: source.into(),
                }
            })?;
        let replace_at = TimeDelta::from_std(lifetime.saturating_sub(spare))
            .ok()
            .and_then(|valid| now.checked_add_signed(valid));
        Ok(Minted {
            token: token.into(),
            replace_at,
        })
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Signer")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn shared_key(secret: &str) -> EncodingKey {
    EncodingKey::from_secret(secret.as_bytes())
}

/// Reads a private key with all that makes signing by it fail: what the text is, whether its numbers belong
/// together, whether it is long enough. What is wrong in detail is not said, as it could quote the key.
fn private_key(pem: &str) -> Result<EncodingKey> {
    let invalid = |reason| Error::InvalidOption {
        name: "client_secret",
        reason,
    };
    let pem = pem.trim();
    let key = RsaPrivateKey::from_pkcs8_pem(pem)
        .or_else(|_| RsaPrivateKey::from_pkcs1_pem(pem).map_err(|_| ()))
        .map_err(|()| invalid("is not an RSA private key in PEM without a passphrase, which RS256 needs"))?;
    if key.size() < SHORTEST_RSA_KEY {
        return Err(invalid("is an RSA key of less than 2048 bits, which RS256 needs"));
    }
    let der = key
        .to_pkcs1_der()
        .map_err(|_| invalid("is an RSA key that cannot be used"))?;
    Ok(EncodingKey::from_rsa_der(der.as_bytes()))
}

/// 128 random bits, as hexadecimal digits.
fn random_id() -> Result<String> {
    let mut bits = [0; 16];
    SysRng.try_fill_bytes(&mut bits).map_err(|source| Error::Mint {
        source: source.into(),
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

//! Who asks: the `auth` token and the headers and path parts that name an account. What is asked is read in
//! [`parameters`](crate::parameters).

use axum::http::HeaderMap;
use chrono::Utc;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

use crate::Options;
use crate::fault::TokenUse;
use crate::refusal::Refusal;
use crate::routes::Context;

/// How a token may be written in the `auth` header. The vendor's Agent AI page prints `Bearer <token>` in its table
/// and the bare token in its sample; all other pages know the bare token alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Bare,
    BareOrBearer,
}

#[derive(Deserialize)]
struct Claims {
    #[serde(rename = "appId")]
    app_id: Option<String>,
    jti: Option<String>,
    iat: Option<f64>,
    exp: Option<f64>,
}

impl Claims {
    fn lifetime_seconds(&self) -> Option<f64> {
        let from = self.iat.unwrap_or_else(|| Utc::now().timestamp() as f64);
        Some(self.exp? - from)
    }
}

/// Checks the token: HS256 under the client secret, `appId` the client id, `exp` kept where it is given. A token
/// without `exp` is good: the one printed in the vendor's documents has none.
pub(crate) fn check_token(context: &Context, headers: &HeaderMap, scheme: Scheme) -> Result<(), Refusal> {
    let options = &context.options;
    let Some(header) = headers.get("auth") else {
        return Err(Refusal::invalid_credentials());
    };
    let text = header.to_str().map_err(|_| Refusal::invalid_token())?.trim();
    let token = match scheme {
        Scheme::Bare => text,
        Scheme::BareOrBearer => text.strip_prefix("Bearer ").unwrap_or(text).trim_start(),
    };
    if token.is_empty() {
        return Err(Refusal::invalid_credentials());
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_aud = false;
    validation.leeway = 0;
    let key = DecodingKey::from_secret(options.client_secret.as_bytes());
    let claims = decode::<Claims>(token, &key, &validation)
        .map_err(|_| Refusal::invalid_token())?
        .claims;
    if claims.app_id.as_deref() != Some(options.client_id.as_str()) {
        return Err(Refusal::invalid_credentials());
    }
    context.tokens.admit(TokenUse {
        token,
        jti: claims.jti.as_deref(),
        lifetime_seconds: claims.lifetime_seconds(),
    })
}

/// A header that must be there and name what the server has.
pub(crate) fn require_header(headers: &HeaderMap, name: &str, expected: &str) -> Result<(), Refusal> {
    if headers.contains_key(name) {
        accept_header(headers, name, expected)
    } else {
        Err(Refusal::invalid(format!("header {name} is required")))
    }
}

/// A header that may be missing. The vendor's sample of the first generation sends `AccountId` twice, so every
/// value is looked at.
pub(crate) fn accept_header(headers: &HeaderMap, name: &str, expected: &str) -> Result<(), Refusal> {
    if headers
        .get_all(name)
        .iter()
        .all(|value| value.as_bytes() == expected.as_bytes())
    {
        Ok(())
    } else {
        Err(Refusal::invalid_credentials())
    }
}

/// The account in the path.
pub(crate) fn check_account(options: &Options, account: &str) -> Result<(), Refusal> {
    if account == options.account_id {
        Ok(())
    } else {
        Err(Refusal::invalid_credentials())
    }
}

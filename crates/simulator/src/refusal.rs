//! A request turned down, in the platform's own error body. What is asked is read in
//! [`parameters`](crate::parameters), who asks in [`auth`](crate::auth).

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Status and body `{"errors":[{"msg":…,"code":…}]}`. Codes and messages are those that the platform is known to
/// send; where something can be said about the cause it follows as a second element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: u16,
    message: &'static str,
    detail: Option<String>,
}

impl Refusal {
    /// No token, or one of an app, account or organisation that is not the server's.
    pub(crate) fn invalid_credentials() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 4002, "Invalid SDK credentials")
    }

    /// Not a JWT, signed with another secret or algorithm, or expired.
    pub(crate) fn invalid_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 4002, "Invalid JWT token")
    }

    /// A token that names itself and was seen before.
    pub(crate) fn replayed_token() -> Self {
        let message = "error verifying the jwt: possibly a replay";
        Self::new(StatusCode::UNAUTHORIZED, 401, message)
    }

    /// A token that names itself and is good for too long, or for ever.
    pub(crate) fn token_lives_too_long() -> Self {
        let message = r#"error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)"#;
        Self::new(StatusCode::UNAUTHORIZED, 401, message)
    }

    /// The budget of the account is spent. The status is not documented.
    pub(crate) fn rate_limit(status: StatusCode) -> Self {
        Self::new(status, 429, "You've exceeded the per-minute rate limit")
    }

    /// Something went wrong, and nothing is said about it.
    pub(crate) fn internal(status: StatusCode) -> Self {
        Self::new(status, 500, "Internal Server Error")
    }

    /// A header, parameter or body that is missing or cannot be read; `detail` says which.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        let refusal = Self::new(
            StatusCode::PRECONDITION_FAILED,
            412,
            "Validation errors/ Invalid arguments",
        );
        Self {
            detail: Some(detail.into()),
            ..refusal
        }
    }

    /// No such path, or no such bot.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, 404, "Not Found")
    }

    /// The path exists, the verb does not.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, 405, "Method Not Allowed")
    }

    fn new(status: StatusCode, code: u16, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
            detail: None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut errors = vec![Entry {
            msg: self.message,
            code: self.code,
        }];
        errors.extend(self.detail.as_deref().map(|msg| Entry { msg, code: self.code }));
        let body = crate::generate::json::text(&Body { errors });
        (
            self.status,
            [(CONTENT_TYPE, "application/json; charset=utf-8")],
            body,
        )
            .into_response()
    }
}

#[derive(Serialize)]
struct Body<'a> {
    errors: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    msg: &'a str,
    code: u16,
}

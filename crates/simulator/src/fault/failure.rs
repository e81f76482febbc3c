//! Answers that are no pages: throttled, failing, or something else altogether. When they are given is decided in
//! [`transport`](super::transport).

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use chrono::Utc;

use crate::refusal::Refusal;

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// When a throttled client may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    Seconds(u64),
    /// As an HTTP date, which knows no fractions: never earlier than that.
    At(Duration),
    Untold,
}

/// 429 with the platform's message.
pub(super) fn throttled(retry: Retry) -> Response {
    let told = match retry {
        Retry::Seconds(seconds) => Some(seconds.to_string()),
        Retry::At(after) => {
            let moment = Utc::now() + after + Duration::from_secs(1);
            Some(moment.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        }
        Retry::Untold => None,
    };
    let refusal = Refusal::rate_limit(StatusCode::TOO_MANY_REQUESTS);
    match told {
        Some(told) => ([(RETRY_AFTER, told)], refusal).into_response(),
        None => refusal.into_response(),
    }
}

/// 200 with the platform's message in the body.
pub(super) fn throttled_in_text() -> Response {
    Refusal::rate_limit(StatusCode::OK).into_response()
}

/// One of the four, in turn.
pub(super) fn server_error(number: u64) -> Response {
    match number % 4 {
        0 => Refusal::internal(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
        1 => (StatusCode::BAD_GATEWAY, page("502 Bad Gateway")).into_response(),
        2 => {
            let refusal = Refusal::internal(StatusCode::SERVICE_UNAVAILABLE);
            ([(RETRY_AFTER, "0")], refusal).into_response()
        }
        _ => (StatusCode::GATEWAY_TIMEOUT, [(CONTENT_TYPE, "text/plain")], "").into_response(),
    }
}

pub(super) fn html() -> Response {
    page("Maintenance").into_response()
}

pub(super) fn error_body() -> Response {
    Refusal::internal(StatusCode::OK).into_response()
}

pub(super) fn not_json() -> Response {
    ([(CONTENT_TYPE, JSON)], r#"{"results":[upstream gave no answer]}"#).into_response()
}

pub(super) fn redirect() -> Response {
    (StatusCode::FOUND, [(LOCATION, "https://elsewhere.example.com")]).into_response()
}

fn page(title: &str) -> impl IntoResponse {
    let text = format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>");
    ([(CONTENT_TYPE, HTML)], text)
}

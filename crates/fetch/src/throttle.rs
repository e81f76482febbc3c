//! Recognises that an answer means "too many requests", whatever its status, and reads how long to wait. The pause
//! is made in [`budget`](crate::budget).

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{hint::words, refusal::Refusal};

/// Larger bodies are not searched: who refuses is brief, and what is long holds what people said.
const SEARCHED_BYTES: usize = 4 * 1024;

/// Words that say that a limit is no longer kept.
const EXCEEDED: [&str; 8] = [
    "exceeded",
    "exceed",
    "exceeds",
    "exceeding",
    "reached",
    "hit",
    "surpassed",
    "exhausted",
];

/// A rate limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// Whether requests are counted by the hour.
    pub(crate) hourly: bool,
}

impl RateLimit {
    /// From a server's message. Kore.ai says "You've exceeded the per-minute rate limit", the same of an hour, or
    /// "Rate limit for this API has been reached"; gateways have words of their own.
    pub(crate) fn reported_in(message: &str) -> Option<Self> {
        let words = words(message);
        let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
        let in_a_row = |first: &str, second: &[&str]| {
            words
                .windows(2)
                .any(|pair| pair[0] == first && second.contains(&pair[1].as_str()))
        };
        let rate = in_a_row("rate", &["limit", "limits"]) || has(&["ratelimit", "ratelimits"]);
        let exceeded = rate && has(&EXCEEDED)
            || in_a_row("rate", &["limited", "exceeded"])
            || in_a_row("quota", &["exceeded", "exhausted"])
            || in_a_row("many", &["requests"])
            || has(&["ratelimited", "throttled"]);
        exceeded.then(|| Self::counted_as(&words))
    }

    /// From a body that is no page: the message of an error, or a text that is no JSON. JSON that is neither, or cut
    /// off, may be a page and its words those of a conversation.
    pub(crate) fn reported_by(body: &[u8]) -> Option<Self> {
        if body.len() > SEARCHED_BYTES {
            return None;
        }
        match body.trim_ascii_start().first() {
            Some(b'{' | b'"') => {
                let refusal = Refusal::from_json(body, &[])?;
                match refusal.code {
                    Some(429) => Some(Self::counted_as(&words(&refusal.message))),
                    _ => Self::reported_in(&refusal.message),
                }
            }
            Some(b'[') | None => None,
            Some(_) => Self::reported_in(&String::from_utf8_lossy(body)),
        }
    }

    /// From an answer with status 429, which needs no words.
    pub(crate) fn behind(body: &[u8]) -> Self {
        Self::counted_as(&words(&Refusal::from_body(body, &[]).message))
    }

    /// The span that is named first is the one that was exceeded; the other may be named in passing.
    fn counted_as(words: &[String]) -> Self {
        let span = words.iter().find_map(|word| match word.as_str() {
            "hour" | "hours" | "hourly" => Some(true),
            "minute" | "minutes" | "minutely" => Some(false),
            _ => None,
        });
        Self {
            hourly: span == Some(true),
        }
    }
}

/// Reads a `Retry-After`: seconds, or a date. A date is taken relative to `answered`, the date of the same answer,
/// so that it does not matter whose clock is wrong.
pub(crate) fn retry_after(value: &str, answered: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit()) {
        // More seconds than can be counted are still a wait.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = http_date(value)?;
    Some((date - answered).to_std().unwrap_or_default())
}

/// Reads a date as HTTP writes it, `Mon, 23 Mar 2026 12:00:00 GMT`.
pub(crate) fn http_date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some(date.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const MINUTE: Option<RateLimit> = Some(RateLimit { hourly: false });
    const HOUR: Option<RateLimit> = Some(RateLimit { hourly: true });

    #[test]
    fn messages_about_a_rate_limit_are_recognised() {
        for message in [
            "You've exceeded the per-minute rate limit. Please try again later.",
            "Rate limit for this API has been reached. Try after 1 minute",
            "API rate limit exceeded",
            "RATE_LIMIT_EXCEEDED",
            "RateLimitExceeded",
            "Ratelimit reached",
            "429 Too Many Requests",
            "You are being rate limited",
            "Request was throttled. Expected available in 30 seconds.",
            "You've exceeded the per-minute rate limit (60 a minute, 1800 an hour)",
        ] {
            assert_eq!(RateLimit::reported_in(message), MINUTE, "{message}");
        }
        for message in [
            "You've exceeded the hourly rate limit. Please try again in 40 minutes.",
            "You've exceeded the per-hour rate limit.",
            "Rate limit of 1800 requests in an hour has been reached",
        ] {
            assert_eq!(RateLimit::reported_in(message), HOUR, "{message}");
        }
    }

    #[test]
    fn messages_about_something_else_are_not() {
        for message in [
            "limit exceeds the maximum of 100",
            "The limit has been reached: at most 7 days",
            "Invalid rate: limit must not be over 100",
            "rate limit: 60 a minute",
            "Permission denied. Scope is incorrect!",
            "Invalid JWT token",
            "too many records requested",
            "Internal Server Error",
            "",
        ] {
            assert_eq!(RateLimit::reported_in(message), None, "{message}");
        }
    }

    #[test]
    fn body_is_searched_where_it_reports_an_error_or_is_no_json() {
        let said = "You've exceeded the hourly rate limit";
        for body in [
            said.to_owned(),
            format!("  \n{said}"),
            format!("<html><title>{said}</title></html>"),
            format!("\"{said}\""),
            format!(r#"{{"errors":[{{"msg":"{said}","code":4290}}]}}"#),
            format!(r#"{{"message":"{said}"}}"#),
            r#"{"errors":[{"msg":"Wait an hour","code":429}]}"#.to_owned(),
        ] {
            assert_eq!(RateLimit::reported_by(body.as_bytes()), HOUR, "{body}");
        }
        for body in [
            format!(r#"{{"results":[{{"text":"{said}"}}]}}"#),
            format!(r#"{{"results":[{{"text":"{said}"#),
            format!(r#"[{{"message":"{said}"}}]"#),
            format!("{said}{}", " ".repeat(SEARCHED_BYTES)),
            String::new(),
        ] {
            assert_eq!(RateLimit::reported_by(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn status_429_needs_no_words() {
        assert_eq!(Some(RateLimit::behind(b"")), MINUTE);
        assert_eq!(Some(RateLimit::behind(br#"{"message":"hourly"}"#)), HOUR);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let noon = Utc.with_ymd_and_hms(2026, 3, 23, 12, 0, 0).unwrap();
        let seconds = |value| retry_after(value, noon).map(|wait| wait.as_secs());
        assert_eq!(seconds(" 90 "), Some(90));
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds("99999999999999999999999"), Some(u64::MAX));
        assert_eq!(seconds("Mon, 23 Mar 2026 12:01:30 GMT"), Some(90));
        assert_eq!(seconds("Mon, 23 Mar 2026 11:00:00 GMT"), Some(0), "in the past");
        for unreadable in ["", "soon", "-1", "1.5", "2026-03-23T12:00:00Z"] {
            assert_eq!(seconds(unreadable), None, "{unreadable}");
        }
    }
}

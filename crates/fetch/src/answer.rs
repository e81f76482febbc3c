//! Judges one answer of a server by its status and body: a page, a refusal, or too many requests. It is read off the
//! connection in [`transport`](crate::transport); what a page is made of is the matter of [`page`](crate::Page).

use std::time::Duration;

use bytes::Bytes;

use crate::{
    Error, Page, ResponseNames, Result,
    refusal::{Refusal, quote},
    throttle::RateLimit,
};

/// One answer, as far as it matters.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The body, unpacked. Of an answer that is no success only the beginning.
    pub(crate) body: Bytes,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The host that a redirect names, with its scheme.
    pub(crate) redirect: Option<String>,
}

impl Answer {
    /// The page, or why there is none. `secrets` are taken out of what the server says.
    pub(crate) fn into_page(self, names: &ResponseNames, secrets: &[&str]) -> Result<Page> {
        if !(200..300).contains(&self.status) {
            return Err(self.refusal(secrets));
        }
        let page = Page::parse_without(self.body.clone(), names, secrets);
        if page.as_ref().is_ok_and(|page| page.count == 0) {
            // A page without records that has something to say instead: what it lacks would pass for the end.
            if let Some(limit) = RateLimit::reported_by(&self.body) {
                return Err(self.throttled(limit, secrets));
            }
            if let Some(Refusal { message, code }) = Refusal::beside_nothing(&self.body, secrets) {
                return Err(Error::ErrorBody { message, code });
            }
        }
        page.map_err(|error| match error {
            // Other answers are pages that cannot be used: what they say is what people said.
            Error::ErrorBody { .. }
            | Error::NotJson { .. }
            | Error::Html { .. }
            | Error::NotAnObject { .. } => match RateLimit::reported_by(&self.body) {
                Some(limit) => self.throttled(limit, secrets),
                None => error,
            },
            error => error,
        })
    }

    fn refusal(self, secrets: &[&str]) -> Error {
        if let Some(target) = &self.redirect {
            return Error::Redirect {
                status: self.status,
                target_host: quote(target, secrets),
            };
        }
        let limit = match self.status {
            429 => Some(RateLimit::behind(&self.body)),
            _ => RateLimit::reported_by(&self.body),
        };
        if let Some(limit) = limit {
            return self.throttled(limit, secrets);
        }
        let Refusal { message, code } = Refusal::from_body(&self.body, secrets);
        match self.status {
            status @ (401 | 403) => Error::Credentials { status, message },
            status => Error::Status {
                status,
                message,
                code,
                retry_after: self.retry_after,
            },
        }
    }

    fn throttled(&self, limit: RateLimit, secrets: &[&str]) -> Error {
        Error::Throttled {
            status: self.status,
            message: Refusal::from_body(&self.body, secrets).message,
            retry_after: self.retry_after,
            hourly: limit.hourly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Endpoint, request::sample};

    fn judge(status: u16, body: &str) -> Result<Page> {
        let endpoint: Endpoint = serde_json::from_value(sample::definition()).unwrap();
        let answer = Answer {
            status,
            body: Bytes::from(body.to_owned()),
            retry_after: None,
            redirect: None,
        };
        answer.into_page(endpoint.response(), &["pass-word"])
    }

    #[test]
    fn rate_limit_is_recognised_whatever_the_status() {
        let said = "You've exceeded the hourly rate limit, pass-word";
        let error_body = format!(r#"{{"errors":[{{"msg":"{said}","code":4002}}]}}"#);
        for status in [200, 400, 401, 403, 429, 500, 503] {
            for body in [said, &error_body] {
                match judge(status, body) {
                    Err(Error::Throttled {
                        status: seen,
                        message,
                        hourly: true,
                        retry_after: None,
                    }) => {
                        assert_eq!(seen, status);
                        assert_eq!(message, "You've exceeded the hourly rate limit, [redacted]");
                    }
                    other => panic!("{status} {body}: {other:?}"),
                }
            }
        }
        assert!(matches!(
            judge(429, ""),
            Err(Error::Throttled { hourly: false, .. })
        ));
    }

    #[test]
    fn words_in_a_page_are_no_rate_limit() {
        let record = r#"{"text":"You've exceeded the hourly rate limit"}"#;
        assert_eq!(
            judge(200, &format!(r#"{{"results":[{record}]}}"#)).unwrap().count,
            1
        );
        for (body, is_expected) in [
            (format!(r#"{{"results":[{record}"#), "NotJson"),
            (format!(r#"{{"data":[{record}]}}"#), "MissingRecords"),
            (format!(r#"{{"results":{record}}}"#), "RecordsNotArray"),
            (format!(r#"[{record}]"#), "NotAnObject"),
        ] {
            let error = judge(200, &body).unwrap_err();
            assert!(format!("{error:?}").starts_with(is_expected), "{body}: {error:?}");
        }
    }
}

//! What an [`Error`] means for those who meet it: whether to try again, to stop, or to change something. What it is
//! made of is in [`error`](crate::Error).

use std::{error::Error as StdError, io};

use crate::Error;

impl Error {
    /// What happened, without the page on which it did and the tries before it.
    pub fn root(&self) -> &Self {
        match self {
            Self::OnPage { source, .. } | Self::GaveUp { source, .. } => source.root(),
            other => other,
        }
    }

    /// Whether it is the credentials, or what they may do. 401 with code 4002 is how Kore.ai reports a bad token as
    /// well as a missing scope; the code is also believed when it comes with another status.
    pub fn is_credentials(&self) -> bool {
        match self.root() {
            Self::Credentials { .. } | Self::UnsendableToken | Self::Mint { .. } => true,
            Self::ErrorBody { code, .. } | Self::Status { code, .. } => {
                matches!(code, Some(401 | 403 | 4002))
            }
            _ => false,
        }
    }

    /// Whether the credentials are known but lack the scope of this API: others may be allowed. The server answers 401
    /// for both and only its message tells them apart (`Permission denied. Scope is incorrect!`).
    pub fn is_scope(&self) -> bool {
        match self.root() {
            Self::Credentials { status, message } => *status == 403 || speaks_of_scope(message),
            root @ (Self::ErrorBody { code, message } | Self::Status { code, message, .. }) => {
                root.is_credentials() && (*code == Some(403) || speaks_of_scope(message))
            }
            _ => false,
        }
    }

    /// Whether it may be gone when the same page is asked for again, without anything being changed.
    ///
    /// Lost connections, slow or damaged answers and troubles of the server (408, 425, 429, 5xx) pass. So does a body
    /// that is no JSON or that reports an error, as gateways send them while a server restarts. A certificate that is
    /// not trusted does not pass, nor does an answer of the wrong shape.
    pub fn is_transient(&self) -> bool {
        let root = self.root();
        match root {
            Self::Connect { .. } => !root.is_certificate() && !root.is_plain_http(),
            Self::Timeout { .. }
            | Self::Cut { .. }
            | Self::Damaged { .. }
            | Self::Throttled { .. }
            | Self::NotJson { .. }
            | Self::Html { .. } => true,
            Self::ErrorBody { .. } => !root.is_credentials(),
            Self::Status { status, .. } => {
                matches!(status, 408 | 425 | 429 | 500..=599) && !root.is_credentials()
            }
            _ => false,
        }
    }

    /// Whether the server's TLS certificate is not trusted: its issuer is unknown, it is for another host, or not
    /// valid at this time.
    pub fn is_certificate(&self) -> bool {
        match self.root() {
            Self::Connect { source, .. } => is_tls_error(source.as_ref(), |error| {
                matches!(error, rustls::Error::InvalidCertificate(_))
            }),
            _ => false,
        }
    }

    /// Whether what answers does not speak TLS.
    pub(crate) fn is_plain_http(&self) -> bool {
        match self.root() {
            Self::Connect { source, .. } => {
                let corrupt = |error: &rustls::Error| matches!(error, rustls::Error::InvalidMessage(_));
                is_tls_error(source.as_ref(), corrupt)
            }
            _ => false,
        }
    }

    /// Whether a new token could help: the one that was sent is refused, and not for lack of a scope.
    pub(crate) fn refuses_token(&self) -> bool {
        let refused = match self {
            Self::Credentials { status, .. } => *status == 401,
            Self::ErrorBody { code, .. } | Self::Status { code, .. } => {
                matches!(code, Some(401 | 4002))
            }
            _ => false,
        };
        refused && !self.is_scope()
    }

    /// Whether it can only be helped by changing settings or definitions; no request was sent.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self.root(),
            Self::InvalidHost { .. }
                | Self::InsecureHost { .. }
                | Self::InvalidWindow { .. }
                | Self::InvalidOption { .. }
                | Self::InvalidDateFormat { .. }
                | Self::CoarseDates { .. }
                | Self::InvalidEndpoint { .. }
                | Self::UnusableId { .. }
                | Self::UnknownFilter { .. }
                | Self::InvalidFilter { .. }
                | Self::ReservedParameter { .. }
        )
    }

    /// Whether the same question for fewer records may be answered.
    pub fn asks_for_less(&self) -> bool {
        matches!(self.root(), Self::Timeout { .. } | Self::BodyTooLarge { .. })
    }

    /// Whether the server understood, and does not want to: a status of 4xx.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self.root(),
            Self::Status {
                status: 400..=499,
                ..
            }
        )
    }

    /// Whether the server could not be reached, or was lost, or was too slow.
    pub fn is_connection(&self) -> bool {
        matches!(
            self.root(),
            Self::Connect { .. } | Self::Timeout { .. } | Self::Cut { .. }
        )
    }
}

fn speaks_of_scope(message: &str) -> bool {
    message.to_lowercase().contains("scope")
}

/// Looks for the TLS stack's word on it among the causes. An [`io::Error`] leaves the error that it wraps out of the
/// chain, so that has to be unwrapped by hand.
fn is_tls_error(error: &(dyn StdError + 'static), matches: fn(&rustls::Error) -> bool) -> bool {
    if error.downcast_ref().is_some_and(matches) {
        return true;
    }
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.is_some_and(|inner| is_tls_error(inner, matches))
        || error.source().is_some_and(|source| is_tls_error(source, matches))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::Window;

    fn credentials(message: &str) -> Error {
        Error::Credentials {
            status: 401,
            message: message.to_owned(),
        }
    }

    #[test]
    fn error_on_a_page_answers_like_its_root() {
        let start = DateTime::UNIX_EPOCH;
        let window = Window::new(start, start + chrono::TimeDelta::days(1)).unwrap();
        let source = Box::new(credentials("no"));
        let source = Box::new(Error::GaveUp {
            tries: 2,
            seconds: 1,
            source,
        });
        let error = Error::OnPage {
            endpoint: "v3".to_owned(),
            window,
            page: 2,
            source,
        };
        assert!(error.is_credentials() && !error.is_connection());
        assert_eq!(error.hint(), credentials("no").hint());
        assert!(
            !error.to_string().contains("refuses"),
            "the source is not repeated: {error}"
        );
    }

    #[test]
    fn code_of_a_bad_token_is_believed_with_any_status() {
        let body = |code| Error::ErrorBody {
            message: "no".to_owned(),
            code,
        };
        assert!(body(Some(4002)).is_credentials());
        assert!(!body(Some(500)).is_credentials());
        assert!(!body(None).is_credentials());
    }

    #[test]
    fn what_passes_is_transient_and_what_stays_is_not() {
        let status = |status, code| Error::Status {
            status,
            message: "no".to_owned(),
            code,
            retry_after: None,
        };
        for passing in [408, 425, 500, 502, 503, 504, 520, 599] {
            assert!(status(passing, None).is_transient(), "{passing}");
        }
        for staying in [304, 400, 404, 405, 409, 412, 413, 422, 600] {
            assert!(!status(staying, None).is_transient(), "{staying}");
        }
        assert!(!status(500, Some(4002)).is_transient());
        assert!(!credentials("no").is_transient());
        let html = Error::Html { title: None };
        assert!(html.is_transient());
        let given_up = Error::GaveUp {
            tries: 2,
            seconds: 1,
            source: Box::new(html),
        };
        assert!(given_up.is_transient());
        let missing = Error::MissingRecords {
            key: "results".to_owned(),
            keys: vec![],
        };
        assert!(!missing.is_transient());
    }

    #[test]
    fn only_a_refused_token_asks_for_a_new_one() {
        let body = |message: &str, code| Error::ErrorBody {
            message: message.to_owned(),
            code: Some(code),
        };
        let scope = "Permission denied. Scope is incorrect!";
        assert!(credentials("Invalid JWT token").refuses_token());
        assert!(!credentials(scope).refuses_token());
        assert!(body("Invalid JWT token", 4002).refuses_token());
        assert!(body("error verifying the jwt", 401).refuses_token());
        assert!(!body(scope, 4002).refuses_token() && body(scope, 4002).is_scope());
        assert!(!body("no", 500).refuses_token() && !body(scope, 500).is_scope());
        let forbidden = Error::Credentials {
            status: 403,
            message: "no".to_owned(),
        };
        assert!(!forbidden.refuses_token() && forbidden.is_scope());
    }

    #[test]
    fn untrusted_certificate_is_found_among_the_causes() {
        let connect = |source: rustls::Error| Error::Connect {
            host: "https://kore.ai".to_owned(),
            source: io::Error::other(io::Error::new(io::ErrorKind::InvalidData, source)).into(),
        };
        let expired = connect(rustls::CertificateError::Expired.into());
        assert!(expired.is_certificate() && !expired.is_transient() && expired.is_connection());
        let other = connect(rustls::Error::HandshakeNotComplete);
        assert!(!other.is_certificate() && other.is_transient());
    }
}

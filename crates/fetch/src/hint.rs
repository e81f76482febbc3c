//! What to do about an [`Error`]: the line that is shown under it. What happened is said in [`error`](crate::Error).

use crate::Error;

impl Error {
    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        let root = self.root();
        match root {
            Self::Credentials { message, .. }
            | Self::ErrorBody { message, .. }
            | Self::Status { message, .. }
                if root.is_credentials() =>
            {
                return Some(credentials_hint(message));
            }
            Self::Redirect { target_host, .. } => {
                return Some(format!(
                    "redirects are not followed, because the token would go along; if {target_host} is yours, set it as the host"
                ));
            }
            Self::MissingRecords { keys, .. } if !keys.is_empty() => {
                return Some(format!(
                    "the answer has the keys {}; name the right one as `records` in the endpoint's `response`",
                    keys.join(", ")
                ));
            }
            Self::UnknownFilter { known, .. } => {
                let known = match known.is_empty() {
                    true => "none".to_owned(),
                    false => known.join(", "),
                };
                return Some(format!(
                    "it takes {known}; a parameter that the server knows beyond these goes into `parameters`"
                ));
            }
            _ => {}
        }
        let text = match root {
            Self::InvalidHost { .. } => "give the host alone, such as platform.kore.ai",
            Self::InsecureHost { .. } => "use https, or set allow_http if the network in between is trusted",
            Self::UnusableId { name: "org_id", .. } => "set org_id; it looks like o-<uuid>",
            Self::UnusableId {
                name: "stream_id", ..
            } => "set stream_id; it is the bot's or app's id, st-<uuid>",
            Self::UnusableId { .. } => "set account_id; it has 24 hexadecimal digits",
            Self::InvalidDateFormat { .. } => {
                "`date_format` is in chrono's notation, such as %Y-%m-%d %H:%M:%S, and writes year to seconds"
            }
            Self::CoarseDates { .. } => {
                "set a `date_format` that writes the time between them, such as %Y-%m-%d %H:%M:%S"
            }
            Self::InvalidFilter { .. } => "correct the setting, or leave it out to ask for everything",
            Self::ReservedParameter { .. } => {
                "leave it out of `parameters`: the range of time and page_size set it"
            }
            Self::UnsendableToken => {
                "a line break at the end, from a file or a variable, is the usual reason"
            }
            Self::Setup { .. } => {
                "check that the system's certificates are installed (package ca-certificates)"
            }
            Self::Connect { .. } if root.is_plain_http() => {
                "the server does not speak TLS there: if it is to be plain http, write http:// before the host"
            }
            Self::Connect { .. } if root.is_certificate() => {
                "if a proxy or an authority of your company's own signs it, name its certificate as ca_file; if it is \
                 expired or not yet valid, check the clock of this machine"
            }
            Self::Connect { .. } => {
                "check the host, the network, and HTTPS_PROXY and NO_PROXY if there is a proxy"
            }
            Self::Timeout { .. } => "ask for smaller pages (page_size), or give more time (timeout_seconds)",
            Self::Cut { .. } | Self::Damaged { .. } | Self::NotJson { cut: true, .. } => {
                "if it happens again, ask for smaller pages (page_size)"
            }
            Self::BodyTooLarge { .. } => {
                "ask for smaller pages (page_size), or allow larger bodies (max_body_mb)"
            }
            Self::Html { .. } => {
                "a gateway, a proxy or a login page has answered; check the host and the endpoint's path"
            }
            Self::Status {
                status: 404 | 405, ..
            } => {
                "check stream_id; or this server knows the API under another path: try another endpoint of the dataset"
            }
            Self::Status {
                status: 400 | 412 | 422,
                ..
            } => "the server does not accept the parameters: try another `date_format` or another endpoint",
            Self::Status { status: 407, .. } => {
                "the proxy wants a user and password: HTTPS_PROXY=http://user:password@host"
            }
            Self::Throttled { .. } => {
                "other programs may be using the same account: stop them, or lower requests_per_minute"
            }
            Self::UnknownEncoding { .. } => {
                "a proxy in between may have packed it: only gzip, br and zstd are asked for"
            }
            Self::PagingIgnored { .. } => "try another endpoint of the dataset, or the other style of paging",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

fn credentials_hint(message: &str) -> String {
    let words = words(message);
    let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let text = if says(&["jti", "replay", "replayed"]) {
        "the JWT app enforces JTI: set jti = true under [source.auth], or switch that off for this app"
    } else if says(&["scope", "scopes", "permission", "permissions"]) {
        "give the JWT app the scope of this API (such as Quality Management Analytics), then publish the app"
    } else if says(&[
        "exp",
        "expired",
        "expires",
        "expiry",
        "expiration",
        "clock",
        "iat",
        "nbf",
    ]) || words.windows(2).any(|pair| pair == ["not", "before"])
    {
        "the token is expired or from the future: check the clock of this machine and the token's lifetime"
    } else {
        "check client_id and client_secret (or the token), account_id and org_id, that the JWT app uses the algorithm that \
         is set (HS256 unless one is) and has the scope of this API, that the app is published, jti = true if it enforces JTI, and that the clock of this machine is right"
    };
    text.to_owned()
}

/// The words of a message in lower case: `exp` is one of "exp is past" and none of "unexpected". Error codes are
/// words put together: `TokenExpired`, `invalid_scope`.
pub(crate) fn words(message: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lowercase = false;
    for character in message.chars() {
        if !character.is_alphanumeric() || after_lowercase && character.is_uppercase() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (character.is_alphanumeric(), words.last_mut()) {
            word.extend(character.to_lowercase());
        }
        after_lowercase = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_parameter_has_a_hint() {
        let error = Error::ReservedParameter {
            endpoint: "v3".to_owned(),
            name: "offset".to_owned(),
        };
        assert!(error.hint().unwrap().contains("leave it out"));
    }

    #[test]
    fn refused_parameters_may_be_dates_in_the_wrong_form() {
        for status in [400, 412, 422] {
            let error = Error::Status {
                status,
                message: "Validation errors/ Invalid arguments".to_owned(),
                code: None,
                retry_after: None,
            };
            assert!(error.hint().unwrap().contains("`date_format`"), "{status}");
        }
    }

    #[test]
    fn hint_for_credentials_follows_the_servers_words() {
        let hint = |message: &str| {
            Error::Credentials {
                status: 401,
                message: String::from(message),
            }
            .hint()
            .unwrap()
        };
        assert!(hint("Permission denied. Scope is incorrect!").contains("publish"));
        assert!(hint("jwt expired").contains("clock"));
        assert!(hint("possibly a replay").contains("jti = true"));
        for expired in [
            "TokenExpiredError",
            "invalid exp",
            "jwt not before 2026",
            "NBF_IN_FUTURE",
        ] {
            assert!(hint(expired).starts_with("the token is expired"), "{expired}");
        }
        let general = hint("Invalid JWT token");
        for inside_words in [
            "Unexpected token",
            "no app is associated with this client",
            "oscilloscope",
            "expert mode only",
        ] {
            assert_eq!(hint(inside_words), general, "{inside_words}");
        }
        for word in ["client_secret", "HS256", "scope", "published", "clock"] {
            assert!(general.contains(word), "{word}");
        }
    }
}

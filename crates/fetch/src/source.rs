//! Whose conversations are read, and from which host. How the ids get into a request is the matter of
//! [`endpoint`](crate::Endpoint).

use std::{fmt, str::FromStr};

use url::Url;

use crate::{Error, Result};

/// One bot (app) of one account on one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where the API is served.
    pub host: Host,
    /// The account, 24 hexadecimal digits; sent as the header `accountId`.
    pub account_id: String,
    /// The organisation, `o-<uuid>`; sent as the header `orgId` by the endpoints that want it.
    pub org_id: Option<String>,
    /// The stream, which is the bot or app, `st-<uuid>`; part of the path of most endpoints.
    pub stream_id: String,
}

/// The origin requests go to: a scheme, a name or address, perhaps a port.
///
/// https, unless the host is this machine itself or plain http was allowed on purpose.
///
/// ```
/// # use korelake_fetch::Host;
/// let host = Host::parse("platform.kore.ai/", false)?;
/// assert_eq!(host.to_string(), "https://platform.kore.ai");
/// assert!(Host::parse("http://platform.kore.ai", false).is_err());
/// # Ok::<(), korelake_fetch::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(Url);

impl Host {
    /// Reads `platform.kore.ai`, `https://platform.kore.ai/` and the like. Kore.ai's pages print the host with scheme
    /// and trailing slash in one place and without them in another, so both are optional.
    ///
    /// `allow_http` lets plain http through to any host; loopback (127.0.0.0/8, `::1`, `localhost`) needs no leave.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidHost`] when it is no host, or more than one (a path, a query, a user);
    /// [`Error::InsecureHost`] for plain http to another machine without `allow_http`.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let text = text.trim();
        let invalid = |reason| Error::InvalidHost {
            host: without_user(text),
            reason,
        };
        let url = match text.contains("://") {
            true => Url::parse(text),
            false => Url::parse(&format!("https://{text}")),
        };
        let url = url.map_err(|_| invalid("cannot be read"))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(invalid("has a scheme other than https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("contains a user name"));
        }
        if url.path().chars().any(|character| character != '/') {
            return Err(invalid("contains a path"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("contains a query or a fragment"));
        }
        let host = Self(url);
        if host.is_plain_http() && !host.is_loopback() && !allow_http {
            return Err(Error::InsecureHost {
                host: host.to_string(),
            });
        }
        Ok(host)
    }

    /// Whether requests to it never leave this machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }

    pub(crate) fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The address of `path`, which is already percent-encoded. It is set and not joined: a path that starts with
    /// two slashes, as Kore.ai prints one, would otherwise name another host.
    pub(crate) fn url(&self, path: &str, query: Option<&str>) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }
}

impl FromStr for Host {
    type Err = Error;

    /// [`Host::parse`] without plain http.
    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text, false)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.origin().ascii_serialization())
    }
}

/// What was typed, fit to be shown: a user and password before an `@` are left out.
fn without_user(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_is_read_with_or_without_scheme_and_slash() {
        for text in [
            "platform.kore.ai",
            "https://platform.kore.ai/",
            " platform.kore.ai// ",
            "HTTPS://Platform.Kore.ai",
        ] {
            assert_eq!(
                Host::parse(text, false).unwrap().to_string(),
                "https://platform.kore.ai",
                "{text}"
            );
        }
        assert_eq!(
            Host::parse("localhost:8443", false).unwrap().to_string(),
            "https://localhost:8443"
        );
        assert_eq!(
            "http://[::1]:9/".parse::<Host>().unwrap().to_string(),
            "http://[::1]:9"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_or_by_leave() {
        for text in [
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://localhost",
            "http://[::1]",
        ] {
            assert!(Host::parse(text, false).unwrap().is_loopback(), "{text}");
        }
        for text in [
            "http://platform.kore.ai",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
        ] {
            assert!(
                matches!(Host::parse(text, false), Err(Error::InsecureHost { .. })),
                "{text}"
            );
            assert!(Host::parse(text, true).is_ok(), "{text}");
        }
    }

    #[test]
    fn more_than_a_host_is_refused() {
        let beyond = [
            "",
            "https://",
            "ftp://kore.ai",
            "kore.ai/api",
            "kore.ai?x=1",
            "kore.ai#x",
            "jane:pw@kore.ai",
            "a b",
        ];
        for text in beyond {
            assert!(
                matches!(Host::parse(text, true), Err(Error::InvalidHost { .. })),
                "{text}"
            );
        }
    }

    #[test]
    fn password_in_a_host_is_not_repeated() {
        let error = Host::parse("https://jane:pass-word@kore.ai", false).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("pass-word"));
    }

    #[test]
    fn path_with_two_slashes_stays_on_the_host() {
        let host = Host::parse("platform.kore.ai", false).unwrap();
        assert_eq!(
            host.url("//api/public", None).as_str(),
            "https://platform.kore.ai//api/public"
        );
    }
}

//! What `[source]` says: which server, how fast, how patiently. Who asks is in [`auth`](super::auth).

use std::path::PathBuf;
use std::time::Duration;

use korelake::fetch::{self, Client, ClientOptions, Host, Notice, Retry, Source};
use serde::Deserialize;

use super::auth::AuthSettings;
use super::scalar::scalar;
use super::{named_file, required, within};
use crate::exit::Failure;

/// The longest time that can be set, in seconds.
const DAY: u64 = 24 * 60 * 60;

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SourceSettings {
    pub(super) host: Option<String>,
    account_id: Option<String>,
    org_id: Option<String>,
    stream_id: Option<String>,
    #[serde(deserialize_with = "scalar")]
    pub(super) requests_per_minute: u32,
    #[serde(deserialize_with = "scalar")]
    concurrency: u32,
    #[serde(deserialize_with = "scalar")]
    connect_timeout_seconds: u64,
    #[serde(deserialize_with = "scalar")]
    read_timeout_seconds: u64,
    #[serde(deserialize_with = "scalar")]
    pub(super) timeout_seconds: u64,
    #[serde(deserialize_with = "scalar")]
    max_body_mb: usize,
    #[serde(deserialize_with = "scalar")]
    allow_http: bool,
    ca_file: Option<PathBuf>,
    retry: RetrySettings,
    pub(super) auth: AuthSettings,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            host: None,
            account_id: None,
            org_id: None,
            stream_id: None,
            // What Kore.ai grants an account for the Quality AI exports.
            requests_per_minute: 60,
            concurrency: 8,
            connect_timeout_seconds: 10,
            read_timeout_seconds: 60,
            timeout_seconds: 120,
            max_body_mb: 64,
            allow_http: false,
            ca_file: None,
            retry: RetrySettings::default(),
            auth: AuthSettings::default(),
        }
    }
}

/// What `[source.retry]` says. What is not set is left to the library.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default)]
struct RetrySettings {
    #[serde(deserialize_with = "scalar")]
    tries: Option<u32>,
    #[serde(deserialize_with = "scalar")]
    first_wait_ms: Option<u64>,
    #[serde(deserialize_with = "scalar")]
    longest_wait_seconds: Option<u64>,
    #[serde(deserialize_with = "scalar")]
    total_seconds: Option<u64>,
}

impl SourceSettings {
    /// Where the records come from.
    pub(super) fn source(&self) -> Result<Source, Failure> {
        let host = required(self.host.as_deref(), "source.host", "--host")?;
        Ok(Source {
            host: Host::parse(host, self.allow_http)?,
            account_id: required(self.account_id.as_deref(), "source.account_id", "--account-id")?.to_owned(),
            org_id: self.org_id.clone(),
            stream_id: self.stream_id.clone().unwrap_or_default(),
        })
    }

    /// Requests a minute, where they are limited.
    pub(super) fn budget(&self) -> Option<u32> {
        Some(self.requests_per_minute).filter(|limit| *limit > 0)
    }

    /// Who asks, how fast and how patiently; `observe` is told what happens on the way.
    pub(super) fn client(
        &self,
        observe: impl Fn(&Notice) + Send + Sync + 'static,
    ) -> Result<Client, Failure> {
        let seconds =
            |key: &str, value: u64| Ok::<_, Failure>(Duration::from_secs(within(key, value, 1..=DAY)?));
        let credentials = self.auth.credentials()?;
        let mut options = ClientOptions::new(credentials)
            .scheme(self.auth.scheme)
            .requests_per_minute(self.budget())
            .concurrency(within("source.concurrency", self.concurrency, 1..=64)?)
            .connect_timeout(seconds(
                "source.connect_timeout_seconds",
                self.connect_timeout_seconds,
            )?)
            .read_timeout(seconds("source.read_timeout_seconds", self.read_timeout_seconds)?)
            .timeout(seconds("source.timeout_seconds", self.timeout_seconds)?)
            .max_body_bytes(within("source.max_body_mb", self.max_body_mb, 1..=4096)? << 20)
            .retry(self.retry.retry()?)
            .observe(observe);
        if let Some(path) = &self.ca_file {
            options = options.ca_certificates(named_file("source.ca_file", path)?);
        }
        Client::new(options).map_err(|error| match error {
            fetch::Error::InvalidOption {
                name: "ca_file",
                reason,
            } => Failure::usage(
                format!("the file that source.ca_file names {reason}"),
                "it is in PEM: each certificate between BEGIN CERTIFICATE and END CERTIFICATE",
            ),
            error => self.auth.refused(error),
        })
    }
}

impl RetrySettings {
    fn retry(&self) -> Result<Retry, Failure> {
        let mut retry = Retry::default();
        if let Some(tries) = self.tries {
            retry = retry.tries(within("source.retry.tries", tries, 1..=100)?);
        }
        if let Some(wait) = self.first_wait_ms {
            let wait = within("source.retry.first_wait_ms", wait, 1..=60_000)?;
            retry = retry.first_wait(Duration::from_millis(wait));
        }
        if let Some(wait) = self.longest_wait_seconds {
            let wait = within("source.retry.longest_wait_seconds", wait, 1..=DAY)?;
            retry = retry.longest_wait(Duration::from_secs(wait));
        }
        if let Some(total) = self.total_seconds {
            let total = within("source.retry.total_seconds", total, 1..=DAY)?;
            retry = retry.total(Duration::from_secs(total));
        }
        Ok(retry)
    }
}

#[cfg(test)]
mod tests;

//! What is in force: defaults, under the file, under the environment, under the flags. What was typed is in
//! [`args`](crate::args).

mod dataset;
mod layers;
mod scalar;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use korelake::Job;
use korelake::fetch::{Algorithm, Client, ClientOptions, Credentials, Host, Scheme, Secret, Source};
use korelake::writer::{FileOptions, Lake};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::dataset::DatasetSettings;
use self::scalar::scalar;
use crate::args::Export;
use crate::exit::Failure;

/// What a row group may need, in MB of encoded size: an open file needs as much memory.
const ROW_GROUP_MB: RangeInclusive<usize> = 1..=1024;

/// Everything that can be configured.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    source: SourceSettings,
    lake: LakeSettings,
    dataset: Vec<DatasetSettings>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
struct SourceSettings {
    host: Option<String>,
    account_id: Option<String>,
    org_id: Option<String>,
    stream_id: Option<String>,
    #[serde(deserialize_with = "scalar")]
    requests_per_minute: u32,
    #[serde(deserialize_with = "scalar")]
    timeout_seconds: u64,
    #[serde(deserialize_with = "scalar")]
    max_body_mb: usize,
    #[serde(deserialize_with = "scalar")]
    allow_http: bool,
    auth: AuthSettings,
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
            timeout_seconds: 120,
            max_body_mb: 64,
            allow_http: false,
            auth: AuthSettings::default(),
        }
    }
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
struct AuthSettings {
    client_id: Option<String>,
    client_secret: Option<Secret>,
    token: Option<Secret>,
    algorithm: Algorithm,
    claims: Map<String, Value>,
    #[serde(deserialize_with = "scalar")]
    lifetime_seconds: u64,
    scheme: Scheme,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            token: None,
            algorithm: Algorithm::default(),
            claims: Map::new(),
            lifetime_seconds: 3600,
            scheme: Scheme::default(),
        }
    }
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
struct LakeSettings {
    url: Option<String>,
    options: BTreeMap<String, String>,
    compression: String,
    #[serde(deserialize_with = "scalar")]
    row_group_mb: usize,
}

impl Default for LakeSettings {
    fn default() -> Self {
        Self {
            url: None,
            options: BTreeMap::new(),
            compression: "zstd(1)".to_owned(),
            row_group_mb: 32,
        }
    }
}

impl Settings {
    /// The settings of a command: the file (`--config`, or `korelake.toml` where there is one), the environment
    /// (`KORELAKE_SOURCE__HOST`, …) and the flags, each winning over those before it.
    pub(crate) fn resolve(args: &Export) -> Result<Self, Failure> {
        layers::resolve(args)
    }

    /// Where the records come from.
    pub(crate) fn source(&self) -> Result<Source, Failure> {
        let source = &self.source;
        let host = required(source.host.as_deref(), "source.host", "--host")?;
        Ok(Source {
            host: Host::parse(host, source.allow_http)?,
            account_id: required(source.account_id.as_deref(), "source.account_id", "--account-id")?
                .to_owned(),
            org_id: source.org_id.clone(),
            stream_id: source.stream_id.clone().unwrap_or_default(),
        })
    }

    /// Who asks, and how fast.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let SourceSettings {
            requests_per_minute,
            timeout_seconds,
            max_body_mb,
            auth,
            ..
        } = &self.source;
        let credentials = match (&auth.token, &auth.client_secret) {
            (Some(token), None) => Credentials::Token(token.clone()),
            (None, Some(client_secret)) => Credentials::App {
                client_id: required(auth.client_id.as_deref(), "source.auth.client_id", "--client-id")?
                    .to_owned(),
                client_secret: client_secret.clone(),
                claims: auth.claims.clone(),
                algorithm: auth.algorithm,
                lifetime: Duration::from_secs(auth.lifetime_seconds),
                jti: false,
            },
            (Some(_), Some(_)) => {
                return Err(Failure::usage(
                    "source.auth has both `token` and `client_secret`",
                    "keep the one that is meant",
                ));
            }
            (None, None) => {
                return Err(Failure::usage(
                    "the credentials are missing",
                    "set `client_secret` or `token` under [source.auth] of korelake.toml, or \
                     KORELAKE_SOURCE__AUTH__CLIENT_SECRET or KORELAKE_SOURCE__AUTH__TOKEN",
                ));
            }
        };
        let options = ClientOptions::new(credentials)
            .scheme(auth.scheme)
            .requests_per_minute(Some(*requests_per_minute).filter(|limit| *limit > 0))
            .timeout(Duration::from_secs(*timeout_seconds))
            .max_body_bytes(max_body_mb.saturating_mul(1 << 20));
        Ok(Client::new(options)?)
    }

    /// Where the tables go.
    pub(crate) fn lake(&self) -> Result<Lake, Failure> {
        let url = required(self.lake.url.as_deref(), "lake.url", "--out")?;
        Ok(Lake::open(url, &self.lake.options)?)
    }

    /// How the files are written.
    pub(crate) fn files(&self) -> Result<FileOptions, Failure> {
        let compression = &self.lake.compression;
        let level = compression
            .strip_prefix("zstd(")
            .and_then(|rest| rest.strip_suffix(')')?.parse().ok())
            .filter(|level| (1..=22).contains(level));
        let level = level.or((compression == "zstd").then_some(1)).ok_or_else(|| {
            Failure::usage(
                format!("lake.compression `{compression}` is not known"),
                "it is `zstd(1)` to `zstd(22)`",
            )
        })?;
        let row_group_mb = self.lake.row_group_mb;
        if !ROW_GROUP_MB.contains(&row_group_mb) {
            let (least, most) = ROW_GROUP_MB.into_inner();
            return Err(Failure::usage(
                format!("lake.row_group_mb {row_group_mb} is out of range"),
                format!("it is {least} to {most}"),
            ));
        }
        Ok(FileOptions::default()
            .zstd_level(level)
            .row_group_bytes(row_group_mb << 20))
    }

    /// The tables of the datasets that were named: those of the configuration that have the name, or else one with
    /// the defaults.
    pub(crate) fn jobs(&self, args: &Export) -> Result<Vec<Job>, Failure> {
        // All of them, also those that are not asked for: a misspelt name would otherwise be settings without effect.
        // Those that are asked for are seen below, with the flags over them: another endpoint takes other filters.
        let is_asked_for =
            |dataset: &DatasetSettings| args.datasets.iter().any(|name| dataset.is_called(name));
        for dataset in self.dataset.iter().filter(|dataset| !is_asked_for(dataset)) {
            dataset.clone().job()?;
        }
        let mut jobs = Vec::new();
        for name in &args.datasets {
            let configured = self
                .dataset
                .iter()
                .filter(|dataset| dataset.is_called(name))
                .cloned();
            let mut datasets: Vec<DatasetSettings> = configured.collect();
            if datasets.is_empty() {
                datasets.push(DatasetSettings::called(name));
            }
            for dataset in datasets {
                jobs.push(dataset.under(args).job()?);
            }
        }
        if args.table.is_some() && jobs.len() > 1 {
            return Err(Failure::usage(
                "`--table` names one table for several datasets",
                "export them one by one",
            ));
        }
        Ok(jobs)
    }
}

fn required<'a>(value: Option<&'a str>, key: &str, flag: &str) -> Result<&'a str, Failure> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        let variable = key.to_uppercase().replace('.', "__");
        Failure::usage(
            format!("{key} is missing"),
            format!("set it in korelake.toml, as KORELAKE_{variable}, or with {flag}"),
        )
    })
}

#[cfg(test)]
mod tests;

//! What `[source.auth]` says: who asks, and where the secret is. The server is in [`source`](super::source).

use std::path::{Path, PathBuf};
use std::time::Duration;

use korelake::fetch::{self, Algorithm, Credentials, Scheme, Secret};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::scalar::scalar;
use super::{named_file, required};
use crate::exit::Failure;

/// Where the secret is.
enum Held<'a> {
    Here(&'a Secret),
    InFile(&'a Path),
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AuthSettings {
    pub(super) client_id: Option<String>,
    client_secret: Option<Secret>,
    client_secret_file: Option<PathBuf>,
    private_key_file: Option<PathBuf>,
    token: Option<Secret>,
    token_file: Option<PathBuf>,
    algorithm: Algorithm,
    #[serde(deserialize_with = "scalar")]
    jti: bool,
    claims: Map<String, Value>,
    #[serde(deserialize_with = "scalar")]
    lifetime_seconds: u64,
    pub(super) scheme: Scheme,
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            client_secret_file: None,
            private_key_file: None,
            token: None,
            token_file: None,
            algorithm: Algorithm::default(),
            jti: false,
            claims: Map::new(),
            lifetime_seconds: 3600,
            scheme: Scheme::default(),
        }
    }
}

impl AuthSettings {
    /// Who asks, with the secret from wherever it is.
    pub(super) fn credentials(&self) -> Result<Credentials, Failure> {
        let (name, held) = self.held()?;
        let key = format!("source.auth.{name}");
        let secret = match held {
            Held::Here(secret) => secret.clone(),
            Held::InFile(path) => secret_in(&key, path)?,
        };
        if name.starts_with("token") {
            return Ok(Credentials::Token(secret));
        }
        if name == "private_key_file" && self.algorithm != Algorithm::RS256 {
            return Err(Failure::usage(
                format!("{key} is of no use for {:?}", self.algorithm),
                "set algorithm = \"RS256\" under [source.auth], or give the client secret of the app instead",
            ));
        }
        Ok(Credentials::App {
            client_id: required(self.client_id.as_deref(), "source.auth.client_id", "--client-id")?
                .to_owned(),
            client_secret: secret,
            claims: self.claims.clone(),
            algorithm: self.algorithm,
            lifetime: Duration::from_secs(self.lifetime_seconds),
            jti: self.jti,
        })
    }

    /// The secret, by the name of the one setting that has it.
    fn held(&self) -> Result<(&'static str, Held<'_>), Failure> {
        let texts = [("token", &self.token), ("client_secret", &self.client_secret)];
        let files = [
            ("token_file", &self.token_file),
            ("client_secret_file", &self.client_secret_file),
            ("private_key_file", &self.private_key_file),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, Held::Here(text.as_ref()?))));
        let files = files
            .into_iter()
            .filter_map(|(name, file)| Some((name, Held::InFile(file.as_ref()?))));
        let mut set = texts.chain(files);
        match (set.next(), set.next()) {
            (Some(one), None) => Ok(one),
            (Some((one, _)), Some((other, _))) => Err(Failure::usage(
                format!("source.auth has both `{one}` and `{other}`"),
                "keep the one that is meant",
            )),
            (None, _) => Err(Failure::usage(
                "the credentials are missing",
                "set `client_secret` or `token` under [source.auth] of korelake.toml, or their files \
                 (`client_secret_file`, `private_key_file`, `token_file`), or KORELAKE_SOURCE__AUTH__CLIENT_SECRET or \
                 KORELAKE_SOURCE__AUTH__TOKEN",
            )),
        }
    }

    /// What the library has against the settings, by the names that they have here.
    pub(super) fn refused(&self, error: fetch::Error) -> Failure {
        let fetch::Error::InvalidOption { name, reason } = error else {
            return error.into();
        };
        let is_secret = matches!(name, "client_secret" | "token");
        let name = match self.held() {
            Ok((place, _)) if is_secret => place,
            _ => name,
        };
        Failure::usage(
            format!("source.auth.{name} {reason}"),
            match is_secret {
                true => "check what the setting holds, or the file that it names",
                false => "correct it under [source.auth], or leave it out",
            },
        )
    }
}

/// The secret in a file. One line break at its end is none of it: editors and `echo` leave one.
fn secret_in(key: &str, path: &Path) -> Result<Secret, Failure> {
    let bytes = named_file(key, path)?;
    let mut text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(
            format!("the file that {key} names is not text in UTF-8"),
            "is it the right file? it holds the secret and nothing else",
        )
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests;

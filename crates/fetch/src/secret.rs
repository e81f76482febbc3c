//! A text that must never be printed. Who may read it is decided by the callers of [`Secret::expose`], all in
//! [`auth`](crate::Credentials) and [`client`](crate::Client).

use std::fmt;

use serde::Deserialize;

/// A client secret or a token.
///
/// `Debug` prints `[redacted]`, there is no `Display` and no `Serialize`: the text leaves only through
/// [`expose`](Secret::expose).
///
/// ```
/// # use korelake_fetch::Secret;
/// let secret = Secret::from("s3cr3t");
/// assert_eq!(format!("{secret:?}"), "[redacted]");
/// assert_eq!(secret.expose(), "s3cr3t");
/// ```
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that signs or sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

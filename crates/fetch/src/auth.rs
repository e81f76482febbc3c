//! Keeps the token in use and says what goes into the header `auth`. It is sent in [`client`](crate::Client).

mod credentials;
mod signer;

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use self::signer::{Minted, Signer};
use crate::{Result, Secret};

pub use self::credentials::{Algorithm, Credentials, Scheme};

/// The credentials with the token in use.
#[derive(Debug)]
pub(crate) struct Auth {
    credentials: Credentials,
    scheme: Scheme,
    /// None where the token is ready-made.
    signer: Option<Signer>,
    state: Mutex<State>,
}

/// What follows from a refused token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// The next token is a new one.
    Replaced,
    /// It is a new one anyway.
    Known,
    /// A new one would be refused as well.
    Pointless,
}

#[derive(Debug, Default)]
struct State {
    /// The token that serves until it is about to expire.
    current: Option<Minted>,
    /// The token that the server accepted last.
    worked: Option<Secret>,
    /// Tokens that were dropped because the server refused them.
    replaced: u64,
}

impl Auth {
    /// Checks the credentials, down to the key.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) and
    /// [`Error::UnsendableToken`](crate::Error::UnsendableToken).
    pub(crate) fn new(credentials: Credentials, scheme: Scheme) -> Result<Self> {
        credentials.check()?;
        Ok(Self {
            signer: Signer::new(&credentials)?,
            credentials,
            scheme,
            state: Mutex::default(),
        })
    }

    /// The token to send at `now`: the one in use, or a new one when that is about to expire. With a `jti` it is a
    /// new one each time.
    pub(crate) fn token(&self, now: DateTime<Utc>) -> Result<Secret> {
        let Some(signer) = &self.signer else {
            return Ok(self.credentials.secret().into());
        };
        if signer.is_for_one_request() {
            return Ok(signer.mint(now, 0)?.token);
        }
        let mut state = self.state();
        if let Some(minted) = &state.current
            && minted.replace_at.is_none_or(|replace_at| now < replace_at)
        {
            return Ok(minted.token.clone());
        }
        let minted = signer.mint(now, state.replaced)?;
        let token = minted.token.clone();
        state.current = Some(minted);
        Ok(token)
    }

    /// Takes note that the server has accepted a token.
    pub(crate) fn worked(&self, token: &Secret) {
        let mut state = self.state();
        if state.worked.as_ref().map(Secret::expose) != Some(token.expose()) {
            state.worked = Some(token.clone());
        }
    }

    /// Takes note that the server refuses `token`, and says whether a new one could help: tokens are signed here,
    /// and one of them has been accepted before, so that client id and key are right. If the request was refused
    /// `again`, with a token that is new, that one itself has to have been accepted: others may have used it up.
    ///
    /// Requests in flight together may all report the same token. It is replaced once: a late report does not drop
    /// the token that has taken its place.
    pub(crate) fn renew(&self, token: &Secret, again: bool) -> Renewal {
        let mut state = self.state();
        let has_worked = match &state.worked {
            Some(worked) => !again || worked.expose() == token.expose(),
            None => false,
        };
        if self.signer.is_none() || !has_worked {
            return Renewal::Pointless;
        }
        let dropped = state
            .current
            .take_if(|minted| minted.token.expose() == token.expose());
        if dropped.is_none() {
            return Renewal::Known;
        }
        state.replaced += 1;
        Renewal::Replaced
    }

    /// The value of the header `auth`.
    pub(crate) fn header(&self, token: &Secret) -> Secret {
        match self.scheme {
            Scheme::Bare => token.clone(),
            Scheme::Bearer => format!("Bearer {}", token.expose()).into(),
        }
    }

    /// What must not be repeated from a server's message: `token`, and what it was signed with.
    pub(crate) fn unspeakable<'a>(&'a self, token: &'a Secret) -> [&'a str; 2] {
        [token.expose(), self.credentials.secret()]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

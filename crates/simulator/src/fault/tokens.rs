//! Tokens that wear out or may be used once. That a token is good at all is checked in [`auth`](crate::auth).

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::Fault;
use crate::refusal::Refusal;

/// The faults of tokens, with what has been used so far.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    uses: Option<u32>,
    enforce_jti: bool,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    tokens: HashMap<String, u32>,
    ids: HashSet<String>,
}

/// What is looked at of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenUse<'a> {
    pub(crate) token: &'a str,
    pub(crate) jti: Option<&'a str>,
    /// From `iat`, or else from now, to `exp`.
    pub(crate) lifetime_seconds: Option<f64>,
}

impl Tokens {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let mut tokens = Self::default();
        for fault in faults {
            match *fault {
                Fault::ExpiringTokens(uses) => tokens.uses = Some(uses),
                Fault::EnforceJti => tokens.enforce_jti = true,
                _ => {}
            }
        }
        tokens
    }

    /// Takes one use of the token.
    pub(crate) fn admit(&self, token: TokenUse<'_>) -> Result<(), Refusal> {
        // Numbers and names that were being noted when a thread panicked are still such.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if self.enforce_jti {
            let id = token.jti.ok_or_else(Refusal::invalid_token)?;
            if token.lifetime_seconds.is_none_or(|seconds| seconds > 3_600.0) {
                return Err(Refusal::token_lives_too_long());
            }
            if !used.ids.insert(id.to_owned()) {
                return Err(Refusal::replayed_token());
            }
        }
        if let Some(most) = self.uses {
            let uses = used.tokens.entry(token.token.to_owned()).or_default();
            if *uses >= most {
                return Err(Refusal::invalid_token());
            }
            *uses += 1;
        }
        Ok(())
    }
}

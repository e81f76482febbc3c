//! Requests that are throttled, failed or left without an answer before anybody looks at what they ask, and bodies
//! that are sent oddly. What the answers say is in [`failure`](super::failure).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::time::Instant;

use super::Fault;
use super::encoding::{Coding, padded};
use super::failure::{self, Retry};
use super::throttle::Throttle;
use crate::generate::dice::Dice;
use crate::refusal::Refusal;
use crate::traffic::Turn;

/// How much longer a huge body is than it needs to be: more than a client takes by default.
const HUGE: usize = 80 * 1_000_000;

/// How often in a row one and the same request fails.
const MOST_IN_A_ROW: u32 = 3;

/// The faults of transport, with what has happened so far.
#[derive(Debug)]
pub(crate) struct Transport {
    seed: u64,
    faults: Vec<Fault>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    throttle: Throttle,
    /// Failures in a row, by request.
    streaks: HashMap<u64, u32>,
    /// Server errors given so far.
    errors: u64,
}

/// What becomes of a request.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is answered as it should be.
    Pass,
    /// This is the answer.
    Answer(Box<Response>),
    /// Its answer is cut in the middle.
    Cut,
    /// The connection is closed.
    Reset,
    /// Nothing happens.
    Hang,
}

/// What tells requests apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    fingerprint: u64,
    limit: Option<u64>,
}

impl Asked {
    /// Reads the body and gives the request back whole.
    pub(crate) async fn read(request: Request) -> (Self, Request) {
        let (parts, body) = request.into_parts();
        // A body that breaks off is answered as an empty one is.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        (parts.method.as_str(), parts.uri.to_string(), &body).hash(&mut hasher);
        let asked = Self {
            fingerprint: hasher.finish(),
            limit: limit(parts.uri.query().unwrap_or_default(), &body),
        };
        (asked, Request::from_parts(parts, Body::from(body)))
    }

    fn is_above(&self, most: u32) -> bool {
        self.limit.is_some_and(|limit| limit > most.into())
    }
}

fn limit(query: &str, body: &[u8]) -> Option<u64> {
    let in_query = query.split('&').find_map(|part| part.strip_prefix("limit="));
    let in_body = || {
        serde_json::from_slice::<serde_json::Value>(body)
            .ok()?
            .get("limit")?
            .as_u64()
    };
    in_query.and_then(|text| text.parse().ok()).or_else(in_body)
}

impl Transport {
    pub(crate) fn new(faults: &[Fault], seed: u64) -> Self {
        Self {
            seed,
            faults: faults.to_vec(),
            state: Mutex::default(),
        }
    }

    /// Decides on a request before it is looked at.
    pub(crate) fn judge(&self, asked: Asked, turn: Turn) -> Verdict {
        let mut state = self.lock();
        for fault in &self.faults {
            match *fault {
                Fault::Throttle(most) => {
                    if let Err(seconds) = state.throttle.admit(most, Instant::now()) {
                        return answer(failure::throttled(Retry::Seconds(seconds)));
                    }
                }
                Fault::HangAbove(most) if asked.is_above(most) => return Verdict::Hang,
                _ => {}
            }
        }
        let struck = self.faults.iter().enumerate().find(|(place, fault)| {
            let mut dice = Dice::of(&[self.seed, turn.0, *place as u64]);
            fault.strikes(turn, &mut dice)
        });
        let streak = state.streaks.get(&asked.fingerprint).copied().unwrap_or(0);
        match struck {
            Some((_, fault)) if streak < MOST_IN_A_ROW => {
                state.streaks.insert(asked.fingerprint, streak + 1);
                fault.verdict(&mut state)
            }
            _ => {
                state.streaks.remove(&asked.fingerprint);
                Verdict::Pass
            }
        }
    }

    /// The answer as it is sent: compressed, padded, or as it was.
    pub(crate) async fn dress(&self, asked: Asked, accepted: &HeaderMap, response: Response) -> Response {
        let coding = Coding::chosen(&self.faults, accepted);
        let is_huge = response.status() == StatusCode::OK
            && self
                .faults
                .iter()
                .any(|fault| matches!(fault, Fault::HugeAbove(most) if asked.is_above(*most)));
        if coding.is_none() && !is_huge {
            return response;
        }
        let blanks = if is_huge { HUGE } else { 0 };
        let (mut parts, body) = response.into_parts();
        let body = whole(body).await;
        parts.headers.remove(CONTENT_LENGTH);
        let Some(coding) = coding else {
            return Response::from_parts(parts, padded(body, blanks));
        };
        match coding.encode(&body, blanks) {
            Ok(encoded) => {
                let name = HeaderValue::from_static(coding.name());
                parts.headers.insert(CONTENT_ENCODING, name);
                Response::from_parts(parts, Body::from(encoded))
            }
            Err(_) => Refusal::internal(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Counts that were being raised when a thread panicked are still counts.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    /// Whether it strikes the request of this turn; never, where it is not one that strikes some.
    fn strikes(&self, turn: Turn, dice: &mut Dice) -> bool {
        match *self {
            Self::ThrottleBurst(every)
            | Self::ThrottleDate(every)
            | Self::ThrottleSilent(every)
            | Self::ThrottleText(every) => (turn.0 + 1).is_multiple_of(every.into()),
            Self::Errors(percent)
            | Self::Html(percent)
            | Self::ErrorBody(percent)
            | Self::NotJson(percent)
            | Self::Cut(percent)
            | Self::Reset(percent)
            | Self::Hang(percent)
            | Self::Redirect(percent) => dice.chance(percent as usize),
            _ => false,
        }
    }

    fn verdict(&self, state: &mut State) -> Verdict {
        match self {
            Self::ThrottleBurst(_) => answer(failure::throttled(Retry::Seconds(1))),
            Self::ThrottleDate(_) => answer(failure::throttled(Retry::At(Duration::from_secs(1)))),
            Self::ThrottleSilent(_) => answer(failure::throttled(Retry::Untold)),
            Self::ThrottleText(_) => answer(failure::throttled_in_text()),
            Self::Errors(_) => {
                state.errors += 1;
                answer(failure::server_error(state.errors - 1))
            }
            Self::Html(_) => answer(failure::html()),
            Self::ErrorBody(_) => answer(failure::error_body()),
            Self::NotJson(_) => answer(failure::not_json()),
            Self::Cut(_) => Verdict::Cut,
            Self::Reset(_) => Verdict::Reset,
            Self::Hang(_) => Verdict::Hang,
            Self::Redirect(_) => answer(failure::redirect()),
            _ => Verdict::Pass,
        }
    }
}

fn answer(response: Response) -> Verdict {
    Verdict::Answer(Box::new(response))
}

/// Half of the answer under the length of all of it, and then nothing.
pub(crate) async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = whole(body).await;
    parts
        .headers
        .insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let half = body.slice(..body.len() / 2);
    let chunks = stream::unfold(Some(Some(half)), |step| async {
        match step {
            Some(Some(half)) => Some((Ok(half), Some(None))),
            Some(None) => {
                // An error at once would take the half along that is not yet sent.
                tokio::task::yield_now().await;
                Some((
                    Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted)),
                    None,
                ))
            }
            None => None,
        }
    });
    Response::from_parts(parts, Body::from_stream(chunks))
}

/// Bodies of this server are in memory already, so that reading them does not fail.
async fn whole(body: Body) -> Bytes {
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}

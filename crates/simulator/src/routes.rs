//! Which path leads where, and what every request passes first. The handlers are in [`quality`](crate::quality)
//! and [`interactions`](crate::interactions).

use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use tokio::sync::watch;

use crate::connection::Line;
use crate::corpus::Corpus;
use crate::fault::transport::{self, Asked, Transport, Verdict};
use crate::fault::{Claims, Contents, Paging, Tokens};
use crate::generate::dice;
use crate::quality::{Api, Key, serve};
use crate::refusal::Refusal;
use crate::traffic::{Traffic, Turn};
use crate::{Options, interactions};

/// What handlers and middleware share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) traffic: Traffic,
    pub(crate) paging: Paging,
    pub(crate) claims: Claims,
    pub(crate) tokens: Tokens,
    transport: Transport,
    /// At least one.
    bots: Vec<Bot>,
    stopping: watch::Sender<bool>,
}

/// One bot of the account.
#[derive(Debug)]
pub(crate) struct Bot {
    stream_id: String,
    pub(crate) corpus: Corpus,
}

impl Context {
    pub(crate) fn new(options: Options) -> Self {
        let faults = &options.faults;
        let bot = |stream_id: &String, seed: u64| {
            let per_day = options.conversations_per_day;
            let contents = Contents::new(faults, seed, per_day);
            Bot {
                stream_id: stream_id.clone(),
                corpus: Corpus::new(seed, per_day, contents),
            }
        };
        let further = options.streams.iter().map(|stream_id| {
            let letters: Vec<u64> = stream_id.bytes().map(u64::from).collect();
            bot(stream_id, dice::hash(&[options.seed, dice::hash(&letters)]))
        });
        let bots = std::iter::once(bot(&options.stream_id, options.seed))
            .chain(further)
            .collect();
        Self {
            bots,
            traffic: Traffic::default(),
            paging: Paging::new(faults),
            claims: Claims::new(faults),
            tokens: Tokens::new(faults),
            transport: Transport::new(faults, options.seed),
            stopping: watch::Sender::new(false),
            options,
        }
    }

    pub(crate) fn bot(&self, stream_id: &str) -> Result<&Bot, Refusal> {
        let bot = self.bots.iter().find(|bot| bot.stream_id == stream_id);
        bot.ok_or_else(Refusal::not_found)
    }

    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until the server is to stop.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as this does.
        drop(self.stopping.subscribe().wait_for(|stopping| *stopping).await);
    }
}

/// The vendor's paths. The account-keyed ones of the first generation are printed with a double slash; a proxy may
/// fold it, so both are served.
pub(crate) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route(
            "/qualityai/api/v1/public/qualitymanagement/app/{stream}/rawdata",
            serve(Api::RawData, Key::Bot),
        )
        .route(
            "/qualityai/api/v1/public/qualitymanagement/app/{stream}/scorereporting",
            serve(Api::ScoreReporting, Key::Bot),
        )
        .route(
            "/api/v1/public/qualitymanagement/app/{stream}/rawdata",
            serve(Api::Legacy, Key::LegacyBot),
        )
        .route(
            "/agentassist/api/v1/public/qualitymanagement/app/{stream}/rawdata",
            serve(Api::Legacy, Key::LegacyBot),
        )
        .route(
            "/agentassist/api/v1/public/qualitymanagement/app/{stream}/scorereporting",
            serve(Api::ScoreReporting, Key::LegacyBot),
        )
        .route(
            "/api/public/QualityManagement/account/{account}/v1/RawData",
            serve(Api::Legacy, Key::LegacyAccount),
        )
        .route(
            "//api/public/QualityManagement/account/{account}/v1/RawData",
            serve(Api::Legacy, Key::LegacyAccount),
        )
        .route(
            "/api/public/QualityManagement/account/{account}/v1/ScoreReporting",
            serve(Api::ScoreReporting, Key::LegacyAccount),
        )
        .route(
            "//api/public/QualityManagement/account/{account}/v1/ScoreReporting",
            serve(Api::ScoreReporting, Key::LegacyAccount),
        )
        .route(
            "/agentassist/api/v1/public/{stream}/v2/agentassistinteractions",
            get(interactions::everything).post(interactions::filtered),
        )
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(middleware::from_fn_with_state(Arc::clone(&context), misbehave))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&context),
            count_and_delay,
        ))
        .with_state(context)
}

/// The outermost layer, so that refused requests count and wait like the others.
async fn count_and_delay(State(context): State<Arc<Context>>, mut request: Request, next: Next) -> Response {
    let (turn, _in_flight) = context.traffic.enter();
    request.extensions_mut().insert(turn);
    if !context.options.latency.is_zero() {
        tokio::time::sleep(context.options.latency).await;
    }
    next.run(request).await
}

/// The faults of transport. Throttled and failed requests are not looked at any further, so that their tokens are not
/// used up.
async fn misbehave(
    State(context): State<Arc<Context>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Extension(turn): Extension<Turn>,
    request: Request,
    next: Next,
) -> Response {
    if context.options.faults.is_empty() {
        return next.run(request).await;
    }
    let accepted = request.headers().clone();
    let (asked, request) = Asked::read(request).await;
    let dress = async |response| context.transport.dress(asked, &accepted, response).await;
    match context.transport.judge(asked, turn) {
        Verdict::Pass => dress(next.run(request).await).await,
        Verdict::Answer(response) => dress(*response).await,
        Verdict::Cut => transport::cut(dress(next.run(request).await).await).await,
        Verdict::Reset => no_answer(&line),
        Verdict::Hang => {
            context.stopped().await;
            no_answer(&line)
        }
    }
}

/// What is returned is not sent.
fn no_answer(line: &Line) -> Response {
    line.hang_up();
    StatusCode::NO_CONTENT.into_response()
}

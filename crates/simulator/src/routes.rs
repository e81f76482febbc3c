//! Which path leads where, and what every request passes first. The handlers are in [`quality`](crate::quality)
//! and [`interactions`](crate::interactions).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};

use crate::corpus::Corpus;
use crate::refusal::Refusal;
use crate::{Options, interactions, quality};

/// What handlers and middleware share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) options: Options,
    pub(crate) corpus: Corpus,
    requests: AtomicU64,
}

impl Context {
    pub(crate) fn new(options: Options) -> Self {
        let corpus = Corpus::new(options.seed, options.conversations_per_day);
        Self {
            options,
            corpus,
            requests: AtomicU64::new(0),
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// The vendor's paths. The account-keyed ones of the first generation are printed with a double slash; a proxy may
/// fold it, so both are served.
pub(crate) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route(
            "/qualityai/api/v1/public/qualitymanagement/app/{stream}/rawdata",
            post(quality::raw_data),
        )
        .route(
            "/qualityai/api/v1/public/qualitymanagement/app/{stream}/scorereporting",
            post(quality::score_reporting),
        )
        .route(
            "/api/v1/public/qualitymanagement/app/{stream}/rawdata",
            post(quality::raw_data_by_app),
        )
        .route(
            "/agentassist/api/v1/public/qualitymanagement/app/{stream}/rawdata",
            post(quality::raw_data_by_app),
        )
        .route(
            "/agentassist/api/v1/public/qualitymanagement/app/{stream}/scorereporting",
            post(quality::score_reporting_by_app),
        )
        .route(
            "/api/public/QualityManagement/account/{account}/v1/RawData",
            post(quality::raw_data_by_account),
        )
        .route(
            "//api/public/QualityManagement/account/{account}/v1/RawData",
            post(quality::raw_data_by_account),
        )
        .route(
            "/api/public/QualityManagement/account/{account}/v1/ScoreReporting",
            post(quality::score_reporting_by_account),
        )
        .route(
            "//api/public/QualityManagement/account/{account}/v1/ScoreReporting",
            post(quality::score_reporting_by_account),
        )
        .route(
            "/agentassist/api/v1/public/{stream}/v2/agentassistinteractions",
            get(interactions::everything).post(interactions::filtered),
        )
        .fallback(async || Refusal::not_found())
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(middleware::from_fn_with_state(
            Arc::clone(&context),
            count_and_delay,
        ))
        .with_state(context)
}

/// The outermost layer, so that refused requests count and wait like the others.
async fn count_and_delay(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    context.requests.fetch_add(1, Ordering::Relaxed);
    if !context.options.latency.is_zero() {
        tokio::time::sleep(context.options.latency).await;
    }
    next.run(request).await
}

//! Agent AI Raw Data v2: segments of agent assistance, all by GET, chosen ones by POST. Quality AI is in
//! [`quality`](crate::quality).

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::Shape;
use crate::auth::{self, Scheme};
use crate::corpus::{Filter, Layout, Selection};
use crate::page::Envelope;
use crate::parameters::{Body, Parameters};
use crate::refusal::Refusal;
use crate::routes::Context;

type QueryResult = Result<Query<HashMap<String, String>>, QueryRejection>;

/// GET: everything in the range. A body sent along, as in the vendor's sample, is not read; proxies drop it too.
pub(crate) async fn everything(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    query: QueryResult,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admit(&context, &headers, &stream)?;
    answer(&context, query, Filter::default())
}

/// POST: the range in the query, the filter in the body.
pub(crate) async fn filtered(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    query: QueryResult,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    admit(&context, &headers, &stream)?;
    let body = Body::parse_optional(&bytes)?;
    let filter = Filter {
        sessions: body.texts("sessionIds")?,
        conversations: body.texts("conversationIds")?,
        channels: body.texts("channels")?,
        agents: body.texts("agentIds")?,
        ..Filter::default()
    };
    answer(&context, query, filter)
}

fn admit(context: &Context, headers: &HeaderMap, stream: &str) -> Result<(), Refusal> {
    auth::check_token(&context.options, headers, Scheme::BareOrBearer)?;
    auth::require_header(headers, "accountId", &context.options.account_id)?;
    auth::check_stream(&context.options, stream)
}

fn answer(context: &Context, query: QueryResult, filter: Filter) -> Result<Response, Refusal> {
    let parameters = Parameters::parse(query)?;
    let window = parameters.window()?;
    let offset = parameters.count("offset")?.unwrap_or(0);
    let limit = parameters
        .count("limit")?
        .unwrap_or(100)
        .min(context.options.max_limit.into());
    let layout = Layout {
        shape: Shape::AgentAssist,
        agentic: parameters.flag("includeAgenticData")?,
    };
    // The threshold is a notion of Quality AI: agent assistance is there for short conversations too.
    let selection = Selection {
        layout,
        window,
        filter: Filter {
            include_below_threshold: true,
            ..filter
        },
    };
    Ok(Envelope::Segments.response(&context.corpus.page(&selection, offset, limit)))
}

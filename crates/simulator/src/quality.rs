//! Quality AI: raw data of both generations and score reporting. Agent AI is in
//! [`interactions`](crate::interactions).
//!
//! Each handler is three steps: who asks, what is asked, and the page of the corpus in its envelope.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::auth::{self, Scheme};
use crate::corpus::{Filter, Layout, Selection};
use crate::page::Envelope;
use crate::parameters::Body;
use crate::refusal::Refusal;
use crate::routes::Context;
use crate::{Options, Shape};

type Answer = Result<Response, Refusal>;

/// Raw Data V3: `offset` is required and decides; `page` is checked and has no say.
pub(crate) async fn raw_data(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    admit_to_current(&context.options, &headers, &stream)?;
    let body = Body::parse(&bytes)?;
    let offset = body
        .count("offset")?
        .ok_or_else(|| Refusal::invalid("offset is required"))?;
    body.positive("page")?;
    let filter = Filter {
        include_below_threshold: body.flag("include_below_threshold")?.unwrap_or(false),
        inbound: direction(&body)?,
        custom_fields: body.object("custom_fields")?,
        ..Filter::default()
    };
    let limit = limit(&context, &body, 10)?;
    answer(
        &context,
        context.options.raw_data_shape.into(),
        &body,
        filter,
        offset,
        limit,
        Envelope::Current,
    )
}

/// Score Reporting: `offset` may be missing, `page` is unknown.
pub(crate) async fn score_reporting(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    admit_to_current(&context.options, &headers, &stream)?;
    scores(&context, &bytes)
}

/// Score Reporting under the first generation's app-keyed path.
pub(crate) async fn score_reporting_by_app(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    admit_to_legacy(&context.options, &headers)?;
    auth::check_stream(&context.options, &stream)?;
    scores(&context, &bytes)
}

/// Score Reporting under the first generation's account-keyed path.
pub(crate) async fn score_reporting_by_account(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    admit_to_legacy(&context.options, &headers)?;
    auth::check_account(&context.options, &account)?;
    scores(&context, &bytes)
}

/// Raw Data of the first generation, keyed by app.
pub(crate) async fn raw_data_by_app(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    admit_to_legacy(&context.options, &headers)?;
    auth::check_stream(&context.options, &stream)?;
    legacy(&context, &bytes)
}

/// Raw Data of the first generation, keyed by account.
pub(crate) async fn raw_data_by_account(
    State(context): State<Arc<Context>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Answer {
    admit_to_legacy(&context.options, &headers)?;
    auth::check_account(&context.options, &account)?;
    legacy(&context, &bytes)
}

fn scores(context: &Context, bytes: &[u8]) -> Answer {
    let body = Body::parse(bytes)?;
    let offset = body.count("offset")?.unwrap_or(0);
    let filter = Filter {
        include_below_threshold: body.flag("include_below_threshold")?.unwrap_or(false),
        inbound: direction(&body)?,
        ..Filter::default()
    };
    let limit = limit(context, &body, 100)?;
    answer(
        context,
        Shape::ScoreReporting,
        &body,
        filter,
        offset,
        limit,
        Envelope::Current,
    )
}

/// The first generation knows `page` and no threshold: every conversation is there.
fn legacy(context: &Context, bytes: &[u8]) -> Answer {
    let body = Body::parse(bytes)?;
    let filter = Filter {
        include_below_threshold: true,
        channels: body.texts("channel")?,
        queues: body.texts("queues")?,
        ..Filter::default()
    };
    let limit = limit(context, &body, 100)?;
    let offset = (body.positive("page")?.unwrap_or(1) - 1).saturating_mul(limit);
    answer(
        context,
        Shape::Legacy,
        &body,
        filter,
        offset,
        limit,
        Envelope::Legacy,
    )
}

fn answer(
    context: &Context,
    shape: Shape,
    body: &Body,
    filter: Filter,
    offset: u64,
    limit: u64,
    envelope: Envelope,
) -> Answer {
    let ends: &[&str] = if shape == Shape::Legacy {
        &["endDate", "endtDate"]
    } else {
        &["endDate"]
    };
    let selection = Selection {
        layout: Layout::complete(shape),
        window: body.window(ends)?,
        filter,
    };
    Ok(envelope.response(&context.corpus.page(&selection, offset, limit)))
}

fn admit_to_current(options: &Options, headers: &HeaderMap, stream: &str) -> Result<(), Refusal> {
    auth::check_token(options, headers, Scheme::Bare)?;
    auth::require_header(headers, "accountId", &options.account_id)?;
    auth::require_header(headers, "orgId", &options.org_id)?;
    auth::check_stream(options, stream)
}

fn admit_to_legacy(options: &Options, headers: &HeaderMap) -> Result<(), Refusal> {
    auth::check_token(options, headers, Scheme::Bare)?;
    auth::accept_header(headers, "accountId", &options.account_id)
}

fn limit(context: &Context, body: &Body, default: u64) -> Result<u64, Refusal> {
    Ok(body
        .positive("limit")?
        .unwrap_or(default)
        .min(context.options.max_limit.into()))
}

fn direction(body: &Body) -> Result<Option<bool>, Refusal> {
    match body.text("contact_direction")? {
        None => Ok(None),
        Some("inbound") => Ok(Some(true)),
        Some("outbound") => Ok(Some(false)),
        Some(_) => Err(Refusal::invalid("contact_direction must be inbound or outbound")),
    }
}

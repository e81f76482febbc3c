//! Agent AI Raw Data v2: segments of agent assistance, all by GET, chosen ones by POST. Quality AI is in
//! [`quality`](crate::quality).

use std::collections::HashMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use crate::Shape;
use crate::answer::Question;
use crate::auth::{self, Scheme};
use crate::corpus::{Filter, Layout, Selection};
use crate::fault::Style;
use crate::page::Envelope;
use crate::parameters::{Body, Parameters};
use crate::refusal::Refusal;
use crate::routes::{Bot, Context};
use crate::traffic::Turn;

type QueryResult = Result<Query<HashMap<String, String>>, QueryRejection>;

/// GET: everything in the range. A body sent along, as in the vendor's sample, is not read; proxies drop it too.
pub(crate) async fn everything(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    Extension(turn): Extension<Turn>,
    query: QueryResult,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let bot = admit(&context, &headers, &stream)?;
    let question = question(&context, query, Filter::default())?;
    Ok(context.answer(bot, &question, turn))
}

/// POST: the range in the query, the filter in the body.
pub(crate) async fn filtered(
    State(context): State<Arc<Context>>,
    Path(stream): Path<String>,
    Extension(turn): Extension<Turn>,
    query: QueryResult,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let bot = admit(&context, &headers, &stream)?;
    let body = Body::parse_optional(&bytes)?;
    let filter = Filter {
        sessions: body.texts("sessionIds")?,
        conversations: body.texts("conversationIds")?,
        channels: body.texts("channels")?,
        agents: body.texts("agentIds")?,
        ..Filter::default()
    };
    let question = question(&context, query, filter)?;
    Ok(context.answer(bot, &question, turn))
}

fn admit<'a>(context: &'a Context, headers: &HeaderMap, stream: &str) -> Result<&'a Bot, Refusal> {
    auth::check_token(context, headers, Scheme::BareOrBearer)?;
    auth::require_header(headers, "accountId", &context.options.account_id)?;
    context.bot(stream)
}

fn question(context: &Context, query: QueryResult, filter: Filter) -> Result<Question, Refusal> {
    let parameters = Parameters::parse(query)?;
    let style = context.style(Style::Offset);
    Ok(Question {
        selection: Selection {
            layout: Layout {
                shape: Shape::AgentAssist,
                agentic: parameters.flag("includeAgenticData")?,
            },
            window: parameters.window()?,
            // The threshold is a notion of Quality AI: agent assistance is there for short conversations too.
            filter: Filter {
                include_below_threshold: true,
                ..filter
            },
        },
        style,
        offset: parameters.count("offset")?,
        page: if style == Style::Offset {
            None
        } else {
            parameters.count("page")?
        },
        limit: parameters.count("limit")?.unwrap_or(100),
        envelope: Envelope::Segments,
    })
}

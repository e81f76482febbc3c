//! Quality AI: raw data of both generations and score reporting. Agent AI is in
//! [`interactions`](crate::interactions).
//!
//! One handler for all: who asks and for whose data is a matter of the path, [`Key`]; what is asked is a matter of
//! the API, [`Api`].

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::{MethodRouter, post};

use crate::Shape;
use crate::answer::Question;
use crate::auth::{self, Scheme};
use crate::corpus::{Filter, Layout, Selection};
use crate::fault::Style;
use crate::page::Envelope;
use crate::parameters::Body;
use crate::refusal::Refusal;
use crate::routes::{Bot, Context};
use crate::traffic::Turn;

/// Whose data a path asks for, and which headers come with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// The bot in the path, with account and organisation in headers.
    Bot,
    /// The bot in the path, as the first generation has it.
    LegacyBot,
    /// The account in the path, first generation. It has the data of the account's first bot.
    LegacyAccount,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// Raw Data V3: `offset` is required and decides; `page` is checked and has no say.
    RawData,
    /// Score Reporting: `offset` may be missing, `page` is unknown.
    ScoreReporting,
    /// Raw Data of the first generation knows `page` and no threshold: every conversation is there.
    Legacy,
}

/// The handler of one path.
pub(crate) fn serve(api: Api, key: Key) -> MethodRouter<Arc<Context>> {
    post(
        move |State(context): State<Arc<Context>>,
              Path(id): Path<String>,
              Extension(turn): Extension<Turn>,
              headers: HeaderMap,
              bytes: Bytes| async move {
            let bot = key.admit(&context, &headers, &id)?;
            let question = api.question(&context, &Body::parse(&bytes)?)?;
            Ok::<_, Refusal>(context.answer(bot, &question, turn))
        },
    )
}

impl Key {
    fn admit<'a>(self, context: &'a Context, headers: &HeaderMap, id: &str) -> Result<&'a Bot, Refusal> {
        let options = &context.options;
        auth::check_token(context, headers, Scheme::Bare)?;
        match self {
            Self::Bot => {
                auth::require_header(headers, "accountId", &options.account_id)?;
                auth::require_header(headers, "orgId", &options.org_id)?;
                context.bot(id)
            }
            Self::LegacyBot => {
                auth::accept_header(headers, "accountId", &options.account_id)?;
                context.bot(id)
            }
            Self::LegacyAccount => {
                auth::accept_header(headers, "accountId", &options.account_id)?;
                auth::check_account(options, id)?;
                context.bot(&options.stream_id)
            }
        }
    }
}

impl Api {
    fn question(self, context: &Context, body: &Body) -> Result<Question, Refusal> {
        let style = context.style(self.style());
        let offset = if style == Style::Page {
            None
        } else {
            body.count("offset")?
        };
        if self == Self::RawData && style != Style::Page && offset.is_none() {
            return Err(Refusal::invalid("offset is required"));
        }
        Ok(Question {
            selection: Selection {
                layout: Layout::complete(self.shape(context)),
                window: body.window(self.ends())?,
                filter: self.filter(body)?,
            },
            style,
            offset,
            page: if self == Self::ScoreReporting && style == Style::Offset {
                None
            } else {
                body.positive("page")?
            },
            limit: body.positive("limit")?.unwrap_or(self.default_limit()),
            envelope: self.envelope(),
        })
    }

    fn style(self) -> Style {
        match self {
            Self::RawData | Self::ScoreReporting => Style::Offset,
            Self::Legacy => Style::Page,
        }
    }

    fn shape(self, context: &Context) -> Shape {
        match self {
            Self::RawData => context.options.raw_data_shape.into(),
            Self::ScoreReporting => Shape::ScoreReporting,
            Self::Legacy => Shape::Legacy,
        }
    }

    /// How the end of the range may be spelled.
    fn ends(self) -> &'static [&'static str] {
        match self {
            Self::RawData | Self::ScoreReporting => &["endDate"],
            Self::Legacy => &["endDate", "endtDate"],
        }
    }

    fn default_limit(self) -> u64 {
        match self {
            Self::RawData => 10,
            Self::ScoreReporting | Self::Legacy => 100,
        }
    }

    fn envelope(self) -> Envelope {
        match self {
            Self::RawData | Self::ScoreReporting => Envelope::Current,
            Self::Legacy => Envelope::Legacy,
        }
    }

    fn filter(self, body: &Body) -> Result<Filter, Refusal> {
        if self == Self::Legacy {
            return Ok(Filter {
                include_below_threshold: true,
                channels: body.texts("channel")?,
                queues: body.texts("queues")?,
                ..Filter::default()
            });
        }
        let filter = Filter {
            include_below_threshold: body.flag("include_below_threshold")?.unwrap_or(false),
            inbound: direction(body)?,
            ..Filter::default()
        };
        if self == Self::ScoreReporting {
            return Ok(filter);
        }
        Ok(Filter {
            custom_fields: body.object("custom_fields")?,
            ..filter
        })
    }
}

fn direction(body: &Body) -> Result<Option<bool>, Refusal> {
    match body.text("contact_direction")? {
        None => Ok(None),
        Some("inbound") => Ok(Some(true)),
        Some("outbound") => Ok(Some(false)),
        Some(_) => Err(Refusal::invalid("contact_direction must be inbound or outbound")),
    }
}

//! The endpoint part of a dataset definition: where to ask, and what the parts of question and answer are called. The
//! question is put together in [`request`](crate::Request).

mod contradiction;

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Filter, Result, date_format};

/// One element of `endpoints` in a dataset definition.
///
/// ```
/// # use korelake_fetch::{Endpoint, Method};
/// let endpoint: Endpoint = serde_json::from_str(r#"{
///     "name": "v3",
///     "doc": "One record a conversation",
///     "method": "POST",
///     "path": "/qualityai/api/v1/public/qualitymanagement/app/{streamId}/rawdata",
///     "headers": ["accountId", "orgId"],
///     "parameters_in": "body",
///     "parameters": {"include_below_threshold": true},
///     "window": {"start": "startDate", "end": "endDate", "format": "%Y-%m-%d %H:%M:%S"},
///     "paging": {"style": "offset", "offset": "offset", "page": "page", "limit": "limit", "page_size": 100},
///     "response": {"records": "results", "total": "totalResults", "more": "hasMore"}
/// }"#)?;
/// assert_eq!(endpoint.method(), Method::Post);
/// assert_eq!(endpoint.paging().page_size, 100);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Endpoint {
    written: Written,
    /// That of the window's format.
    resolution: TimeDelta,
}

/// What is written in the file, before it is known to make sense.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(default)]
    doc: String,
    method: Method,
    path: String,
    #[serde(default)]
    headers: Vec<IdentityHeader>,
    parameters_in: ParametersIn,
    #[serde(default)]
    parameters: Map<String, Value>,
    #[serde(default)]
    filters: BTreeMap<String, Filter>,
    window: WindowNames,
    paging: PagingNames,
    response: ResponseNames,
}

/// The HTTP method of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Method {
    /// GET. Never with a body: proxies drop it, and the server then answers as if there were no parameters. A request
    /// that has filters for the body is a POST.
    Get,
    /// POST.
    Post,
}

/// As it is sent: `GET`, `POST`.
impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// Where an endpoint looks for its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ParametersIn {
    /// A JSON object in the body.
    Body,
    /// The query of the address.
    Query,
}

/// A header that says whose data is meant. `auth` is sent always and is none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub enum IdentityHeader {
    /// `accountId`.
    #[serde(rename = "accountId")]
    AccountId,
    /// `orgId`. Agent AI and the first generation of Quality AI do without.
    #[serde(rename = "orgId")]
    OrgId,
    /// `iid`, the stream id. Seen in one sample request of the first generation.
    #[serde(rename = "iid")]
    StreamId,
}

/// The names and the format of the window's two ends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowNames {
    /// The parameter for the start.
    pub start: String,
    /// The parameter for the end.
    pub end: String,
    /// How both are written, in chrono's notation (`%Y-%m-%d %H:%M:%S`), in UTC. Parts of a second that it leaves out
    /// are dropped.
    pub format: String,
}

/// The names of the paging parameters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagingNames {
    /// The style that is used first.
    pub style: PagingStyle,
    /// The parameter that skips records, where the endpoint knows one.
    pub offset: Option<String>,
    /// The parameter that counts pages from 1, where the endpoint knows one.
    pub page: Option<String>,
    /// The parameter for the size of a page.
    pub limit: String,
    /// The records to ask for unless a run says otherwise.
    pub page_size: u32,
}

/// Which parameter is counted up from page to page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PagingStyle {
    /// Records to skip. No page is sent, as what a server does with both is documented nowhere.
    Offset,
    /// Pages from 1. Where the endpoint knows an offset, 0 is sent along: right also where a server adds both up.
    Page,
}

impl PagingStyle {
    /// The one of the two that this is not.
    pub fn other(self) -> Self {
        match self {
            Self::Offset => Self::Page,
            Self::Page => Self::Offset,
        }
    }
}

impl std::str::FromStr for PagingStyle {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "offset" => Ok(Self::Offset),
            "page" => Ok(Self::Page),
            _ => Err(Error::InvalidOption {
                name: "paging",
                reason: "is offset or page",
            }),
        }
    }
}

impl std::fmt::Display for PagingStyle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Offset => "offset",
            Self::Page => "page",
        })
    }
}

/// The names of the envelope's parts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseNames {
    /// The key of the array of records: `results`, or `data` at Agent AI.
    pub records: String,
    /// The key of the number of records in the whole window, where there is one.
    pub total: Option<String>,
    /// The key that tells whether there is more, where there is one.
    pub more: Option<String>,
}

impl Endpoint {
    /// Its name, unique in its dataset.
    pub fn name(&self) -> &str {
        &self.written.name
    }

    /// What it is for.
    pub fn doc(&self) -> &str {
        &self.written.doc
    }

    /// The HTTP method. A request with parameters in its body is a POST in any case.
    pub fn method(&self) -> Method {
        self.written.method
    }

    /// The path with its `{streamId}` and `{accountId}`.
    pub fn path(&self) -> &str {
        &self.written.path
    }

    /// The identity headers it wants besides `auth`.
    pub fn headers(&self) -> &[IdentityHeader] {
        &self.written.headers
    }

    /// Where parameters go, but for those of filters that have a place of their own.
    pub fn parameters_in(&self) -> ParametersIn {
        self.written.parameters_in
    }

    /// The filters it takes, by the names of the settings for them.
    pub fn filters(&self) -> &BTreeMap<String, Filter> {
        &self.written.filters
    }

    /// The parameters for filters, `settings` being those that users write: checked, and under the names that the
    /// server knows. They go along with [`Endpoint::request`].
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFilter`] for a setting that this endpoint does not take: a server ignores what it does not
    /// know, and would send everything. [`Error::InvalidFilter`] for a value that it cannot have.
    pub fn filter_parameters(&self, settings: Map<String, Value>) -> Result<Map<String, Value>> {
        let mut parameters = Map::new();
        for (setting, value) in settings {
            let Some(filter) = self.filters().get(&setting) else {
                return Err(Error::UnknownFilter {
                    endpoint: self.name().to_owned(),
                    setting,
                    known: self.filters().keys().cloned().collect(),
                });
            };
            let parameter = filter.parameter_of(&setting).to_owned();
            let value = filter.accept(value).map_err(|reason| Error::InvalidFilter {
                endpoint: self.name().to_owned(),
                setting,
                reason,
            })?;
            parameters.insert(parameter, value);
        }
        Ok(parameters)
    }

    /// Where the parameter `name` goes.
    pub(crate) fn place(&self, name: &str) -> ParametersIn {
        self.filters()
            .iter()
            .find(|(setting, filter)| filter.parameter_of(setting) == name)
            .and_then(|(_, filter)| filter.place)
            .unwrap_or(self.parameters_in())
    }

    /// The constants that go with every request.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.written.parameters
    }

    /// How the window is written.
    pub fn window(&self) -> &WindowNames {
        &self.written.window
    }

    /// The same endpoint with dates in another format, in chrono's notation: servers contradict their pages on it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidDateFormat`] when it is no format, or writes two days alike, or leaves out a part of the time
    /// between two others.
    pub fn with_date_format(&self, format: &str) -> Result<Self> {
        let resolution = date_format::resolution(format).map_err(|reason| Error::InvalidDateFormat {
            format: format.to_owned(),
            reason,
        })?;
        let mut written = self.written.clone();
        written.window.format = format.to_owned();
        Ok(Self { written, resolution })
    }

    /// The smallest step that its dates can write: a day, an hour, a minute, a second or a millisecond. Windows whose
    /// ends are no multiples of it, counted from midnight, are sent as if they were: what is smaller is dropped.
    pub fn resolution(&self) -> TimeDelta {
        self.resolution
    }

    /// How paging is written.
    pub fn paging(&self) -> &PagingNames {
        &self.written.paging
    }

    /// What the parts of an answer are called.
    pub fn response(&self) -> &ResponseNames {
        &self.written.response
    }

    /// The parameter that is counted up in a style: the documented name, and else `offset` or `page`, which is what
    /// servers read that contradict their pages.
    pub fn paging_parameter(&self, style: PagingStyle) -> &str {
        let paging = self.paging();
        match style {
            PagingStyle::Offset => paging.offset.as_deref().unwrap_or("offset"),
            PagingStyle::Page => paging.page.as_deref().unwrap_or("page"),
        }
    }

    /// Whether window or paging set the parameter `name`.
    pub(crate) fn reserves(&self, name: &str) -> bool {
        let names = [
            &self.window().start,
            &self.window().end,
            &self.paging().limit,
            self.paging_parameter(PagingStyle::Offset),
            self.paging_parameter(PagingStyle::Page),
        ];
        names.contains(&name)
    }
}

impl TryFrom<Written> for Endpoint {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        let invalid = |endpoint: &Written, reason| Error::InvalidEndpoint {
            endpoint: endpoint.name.clone(),
            reason,
        };
        let format = &written.window.format;
        let resolution = date_format::resolution(format)
            .map_err(|reason| invalid(&written, format!("the date format {format:?} {reason}")))?;
        let endpoint = Self { written, resolution };
        match endpoint.contradiction() {
            Some(reason) => Err(invalid(&endpoint.written, reason)),
            None => Ok(endpoint),
        }
    }
}

//! The endpoint part of a dataset definition: where to ask, and what the parts of question and answer are called. The
//! question is put together in [`request`](crate::Request).

use std::fmt;

use chrono::format::{Item, StrftimeItems};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Error, Result};

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
pub struct Endpoint(Written);

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
    window: WindowNames,
    paging: PagingNames,
    response: ResponseNames,
}

/// The HTTP method of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Method {
    /// GET. Never with a body: proxies drop it, and the server then answers as if there were no parameters.
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
        &self.0.name
    }

    /// What it is for.
    pub fn doc(&self) -> &str {
        &self.0.doc
    }

    /// The HTTP method.
    pub fn method(&self) -> Method {
        self.0.method
    }

    /// The path with its `{streamId}` and `{accountId}`.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The identity headers it wants besides `auth`.
    pub fn headers(&self) -> &[IdentityHeader] {
        &self.0.headers
    }

    /// Where parameters go.
    pub fn parameters_in(&self) -> ParametersIn {
        self.0.parameters_in
    }

    /// The constants that go with every request.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.0.parameters
    }

    /// How the window is written.
    pub fn window(&self) -> &WindowNames {
        &self.0.window
    }

    /// How paging is written.
    pub fn paging(&self) -> &PagingNames {
        &self.0.paging
    }

    /// What the parts of an answer are called.
    pub fn response(&self) -> &ResponseNames {
        &self.0.response
    }

    /// Whether window or paging set the parameter `name`.
    pub(crate) fn reserves(&self, name: &str) -> bool {
        let WindowNames { start, end, .. } = &self.0.window;
        let PagingNames {
            offset, page, limit, ..
        } = &self.0.paging;
        [
            Some(start),
            Some(end),
            Some(limit),
            offset.as_ref(),
            page.as_ref(),
        ]
        .into_iter()
        .flatten()
        .any(|one| one == name)
    }
}

impl TryFrom<Written> for Endpoint {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        let endpoint = Self(written);
        match endpoint.contradiction() {
            Some(reason) => Err(Error::InvalidEndpoint {
                endpoint: endpoint.0.name,
                reason,
            }),
            None => Ok(endpoint),
        }
    }
}

impl Endpoint {
    fn contradiction(&self) -> Option<String> {
        let Written {
            method,
            path,
            parameters_in,
            parameters,
            window,
            paging,
            response,
            ..
        } = &self.0;
        if self.0.name.is_empty() {
            return Some("its name is empty".to_owned());
        }
        if let Some(reason) = path_mistake(path) {
            return Some(reason);
        }
        if *method == Method::Get && *parameters_in == ParametersIn::Body {
            return Some("a GET carries no body: set `parameters_in` to `query`".to_owned());
        }
        if StrftimeItems::new(&window.format).any(|item| item == Item::Error) || window.format.is_empty() {
            return Some(format!("{:?} is no format of dates", window.format));
        }
        let counted = match paging.style {
            PagingStyle::Offset => &paging.offset,
            PagingStyle::Page => &paging.page,
        };
        if counted.is_none() {
            return Some(format!(
                "paging by {} needs the name of that parameter",
                paging.style
            ));
        }
        if paging.page_size == 0 {
            return Some("a page of 0 records leads nowhere".to_owned());
        }
        let asked = [
            Some(&window.start),
            Some(&window.end),
            Some(&paging.limit),
            paging.offset.as_ref(),
            paging.page.as_ref(),
        ];
        let answered = [
            Some(&response.records),
            response.total.as_ref(),
            response.more.as_ref(),
        ];
        if let Some(name) = repeated(&asked).or_else(|| repeated(&answered)) {
            return Some(format!("{name:?} is empty or names two things"));
        }
        let taken = parameters.keys().find(|name| self.reserves(name))?;
        Some(format!(
            "the parameter {taken:?} is set by the window or the paging"
        ))
    }
}

fn repeated<'a>(names: &[Option<&'a String>]) -> Option<&'a String> {
    let names: Vec<&String> = names.iter().copied().flatten().collect();
    names
        .iter()
        .enumerate()
        .find(|(index, name)| name.is_empty() || names[..*index].contains(name))
        .map(|(_, name)| *name)
}

fn path_mistake(path: &str) -> Option<String> {
    if !path.starts_with('/') {
        return Some("its path does not start with a slash".to_owned());
    }
    let plain = path.replace("{streamId}", "").replace("{accountId}", "");
    if plain.contains(['{', '}']) {
        return Some("its path has a placeholder other than {streamId} and {accountId}".to_owned());
    }
    if plain.contains(['?', '#', '\\'])
        || plain
            .chars()
            .any(|character| character <= ' ' || !character.is_ascii())
    {
        return Some("its path contains a query, a blank or another character a path cannot have".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::sample::definition;

    fn read(change: impl FnOnce(&mut Value)) -> Result<Endpoint, serde_json::Error> {
        let mut written = definition();
        change(&mut written);
        serde_json::from_value(written)
    }

    #[test]
    fn definition_without_optional_parts_is_read() {
        let endpoint = read(|written| {
            let object = written.as_object_mut().unwrap();
            object.retain(|key, _| !["doc", "headers", "parameters"].contains(&key.as_str()));
            object["response"] = json!({"records": "data"});
            object["paging"] =
                json!({"style": "offset", "offset": "offset", "limit": "limit", "page_size": 10});
        });
        assert_eq!(endpoint.unwrap().response().records, "data");
    }

    #[test]
    fn misspelt_field_is_refused_by_name() {
        for place in ["", "/window", "/paging", "/response"] {
            let error = read(|written| {
                written.pointer_mut(place).unwrap()["pageSize"] = 1.into();
            });
            assert!(error.unwrap_err().to_string().contains("pageSize"), "{place:?}");
        }
    }

    #[test]
    fn definition_that_contradicts_itself_is_refused() {
        let contradictions = [
            ("/name", json!("")),
            ("/method", json!("GET")),
            ("/path", json!("rawdata")),
            ("/path", json!("/{botId}/rawdata")),
            ("/path", json!("/rawdata?x=1")),
            ("/path", json!("/raw data")),
            ("/window/format", json!("%Y-%Q")),
            ("/window/end", json!("startDate")),
            ("/paging/offset", json!(null)),
            ("/paging/page_size", json!(0)),
            ("/paging/page", json!("limit")),
            ("/response/total", json!("results")),
            ("/parameters", json!({"limit": 5})),
        ];
        for (place, value) in contradictions {
            let error = read(|written| *written.pointer_mut(place).unwrap() = value.clone());
            let message = error.unwrap_err().to_string();
            assert!(message.contains("cannot be used"), "{place} {value}: {message}");
        }
    }
}

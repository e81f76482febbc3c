//! Puts one request together from an [`Endpoint`]. It is sent by the [`Client`](crate::Client), which adds `auth`.

use std::{borrow::Cow, fmt::Write as _};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

use crate::{
    Endpoint, Error, IdentityHeader, Method, PagingStyle, ParametersIn, Result, Source, Window, date_format,
};

/// Which page of a window to ask for, in both counts. Only the count of `style` is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Which of the two is sent.
    pub style: PagingStyle,
    /// Records before this page: those received, not those asked for.
    pub offset: u64,
    /// The page, counted from 1.
    pub page: u64,
    /// Records to ask for.
    pub limit: u32,
}

impl Position {
    /// The first page of a window, as the endpoint would like to be asked.
    pub fn first(endpoint: &Endpoint) -> Self {
        let paging = endpoint.paging();
        Self {
            style: paging.style,
            offset: 0,
            page: 1,
            limit: paging.page_size,
        }
    }
}

/// One request, complete but for the header `auth`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The address with its query.
    pub url: Url,
    /// Headers by name, without `auth`.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body, where there are parameters for it.
    pub body: Option<Bytes>,
}

impl Endpoint {
    /// The request for one page of a window. `parameters` go along with the endpoint's own and win over them. Each goes
    /// where its filter says, or else where the endpoint's parameters go. In a query texts are sent as they are, and
    /// everything else as its JSON text; null is sent nowhere. With parameters for the body the request is a POST.
    ///
    /// # Errors
    ///
    /// [`Error::UnusableId`] when the endpoint needs an id that `source` lacks or that cannot be sent;
    /// [`Error::ReservedParameter`] when one of `parameters` is set by window or paging;
    /// [`Error::InvalidOption`] when the page would be empty; [`Error::CoarseDates`] when both ends of the window
    /// would be written alike, which servers take for no time at all, or for a day.
    pub fn request(
        &self,
        source: &Source,
        window: Window,
        position: Position,
        parameters: &Map<String, Value>,
    ) -> Result<Request> {
        let mut headers = Vec::new();
        for header in self.headers() {
            headers.push(self.identity_header(source, *header)?);
        }
        let path = self.filled_path(source)?;
        let (mut in_query, mut in_body) = (Map::new(), Map::new());
        for (name, value) in self.all_parameters(window, position, parameters)? {
            match self.place(&name) {
                _ if value.is_null() => None,
                ParametersIn::Query => in_query.insert(name, value),
                ParametersIn::Body => in_body.insert(name, value),
            };
        }
        let query = (!in_query.is_empty()).then(|| encode_query(&in_query));
        let body = (!in_body.is_empty()).then(|| Bytes::from(Value::Object(in_body).to_string()));
        let method = match body {
            Some(_) => {
                headers.push(("content-type", "application/json".to_owned()));
                Method::Post
            }
            None => self.method(),
        };
        Ok(Request {
            method,
            url: source.host.url(&path, query.as_deref()),
            headers,
            body,
        })
    }

    fn all_parameters(
        &self,
        window: Window,
        position: Position,
        extra: &Map<String, Value>,
    ) -> Result<Map<String, Value>> {
        if let Some(name) = extra.keys().find(|name| self.reserves(name)) {
            return Err(Error::ReservedParameter {
                endpoint: self.name().to_owned(),
                name: name.clone(),
            });
        }
        if position.limit == 0 {
            return Err(Error::InvalidOption {
                name: "page_size",
                reason: "must not be 0",
            });
        }
        let mut parameters = self.parameters().clone();
        parameters.extend(extra.clone());
        let names = self.window();
        let (start, end) = (self.written(window.start())?, self.written(window.end())?);
        if start == end {
            return Err(Error::CoarseDates {
                endpoint: self.name().to_owned(),
                window,
                written: start,
            });
        }
        parameters.insert(names.start.clone(), start.into());
        parameters.insert(names.end.clone(), end.into());
        let paging = self.paging();
        parameters.insert(paging.limit.clone(), position.limit.into());
        if let (PagingStyle::Page, Some(offset)) = (position.style, &paging.offset) {
            parameters.insert(offset.clone(), 0.into());
        }
        let counted = match position.style {
            PagingStyle::Offset => position.offset,
            PagingStyle::Page => position.page,
        };
        parameters.insert(self.paging_parameter(position.style).to_owned(), counted.into());
        Ok(parameters)
    }

    fn written(&self, instant: DateTime<Utc>) -> Result<String> {
        let format = &self.window().format;
        date_format::write(format, instant).ok_or_else(|| Error::InvalidEndpoint {
            endpoint: self.name().to_owned(),
            reason: format!("{format:?} is no format of dates"),
        })
    }

    fn identity_header(&self, source: &Source, header: IdentityHeader) -> Result<(&'static str, String)> {
        let (header, name, value) = match header {
            IdentityHeader::AccountId => ("accountId", "account_id", Some(&source.account_id)),
            IdentityHeader::OrgId => ("orgId", "org_id", source.org_id.as_ref()),
            IdentityHeader::StreamId => ("iid", "stream_id", Some(&source.stream_id)),
        };
        let value = self.usable(name, value.map_or("", String::as_str))?;
        Ok((header, value.to_owned()))
    }

    fn filled_path(&self, source: &Source) -> Result<String> {
        let mut path = self.path().to_owned();
        let ids = [
            ("{streamId}", "stream_id", &source.stream_id),
            ("{accountId}", "account_id", &source.account_id),
        ];
        for (placeholder, name, id) in ids {
            if path.contains(placeholder) {
                path = path.replace(placeholder, &encode(self.usable(name, id)?));
            }
        }
        Ok(path)
    }

    /// An id that can stand in a header and as one segment of a path.
    fn usable<'a>(&self, name: &'static str, id: &'a str) -> Result<&'a str> {
        let reason = match id {
            "" => "is missing",
            "." | ".." => "is no id",
            _ if !id.bytes().all(|byte| byte.is_ascii_graphic()) => "contains characters that cannot be sent",
            _ => return Ok(id),
        };
        Err(Error::UnusableId {
            endpoint: self.name().to_owned(),
            name,
            reason,
        })
    }
}

fn encode_query(parameters: &Map<String, Value>) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        let text = match value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(other.to_string()),
        };
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&encode(name));
        query.push('=');
        query.push_str(&encode(&text));
    }
    query
}

/// Percent-encodes all but the unreserved characters of RFC 3986. A blank becomes `%20`: the `+` of HTML forms is not
/// understood by every server.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// An endpoint for the tests here and next door.
#[cfg(test)]
pub(crate) mod sample {
    use serde_json::{Value, json};

    pub(crate) fn definition() -> Value {
        json!({
            "name": "v3",
            "doc": "One record a conversation",
            "method": "POST",
            "path": "/qualityai/app/{streamId}/rawdata",
            "headers": ["accountId", "orgId"],
            "parameters_in": "body",
            "parameters": {"include_below_threshold": true},
            "window": {"start": "startDate", "end": "endDate", "format": "%Y-%m-%d %H:%M:%S"},
            "paging": {"style": "offset", "offset": "offset", "page": "page", "limit": "limit", "page_size": 100},
            "response": {"records": "results", "total": "totalResults", "more": "hasMore"}
        })
    }
}

#[cfg(test)]
mod tests;

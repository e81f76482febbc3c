//! What is asked: the fields of a JSON body and of a query, each checked for its type. Dates are read in
//! [`moment`](crate::moment); who asks is checked in [`auth`](crate::auth).

use std::collections::HashMap;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde_json::{Map, Value};

use crate::moment::Window;
use crate::refusal::Refusal;

/// A JSON object sent as body.
#[derive(Debug, Default)]
pub(crate) struct Body(Map<String, Value>);

impl Body {
    /// The body of a request that must have one.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::invalid("the body must be a JSON object")),
            Err(error) => Err(Refusal::invalid(format!("the body is not JSON: {error}"))),
        }
    }

    /// The body of a request that may do without.
    pub(crate) fn parse_optional(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            Ok(Self::default())
        } else {
            Self::parse(bytes)
        }
    }

    /// `startDate` and the first of `ends` that is given: the first generation's table spells it `endtDate`.
    pub(crate) fn window(&self, ends: &[&str]) -> Result<Window, Refusal> {
        let start = self.text("startDate")?.ok_or_else(|| missing("startDate"))?;
        let mut end = None;
        for name in ends {
            end = end.or(self.text(name)?);
        }
        let end = end.ok_or_else(|| missing("endDate"))?;
        Window::parse(start, end).map_err(Refusal::invalid)
    }

    /// A whole number from 0; null counts as not given.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                .map(Some)
                .ok_or_else(|| wrong(name, "a whole number from 0")),
        }
    }

    /// A whole number from 1.
    pub(crate) fn positive(&self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.count(name)? {
            Some(0) => Err(wrong(name, "a whole number from 1")),
            count => Ok(count),
        }
    }

    /// A boolean, or its text: the vendor's tables call one and the same flag a boolean and a string.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(_) => Err(wrong(name, "true or false")),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.given(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| wrong(name, "a text")),
        }
    }

    /// An array of texts; empty where it is not given.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let wrong = || wrong(name, "an array of texts");
        match self.given(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect(),
            Some(_) => Err(wrong()),
        }
    }

    /// An object; empty where it is not given.
    pub(crate) fn object(&self, name: &str) -> Result<Map<String, Value>, Refusal> {
        match self.given(name) {
            None => Ok(Map::new()),
            Some(Value::Object(fields)) => Ok(fields.clone()),
            Some(_) => Err(wrong(name, "an object")),
        }
    }

    fn given(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// The part of the address after `?`.
#[derive(Debug)]
pub(crate) struct Parameters(HashMap<String, String>);

impl Parameters {
    pub(crate) fn parse(
        query: Result<Query<HashMap<String, String>>, QueryRejection>,
    ) -> Result<Self, Refusal> {
        match query {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(rejection) => Err(Refusal::invalid(rejection.to_string())),
        }
    }

    pub(crate) fn window(&self) -> Result<Window, Refusal> {
        let from = self.0.get("from").ok_or_else(|| missing("from"))?;
        let to = self.0.get("to").ok_or_else(|| missing("to"))?;
        Window::parse(from, to).map_err(Refusal::invalid)
    }

    pub(crate) fn count(&self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| wrong(name, "a whole number from 0")),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.0.get(name).map(String::as_str) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(name, "true or false")),
        }
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::invalid(format!("{name} is required"))
}

fn wrong(name: &str, expected: &str) -> Refusal {
    Refusal::invalid(format!("{name} must be {expected}"))
}

//! What keeps an endpoint that could be read from being asked: names that mean two things, a path that is none. The
//! names themselves are in [`endpoint`](super).

use std::collections::HashSet;

use super::{Endpoint, Method, PagingStyle, ParametersIn, Written};

impl Endpoint {
    /// The first contradiction in what is written, to be read after the endpoint's name.
    pub(super) fn contradiction(&self) -> Option<String> {
        let Written {
            name,
            method,
            path,
            parameters_in,
            parameters,
            paging,
            ..
        } = &self.written;
        if name.is_empty() {
            return Some("its name is empty".to_owned());
        }
        if let Some(reason) = path_mistake(path) {
            return Some(reason);
        }
        if *method == Method::Get && *parameters_in == ParametersIn::Body {
            return Some("a GET carries no body: set `parameters_in` to `query`".to_owned());
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
        if let Some(name) = self.repeated_name() {
            return Some(format!("{name:?} is empty or names two things"));
        }
        if let Some(taken) = parameters.keys().find(|name| self.reserves(name)) {
            return Some(format!(
                "the parameter {taken:?} is set by the window or the paging"
            ));
        }
        self.contradictory_filter()
    }

    fn repeated_name(&self) -> Option<&str> {
        let Written {
            window,
            paging,
            response,
            ..
        } = &self.written;
        let asked = [
            Some(window.start.as_str()),
            Some(&window.end),
            Some(&paging.limit),
            paging.offset.as_deref(),
            paging.page.as_deref(),
        ];
        let answered = [
            Some(response.records.as_str()),
            response.total.as_deref(),
            response.more.as_deref(),
        ];
        // The style that is not documented has a name too. It may be that of the other style: a server that calls its
        // pages `offset` has only one parameter to try.
        let undocumented = |style| {
            let name = self.paging_parameter(style);
            asked[..3].contains(&Some(name)).then_some(name)
        };
        repeated(asked)
            .or_else(|| repeated(answered))
            .or_else(|| undocumented(PagingStyle::Offset))
            .or_else(|| undocumented(PagingStyle::Page))
    }

    fn contradictory_filter(&self) -> Option<String> {
        let mut sent = HashSet::new();
        for (setting, filter) in self.filters() {
            let parameter = filter.parameter_of(setting);
            let reason = if !is_snake_case(setting) {
                Some("is not in snake_case")
            } else if parameter.is_empty() {
                Some("has an empty parameter")
            } else if self.reserves(parameter) {
                Some("is a parameter that the window or the paging set")
            } else if !sent.insert(parameter) {
                Some("is sent as the same parameter as another one")
            } else {
                filter.contradiction(filter.place.unwrap_or(self.parameters_in()))
            };
            if let Some(reason) = reason {
                return Some(format!("its filter {setting:?} {reason}"));
            }
        }
        None
    }
}

/// Words of lower-case letters and digits, joined by underscores, perhaps with one in front: what a setting looks like.
fn is_snake_case(name: &str) -> bool {
    let is_word = |word: &str| {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !word.is_empty() && word.bytes().all(is_plain)
    };
    let name = name.strip_prefix('_').unwrap_or(name);
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(is_word)
}

/// The first name that is empty or was there before.
fn repeated<const N: usize>(names: [Option<&str>; N]) -> Option<&str> {
    let names = names.into_iter().flatten();
    names
        .clone()
        .enumerate()
        .find(|(index, name)| name.is_empty() || names.clone().take(*index).any(|other| other == *name))
        .map(|(_, name)| name)
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
    use serde_json::{Value, json};

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
        for place in ["", "/window", "/paging", "/response", "/filters/a"] {
            let error = read(|written| {
                written["filters"] = json!({"a": {"type": "text"}});
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
            ("/window/format", json!("%H:%M")),
            ("/window/end", json!("startDate")),
            ("/paging/offset", json!(null)),
            ("/paging/page_size", json!(0)),
            ("/paging/page", json!("limit")),
            (
                "/paging",
                json!({"style": "page", "page": "n", "limit": "offset", "page_size": 1}),
            ),
            (
                "/paging",
                json!({"style": "offset", "offset": "n", "limit": "page", "page_size": 1}),
            ),
            ("/response/total", json!("results")),
            ("/parameters", json!({"limit": 5})),
            ("/filters", json!({"": {"type": "text"}})),
            ("/filters", json!({"sessionIds": {"type": "text"}})),
            ("/filters", json!({"session__ids": {"type": "text"}})),
            ("/filters", json!({"a": {"parameter": "", "type": "text"}})),
            ("/filters", json!({"limit": {"type": "text"}})),
            ("/filters", json!({"a": {"parameter": "endDate", "type": "text"}})),
            (
                "/filters",
                json!({"a": {"type": "text"}, "b": {"parameter": "a", "type": "text"}}),
            ),
            ("/filters", json!({"a": {"in": "query", "type": "texts"}})),
            ("/filters", json!({"a": {"in": "query", "type": "object"}})),
            ("/filters", json!({"a": {"type": "boolean", "one_of": ["true"]}})),
            ("/filters", json!({"a": {"type": "object", "one_of": ["x"]}})),
            ("/filters", json!({"a": {"type": "text", "one_of": []}})),
            ("/filters", json!({"a": {"type": "texts", "one_of": ["x", " "]}})),
        ];
        for (place, value) in contradictions {
            let error = read(|written| {
                let (parent, key) = place.rsplit_once('/').unwrap();
                written.pointer_mut(parent).unwrap()[key] = value.clone();
            });
            let message = error.unwrap_err().to_string();
            assert!(message.contains("cannot be used"), "{place} {value}: {message}");
        }
    }

    #[test]
    fn both_styles_of_paging_have_a_parameter_that_nothing_else_may_set() {
        let pages = read(|written| {
            written["paging"] = json!({"style": "page", "page": "offset", "limit": "limit", "page_size": 1});
        });
        let pages = pages.unwrap();
        assert_eq!(pages.paging_parameter(PagingStyle::Page), "offset");
        assert_eq!(pages.paging_parameter(PagingStyle::Offset), "offset");
        let offsets = read(|written| {
            written["paging"] =
                json!({"style": "offset", "offset": "skip", "limit": "limit", "page_size": 1});
        });
        let offsets = offsets.unwrap();
        assert_eq!(offsets.paging_parameter(PagingStyle::Offset), "skip");
        assert_eq!(offsets.paging_parameter(PagingStyle::Page), "page");
        assert!(offsets.reserves("page") && offsets.reserves("skip") && !offsets.reserves("offset"));
    }
}

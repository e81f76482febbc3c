//! A filter that an endpoint takes: as which parameter it is sent, and which values it can have. Where in a request
//! parameters go is decided in [`request`](crate::Request).

use serde::Deserialize;
use serde_json::Value;

use crate::ParametersIn;

/// One filter of an endpoint, under the name of the setting that users write.
///
/// ```
/// # use korelake_fetch::{Filter, FilterType};
/// let filter: Filter = serde_json::from_str(r#"{"parameter": "sessionIds", "in": "body", "type": "texts"}"#)?;
/// assert_eq!(filter.value_type, FilterType::Texts);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The parameter, as the server spells it. Default: the name of the setting.
    pub parameter: Option<String>,
    /// Where the parameter goes. Default: where the endpoint's parameters go.
    #[serde(rename = "in")]
    pub place: Option<ParametersIn>,
    /// Of which type its values are.
    #[serde(rename = "type")]
    pub value_type: FilterType,
    /// All texts that it can be, where they are known. Default: any.
    pub one_of: Option<Vec<String>>,
}

/// Of which type the values of a [`Filter`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FilterType {
    /// True or false.
    Boolean,
    /// A text.
    Text,
    /// A list of texts; records that fit one of them are sent.
    Texts,
    /// A JSON object, which is sent as it is.
    Object,
}

impl Filter {
    /// The parameter that the filter under the name `setting` is sent as.
    pub(crate) fn parameter_of<'a>(&'a self, setting: &'a str) -> &'a str {
        self.parameter.as_deref().unwrap_or(setting)
    }

    /// The value as it is sent. A list is put in order, and has each text once: two orders are one filter.
    ///
    /// # Errors
    ///
    /// Why it cannot be sent, to be read after the name of the setting; the value is not repeated. Nothing is sent
    /// empty: whether that means all records or none is documented nowhere.
    pub(crate) fn accept(&self, value: Value) -> Result<Value, String> {
        let value = match (self.value_type, value) {
            (FilterType::Boolean, Value::Bool(flag)) => return Ok(flag.into()),
            (FilterType::Object, Value::Object(members)) if !members.is_empty() => return Ok(members.into()),
            (FilterType::Text, Value::String(text)) => {
                self.check(&text)?;
                text.into()
            }
            (FilterType::Texts, Value::Array(elements)) if !elements.is_empty() => {
                let mut texts = Vec::new();
                for element in elements {
                    let Value::String(text) = element else {
                        return Err("is not a list of texts".to_owned());
                    };
                    self.check(&text)?;
                    texts.push(text);
                }
                texts.sort_unstable();
                texts.dedup();
                texts.into()
            }
            (FilterType::Object, Value::Object(_)) | (FilterType::Texts, Value::Array(_)) => {
                return Err("is empty".to_owned());
            }
            (FilterType::Boolean, _) => return Err("is not true or false".to_owned()),
            (FilterType::Text, _) => return Err("is not a text".to_owned()),
            (FilterType::Texts, _) => return Err("is not a list of texts".to_owned()),
            (FilterType::Object, _) => return Err("is not a table of names and values".to_owned()),
        };
        Ok(value)
    }

    fn check(&self, text: &str) -> Result<(), String> {
        match &self.one_of {
            _ if text.trim().is_empty() => Err("has an empty text".to_owned()),
            Some(known) if known.iter().all(|one| one != text) => {
                Err(format!("is not one of {}", known.join(", ")))
            }
            _ => Ok(()),
        }
    }

    /// Why this filter makes no sense, in the place that it is sent to.
    pub(crate) fn contradiction(&self, place: ParametersIn) -> Option<&'static str> {
        let (is_text, is_flat) = match self.value_type {
            FilterType::Boolean => (false, true),
            FilterType::Text => (true, true),
            FilterType::Texts => (true, false),
            FilterType::Object => (false, false),
        };
        if place == ParametersIn::Query && !is_flat {
            return Some("is a list or an object, which a query cannot carry: set `in` to `body`");
        }
        let known = self.one_of.as_ref()?;
        if !is_text {
            return Some("has `one_of`, and is no text");
        }
        let no_choice = known.is_empty() || known.iter().any(|text| text.trim().is_empty());
        no_choice.then_some("has a `one_of` that is empty or has an empty text")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filter(value_type: FilterType, one_of: Option<&[&str]>) -> Filter {
        Filter {
            parameter: None,
            place: None,
            value_type,
            one_of: one_of.map(|known| known.iter().map(|text| (*text).to_owned()).collect()),
        }
    }

    #[test]
    fn values_of_the_right_type_are_sent_as_they_are() {
        for (value_type, value) in [
            (FilterType::Boolean, json!(false)),
            (FilterType::Text, json!("inbound")),
            (FilterType::Texts, json!(["chat", "voice"])),
            (FilterType::Object, json!({"Region": "EMEA", "n": [1, null]})),
        ] {
            assert_eq!(filter(value_type, None).accept(value.clone()), Ok(value));
        }
    }

    #[test]
    fn lists_in_another_order_are_the_same_filter() {
        let sent = filter(FilterType::Texts, None).accept(json!(["b", "a", "b"]));
        assert_eq!(sent, Ok(json!(["a", "b"])));
    }

    #[test]
    fn values_that_a_server_would_ignore_are_refused() {
        let directions: Option<&[&str]> = Some(&["inbound", "outbound"]);
        for (filter, value, reason) in [
            (
                filter(FilterType::Boolean, None),
                json!("true"),
                "is not true or false",
            ),
            (filter(FilterType::Text, None), json!(7), "is not a text"),
            (filter(FilterType::Text, None), json!(" "), "has an empty text"),
            (
                filter(FilterType::Text, directions),
                json!("Inbound"),
                "is not one of inbound, outbound",
            ),
            (
                filter(FilterType::Texts, None),
                json!("voice"),
                "is not a list of texts",
            ),
            (
                filter(FilterType::Texts, None),
                json!(["a", 1]),
                "is not a list of texts",
            ),
            (
                filter(FilterType::Texts, None),
                json!(["a", ""]),
                "has an empty text",
            ),
            (filter(FilterType::Texts, None), json!([]), "is empty"),
            (
                filter(FilterType::Texts, directions),
                json!(["inbound", "sideways"]),
                "is not one of inbound, outbound",
            ),
            (filter(FilterType::Object, None), json!({}), "is empty"),
            (
                filter(FilterType::Object, None),
                json!([]),
                "is not a table of names and values",
            ),
        ] {
            assert_eq!(filter.accept(value.clone()), Err(reason.to_owned()), "{value}");
        }
    }
}

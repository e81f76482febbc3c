//! Reads what a server says when it refuses, whatever shape that has, and makes it fit to be shown. Whether it did
//! refuse is decided in [`client`](crate::Client) by status and in [`page`](crate::Page) by body.

use serde_json::Value;

/// Larger bodies are not searched for a message: an error is a few lines, and only here is a DOM built.
const SEARCHED_BYTES: usize = 64 * 1024;

/// Characters of a server's text that are shown.
const SHOWN_CHARACTERS: usize = 300;

/// What a server says when it refuses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) code: Option<i64>,
}

impl Refusal {
    /// From the body of an answer that is an error by its status.
    pub(crate) fn from_body(body: &[u8], secrets: &[&str]) -> Self {
        if let Some(refusal) = Self::from_json(body, secrets) {
            return refusal;
        }
        let message = if looks_like_html(body) {
            match html_title(body, secrets) {
                Some(title) => format!("an HTML page titled \"{title}\""),
                None => "an HTML page".to_owned(),
            }
        } else {
            let text = String::from_utf8_lossy(body);
            match text.trim() {
                "" => "no message".to_owned(),
                text => quote(text, secrets),
            }
        };
        Self { message, code: None }
    }

    /// From a JSON body, if it holds a message: Kore.ai's `{"errors":[{"msg": …, "code": …}]}`, or the shapes that
    /// gateways and frameworks use.
    pub(crate) fn from_json(body: &[u8], secrets: &[&str]) -> Option<Self> {
        if body.len() > SEARCHED_BYTES {
            return None;
        }
        let body: Value = serde_json::from_slice(body).ok()?;
        let (message, code) = find_message(&body)?;
        Some(Self {
            message: quote(message, secrets),
            code,
        })
    }
}

impl Refusal {
    /// From the body of a page without records, if that says of itself that it is a failure: `"success": false`, or a
    /// status of 400 and more.
    pub(crate) fn beside_nothing(body: &[u8], secrets: &[&str]) -> Option<Self> {
        let json: Value = serde_json::from_slice(body.get(..SEARCHED_BYTES).map_or(body, |_| &[])).ok()?;
        let fails = json.get("success") == Some(&Value::Bool(false))
            || ["statusCode", "status", "code"]
                .iter()
                .filter_map(|key| read_code(json.get(*key)?))
                .any(|code| (400..600).contains(&code));
        fails.then(|| {
            Self::from_json(body, secrets).unwrap_or(Self {
                message: "no message".to_owned(),
                code: None,
            })
        })
    }
}

/// Whether an answer is HTML (or XML) rather than JSON.
pub(crate) fn looks_like_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// The title of an HTML page, the one part of it that tells what it is.
pub(crate) fn html_title(body: &[u8], secrets: &[&str]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(SEARCHED_BYTES)]);
    let lowercase = head.to_ascii_lowercase();
    let open = lowercase.find("<title")?;
    let start = open + lowercase[open..].find('>')? + 1;
    let end = start + lowercase[start..].find('<')?;
    let title = head[start..end].trim();
    (!title.is_empty()).then(|| quote(title, secrets))
}

/// A server's text, fit to be shown: without secrets, without control characters, and short.
pub(crate) fn quote(text: &str, secrets: &[&str]) -> String {
    quote_up_to(SHOWN_CHARACTERS, text, secrets)
}

/// [`quote`] with room for so many characters. Shortening comes last: half a secret is no longer recognised as one.
pub(crate) fn quote_up_to(mut room: usize, text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.trim().is_empty()) {
        text = without(&text, secret);
    }
    let text = without_tokens(&text);
    let mut shown = String::new();
    for character in text.chars() {
        let escaped: String = match is_unprintable(character) {
            true => character.escape_default().collect(),
            false => character.to_string(),
        };
        let length = escaped.chars().count();
        if length >= room {
            shown.push('…');
            break;
        }
        room -= length;
        shown.push_str(&escaped);
    }
    shown
}

/// The text without a secret, in whatever case it is repeated: a host name comes in lower case.
fn without(text: &str, secret: &str) -> String {
    // Lower case in ASCII has the same places as the text.
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut kept = String::new();
    let mut from = 0;
    while let Some(found) = lower[from..].find(&secret) {
        kept.push_str(&text[from..from + found]);
        kept.push_str("[redacted]");
        from += found + secret.len();
    }
    kept.push_str(&text[from..]);
    kept
}

/// Control characters, and those that turn or hide the text around them.
fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Takes out whatever looks like a JWT, ours or another's: tokens of this platform may never expire.
fn without_tokens(text: &str) -> String {
    let part_of_token = |character: char| character.is_ascii_alphanumeric() || "-_.=".contains(character);
    let mut rest = text;
    let mut kept = String::new();
    while let Some(start) = rest.find("eyJ") {
        let token = &rest[start..];
        let length = token
            .find(|character| !part_of_token(character))
            .unwrap_or(token.len());
        kept.push_str(&rest[..start]);
        kept.push_str(if length > 16 {
            "[redacted]"
        } else {
            &token[..length]
        });
        rest = &token[length..];
    }
    kept.push_str(rest);
    kept
}

/// The first message in a value, with the code beside it.
fn find_message(value: &Value) -> Option<(&str, Option<i64>)> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some((text, None)),
        Value::Array(values) => values.iter().find_map(find_message),
        Value::Object(object) => {
            let keys = [
                "errors",
                "error",
                "fault",
                "msg",
                "message",
                "errorMessage",
                "detail",
                "faultstring",
                "description",
            ];
            let (message, code) = keys.iter().find_map(|key| find_message(object.get(*key)?))?;
            let beside = ["code", "errorCode", "statusCode", "status"]
                .iter()
                .find_map(|key| read_code(object.get(*key)?));
            Some((message, code.or(beside)))
        }
        _ => None,
    }
}

fn read_code(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (String, Option<i64>) {
        let refusal = Refusal::from_body(body.as_bytes(), &[]);
        (refusal.message, refusal.code)
    }

    #[test]
    fn message_is_found_in_every_common_shape() {
        let shapes = [
            (r#"{"errors":[{"msg":"No way","code":4002}]}"#, Some(4002)),
            (r#"{"errors":[{"message":"No way","code":"4002"}]}"#, Some(4002)),
            (r#"{"error":"No way","statusCode":500}"#, Some(500)),
            (r#"{"error":{"message":"No way","code":7}}"#, Some(7)),
            (r#"{"error":true,"message":"No way"}"#, None),
            (r#"{"errors":[],"msg":"No way"}"#, None),
            (r#"{"fault":{"faultstring":"No way"}}"#, None),
            (r#""No way""#, None),
            ("No way\n", None),
        ];
        for (body, code) in shapes {
            assert_eq!(read(body), ("No way".to_owned(), code), "{body}");
        }
    }

    #[test]
    fn body_without_a_message_still_says_something() {
        assert_eq!(read("").0, "no message");
        assert_eq!(read("{}").0, "{}");
        assert_eq!(
            read("<html><head><TITLE>Bad\nGateway</TITLE>").0,
            r#"an HTML page titled "Bad\nGateway""#
        );
        assert_eq!(read(" <p>").0, "an HTML page");
    }

    #[test]
    fn quoted_text_is_short_and_printable() {
        let quoted = quote(&format!("\u{1b}[31mred\u{202e}\n{}", "ü".repeat(1000)), &[]);
        assert!(quoted.starts_with(r"\u{1b}[31mred\u{202e}\n"), "{quoted}");
        assert_eq!(quoted.chars().count(), 300);
        assert!(quoted.ends_with('…'));
        assert_eq!(quote("short", &[]), "short");
    }

    #[test]
    fn secrets_are_taken_out_before_the_text_is_shortened() {
        let text = format!("{} my-secret-token", "x".repeat(290));
        assert!(!quote(&text, &["my-secret-token"]).contains("my-s"));
        assert_eq!(
            quote("bad token eyJhbGciOiJIUzI1NiJ9.eyJhcHBJZCI6IjEifQ.c2ln!", &[]),
            "bad token [redacted]!"
        );
        assert_eq!(quote("eyJ is how they start", &[]), "eyJ is how they start");
    }

    #[test]
    fn large_bodies_are_not_searched() {
        let body = format!(
            r#"{{"message":"hello","padding":"{}"}}"#,
            "x".repeat(SEARCHED_BYTES)
        );
        assert_eq!(Refusal::from_json(body.as_bytes(), &[]), None);
    }
}

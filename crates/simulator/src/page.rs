//! One page of records and the envelopes around it. Which records are on it is decided in
//! [`corpus`](crate::corpus).

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::fault::Claim;

/// Some of the `total` rows of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// JSON texts.
    pub(crate) rows: Vec<String>,
    /// The row after the last one.
    pub(crate) end: u64,
    /// The limit in force, after the cap.
    pub(crate) limit: u64,
    pub(crate) total: u64,
}

impl Page {
    pub(crate) fn has_more(&self) -> bool {
        self.end < self.total
    }
}

/// The object around the rows; each API has its own keys and order of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// Raw Data V3 and Score Reporting.
    Current,
    /// Raw Data of the first generation.
    Legacy,
    /// Agent AI: the count is that of this response, and there is no total.
    Segments,
}

impl Envelope {
    pub(crate) fn response(self, page: &Page, claim: Claim) -> Response {
        (
            [(CONTENT_TYPE, "application/json; charset=utf-8")],
            self.text(page, claim),
        )
            .into_response()
    }

    pub(crate) fn text(self, page: &Page, claim: Claim) -> String {
        let number = |key: &str, value: Option<u64>| {
            let quote = if claim.as_text { "\"" } else { "" };
            value.map(|value| format!(r#""{key}":{quote}{value}{quote}"#))
        };
        let total = number("totalResults", claim.total);
        let pages = number("totalPages", claim.pages);
        let more = claim.more.map(|more| format!(r#""hasMore":{more}"#));
        let (before, key, after) = match self {
            Self::Current => (vec![], "results", vec![total, more, pages]),
            Self::Legacy => (vec![], "results", vec![total, pages, more]),
            Self::Segments => {
                let count = format!(r#""numResults":{}"#, page.rows.len());
                (vec![Some(count), more], "data", vec![])
            }
        };
        let length: usize = page.rows.iter().map(|row| row.len() + 1).sum();
        let mut text = String::with_capacity(length + 100);
        text.push('{');
        for field in before.into_iter().flatten() {
            text.push_str(&field);
            text.push(',');
        }
        text.push_str(&format!(r#""{key}":["#));
        for (position, row) in page.rows.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            text.push_str(row);
        }
        text.push(']');
        for field in after.into_iter().flatten() {
            text.push(',');
            text.push_str(&field);
        }
        text.push('}');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Claims;
    use crate::traffic::Turn;

    fn page(rows: &[&str], end: u64, limit: u64, total: u64) -> Page {
        Page {
            rows: rows.iter().map(|row| (*row).to_owned()).collect(),
            end,
            limit,
            total,
        }
    }

    fn text(envelope: Envelope, page: &Page) -> String {
        envelope.text(page, Claims::default().of(page, Turn(0)))
    }

    #[test]
    fn envelopes_have_the_keys_of_their_api_in_order() {
        let page = page(&["{}", "{}"], 2, 2, 5);
        assert_eq!(
            text(Envelope::Current, &page),
            r#"{"results":[{},{}],"totalResults":5,"hasMore":true,"totalPages":3}"#
        );
        assert_eq!(
            text(Envelope::Legacy, &page),
            r#"{"results":[{},{}],"totalResults":5,"totalPages":3,"hasMore":true}"#
        );
        assert_eq!(
            text(Envelope::Segments, &page),
            r#"{"numResults":2,"hasMore":true,"data":[{},{}]}"#
        );
    }

    #[test]
    fn last_and_later_pages_have_no_more() {
        assert!(page(&["{}"], 4, 2, 5).has_more());
        assert!(!page(&["{}"], 5, 2, 5).has_more());
        assert!(!page(&[], 5, 2, 5).has_more());
    }

    #[test]
    fn a_window_of_nothing_has_no_page() {
        assert_eq!(
            text(Envelope::Current, &page(&[], 0, 2, 0)),
            r#"{"results":[],"totalResults":0,"hasMore":false,"totalPages":0}"#
        );
    }
}

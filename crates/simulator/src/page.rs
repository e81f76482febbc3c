//! One page of records and the envelopes around it. Which records are on it is decided in
//! [`corpus`](crate::corpus).

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

/// Rows `offset .. offset + rows.len()` of `total`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// JSON texts.
    pub(crate) rows: Vec<String>,
    pub(crate) offset: u64,
    /// The limit in force, after the cap.
    pub(crate) limit: u64,
    pub(crate) total: u64,
}

impl Page {
    pub(crate) fn has_more(&self) -> bool {
        self.offset.saturating_add(self.rows.len() as u64) < self.total
    }

    /// 0 where there is nothing.
    pub(crate) fn total_pages(&self) -> u64 {
        self.total.div_ceil(self.limit.max(1))
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
    pub(crate) fn response(self, page: &Page) -> Response {
        (
            [(CONTENT_TYPE, "application/json; charset=utf-8")],
            self.text(page),
        )
            .into_response()
    }

    pub(crate) fn text(self, page: &Page) -> String {
        let (total, pages, more) = (page.total, page.total_pages(), page.has_more());
        let (head, tail) = match self {
            Self::Current => (
                r#"{"results":["#.to_owned(),
                format!(r#"],"totalResults":{total},"hasMore":{more},"totalPages":{pages}}}"#),
            ),
            Self::Legacy => (
                r#"{"results":["#.to_owned(),
                format!(r#"],"totalResults":{total},"totalPages":{pages},"hasMore":{more}}}"#),
            ),
            Self::Segments => (
                format!(r#"{{"numResults":{},"hasMore":{more},"data":["#, page.rows.len()),
                "]}".to_owned(),
            ),
        };
        let length = page.rows.iter().map(|row| row.len() + 1).sum::<usize>();
        let mut text = String::with_capacity(head.len() + length + tail.len());
        text.push_str(&head);
        for (position, row) in page.rows.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            text.push_str(row);
        }
        text.push_str(&tail);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rows: &[&str], offset: u64, limit: u64, total: u64) -> Page {
        Page {
            rows: rows.iter().map(|row| (*row).to_owned()).collect(),
            offset,
            limit,
            total,
        }
    }

    #[test]
    fn envelopes_have_the_keys_of_their_api_in_order() {
        let page = page(&["{}", "{}"], 0, 2, 5);
        assert_eq!(
            Envelope::Current.text(&page),
            r#"{"results":[{},{}],"totalResults":5,"hasMore":true,"totalPages":3}"#
        );
        assert_eq!(
            Envelope::Legacy.text(&page),
            r#"{"results":[{},{}],"totalResults":5,"totalPages":3,"hasMore":true}"#
        );
        assert_eq!(
            Envelope::Segments.text(&page),
            r#"{"numResults":2,"hasMore":true,"data":[{},{}]}"#
        );
    }

    #[test]
    fn last_and_later_pages_have_no_more() {
        assert!(page(&["{}"], 3, 2, 5).has_more());
        assert!(!page(&["{}"], 4, 2, 5).has_more());
        assert!(!page(&[], 9, 2, 5).has_more());
        assert_eq!(page(&[], 0, 2, 0).total_pages(), 0);
    }
}

//! Reads a window page by page, in sequence. What comes after a page is decided by [`next_step`], a pure function;
//! pages are asked for through the [`Client`].

use std::hash::{DefaultHasher, Hasher};

use futures::{Stream, stream};
use serde_json::{Map, Value};

use crate::{Client, Endpoint, Error, Page, Position, Query, Result, Source, Window};

/// How the pages of one window are asked for. Built by value.
#[derive(Clone, Debug, Default)]
pub struct PageOptions {
    page_size: Option<u32>,
    parameters: Map<String, Value>,
}

impl PageOptions {
    /// Records to ask for at a time. Default: what the endpoint says. A server may give fewer.
    pub fn page_size(self, page_size: u32) -> Self {
        Self {
            page_size: Some(page_size),
            ..self
        }
    }

    /// Parameters to send with every request, such as filters; they win over those of the endpoint. Default: none.
    pub fn parameters(self, parameters: Map<String, Value>) -> Self {
        Self { parameters, ..self }
    }
}

/// What was received of a window so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pages.
    pub pages: u64,
    /// Records on them.
    pub rows: u64,
}

/// What to do after a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask for the next page.
    Continue(Progress),
    /// The window is read, as far as the server shows it. Whether it is complete is judged by who counts keys.
    End(Progress),
}

/// Judges `page`, which came after `progress`.
///
/// The server's two claims are only believed when neither contradicts the end: has-more true goes on although the
/// total is reached, a total not reached goes on although has-more is false. Without either claim a short page is no
/// end. An empty page always is: there is nothing to count on from.
pub fn next_step(progress: Progress, page: &Page) -> Step {
    let rows = progress
        .rows
        .saturating_add(u64::try_from(page.count).unwrap_or(u64::MAX));
    let progress = Progress {
        pages: progress.pages + 1,
        rows,
    };
    let short_of_total = page.total.map(|total| rows < total);
    let goes_on = match (page.more, short_of_total) {
        _ if page.count == 0 => false,
        (Some(true), _) | (_, Some(true)) | (None, None) => true,
        (Some(false), _) | (None, Some(false)) => false,
    };
    if goes_on {
        Step::Continue(progress)
    } else {
        Step::End(progress)
    }
}

/// All pages of a window, one after the other; each is asked for when the one before it was taken.
///
/// The offset of a page is the number of records received before it, so a server that gives fewer than it was asked
/// for leaves no gap. The first error ends the stream.
///
/// # Errors
///
/// Every error is an [`Error::OnPage`] around one of [`Client::fetch_page`]'s, or around [`Error::PagingIgnored`] when
/// a page repeats the one before it byte for byte.
pub fn pages(
    client: &Client,
    endpoint: &Endpoint,
    source: &Source,
    window: Window,
    options: PageOptions,
) -> impl Stream<Item = Result<Page>> + Send + use<> {
    let walk = Walk {
        client: client.clone(),
        query: Query::with_parameters(endpoint, source, window, options.parameters),
        page_size: options.page_size.unwrap_or(endpoint.paging().page_size),
        progress: Progress::default(),
        previous: None,
    };
    stream::try_unfold(Some(walk), |walk| async move {
        let Some(mut walk) = walk else { return Ok(None) };
        let page = walk.read().await.map_err(|error| walk.on_this_page(error))?;
        Ok(Some(match next_step(walk.progress, &page) {
            Step::Continue(progress) => (page, Some(Walk { progress, ..walk })),
            Step::End(_) => (page, None),
        }))
    })
}

struct Walk {
    client: Client,
    query: Query,
    page_size: u32,
    progress: Progress,
    previous: Option<Fingerprint>,
}

impl Walk {
    async fn read(&mut self) -> Result<Page> {
        let position = Position {
            offset: self.progress.rows,
            page: self.progress.pages + 1,
            limit: self.page_size,
            ..Position::first(self.query.endpoint())
        };
        let page = self.client.fetch_page(&self.query, position).await?;
        let fingerprint = Fingerprint::of(&page);
        if page.count > 0 && self.previous.replace(fingerprint) == Some(fingerprint) {
            return Err(Error::PagingIgnored {
                style: position.style,
                page: position.page,
            });
        }
        Ok(page)
    }

    fn on_this_page(&self, error: Error) -> Error {
        Error::OnPage {
            endpoint: self.query.endpoint().name().to_owned(),
            window: self.query.window(),
            page: self.progress.pages + 1,
            source: Box::new(error),
        }
    }
}

/// Tells whether two pages hold the same bytes, without keeping one of them in memory for it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Fingerprint {
    length: usize,
    hash: u64,
}

impl Fingerprint {
    fn of(page: &Page) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(&page.records);
        Self {
            length: page.records.len(),
            hash: hasher.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn page(count: usize, total: Option<u64>, more: Option<bool>) -> Page {
        Page {
            records: Bytes::new(),
            count,
            total,
            more,
            body_bytes: 0,
        }
    }

    /// Whether a page of `count` after 10 records leads on, for has-more true, false and absent.
    fn goes_on(count: usize, total: Option<u64>) -> [bool; 3] {
        [Some(true), Some(false), None].map(|more| {
            let step = next_step(Progress { pages: 1, rows: 10 }, &page(count, total, more));
            matches!(step, Step::Continue(_))
        })
    }

    #[test]
    fn end_needs_both_claims_or_an_empty_page() {
        // has-more:                          true   false  absent
        assert_eq!(goes_on(10, Some(100)), [true, true, true], "short of the total");
        assert_eq!(goes_on(10, Some(20)), [true, false, false], "total reached");
        assert_eq!(goes_on(10, Some(15)), [true, false, false], "total exceeded");
        assert_eq!(goes_on(10, Some(0)), [true, false, false], "total of zero");
        assert_eq!(goes_on(10, None), [true, false, true], "no total");
        assert_eq!(goes_on(1, None), [true, false, true], "a short page is no end");
        for total in [None, Some(0), Some(10), Some(100)] {
            assert_eq!(
                goes_on(0, total),
                [false, false, false],
                "empty page, total {total:?}"
            );
        }
    }

    #[test]
    fn progress_counts_rows_received() {
        let start = Progress::default();
        let Step::Continue(second) = next_step(start, &page(7, Some(9), Some(true))) else {
            panic!()
        };
        assert_eq!(second, Progress { pages: 1, rows: 7 });
        assert_eq!(
            next_step(second, &page(2, Some(9), Some(false))),
            Step::End(Progress { pages: 2, rows: 9 })
        );
    }
}

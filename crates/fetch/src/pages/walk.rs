//! Reads one window: the first page, the second that shows how the server pages, ranges of rows several at a time, and
//! the rest one by one. Whether a page leads on is decided in [`paginate`](crate::paginate).

use std::sync::Arc;

use futures::{StreamExt, future::BoxFuture, stream};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use tokio_util::task::AbortOnDropHandle;

use super::{Arrival, Follows, Held, Outlet, Parts, Reader, ahead::Lane, joined, split};
use crate::{Error, Notice, Page, PagingStyle, Position, Query, Result, paginate::leads_on};

/// Reads a window, or its parts, and sends what comes. A consumer that is gone ends it.
pub(super) fn read(
    reader: Arc<Reader>,
    query: Query,
    parts: Parts,
    outlet: Outlet,
) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        let style = reader.options.style.or_else(|| reader.options.paging.style());
        let walk = Walk {
            style: style.unwrap_or(query.endpoint().paging().style),
            lane: reader.options.readahead.lane(),
            asker: Asker { reader, query },
            outlet,
        };
        let permit = walk.lane.permit().await;
        let first = walk.asker.ask(walk.style, 0).await?;
        if let Some(windows) = split::parts_after(&walk.asker.reader, &walk.asker.query, parts, &first.page) {
            let Walk { asker, outlet, .. } = walk;
            drop(permit);
            return split::read_parts(asker.reader, asker.query, first.page.total, windows, outlet).await;
        }
        walk.pages(first, permit).await
    })
}

/// A page with its place among the rows of the window.
struct Asked {
    page: Page,
    /// Rows up to and with its last one.
    end: u64,
    /// Whether it has as many as were asked for.
    full: bool,
}

/// Asks for pages of one window.
#[derive(Clone)]
struct Asker {
    reader: Arc<Reader>,
    query: Query,
}

impl Asker {
    /// The page that begins with the row after `rows`, or a little before it: pages that are counted begin at
    /// multiples of their size. A page that is too slow or too large is asked for in smaller pieces.
    async fn ask(&self, style: PagingStyle, rows: u64) -> Result<Asked> {
        self.ask_up_to(u32::MAX, style, rows).await
    }

    async fn ask_up_to(&self, most: u32, style: PagingStyle, rows: u64) -> Result<Asked> {
        let began = Instant::now();
        loop {
            let limit = self.reader.limit().min(most);
            let size = u64::from(limit.max(1));
            let position = Position {
                style,
                offset: rows,
                page: rows / size + 1,
                limit,
            };
            match self.reader.client.fetch_page(&self.query, position).await {
                Ok(page) => {
                    let begin = match style {
                        PagingStyle::Offset => rows,
                        PagingStyle::Page => rows / size * size,
                    };
                    let end = begin.saturating_add(page.count as u64);
                    let full = page.count >= limit as usize;
                    return Ok(Asked { page, end, full });
                }
                // A server that answers nothing at all is not asked for ever less.
                Err(error)
                    if limit > 1
                        && error.asks_for_less()
                        && began.elapsed() < self.reader.client.patience() =>
                {
                    self.reader.lower_limit(limit, &error, self.query.window());
                }
                Err(error) => return Err(self.on_page(position.page, error)),
            }
        }
    }

    /// The rows after `rows` up to `end`: one page, or several where the server gives less than it was asked for.
    async fn range(self, style: PagingStyle, rows: u64, end: u64) -> Result<Vec<Asked>> {
        let mut asked = Vec::new();
        let mut rows = rows;
        let mut most = u32::MAX;
        loop {
            let before = rows;
            let next = self.ask_up_to(most, style, rows).await?;
            rows = next.end.max(rows);
            let done = rows >= end
                || rows == before
                || next.page.total.is_some_and(|total| rows >= total)
                // The rows that a counted page lacks cannot be asked for.
                || style == PagingStyle::Page && !next.full;
            asked.push(next);
            if done {
                return Ok(asked);
            }
            if style == PagingStyle::Offset {
                // What follows is another range's.
                most = u32::try_from(end - rows).unwrap_or(u32::MAX);
            }
        }
    }

    fn on_page(&self, page: u64, error: Error) -> Error {
        Error::OnPage {
            endpoint: self.query.endpoint().name().to_owned(),
            window: self.query.window(),
            page,
            source: Box::new(error),
        }
    }
}

/// The way through one window.
struct Walk {
    asker: Asker,
    style: PagingStyle,
    lane: Lane,
    outlet: Outlet,
}

/// Where a walk stands after a page.
#[derive(Clone)]
struct Place {
    /// Rows of the window up to here.
    rows: u64,
    /// The last page, without its records.
    last: Page,
}

impl Place {
    fn after(asked: &Asked) -> Self {
        Self {
            rows: asked.end,
            last: asked.page.outline(),
        }
    }

    fn leads_on(&self) -> bool {
        leads_on(self.rows, &self.last)
    }
}

/// What became of reading ranges.
enum Ranges {
    /// The place that they lead to.
    Read(Place),
    /// The first of them repeats the first page: the server does not page that way.
    Repeated,
    /// The consumer is gone.
    Unwanted,
}

impl Walk {
    /// The pages from the first one on.
    async fn pages(mut self, first: Asked, permit: Option<OwnedSemaphorePermit>) -> Result<()> {
        let begin = Place::after(&first);
        if !self.send(first.page, permit).await || !begin.leads_on() {
            return Ok(());
        }
        let mut place = begin.clone();
        if let Some(style) = self.known_style() {
            self.adopt(style, &begin.last);
            match self.ranges(&begin, &begin.last).await? {
                Ranges::Read(read) => place = read,
                Ranges::Unwanted => return Ok(()),
                Ranges::Repeated if self.asker.reader.options.style.is_some() => return Err(self.ignored()),
                Ranges::Repeated => self.asker.reader.options.paging.set(None),
            }
        }
        if self.known_style().is_none() {
            let permit = self.lane.permit().await;
            let (second, follows) = self.second(&begin).await?;
            place = Place::after(&second);
            if !self.send_following(second.page, permit, follows).await {
                return Ok(());
            }
            match self.ranges(&place, &begin.last).await? {
                Ranges::Read(read) => place = read,
                Ranges::Unwanted => return Ok(()),
                Ranges::Repeated => return Err(self.ignored()),
            }
        }
        self.one_by_one(place).await
    }

    fn known_style(&self) -> Option<PagingStyle> {
        let options = &self.asker.reader.options;
        options.style.or_else(|| options.paging.style())
    }

    /// Counts by `style` from now on. Where pages are counted, their size must stay what it was on the first one: a
    /// server that gives less than it was asked for, or more, counts by its own size.
    fn adopt(&mut self, style: PagingStyle, first: &Page) {
        self.style = style;
        if style == PagingStyle::Page
            && let Ok(count @ 1..) = u32::try_from(first.count)
        {
            self.asker.reader.set_limit(count);
        }
    }

    /// The second page, in the style that shows another page than the first: the endpoint's own or the other.
    async fn second(&mut self, begin: &Place) -> Result<(Asked, Follows)> {
        let paging = self.asker.reader.options.paging.clone();
        let _finding = paging.finding().await;
        let usual = self.asker.query.endpoint().paging().style;
        let styles = match paging.style() {
            Some(learned) => [learned, learned.other()], // while this read waited for its turn
            None => [usual, usual.other()],
        };
        let limit = self.asker.reader.limit();
        let mut empty = None;
        for style in styles {
            self.adopt(style, &begin.last);
            let (asked, follows) = match self.next(begin).await {
                // What the server says to a parameter that it may not know is not what went wrong.
                Err(_) if style == styles[1] => break,
                asked => asked?,
            };
            if asked.page.count == 0 {
                empty.get_or_insert((style, asked));
            } else if !self.repeats(&asked.page, &begin.last) {
                if !asked.page.is_within(&begin.last) {
                    self.learn(style);
                }
                return Ok((asked, follows));
            } else if let Some((other, _)) = &empty {
                // This style is ignored, and the other was not.
                self.learn(*other);
            }
        }
        // An empty page is an end, if not one that the claims of the first page let expect.
        let (style, asked) = empty.ok_or_else(|| {
            self.style = styles[0];
            self.ignored()
        })?;
        self.style = style;
        self.asker.reader.set_limit(limit);
        Ok((asked, Follows::AtItsEnd))
    }

    fn learn(&self, style: PagingStyle) {
        let paging = &self.asker.reader.options.paging;
        if paging.style() != Some(style) {
            paging.set(Some(style));
            self.asker.reader.client.notify(&Notice::PagingLearned {
                endpoint: self.asker.query.endpoint().name().to_owned(),
                style,
            });
        }
    }

    /// Whether a page is the whole of the one before it again, or as much of that as was asked for.
    fn repeats(&self, page: &Page, before: &Page) -> bool {
        let whole = before.count.min(self.asker.reader.limit() as usize);
        page.count >= whole && page.is_within(before)
    }

    /// The rest of the rows that the total tells of, several pages at a time.
    async fn ranges(&self, begin: &Place, first: &Page) -> Result<Ranges> {
        let mut place = begin.clone();
        let Some(total) = begin.last.total.filter(|_| begin.leads_on()) else {
            return Ok(Ranges::Read(place));
        };
        let style = self.style;
        let size = match style {
            PagingStyle::Offset => first.count,
            PagingStyle::Page => self.asker.reader.limit() as usize,
        };
        let starts = (begin.rows..total).step_by(size.max(1));
        let (asker, lane) = (self.asker.clone(), self.lane.clone());
        let mut asked = stream::iter(starts)
            .then(move |start| {
                let lane = lane.clone();
                async move { (start, lane.permit().await) }
            })
            .map(move |(start, permit)| {
                let end = start.saturating_add(size as u64).min(total);
                let task = AbortOnDropHandle::new(tokio::spawn(asker.clone().range(style, start, end)));
                async move { (task.await, permit) }
            })
            .buffered(self.asker.reader.client.concurrency().max(1) as usize)
            .boxed();
        let mut checked = false;
        while let Some((result, permit)) = asked.next().await {
            let pages = joined(result)?;
            let mut permit = Some(permit);
            let mut remaining = pages.len();
            for next in pages {
                if !checked && self.repeats(&next.page, first) {
                    return Ok(Ranges::Repeated);
                }
                checked = true;
                remaining -= 1;
                let rows = next.end.max(place.rows);
                place = Place {
                    rows,
                    ..Place::after(&next)
                };
                let permit = if remaining == 0 {
                    permit.take().flatten()
                } else {
                    None
                };
                if !self.send(next.page, permit).await {
                    return Ok(Ranges::Unwanted);
                }
                if place.last.count == 0 {
                    // There are fewer than the total says: the ranges behind it would be empty as well.
                    return Ok(Ranges::Read(place));
                }
            }
        }
        Ok(Ranges::Read(place))
    }

    /// Page after page, as long as they lead on.
    async fn one_by_one(&self, mut place: Place) -> Result<()> {
        while place.leads_on() {
            let permit = self.lane.permit().await;
            let (next, follows) = self.next(&place).await?;
            if self.repeats(&next.page, &place.last) {
                let complete = place.last.total.is_some_and(|total| place.rows >= total);
                return if complete {
                    Ok(())
                } else {
                    Err(self.ignored_on(place.rows))
                };
            }
            let further = next.end > place.rows;
            place = Place {
                rows: next.end.max(place.rows),
                ..Place::after(&next)
            };
            if !self.send_following(next.page, permit, follows).await || !further {
                break;
            }
        }
        Ok(())
    }

    /// The page after `place`, and how it follows that.
    async fn next(&self, place: &Place) -> Result<(Asked, Follows)> {
        let anchor = self.anchor(place);
        let rows = place.rows - u64::from(anchor.is_some());
        let next = self.asker.ask(self.style, rows).await?;
        let follows = match anchor {
            None => Follows::AtItsEnd,
            Some(hash) if next.page.has(hash) => Follows::Anchored,
            Some(_) => Follows::Adrift,
        };
        Ok((next, follows))
    }

    /// The record that the next page should begin with, where nothing else would tell that it follows.
    fn anchor(&self, place: &Place) -> Option<u64> {
        let wanted = self.asker.reader.options.anchored
            && self.style == PagingStyle::Offset
            && place.last.total.is_none()
            // A page has to lead further than to its anchor.
            && self.asker.reader.limit() > 1;
        place.last.last_hash().filter(|_| wanted)
    }

    /// Whether the consumer still takes pages.
    async fn send(&self, page: Page, permit: Option<OwnedSemaphorePermit>) -> bool {
        self.send_following(page, permit, Follows::AtItsEnd).await
    }

    async fn send_following(
        &self,
        page: Page,
        permit: Option<OwnedSemaphorePermit>,
        follows: Follows,
    ) -> bool {
        let arrival = Arrival::Page {
            window: self.asker.query.window(),
            page,
            follows,
        };
        let held = Held {
            arrival,
            _permit: permit,
        };
        self.outlet.send(held).await.is_ok()
    }

    fn ignored(&self) -> Error {
        self.ignored_on(self.asker.reader.limit().into())
    }

    fn ignored_on(&self, rows: u64) -> Error {
        let page = rows / u64::from(self.asker.reader.limit().max(1)) + 1;
        let style = self.style;
        self.asker.on_page(page, Error::PagingIgnored { style, page })
    }
}

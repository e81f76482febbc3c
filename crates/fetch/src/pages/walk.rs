//! Reads one window: the first page, the second that shows how the server pages, ranges of rows several at a time, and
//! the rest one by one. A page is asked for in [`ask`](super::ask); whether it leads on is decided in
//! [`place`](super::place).

use std::sync::Arc;

use futures::{StreamExt, future::BoxFuture, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::task::AbortOnDropHandle;

use super::{
    Arrival, Follows, Held, Origin, Outlet, Reader,
    ahead::Leave,
    ask::{Asked, Asker},
    joined,
    place::Place,
    split,
};
use crate::{Error, Notice, Page, PagingStyle, Query, Result};

/// Reads a window, or its parts, and sends what comes. A consumer that is gone ends it.
pub(super) fn read(
    reader: Arc<Reader>,
    query: Query,
    origin: Origin,
    leave: Leave,
    outlet: Outlet,
) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move {
        let style = reader.options.style.or_else(|| reader.options.paging.style());
        let walk = Walk {
            style: style.unwrap_or(query.endpoint().paging().style),
            leave,
            asker: Asker {
                reader,
                query,
                size: None,
            },
            outlet,
        };
        let permit = walk.leave.permit().await;
        let first = walk.asker.ask(walk.style, 0).await?;
        let Asker { reader, query, .. } = &walk.asker;
        if let Some(parts) = split::parts_after(reader, query, origin, &first.page) {
            let (reader, query) = (Arc::clone(reader), query.clone());
            drop(permit);
            return split::read_parts(reader, query, first.page.total, parts, walk.leave, walk.outlet).await;
        }
        walk.pages(first, permit).await
    })
}

/// The way through one window.
struct Walk {
    asker: Asker,
    style: PagingStyle,
    leave: Leave,
    outlet: Outlet,
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
        let begin = Place::after_first(&first);
        if first.overfull {
            self.asker.size = u32::try_from(first.page.count).ok();
        }
        if !self.send(first.page, permit, Follows::AtItsEnd).await {
            return Ok(());
        }
        if !begin.leads_on() {
            return self.one_by_one(begin).await;
        }
        let mut place = begin.clone();
        match self.settled_style() {
            Some(style) => self.adopt(style, &begin.last),
            None => {
                let permit = self.leave.permit().await;
                let (second, follows) = self.second(&begin).await?;
                place = begin.moved_to(&second, self.style);
                if !self.send(second.page, permit, follows).await {
                    return Ok(());
                }
            }
        }
        match self.ranges(&place, &begin.last).await? {
            Ranges::Read(place) => self.one_by_one(place).await,
            Ranges::Repeated => Err(self.ignored(&place)),
            Ranges::Unwanted => Ok(()),
        }
    }

    /// The style that needs not be found out: it was set, or a second page has shown it.
    fn settled_style(&self) -> Option<PagingStyle> {
        let options = &self.asker.reader.options;
        options.style.or_else(|| options.paging.seen())
    }

    /// Counts by `style` from now on. Where pages are counted, their size must stay what it was on the first one: a
    /// server that gives less than it was asked for counts by its own size.
    fn adopt(&mut self, style: PagingStyle, first: &Page) {
        self.style = style;
        if style == PagingStyle::Page
            && let Ok(count @ 1..) = u32::try_from(first.count)
        {
            self.asker.size = Some(count);
        }
    }

    /// The second page, in the style that shows another page than the first: the one that is known from earlier, the
    /// endpoint's own, or the other.
    async fn second(&mut self, begin: &Place) -> Result<(Asked, Follows)> {
        let paging = self.asker.reader.options.paging.clone();
        let finding = paging.finding().await;
        if let Some(style) = paging.seen() {
            drop(finding); // learned while this read waited for its turn
            self.adopt(style, &begin.last);
            let (asked, follows) = self.next(begin).await?;
            return match begin.is_repeated_by(&asked.page, self.asker.limit()) {
                true => Err(self.ignored(begin)),
                false => Ok((asked, follows)),
            };
        }
        let known = paging.style();
        let likely = known.unwrap_or(self.asker.query.endpoint().paging().style);
        let size = self.asker.size;
        let (mut empty, mut is_ignored) = (Vec::new(), false);
        for style in [likely, likely.other()] {
            self.asker.size = size;
            self.adopt(style, &begin.last);
            let (asked, follows) = match self.next(begin).await {
                // A server refuses a parameter that it does not know, and may have known it earlier.
                Err(error) if error.is_refusal() && (style != likely || known.is_some()) => continue,
                asked => asked?,
            };
            if asked.page.count == 0 {
                empty.push((style, asked, follows));
            } else if is_anchor_alone(&asked.page, follows)
                || !begin.is_repeated_by(&asked.page, self.asker.limit())
            {
                if !asked.page.is_within(&begin.last) {
                    self.learn(style);
                }
                return Ok((asked, follows));
            } else {
                is_ignored = true;
            }
        }
        self.style = likely;
        self.asker.size = size;
        if let Some((style, ..)) = empty.first()
            && (is_ignored || empty.len() == 2)
        {
            self.learn(*style); // it is the one of the two that is not ignored, or neither is
        }
        // An empty page is an end, if not one that the claims of the first page let expect.
        match empty.into_iter().next() {
            Some((style, asked, follows)) => {
                self.style = style;
                Ok((asked, follows))
            }
            None => Err(self.ignored(begin)),
        }
    }

    fn learn(&self, style: PagingStyle) {
        let Reader { client, options, .. } = &*self.asker.reader;
        if options.paging.learn(style) {
            client.notify(&Notice::PagingLearned {
                endpoint: self.asker.query.endpoint().name().to_owned(),
                style,
            });
        }
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
            PagingStyle::Page => self.asker.limit() as usize,
        };
        let starts = (begin.rows..total).step_by(size.max(1));
        let (asker, leave) = (self.asker.clone(), self.leave.clone());
        let mut asked = stream::iter(starts)
            .then(move |start| {
                let leave = leave.clone();
                async move { (start, leave.permit().await) }
            })
            .map(move |(start, permit)| {
                let end = start.saturating_add(size as u64).min(total);
                let task = AbortOnDropHandle::new(tokio::spawn(asker.clone().range(style, start, end)));
                async move { (task.await, permit) }
            })
            .buffered(self.asker.reader.client.concurrency() as usize)
            .boxed();
        // Only the second page of a window can show that the first comes again.
        let mut is_second = begin.pages == 1;
        while let Some((result, permit)) = asked.next().await {
            let mut permit = Some(permit);
            let pages = joined(result)?;
            let last = pages.len().saturating_sub(1);
            for (index, next) in pages.into_iter().enumerate() {
                if is_second && begin.is_repeated_by(&next.page, self.asker.limit()) {
                    return Ok(Ranges::Repeated);
                }
                is_second = false;
                let follows = self.follows(&place, &next);
                place = place.moved_to(&next, style);
                let permit = permit.take_if(|_| index == last).flatten();
                if !self.send(next.page, permit, follows).await {
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

    /// Page after page, as long as they lead on. An empty page that says that there is more is asked for once again: it
    /// is an end only if it stays.
    async fn one_by_one(&self, mut place: Place) -> Result<()> {
        let mut asked_again = false;
        while place.leads_on() || place.is_doubtful_end() && !asked_again {
            asked_again = place.is_doubtful_end();
            let permit = self.leave.permit().await;
            let (next, follows) = self.next(&place).await?;
            let nothing_new = follows == Follows::Anchored && next.page.is_within(&place.last);
            if !nothing_new && place.is_repeated_by(&next.page, self.asker.limit()) {
                let error = self.ignored(&place);
                // Where there is a total, the consumer sees by how much it is not reached.
                let has_total = place.last.total.is_some();
                return match has_total && self.send(next.page, permit, follows).await {
                    true => Ok(()),
                    false => Err(error),
                };
            }
            let before = place.rows;
            place = place.moved_to(&next, self.style);
            // Behind an anchor alone there may be more: the page may be a short one. The next has no anchor.
            let further = place.rows > before || nothing_new || place.is_doubtful_end();
            if !self.send(next.page, permit, follows).await || !further {
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
            None => self.follows(place, &next),
            Some(hash) if next.page.has(hash) => Follows::Anchored,
            Some(_) => Follows::Adrift,
        };
        Ok((next, follows))
    }

    /// How a page that was asked for at the end of another follows that.
    fn follows(&self, place: &Place, next: &Asked) -> Follows {
        let gap = self.style == PagingStyle::Page && !place.full && next.page.count > 0;
        if gap { Follows::WithGap } else { Follows::AtItsEnd }
    }

    /// The record that the next page should begin with, where nothing else would tell that it follows.
    fn anchor(&self, place: &Place) -> Option<u64> {
        let wanted = !self.asker.reader.options.not_anchored
            && place.rows > 0
            && self.style == PagingStyle::Offset
            && place.last.total.is_none()
            // A page has to lead further than to its anchor.
            && self.asker.limit() > 1
            && place.last.count > 1
            && !place.overfull
            && !place.still;
        place.last.last_hash().filter(|_| wanted)
    }

    /// Whether the consumer still takes pages.
    async fn send(&self, page: Page, permit: Option<OwnedSemaphorePermit>, follows: Follows) -> bool {
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

    /// The page after `place` repeats the one before it. Who reads the window again finds out anew how to.
    fn ignored(&self, place: &Place) -> Error {
        let (style, page) = (self.style, place.pages + 1);
        self.asker.reader.options.paging.doubt(style);
        self.asker.on_page(page, Error::PagingIgnored { style, page })
    }
}

/// Whether a page holds nothing but the record that it was asked for with.
fn is_anchor_alone(page: &Page, follows: Follows) -> bool {
    follows == Follows::Anchored && page.count == 1
}

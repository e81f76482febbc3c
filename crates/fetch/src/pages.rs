//! Reads a window page by page: several requests ahead, pages in order. One window is read in `pages/walk.rs`, parts of
//! a window in `pages/split.rs`; how far ahead is bounded in `pages/ahead.rs`; what was learned about a server's paging
//! is kept in `pages/paging.rs`.
//!
//! ```text
//!  first page ─► too many for one read? ─► parts of the window, each read like this
//!       └─► second page: does the server page as thought? ─► ranges, several at a time ─► one by one to the end
//! ```

mod ahead;
mod ask;
mod paging;
mod place;
mod split;
mod walk;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use futures::{Stream, stream};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::task::AbortOnDropHandle;

use self::ahead::Leave;
pub use self::{ahead::Readahead, paging::Paging};
use crate::{Client, Endpoint, Error, Notice, Page, PagingStyle, Query, Result, Window};

/// Arrivals that wait between the tasks of one read. How many pages there are is bounded by [`Readahead`].
const WAITING: usize = 8;

/// How the pages of one window are asked for. Built by value.
#[derive(Clone, Debug, Default)]
pub struct PageOptions {
    page_size: Option<u32>,
    style: Option<PagingStyle>,
    paging: Paging,
    readahead: Readahead,
    max_window_records: Option<u64>,
    parts: u32,
    not_anchored: bool,
}

impl PageOptions {
    /// Records to ask for at a time. Default: what the endpoint says. A server may give fewer, and an answer that is
    /// too slow or too large halves it for the rest of the window.
    pub fn page_size(self, page_size: Option<u32>) -> Self {
        Self { page_size, ..self }
    }

    /// Records to ask an endpoint for at a time.
    pub fn page_size_of(&self, endpoint: &Endpoint) -> u32 {
        self.page_size.unwrap_or(endpoint.paging().page_size)
    }

    /// How the server pages. Default: none, which finds it out with the second page.
    pub fn style(self, style: Option<PagingStyle>) -> Self {
        Self { style, ..self }
    }

    /// What is known of the server's paging, shared with other reads of the same endpoint, and learned for them.
    /// Default: nothing, and a memory of its own.
    pub fn paging(self, paging: Paging) -> Self {
        Self { paging, ..self }
    }

    /// How far to read ahead of the consumer, shared with other reads. Default: [`Readahead::default`], for itself.
    pub fn readahead(self, readahead: Readahead) -> Self {
        Self { readahead, ..self }
    }

    /// A window whose total is larger is read in parts. Default: none, every window is paged to its end, which becomes
    /// slow where a server counts through what it skips.
    pub fn max_window_records(self, max_window_records: Option<u64>) -> Self {
        Self {
            max_window_records,
            ..self
        }
    }

    /// Parts to read a window in whose server tells no total and that has more than a page: pages without a total
    /// have to follow each other, parts need not. Default: 1, as each further part costs a request.
    pub fn parts(self, parts: u32) -> Self {
        Self { parts, ..self }
    }

    /// Where nothing tells the total, each page by offset begins with the last record of the one before it. That shows
    /// what no claim of the server would: that records came or went between the two. Default: yes; it costs a request
    /// in a hundred.
    pub fn anchored(self, anchored: bool) -> Self {
        Self {
            not_anchored: !anchored,
            ..self
        }
    }
}

/// What comes from a window.
#[derive(Debug)]
#[non_exhaustive]
pub enum Arrival {
    /// The window is read in parts; their pages follow, part by part. A part begins a moment before the one before it
    /// ends, so that no reading of the ends loses a record: what stands on both sides comes twice.
    Split {
        /// The window.
        window: Window,
        /// Records in it, as the server claims.
        total: Option<u64>,
        /// In how many parts.
        parts: usize,
    },
    /// A page.
    Page {
        /// The window that was asked for: the one to read, or a part of it.
        window: Window,
        /// The page.
        page: Page,
        /// How it follows the one before it.
        follows: Follows,
    },
}

/// How a page follows the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Follows {
    /// It was asked for where the one before it ends, or is the first.
    AtItsEnd,
    /// It was asked for with the last record of the one before it, and has that.
    Anchored,
    /// It was asked for with the last record of the one before it, and has it not: records came or went.
    Adrift,
    /// The server counts pages, and the one before it had fewer records than asked for: what that lacks, if it lacks
    /// anything, is on no page.
    WithGap,
}

/// All pages of a window, in order.
///
/// Nothing is asked for before the stream is polled. Then the first page is; where its total tells that there is more,
/// the others are asked for several at a time. Each is asked for where the rows received before it end, so a server
/// that gives fewer than it was asked for leaves no gap. The first error ends the stream. Dropping the stream ends all
/// of its requests.
///
/// The caller judges whether the records are complete, and stops polling when a page brings nothing new: a server may
/// announce more for ever.
///
/// # Errors
///
/// Every error is an [`Error::OnPage`] around one of [`Client::fetch_page`]'s, or around [`Error::PagingIgnored`] when
/// a page repeats the one before it.
pub fn pages(
    client: &Client,
    query: &Query,
    options: &PageOptions,
) -> impl Stream<Item = Result<Arrival>> + Send + use<> {
    let limit = options.page_size_of(query.endpoint());
    let reader = Arc::new(Reader {
        client: client.clone(),
        options: options.clone(),
        limit: AtomicU32::new(limit),
        first_limit: limit,
    });
    let query = query.clone();
    stream::unfold(State::Idle(reader, query), |state| async {
        let mut running = match state {
            State::Idle(reader, query) => {
                let leave = reader.options.readahead.leave();
                Running::start(reader, query, Origin::Whole, leave)
            }
            State::Running(running) => running,
            State::Ended => return None,
        };
        match running.next().await {
            Ok(Some(held)) => Some((Ok(held.arrival), State::Running(running))),
            Ok(None) => None,
            Err(error) => Some((Err(error), State::Ended)),
        }
    })
}

enum State {
    Idle(Arc<Reader>, Query),
    Running(Running),
    Ended,
}

/// What the tasks of one read share.
struct Reader {
    client: Client,
    options: PageOptions,
    /// Records to ask for at a time, for the whole window that is read. It only falls.
    limit: AtomicU32,
    first_limit: u32,
}

impl Reader {
    fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    /// Whether fewer are asked for than at first.
    fn is_lowered(&self) -> bool {
        self.limit() < self.first_limit
    }

    /// After `error` with pages of `from`: halves them, unless another request has done so already.
    fn lower_limit(&self, from: u32, error: &Error, window: Window) {
        let to = from / 2;
        if self.limit.fetch_min(to, Ordering::Relaxed) > to {
            self.client.notify(&Notice::PageSizeLowered {
                from,
                to,
                reason: error.root().to_string(),
                window,
            });
        }
    }
}

/// What a window is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// It is the one to read.
    Whole,
    /// A larger window, which holds so many records as the server claims.
    PartOf { total: Option<u64> },
}

impl Origin {
    /// Whether cutting a window of `total` makes it smaller: the total of some servers does not follow the window, and
    /// where everything happened in one second there is nothing to cut.
    fn may_be_cut(self, total: u64) -> bool {
        match self {
            Self::Whole => true,
            Self::PartOf { total: whole } => whole.is_some_and(|whole| total <= whole - whole / 8),
        }
    }
}

/// An arrival on its way to the consumer, with the leave to be in memory.
struct Held {
    arrival: Arrival,
    _permit: Option<OwnedSemaphorePermit>,
}

type Outlet = mpsc::Sender<Held>;

/// The read of a window in a task of its own.
struct Running {
    arrivals: mpsc::Receiver<Held>,
    /// None once it has been awaited.
    task: Option<AbortOnDropHandle<Result<()>>>,
}

impl Running {
    fn start(reader: Arc<Reader>, query: Query, origin: Origin, leave: Leave) -> Self {
        let (outlet, arrivals) = mpsc::channel(WAITING);
        let task = tokio::spawn(walk::read(reader, query, origin, leave, outlet));
        Self {
            arrivals,
            task: Some(AbortOnDropHandle::new(task)),
        }
    }

    /// The next arrival. The end of the channel alone proves nothing: only a task that ended well has sent everything.
    async fn next(&mut self) -> Result<Option<Held>> {
        if let Some(held) = self.arrivals.recv().await {
            return Ok(Some(held));
        }
        match self.task.take() {
            Some(task) => joined(task.await).map(|()| None),
            None => Ok(None),
        }
    }
}

fn joined<T>(result: Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    result.map_err(|source| Error::Stopped { source })?
}

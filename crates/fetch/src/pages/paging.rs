//! What was learned about the way a server pages: shared by all reads of an endpoint, so that it is found out once. The
//! finding itself is in [`walk`](super::walk).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::PagingStyle;

/// How a server pages one endpoint of one stream. Clones share what they learn.
///
/// What is known from earlier is a hint: it is tried first, and believed once a second page has shown it.
#[derive(Clone, Debug, Default)]
pub struct Paging(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Known>,
    /// Held by the read that finds it out; the others wait for what it learns.
    finding: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    style: Option<PagingStyle>,
    /// Whether a page has shown it since.
    seen: bool,
}

impl Paging {
    /// Begins with what is known from earlier.
    pub fn known(style: Option<PagingStyle>) -> Self {
        let paging = Self::default();
        paging.lock().style = style;
        paging
    }

    /// The parameter that this server counts pages by, as far as it is known.
    pub fn style(&self) -> Option<PagingStyle> {
        self.lock().style
    }

    /// The same once a page has shown it.
    pub(super) fn seen(&self) -> Option<PagingStyle> {
        let known = *self.lock();
        known.style.filter(|_| known.seen)
    }

    /// A page has shown it. `false` if that is nothing new.
    pub(super) fn learn(&self, style: PagingStyle) -> bool {
        let mut known = self.lock();
        let news = known.style != Some(style);
        *known = Known {
            style: Some(style),
            seen: true,
        };
        news
    }

    /// A page has shown the contrary of `style`. What others have learned since stays.
    pub(super) fn doubt(&self, style: PagingStyle) {
        let mut known = self.lock();
        known.seen &= known.style != Some(style);
    }

    pub(super) async fn finding(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.finding.lock().await
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

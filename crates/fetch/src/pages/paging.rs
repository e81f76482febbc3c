//! What was learned about the way a server pages: shared by all reads of an endpoint, so that it is found out once. The
//! finding itself is in [`walk`](super::walk).

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::MutexGuard;

use crate::PagingStyle;

/// How a server pages one endpoint of one stream. Clones share what they learn.
///
/// It is a hint that saves requests: a style that turns out to be wrong is forgotten and found out again.
#[derive(Clone, Debug, Default)]
pub struct Paging(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    style: Mutex<Option<PagingStyle>>,
    /// Held by the read that finds it out; the others wait for what it learns.
    finding: tokio::sync::Mutex<()>,
}

impl Paging {
    /// Begins with what is known from earlier.
    pub fn known(style: Option<PagingStyle>) -> Self {
        let paging = Self::default();
        paging.set(style);
        paging
    }

    /// The parameter that this server counts pages by, once it is known.
    pub fn style(&self) -> Option<PagingStyle> {
        *self.0.style.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, style: Option<PagingStyle>) {
        *self.0.style.lock().unwrap_or_else(PoisonError::into_inner) = style;
    }

    pub(super) async fn finding(&self) -> MutexGuard<'_, ()> {
        self.0.finding.lock().await
    }
}

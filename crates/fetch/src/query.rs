//! What one window is asked for with: endpoint, source, window and parameters, and how many requests that took. Which
//! page is next is decided in [`pages`](crate::pages()).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Map, Value};

use crate::{Endpoint, Position, Request, Result, Source, Window};

/// Asks one endpoint for one window. Clones are cheap, and count their requests together.
///
/// ```
/// # use korelake_fetch::{Endpoint, Query, Source, Window};
/// # fn example(endpoint: &Endpoint, source: &Source, day: Window, morning: Window) {
/// let query = Query::new(endpoint, source, day);
/// let part = query.with_window(morning);
/// assert_eq!(query.requests(), 0); // and it counts those of `part` too
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Query {
    shared: Arc<Shared>,
    window: Window,
}

#[derive(Debug)]
struct Shared {
    endpoint: Endpoint,
    source: Source,
    parameters: Map<String, Value>,
    requests: AtomicU64,
}

impl Query {
    /// Everything that the source has in the window, with the endpoint's own parameters.
    pub fn new(endpoint: &Endpoint, source: &Source, window: Window) -> Self {
        Self::with_parameters(endpoint, source, window, Map::new())
    }

    /// With further parameters, such as filters; they win over those of the endpoint.
    pub fn with_parameters(
        endpoint: &Endpoint,
        source: &Source,
        window: Window,
        parameters: Map<String, Value>,
    ) -> Self {
        let shared = Shared {
            endpoint: endpoint.clone(),
            source: source.clone(),
            parameters,
            requests: AtomicU64::new(0),
        };
        Self {
            shared: Arc::new(shared),
            window,
        }
    }

    /// The same for another window. Its requests count here too.
    pub fn with_window(&self, window: Window) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            window,
        }
    }

    /// The endpoint that is asked.
    pub fn endpoint(&self) -> &Endpoint {
        &self.shared.endpoint
    }

    /// Whose records are asked for.
    pub fn source(&self) -> &Source {
        &self.shared.source
    }

    /// The window that is asked for.
    pub fn window(&self) -> Window {
        self.window
    }

    /// Requests that were sent for this query and all that share its count, repeated ones included.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::Relaxed)
    }

    /// The request for one page.
    ///
    /// # Errors
    ///
    /// Those of [`Endpoint::request`].
    pub fn request(&self, position: Position) -> Result<Request> {
        let Shared {
            endpoint,
            source,
            parameters,
            ..
        } = &*self.shared;
        endpoint.request(source, self.window, position, parameters)
    }

    pub(crate) fn count_request(&self) {
        self.shared.requests.fetch_add(1, Ordering::Relaxed);
    }
}

//! The running server: bind, serve, stop. What it answers is in [`routes`](crate::routes).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::connection::{Line, Listener};
use crate::corpus::{Filter, Layout, Selection};
use crate::moment::Window;
use crate::routes::{self, Context};
use crate::{Options, Shape};

/// A Kore.ai server on 127.0.0.1. It serves until it is stopped or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    context: Arc<Context>,
    task: Option<JoinHandle<()>>,
}

impl Simulator {
    /// Binds 127.0.0.1 and serves in a task of the current tokio runtime. Requests are answered from the moment
    /// this returns.
    ///
    /// # Errors
    ///
    /// When the port of [`Options::port`] cannot be bound.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let context = Arc::new(Context::new(options));
        let service = routes::router(Arc::clone(&context)).into_make_service_with_connect_info::<Line>();
        let stopping = Arc::clone(&context);
        let task = tokio::spawn(async move {
            let served = axum::serve(Listener(listener), service)
                .with_graceful_shutdown(async move { stopping.stopped().await });
            // It does not fail on a bound listener.
            drop(served.await);
        });
        Ok(Self {
            address,
            context,
            task: Some(task),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base address, `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests that have arrived so far, refused ones included.
    pub fn requests(&self) -> u64 {
        self.context.traffic.count()
    }

    /// When each of them arrived, in that order, by tokio's clock.
    pub fn request_times(&self) -> Vec<Instant> {
        let times = self.context.traffic.times().into_iter();
        times.map(tokio::time::Instant::into_std).collect()
    }

    /// The most requests that were being answered at the same time, those that wait for their answer included.
    pub fn peak_in_flight(&self) -> usize {
        self.context.traffic.peak()
    }

    /// What it was started with.
    pub fn options(&self) -> &Options {
        &self.context.options
    }

    /// What the server holds of [`Options::stream_id`] for `[from, to)`, as JSON texts in the order and with the bytes
    /// it sends them.
    ///
    /// Nothing is left out: conversations below the duration threshold are there, and agent assistance has its
    /// `agenticActivities`, so this is what a client gets that asks for everything. The window is that of the
    /// conversation's start, for [`Shape::AgentAssist`] that of the segment's.
    ///
    /// Where faults let records come and go this is what is there in the end, and where they change an order at each
    /// request it is the order that the records have without.
    ///
    /// Every shape can be asked for, served or not. The one that Raw Data V3 serves is
    /// `simulator.options().raw_data_shape.into()`.
    pub fn records(&self, shape: Shape, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<String> {
        self.records_of(&self.context.options.stream_id, shape, from, to)
    }

    /// The same of one of the bots, see [`Options::streams`]; nothing of one that the account does not have.
    pub fn records_of(
        &self,
        stream_id: &str,
        shape: Shape,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<String> {
        let selection = Selection {
            layout: Layout::complete(shape),
            window: Window { from, to },
            filter: Filter {
                include_below_threshold: true,
                ..Filter::default()
            },
        };
        let bot = self.context.bot(stream_id);
        bot.map(|bot| bot.corpus.held(&selection)).unwrap_or_default()
    }

    /// Takes no more connections, lets requests in flight be answered but for those that a fault leaves without an
    /// answer, and returns when the port is free.
    pub async fn stop(mut self) {
        self.context.stop();
        if let Some(task) = self.task.take() {
            drop(task.await);
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Connections outlive the task that accepts them.
        self.context.stop();
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

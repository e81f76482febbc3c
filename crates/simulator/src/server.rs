//! The running server: bind, serve, stop. What it answers is in [`routes`](crate::routes).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::corpus::{Filter, Layout, Selection};
use crate::moment::Window;
use crate::routes::{self, Context};
use crate::{Options, Shape};

/// A Kore.ai server on 127.0.0.1. It serves until it is stopped or dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    context: Arc<Context>,
    stop: Option<oneshot::Sender<()>>,
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
        let router = routes::router(Arc::clone(&context));
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            // A dropped sender ends the wait as well, and `serve` on a bound listener does not fail.
            let served = axum::serve(listener, router).with_graceful_shutdown(async { drop(stopped.await) });
            drop(served.await);
        });
        Ok(Self {
            address,
            context,
            stop: Some(stop),
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
        self.context.requests()
    }

    /// What it was started with.
    pub fn options(&self) -> &Options {
        &self.context.options
    }

    /// What the server holds for `[from, to)`, as JSON texts in the order and with the bytes it sends them.
    ///
    /// Nothing is left out: conversations below the duration threshold are there, and agent assistance has its
    /// `agenticActivities`, so this is what a client gets that asks for everything. The window is that of the
    /// conversation's start, for [`Shape::AgentAssist`] that of the segment's.
    ///
    /// Every shape can be asked for, served or not. The one that Raw Data V3 serves is
    /// `simulator.options().raw_data_shape.into()`.
    pub fn records(&self, shape: Shape, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<String> {
        let selection = Selection {
            layout: Layout::complete(shape),
            window: Window { from, to },
            filter: Filter {
                include_below_threshold: true,
                ..Filter::default()
            },
        };
        self.context.corpus.page(&selection, 0, u64::MAX).rows
    }

    /// Takes no more connections, lets requests in flight be answered, and returns when the port is free.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only if the task has ended already.
            let _ = stop.send(());
        }
        if let Some(task) = self.task.take() {
            drop(task.await);
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

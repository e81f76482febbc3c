//! Servers on loopback that answer by a script, and the client, endpoint and window the tests ask them with.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use chrono::{TimeZone, Utc};
use korelake_fetch::{
    Client, ClientOptions, Credentials, Endpoint, Error, Host, Notice, Page, Position, Query, Result, Retry,
    Source, Window,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

pub(crate) const EMPTY_PAGE: &str = r#"{"results":[],"totalResults":0,"hasMore":false}"#;

pub(crate) const SECRET: &str = "correct-horse-battery";

/// What the server was sent.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Value,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A number of the JSON body.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.body
            .get(name)?
            .as_u64()
            .map(|number| number.try_into().unwrap())
    }
}

/// A server that answers every request by its script, and remembers them.
pub(crate) struct Server {
    pub(crate) address: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(crate) async fn start<R: IntoResponse>(
        script: impl Fn(Received) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let memory = received.clone();
        let app = Router::new().fallback(async move |request: Request| -> Response {
            let (parts, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let received = Received {
                method: parts.method.to_string(),
                uri: parts.uri.to_string(),
                headers: parts.headers,
                body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            };
            memory.lock().unwrap().push(received.clone());
            script(received).into_response()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, received }
    }

    /// A server whose script is told how many requests came before.
    pub(crate) async fn each<R: IntoResponse>(
        script: impl Fn(usize) -> R + Clone + Send + Sync + 'static,
    ) -> Self {
        let before = Arc::new(AtomicUsize::new(0));
        Self::start(move |_| script(before.fetch_add(1, Ordering::Relaxed))).await
    }

    /// A server that sends every caller these bytes and hangs up.
    pub(crate) async fn raw(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::raw_each(move |_| answer.clone()).await
    }

    /// The same with bytes for each caller, who is told apart by how many came before.
    pub(crate) async fn raw_each(script: impl Fn(usize) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let mut before = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = script(before);
                before += 1;
                // The whole request is read first: hanging up on unread bytes resets the connection.
                let mut request = Vec::new();
                while !request.ends_with(b"}") && stream.read_buf(&mut request).await.unwrap_or(0) > 0 {}
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        Self {
            address,
            received: Arc::default(),
        }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub(crate) fn source(&self) -> Source {
        source(&self.address)
    }

    /// Asks for the first page with the usual client.
    pub(crate) async fn ask(&self) -> Result<Page> {
        self.ask_as(options()).await
    }

    pub(crate) async fn ask_as(&self, options: ClientOptions) -> Result<Page> {
        first_page(&Client::new(options).unwrap(), &self.source()).await
    }

    /// The error that the usual client meets.
    pub(crate) async fn error(&self) -> Error {
        self.ask().await.unwrap_err()
    }
}

pub(crate) async fn first_page(client: &Client, source: &Source) -> Result<Page> {
    let endpoint = endpoint(|_| ());
    let query = Query::new(&endpoint, source, window());
    client.fetch_page(&query, Position::first(&endpoint)).await
}

pub(crate) fn source(address: &str) -> Source {
    Source {
        host: Host::parse(address, false).unwrap(),
        account_id: "0123456789abcdef01234567".to_owned(),
        org_id: Some("o-1".to_owned()),
        stream_id: "st-1".to_owned(),
    }
}

/// The usual client; it tries once, so that a test sees what it meets.
pub(crate) fn options() -> ClientOptions {
    ClientOptions::new(Credentials::app("cs-1", SECRET)).retry(Retry::default().tries(1))
}

/// Tries without waits worth the name.
pub(crate) fn quick(tries: u32) -> Retry {
    let moment = Duration::from_millis(1);
    Retry::default()
        .tries(tries)
        .first_wait(moment)
        .longest_wait(moment)
}

/// Makes a client tell what happens on the way.
pub(crate) fn watched(options: ClientOptions) -> (ClientOptions, Arc<Mutex<Vec<Notice>>>) {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let memory = notices.clone();
    let options = options.observe(move |notice| memory.lock().unwrap().push(notice.clone()));
    (options, notices)
}

/// Lets a paused clock move on in small steps. By itself it jumps to the next time limit whenever all tasks wait, also
/// for bytes that are on their way.
pub(crate) fn creep() {
    tokio::spawn(async {
        loop {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
}

pub(crate) fn window() -> Window {
    let start = Utc.with_ymd_and_hms(2026, 3, 23, 0, 0, 0).unwrap();
    Window::new(start, start + chrono::Days::new(1)).unwrap()
}

pub(crate) fn endpoint(change: impl FnOnce(&mut Value)) -> Endpoint {
    let mut definition = json!({
        "name": "v3",
        "method": "POST",
        "path": "/qualityai/app/{streamId}/rawdata",
        "headers": ["accountId", "orgId"],
        "parameters_in": "body",
        "window": {"start": "startDate", "end": "endDate", "format": "%Y-%m-%d %H:%M:%S"},
        "paging": {"style": "offset", "offset": "offset", "page": "page", "limit": "limit", "page_size": 10},
        "response": {"records": "results", "total": "totalResults", "more": "hasMore"}
    });
    change(&mut definition);
    serde_json::from_value(definition).unwrap()
}

/// A JSON answer with a status.
pub(crate) fn answer(status: u16, body: impl Into<Body>) -> Response {
    let headers = [("content-type", "application/json")];
    (
        axum::http::StatusCode::from_u16(status).unwrap(),
        headers,
        body.into(),
    )
        .into_response()
}

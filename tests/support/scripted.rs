//! Servers that answer by a script, for what a well-behaved one never does. The well-behaved one is in
//! [`simulation`](super::simulation).

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::program::Program;
use super::simulation::configuration;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The day that its window begins on, such as `2026-03-23`.
    pub(crate) day: String,
    pub(crate) offset: u64,
    pub(crate) path: String,
}

/// A server whose answers are a script's; it stops when it is dropped.
pub(crate) struct Scripted {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _runtime: Runtime,
}

impl Scripted {
    /// Where the script has no answer, the request waits for one until the client goes away.
    pub(crate) fn start(script: impl Fn(&Asked) -> Option<Response> + Clone + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&asked);
        let app = Router::new().fallback(async move |request: Request| -> Response {
            let path = request.uri().path().to_owned();
            let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let asked = Asked {
                day: body["startDate"].as_str().unwrap()[..10].to_owned(),
                offset: body["offset"].as_u64().unwrap(),
                path,
            };
            memory.lock().unwrap().push(asked.clone());
            match script(&asked) {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        });
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            asked,
            _runtime: runtime,
        }
    }

    /// A server that gives every request the same answer, of this status.
    pub(crate) fn always(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        let status = StatusCode::from_u16(status).unwrap();
        Self::start(move |_| Some((status, body.clone()).into_response()))
    }

    /// A program whose `korelake.toml` names this server.
    pub(crate) fn program(&self) -> Program {
        let program = Program::new();
        program.write("korelake.toml", configuration(&self.url));
        program
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// A page of raw data.
pub(crate) fn page(records: &[Value], total: u64, more: bool) -> Response {
    json!({ "results": records, "totalResults": total, "hasMore": more })
        .to_string()
        .into_response()
}

/// A record that is no more than its key.
pub(crate) fn record(id: &str) -> Value {
    json!({ "conversationId": id })
}

/// The address of a server that promises `promised` bytes of body, sends `body` and hangs up on each caller.
pub(crate) fn hangs_up(promised: usize, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The whole request is read first: hanging up on unread bytes resets the connection.
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"}") && stream.read(&mut byte).unwrap() > 0 {
                request.push(byte[0]);
            }
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {promised}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(body.as_bytes()).unwrap();
        }
    });
    url
}

//! Connections that fail, and settings of the client.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, extract::State};
use korelake_fetch::{Client, ClientOptions, Credentials, Error, Retry};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::server::{EMPTY_PAGE, Server, creep, first_page, options, source};

#[tokio::test]
async fn body_that_ends_before_its_announced_length_is_cut() {
    let server = Server::raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"results\":[").await;
    let error = server.error().await;
    assert!(matches!(error, Error::Cut { received: 12, .. }), "{error:?}");
    assert!(error.is_connection());
}

#[tokio::test]
async fn body_without_a_length_that_ends_early_is_cut_json() {
    let server = Server::raw("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"results\":[{\"a\":").await;
    let error = server.error().await;
    assert!(
        matches!(
            error,
            Error::NotJson {
                offset: 17,
                line: 1,
                cut: true,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "the answer is cut off at byte 17 (line 1)");
}

#[tokio::test]
async fn announced_length_beyond_all_memory_is_refused_unread() {
    let server = Server::raw("HTTP/1.1 200 OK\r\ncontent-length: 9000000000000000\r\n\r\n{").await;
    let error = server.error().await;
    assert!(
        matches!(error, Error::BodyTooLarge { limit: 67_108_864 }),
        "{error:?}"
    );
}

#[tokio::test]
async fn server_that_hangs_up_at_once_is_a_cut() {
    let server = Server::raw("").await;
    let error = server.error().await;
    assert!(matches!(error, Error::Cut { received: 0, .. }), "{error:?}");
}

#[tokio::test]
async fn nobody_listening_is_a_connect_error_with_a_hint() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let address = format!("http://{address}");
    let error = first_page(&Client::new(options()).unwrap(), &source(&address))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Connect { host, .. } if *host == address),
        "{error:?}"
    );
    assert!(error.is_connection() && error.hint().unwrap().contains("proxy"));
}

#[tokio::test]
async fn server_without_tls_is_a_connect_error_for_https() {
    let server = Server::start(|_| "").await;
    let https = server.address.replace("http://", "https://");
    let error = first_page(&Client::new(options()).unwrap(), &source(&https))
        .await
        .unwrap_err();
    // On a machine without certificates there is no https at all, and the error says so.
    assert!(
        matches!(error, Error::Connect { .. } | Error::Setup { .. }),
        "{error:?}"
    );
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn silence_runs_into_the_timeout() {
    // Connections are taken by the system and never answered.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(options().timeout(Duration::from_millis(50))).unwrap();
    let error = first_page(&client, &source(&address)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("page_size"));
}

#[tokio::test(start_paused = true)]
async fn body_that_stalls_runs_into_the_read_timeout() {
    creep();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        // The first byte may take longer than that.
        tokio::time::sleep(Duration::from_secs(20)).await;
        let begun = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"results\":[";
        stream.write_all(begun).await.unwrap();
        std::future::pending::<()>().await;
    });
    let client = Client::new(options().read_timeout(Duration::from_secs(5))).unwrap();
    let start = tokio::time::Instant::now();
    let error = first_page(&client, &source(&address)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { seconds: 5, .. }), "{error:?}");
    let waited = start.elapsed();
    assert!(
        waited >= Duration::from_secs(25) && waited < Duration::from_secs(27),
        "{waited:?}"
    );
}

/// Answers the requests of one connection, one after the other.
async fn answer_all(mut stream: TcpStream) {
    let mut request = Vec::new();
    while stream.read_buf(&mut request).await.unwrap_or(0) > 0 {
        if request.ends_with(b"}") {
            request.clear();
            let length = EMPTY_PAGE.len();
            let page = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{EMPTY_PAGE}");
            stream.write_all(page.as_bytes()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn requests_share_one_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer_all(stream));
        }
    });
    let client = Client::new(options()).unwrap();
    for _ in 0..5 {
        first_page(&client.clone(), &source(&address)).await.unwrap();
    }
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

/// How many requests are at the server now, and the most that ever were.
#[derive(Clone, Default)]
struct Visitors(Arc<[AtomicUsize; 2]>);

/// A server that takes a second for each answer.
async fn slow_server() -> (String, Visitors) {
    let visitors = Visitors::default();
    let answer = async |State(Visitors(count)): State<Visitors>| {
        let now = count[0].fetch_add(1, Ordering::Relaxed) + 1;
        count[1].fetch_max(now, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(1)).await;
        count[0].fetch_sub(1, Ordering::Relaxed);
        EMPTY_PAGE
    };
    let app = Router::new().fallback(answer).with_state(visitors.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, visitors)
}

#[tokio::test(start_paused = true)]
async fn clones_together_keep_to_the_requests_in_flight() {
    creep();
    // The first goes alone: until there is a good answer, host or credentials may be wrong.
    for (concurrency, seconds) in [(1, 12), (3, 1 + 4), (12, 1 + 1)] {
        let (address, visitors) = slow_server().await;
        let client = Client::new(options().concurrency(concurrency)).unwrap();
        assert_eq!(client.concurrency(), concurrency);
        let start = tokio::time::Instant::now();
        let asked = (0..12).map(|_| {
            let (client, source) = (client.clone(), source(&address));
            async move { first_page(&client, &source).await.unwrap() }
        });
        futures::future::join_all(asked).await;
        let most = usize::try_from(concurrency).unwrap().min(11);
        assert_eq!(visitors.0[1].load(Ordering::Relaxed), most);
        // Also that they do use what they may.
        let took = start.elapsed().as_secs();
        assert_eq!(took, seconds, "{concurrency} in flight");
    }
}

#[tokio::test]
async fn requests_of_clones_keep_to_one_budget() {
    let server = Server::start(|_| r#"{"results":[]}"#).await;
    let client = Client::new(options().requests_per_minute(Some(600))).unwrap();
    let start = Instant::now();
    for client in [client.clone(), client.clone(), client] {
        first_page(&client, &server.source()).await.unwrap();
    }
    // Two intervals of 60 s / (0.99 * 600).
    assert!(
        start.elapsed() >= Duration::from_millis(202),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn settings_that_cannot_work_are_refused_at_once() {
    let refused = [
        options().requests_per_minute(Some(0)),
        options().max_body_bytes(0),
        options().timeout(Duration::ZERO),
        options().connect_timeout(Duration::ZERO),
        options().read_timeout(Duration::ZERO),
        options().concurrency(0),
        options().retry(Retry::default().tries(0)),
        options().user_agent("line\nbreak"),
        ClientOptions::new(Credentials::app("cs-1", "")),
    ];
    for options in refused {
        let shown = format!("{options:?}");
        let error = Client::new(options).unwrap_err();
        assert!(
            matches!(error, Error::InvalidOption { .. }) && error.is_configuration(),
            "{shown}"
        );
    }
    let token = ClientOptions::new(Credentials::Token("abc\n".into()));
    assert!(matches!(Client::new(token), Err(Error::UnsendableToken)));
}

#[tokio::test]
async fn request_that_cannot_be_made_costs_no_request() {
    let server = Server::start(|_| r#"{"results":[]}"#).await;
    let mut source = server.source();
    source.org_id = None;
    let error = first_page(&Client::new(options()).unwrap(), &source)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::UnusableId { name: "org_id", .. }) && error.is_configuration());
    assert!(server.received().is_empty());
}

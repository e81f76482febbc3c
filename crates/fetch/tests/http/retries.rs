//! What is asked for again, how often, and what is not.

use std::{error::Error as _, time::Duration};

use axum::response::{IntoResponse, Redirect, Response};
use korelake_fetch::{Client, Error, Notice, Position, Query};
use tokio::{net::TcpListener, time::Instant};

use crate::server::{
    EMPTY_PAGE, Server, answer, creep, endpoint, first_page, options, quick, source, watched, window,
};

/// Answers once in a way that passes, then with a page.
async fn passing(first: impl Fn() -> Response + Clone + Send + Sync + 'static) -> Server {
    Server::each(move |before| match before {
        0 => first(),
        _ => answer(200, EMPTY_PAGE),
    })
    .await
}

#[tokio::test]
async fn what_passes_is_asked_for_again() {
    for status in [408, 425, 500, 502, 503, 504] {
        let server = passing(move || answer(status, "busy")).await;
        let page = server.ask_as(options().retry(quick(2))).await;
        assert_eq!(page.unwrap().total, Some(0), "{status}");
        assert_eq!(server.received().len(), 2);
    }
    for body in [
        "restarting",
        "",
        r#"{"results":["#,
        "<html><title>Gateway</title></html>",
        r#"{"errors":[{"msg":"Internal error","code":500}]}"#,
    ] {
        let server = passing(move || answer(200, body)).await;
        let page = server.ask_as(options().retry(quick(2))).await;
        assert_eq!(page.unwrap().total, Some(0), "{body}");
    }
}

#[tokio::test]
async fn lost_connection_is_tried_again() {
    let page = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{EMPTY_PAGE}",
        EMPTY_PAGE.len()
    );
    let server = Server::raw_each(move |before| match before {
        0 => Vec::new(),
        1 => page[..page.len() - 9].into(),
        _ => page.clone().into(),
    })
    .await;
    let page = server.ask_as(options().retry(quick(3))).await.unwrap();
    assert_eq!(page.total, Some(0));
}

#[tokio::test]
async fn what_stays_is_asked_for_once() {
    for status in [400, 401, 403, 404, 405, 412, 413, 422] {
        let server = Server::start(move |_| answer(status, "no")).await;
        let error = server.ask_as(options().retry(quick(3))).await.unwrap_err();
        assert!(
            matches!(error, Error::Credentials { .. } | Error::Status { .. }),
            "{error:?}"
        );
        assert_eq!(server.received().len(), 1, "{status}");
    }
    for body in [
        "{}",
        "[]",
        r#"{"results":{}}"#,
        r#"{"results":[],"totalResults":"many"}"#,
        r#"{"results":[],"results":[]}"#,
        r#"{"errors":[{"msg":"Permission denied. Scope is incorrect!","code":4002}]}"#,
    ] {
        let server = Server::start(move |_| body).await;
        let error = server.ask_as(options().retry(quick(3))).await.unwrap_err();
        assert!(!matches!(error, Error::GaveUp { .. }), "{error:?}");
        assert_eq!(server.received().len(), 1, "{body}");
    }
    let server = Server::start(|_| Redirect::temporary("/login").into_response()).await;
    let error = server.ask_as(options().retry(quick(3))).await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error:?}");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn giving_up_tells_the_tries_and_the_last_error() {
    let server = Server::start(|_| answer(502, "busy")).await;
    let (options, notices) = watched(options().retry(quick(3)));
    let client = Client::new(options).unwrap();
    let endpoint = endpoint(|_| ());
    let query = Query::new(&endpoint, &server.source(), window());
    let error = client
        .fetch_page(&query, Position::first(&endpoint))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no answer after 3 tries in 0 s");
    assert_eq!(
        error.source().unwrap().to_string(),
        "the server answers 502: busy"
    );
    assert!(matches!(error.root(), Error::Status { status: 502, .. }) && error.is_transient());
    assert_eq!((server.received().len(), query.requests()), (3, 3));
    let moment = Duration::from_millis(1);
    let retrying = |tries| Notice::Retrying {
        error: "the server answers 502: busy".to_owned(),
        tries,
        wait: moment,
    };
    assert_eq!(*notices.lock().unwrap(), [retrying(1), retrying(2)]);
}

#[tokio::test(start_paused = true)]
async fn server_that_names_a_wait_is_left_alone_for_it() {
    creep();
    let unavailable = || {
        let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
        (status, [("retry-after", "7")], "maintenance").into_response()
    };
    let server = passing(unavailable).await;
    let start = Instant::now();
    server.ask_as(options().retry(quick(2))).await.unwrap();
    let waited = start.elapsed();
    assert!(
        waited >= Duration::from_secs(7) && waited < Duration::from_secs(8),
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn wait_that_the_server_dates_is_relative_to_its_own_clock() {
    creep();
    let unavailable = || {
        let status = axum::http::StatusCode::SERVICE_UNAVAILABLE;
        let headers = [
            ("date", "Mon, 23 Mar 1998 12:00:00 GMT"),
            ("retry-after", "Mon, 23 Mar 1998 12:00:07 GMT"),
        ];
        (status, headers, "maintenance").into_response()
    };
    let server = passing(unavailable).await;
    let start = Instant::now();
    server.ask_as(options().retry(quick(2))).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(7), "{:?}", start.elapsed());
}

/// Asks a host that takes connections and never answers, for so many records. The error, and the connections.
async fn ask_silence(limit: u32) -> (Error, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let connections = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_secs(60), listener.accept()).await {
            open.push(stream);
        }
        open.len()
    });
    let options = options().retry(quick(3)).timeout(Duration::from_secs(5));
    let client = Client::new(options).unwrap();
    let endpoint = endpoint(|_| ());
    let query = Query::new(&endpoint, &source(&address), window());
    let position = Position {
        limit,
        ..Position::first(&endpoint)
    };
    let error = client.fetch_page(&query, position).await.unwrap_err();
    (error, connections.await.unwrap())
}

#[tokio::test(start_paused = true)]
async fn timeout_is_returned_at_once_while_fewer_records_can_be_asked_for() {
    creep();
    let (error, connections) = ask_silence(2).await;
    assert!(matches!(error, Error::Timeout { seconds: 5, .. }), "{error:?}");
    assert_eq!(connections, 1);

    let (error, connections) = ask_silence(1).await;
    assert!(matches!(error, Error::GaveUp { tries: 3, .. }), "{error:?}");
    assert!(matches!(error.root(), Error::Timeout { .. }), "{error:?}");
    assert_eq!(connections, 3);
}

#[tokio::test]
async fn body_that_is_too_large_is_asked_for_once() {
    let server = Server::start(|_| EMPTY_PAGE).await;
    let options = options().retry(quick(3)).max_body_bytes(10);
    let error = server.ask_as(options).await.unwrap_err();
    assert!(matches!(error, Error::BodyTooLarge { limit: 10 }), "{error:?}");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn page_that_waits_for_its_next_try_lets_another_go_first() {
    creep();
    let server = passing(|| answer(500, "busy")).await;
    let retry = quick(2)
        .first_wait(Duration::from_secs(60))
        .longest_wait(Duration::from_secs(60));
    let client = Client::new(options().retry(retry).concurrency(1)).unwrap();
    let source = server.source();
    let start = Instant::now();
    let first = async {
        first_page(&client, &source).await.unwrap();
        start.elapsed()
    };
    let second = async {
        first_page(&client, &source).await.unwrap();
        start.elapsed()
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first >= Duration::from_secs(60), "{first:?}");
    assert!(second < Duration::from_secs(10), "{second:?}");
}

//! What the client does when the server counts too many requests.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use korelake_fetch::{Client, Error, Notice};
use tokio::time::Instant;

use crate::server::{EMPTY_PAGE, Server, answer, creep, first_page, options, watched};

const SAID: &str = "You've exceeded the per-minute rate limit";

/// Answer 429 with a wait.
fn wait(seconds: &'static str) -> Response {
    let status = axum::http::StatusCode::TOO_MANY_REQUESTS;
    (status, [("retry-after", seconds)], SAID).into_response()
}

#[tokio::test(start_paused = true)]
async fn throttled_page_comes_after_the_pause_and_without_using_up_a_try() {
    creep();
    let server = Server::each(|before| match before {
        0..3 => wait("30"),
        _ => answer(200, EMPTY_PAGE),
    })
    .await;
    let (options, notices) = watched(options());
    let start = Instant::now();
    let page = server.ask_as(options).await.unwrap();
    assert_eq!((page.total, server.received().len()), (Some(0), 4));
    assert!(
        start.elapsed() >= Duration::from_secs(90),
        "{:?}",
        start.elapsed()
    );
    let notices = notices.lock().unwrap();
    assert_eq!(notices.len(), 3);
    for notice in notices.iter() {
        match notice {
            Notice::Throttled { pause, message, .. } => {
                assert!(*pause >= Duration::from_secs(30), "{notice:?}");
                assert_eq!(message, SAID);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_requests_of_a_client_pause_when_one_is_throttled() {
    creep();
    let server = Server::each(|before| match before {
        0 => wait("45"),
        _ => answer(200, EMPTY_PAGE),
    })
    .await;
    let client = Client::new(options().requests_per_minute(Some(60))).unwrap();
    let start = Instant::now();
    let asked = (0..4).map(|_| {
        let (client, source) = (client.clone(), server.source());
        async move {
            first_page(&client, &source).await.unwrap();
            start.elapsed()
        }
    });
    for answered in futures::future::join_all(asked).await {
        assert!(answered >= Duration::from_secs(45), "{answered:?}");
    }
    assert_eq!(server.received().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_is_recognised_by_its_words_whatever_the_status() {
    creep();
    for status in [200, 401, 403, 500] {
        let server = Server::each(move |before| match before {
            0 => answer(
                status,
                format!(r#"{{"errors":[{{"msg":"{SAID}","code":4290}}]}}"#),
            ),
            _ => answer(200, EMPTY_PAGE),
        })
        .await;
        let (options, notices) = watched(options());
        server.ask_as(options).await.unwrap();
        let notices = notices.lock().unwrap();
        assert!(
            matches!(&notices[..], [Notice::Throttled { message, .. }] if message == SAID),
            "{status}: {notices:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn page_that_is_throttled_ten_times_in_a_row_is_given_up() {
    creep();
    let server = Server::start(|_| wait("0")).await;
    let error = server.ask_as(options()).await.unwrap_err();
    assert!(matches!(error, Error::GaveUp { tries: 10, .. }), "{error:?}");
    assert!(matches!(error.root(), Error::Throttled { status: 429, .. }));
    assert!(error.hint().unwrap().contains("requests_per_minute"));
    assert_eq!(server.received().len(), 10);
}

#[tokio::test]
async fn server_that_wants_hours_is_not_waited_for() {
    let server = Server::start(|_| wait("7201")).await;
    let error = server.ask_as(options()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the rate limit of the account is exceeded (429, to wait 7201 s): {SAID}")
    );
    assert_eq!(server.received().len(), 1);
}

//! Pages that say little, come short, come late or drift: none of them is the end of a window.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::TryStreamExt;
use korelake_fetch::{Arrival, Client, Error, Follows, PageOptions, Query, pages};
use serde_json::{Value, json};

use crate::server::{Received, Server, answer, endpoint, options, window};
use crate::styles::{all, by_offset, by_page, envelope, ids, ids_of, starting_by};

/// Neither total nor has-more, as the newest score reporting.
fn bare(all: usize, begin: usize, limit: usize) -> String {
    let mut page = envelope(all, begin, limit);
    page.as_object_mut().unwrap().retain(|key, _| key == "results");
    page.to_string()
}

#[tokio::test]
async fn windows_of_any_size_are_read_without_claims_in_both_styles() {
    for all_of_them in [0, 1, 2, 9, 10, 11, 20, 25, 41] {
        for anchored in [false, true] {
            let server = Server::start(move |request: Received| {
                bare(all_of_them, by_offset(&request), request.number("limit").unwrap())
            })
            .await;
            for style in ["offset", "page"] {
                let options = PageOptions::default().anchored(anchored);
                let mut read = ids(&server, &starting_by(style), &options).await.unwrap();
                read.dedup();
                assert_eq!(read, all(all_of_them as u64), "{style} anchored {anchored}");
            }
            let server = Server::start(move |request: Received| {
                bare(all_of_them, by_page(&request), request.number("limit").unwrap())
            })
            .await;
            for style in ["offset", "page"] {
                let options = PageOptions::default().anchored(anchored);
                let read = ids(&server, &starting_by(style), &options).await.unwrap();
                assert_eq!(
                    read,
                    all(all_of_them as u64),
                    "by page, {style} anchored {anchored}"
                );
            }
        }
    }
}

#[tokio::test]
async fn counted_page_that_is_short_is_not_asked_for_again() {
    // Page 3 lacks one of its records; what has no more to it is told by has-more alone.
    let server = Server::start(|request: Received| {
        let page = request.number("page").unwrap_or(1);
        let mut envelope = envelope(45, (page - 1) * 10, 10);
        if page == 3 {
            envelope["results"].as_array_mut().unwrap().pop();
        }
        envelope.as_object_mut().unwrap().remove("totalResults");
        envelope.to_string()
    })
    .await;
    let read = ids(&server, &starting_by("page"), &PageOptions::default())
        .await
        .unwrap();
    assert_eq!(read.len(), 44);
    assert_eq!(server.received().len(), 5);
}

#[tokio::test]
async fn trouble_with_the_other_style_is_no_end() {
    // An offset that counts pages leads to nothing, and the page is not to be had for a moment.
    let server = Server::start(|request: Received| match request.number("page") {
        Some(_) => answer(503, "down"),
        None => answer(200, bare(45, by_offset(&request) * 10, 10)),
    })
    .await;
    let error = ids(&server, &endpoint(|_| ()), &PageOptions::default())
        .await
        .unwrap_err();
    assert!(
        matches!(error.root(), Error::Status { status: 503, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn pages_that_drift_apart_are_told_where_they_are_anchored() {
    // Three records vanish from the head after the first page.
    let script = |request: Received| {
        let begin = by_offset(&request);
        let gone = if begin == 0 { 0 } else { 3 };
        let rows: Vec<Value> = (begin + gone..45.min(begin + gone + 10))
            .map(|id| json!({ "id": id }))
            .collect();
        json!({"results": rows, "hasMore": begin + gone + 10 < 45}).to_string()
    };
    let server = Server::start(script).await;
    let client = Client::new(options()).unwrap();
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    for anchored in [false, true] {
        let options = PageOptions::default().anchored(anchored);
        let arrivals: Vec<_> = pages(&client, &query, &options).try_collect().await.unwrap();
        let adrift = arrivals.iter().any(|arrival| {
            matches!(
                arrival,
                Arrival::Page {
                    follows: Follows::Adrift,
                    ..
                }
            )
        });
        assert_eq!(adrift, anchored);
    }
}

#[tokio::test]
async fn slow_remainder_of_a_page_does_not_make_all_pages_small() {
    // A page of ten lacks three; these three alone are once too slow.
    let slow = Arc::new(AtomicUsize::new(0));
    let once = Arc::clone(&slow);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(async move |body: axum::body::Bytes| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let number = |name: &str| body[name].as_u64().unwrap() as usize;
        let (offset, limit) = (number("offset"), number("limit"));
        if limit == 3 && once.fetch_add(1, Ordering::Relaxed) == 0 {
            std::future::pending::<()>().await;
        }
        envelope(200, offset, if offset == 50 { limit.min(7) } else { limit }).to_string()
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let query = Query::new(&endpoint(|_| ()), &crate::server::source(&address), window());
    let client = Client::new(options().timeout(std::time::Duration::from_millis(100))).unwrap();
    let read = ids_of(&client, &query, &PageOptions::default()).await.unwrap();
    assert_eq!((read, slow.load(Ordering::Relaxed) > 0), (all(200), true));
    assert!(query.requests() < 26, "{}", query.requests());
}

#[tokio::test]
async fn counted_pages_do_not_become_smaller_midway() {
    // The server has pages of ten, whatever is asked for. The second is too slow four times.
    let slow = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let memory = Arc::clone(&asked);
    let app = axum::Router::new().fallback(async move |body: axum::body::Bytes| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let page = body["page"].as_u64().unwrap() as usize;
        memory.lock().unwrap().push(page);
        if page == 2 && slow.fetch_add(1, Ordering::Relaxed) < 4 {
            std::future::pending::<()>().await;
        }
        let mut envelope = envelope(30, (page - 1) * 10, 10);
        envelope.as_object_mut().unwrap().remove("totalResults");
        envelope.to_string()
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let query = Query::new(&starting_by("page"), &crate::server::source(&address), window());
    let client = Client::new(options().timeout(std::time::Duration::from_millis(100))).unwrap();
    let error = ids_of(&client, &query, &PageOptions::default())
        .await
        .unwrap_err();
    assert!(error.asks_for_less(), "{error:?}");
    assert_eq!(*asked.lock().unwrap(), [1, 2, 2, 2, 2], "no page is left out");
    // Smaller from the first page on it is whole: the server's own size counts.
    let smaller = PageOptions::default().page_size(Some(5));
    assert_eq!(ids_of(&client, &query, &smaller).await.unwrap(), all(30));
}

#[tokio::test]
async fn anchor_that_is_gone_with_all_behind_it_is_no_end() {
    // Of twenty records that two pages announce, one is gone when the third page is asked for.
    for all_of_them in [10, 20] {
        let server = Server::start(move |request: Received| {
            let (begin, limit) = (by_offset(&request), request.number("limit").unwrap());
            let left = all_of_them - usize::from(begin + 1 >= all_of_them);
            bare(left, begin, limit)
        })
        .await;
        let client = Client::new(options()).unwrap();
        let query = Query::new(&endpoint(|_| ()), &server.source(), window());
        let arrivals: Vec<_> = pages(&client, &query, &PageOptions::default())
            .try_collect()
            .await
            .unwrap();
        let last = arrivals.last().unwrap();
        assert!(
            matches!(
                last,
                Arrival::Page {
                    follows: Follows::Adrift,
                    ..
                }
            ),
            "{all_of_them}: {last:?}"
        );
    }
}

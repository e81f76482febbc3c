//! Servers that page in one way or another, and say more or less about it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::TryStreamExt;
use korelake_fetch::{
    Arrival, Client, Endpoint, Error, PageOptions, Paging, PagingStyle, Query, Result, pages,
};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::server::{Received, Server, endpoint, options, window};

/// How a server finds the first row of a page.
type Begin = fn(&Received) -> usize;

pub(crate) fn by_offset(request: &Received) -> usize {
    request.number("offset").unwrap_or(0)
}

pub(crate) fn by_page(request: &Received) -> usize {
    (request.number("page").unwrap_or(1) - 1) * request.number("limit").unwrap()
}

fn by_both(request: &Received) -> usize {
    by_offset(request) + by_page(request)
}

pub(crate) fn envelope(all: usize, begin: usize, limit: usize) -> Value {
    let rows: Vec<Value> = (begin..all.min(begin + limit))
        .map(|id| json!({ "id": id }))
        .collect();
    json!({"results": rows, "totalResults": all, "hasMore": begin + limit < all})
}

/// The ids that come, in order.
pub(crate) async fn ids(server: &Server, endpoint: &Endpoint, options: &PageOptions) -> Result<Vec<u64>> {
    let client = Client::new(crate::server::options()).unwrap();
    let query = Query::new(endpoint, &server.source(), window());
    ids_of(&client, &query, options).await
}

pub(crate) async fn ids_of(client: &Client, query: &Query, options: &PageOptions) -> Result<Vec<u64>> {
    let mut ids = Vec::new();
    let mut arrivals = std::pin::pin!(pages(client, query, options));
    while let Some(arrival) = arrivals.try_next().await? {
        if let Arrival::Page { page, .. } = arrival {
            let records: Vec<Value> = serde_json::from_slice(&page.records).unwrap();
            ids.extend(records.iter().map(|record| record["id"].as_u64().unwrap()));
        }
    }
    Ok(ids)
}

pub(crate) fn all(count: u64) -> Vec<u64> {
    (0..count).collect()
}

pub(crate) fn starting_by(style: &str) -> Endpoint {
    endpoint(|definition| definition["paging"]["style"] = style.into())
}

#[tokio::test]
async fn every_style_of_paging_is_found_out_with_one_request() {
    let servers: [(Begin, [u64; 2]); 3] = [(by_offset, [9, 10]), (by_page, [10, 9]), (by_both, [9, 9])];
    for (begin, requests) in servers {
        for (style, requests) in ["offset", "page"].into_iter().zip(requests) {
            let server =
                Server::start(move |request: Received| envelope(85, begin(&request), 10).to_string()).await;
            let paging = Paging::default();
            let options = PageOptions::default().paging(paging.clone());
            assert_eq!(
                ids(&server, &starting_by(style), &options).await.unwrap(),
                all(85)
            );
            assert_eq!(server.received().len() as u64, requests, "{style}");
            // The next window knows.
            assert!(paging.style().is_some());
            assert_eq!(
                ids(&server, &starting_by(style), &options).await.unwrap(),
                all(85)
            );
            assert_eq!(server.received().len() as u64, requests + 9, "{style}");
        }
    }
}

#[tokio::test]
async fn what_was_learned_wrongly_is_found_out_again() {
    let server = Server::start(|request: Received| envelope(85, by_page(&request), 10).to_string()).await;
    let paging = Paging::known(Some(PagingStyle::Offset));
    let options = PageOptions::default().paging(paging.clone());
    assert_eq!(ids(&server, &endpoint(|_| ()), &options).await.unwrap(), all(85));
    assert_eq!(paging.style(), Some(PagingStyle::Page));
}

#[tokio::test]
async fn style_that_was_set_is_not_changed() {
    let server = Server::start(|request: Received| envelope(85, by_page(&request), 10).to_string()).await;
    let options = PageOptions::default().style(Some(PagingStyle::Offset));
    let error = ids(&server, &endpoint(|_| ()), &options).await.unwrap_err();
    assert!(
        matches!(error.root(), Error::PagingIgnored { page: 2, .. }),
        "{error:?}"
    );
    let options = PageOptions::default().style(Some(PagingStyle::Page));
    assert_eq!(ids(&server, &endpoint(|_| ()), &options).await.unwrap(), all(85));
}

#[tokio::test]
async fn windows_of_one_page_learn_nothing_and_cost_nothing() {
    let server = Server::start(|request: Received| envelope(10, by_page(&request), 10).to_string()).await;
    let paging = Paging::default();
    let options = PageOptions::default().paging(paging.clone());
    assert_eq!(ids(&server, &endpoint(|_| ()), &options).await.unwrap(), all(10));
    assert_eq!((server.received().len(), paging.style()), (1, None));
}

#[tokio::test]
async fn only_one_of_several_windows_finds_out() {
    let server = Server::start(|request: Received| envelope(45, by_page(&request), 10).to_string()).await;
    let (client, endpoint) = (Client::new(options()).unwrap(), endpoint(|_| ()));
    let options = PageOptions::default();
    let reads = (0..6).map(|_| async {
        let query = Query::new(&endpoint, &server.source(), window());
        (ids_of(&client, &query, &options).await.unwrap(), query.requests())
    });
    let reads = futures::future::join_all(reads).await;
    assert!(reads.iter().all(|(ids, _)| *ids == all(45)));
    assert_eq!(reads.iter().map(|(_, requests)| requests).sum::<u64>(), 6 * 5 + 1);
    assert_eq!(server.received().len(), 6 * 5 + 1);
}

#[tokio::test]
async fn counted_pages_keep_the_size_that_the_server_gives() {
    // One counts what it skips by what was asked for, the other by what it gives.
    for counts_by_its_own in [true, false] {
        let server = Server::start(move |request: Received| {
            let limit = request.number("limit").unwrap();
            let size = if counts_by_its_own { limit.min(7) } else { limit };
            let begin = (request.number("page").unwrap_or(1) - 1) * size;
            envelope(50, begin, limit.min(7)).to_string()
        })
        .await;
        for style in ["offset", "page"] {
            let read = ids(&server, &starting_by(style), &PageOptions::default())
                .await
                .unwrap();
            assert_eq!(read, all(50), "{style}");
        }
    }
}

#[tokio::test]
async fn server_that_gives_more_than_was_asked_for_is_read_once() {
    for style in ["offset", "page"] {
        let server = Server::start(move |request: Received| {
            let begin = if style == "offset" {
                by_offset(&request)
            } else {
                (request.number("page").unwrap_or(1) - 1) * 20
            };
            envelope(50, begin, 20).to_string()
        })
        .await;
        assert_eq!(
            ids(&server, &starting_by(style), &PageOptions::default())
                .await
                .unwrap(),
            all(50),
            "{style}"
        );
    }
}

#[tokio::test]
async fn short_pages_among_those_read_ahead_leave_no_gap() {
    let server = Server::start(|request: Received| {
        let begin = by_offset(&request);
        let most = if begin == 30 || begin == 60 { 3 } else { 10 };
        envelope(95, begin, most.min(request.number("limit").unwrap())).to_string()
    })
    .await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), &PageOptions::default())
            .await
            .unwrap(),
        all(95)
    );
    let mut offsets: Vec<_> = server
        .received()
        .iter()
        .map(|request| request.number("offset").unwrap())
        .collect();
    offsets.sort_unstable();
    assert_eq!(offsets, [0, 10, 20, 30, 33, 40, 50, 60, 63, 70, 80, 90]);
}

#[tokio::test]
async fn total_far_too_high_does_not_cost_all_its_pages() {
    let server = Server::start(|request: Received| {
        let mut page = envelope(25, by_offset(&request), 10);
        page["totalResults"] = 100_000.into();
        page.to_string()
    })
    .await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), &PageOptions::default())
            .await
            .unwrap(),
        all(25)
    );
    // Three pages, the empty one, and those that were in flight with it.
    assert!(
        server.received().len() <= 3 + 1 + 8,
        "{}",
        server.received().len()
    );
}

#[tokio::test]
async fn second_page_that_is_empty_is_tried_in_the_other_style() {
    // An offset that counts pages, as one of the platform's APIs has it: ten pages on there is nothing.
    let server = Server::start(|request: Received| {
        envelope(45, by_offset(&request) * 10 + by_page(&request), 10).to_string()
    })
    .await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), &PageOptions::default())
            .await
            .unwrap(),
        all(45)
    );
}

#[tokio::test]
async fn last_page_that_announces_an_empty_one_costs_that_one() {
    let server = Server::start(|request: Received| {
        let mut page = envelope(30, by_offset(&request), 10);
        page["hasMore"] = (by_offset(&request) < 30).into();
        page.to_string()
    })
    .await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), &PageOptions::default())
            .await
            .unwrap(),
        all(30)
    );
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn pages_behind_a_known_total_are_asked_for_at_the_same_time() {
    // Pages 2 to 5 are answered only once all four have been asked for.
    let barrier = Arc::new(Barrier::new(4));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let waiting = Arc::clone(&barrier);
    let app = axum::Router::new().fallback(async move |body: axum::body::Bytes| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let offset = body["offset"].as_u64().unwrap() as usize;
        if offset > 0 {
            waiting.wait().await;
        }
        envelope(50, offset, 10).to_string()
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let query = Query::new(&endpoint(|_| ()), &crate::server::source(&address), window());
    let options = PageOptions::default().style(Some(PagingStyle::Offset));
    let client = Client::new(crate::server::options()).unwrap();
    assert_eq!(ids_of(&client, &query, &options).await.unwrap(), all(50));
    assert_eq!(query.requests(), 5);
}

#[tokio::test]
async fn reading_ahead_stops_where_the_consumer_does() {
    let answered = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&answered);
    let server = Server::start(move |request: Received| {
        counter.fetch_add(1, Ordering::Relaxed);
        envelope(100_000, by_offset(&request), 10).to_string()
    })
    .await;
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    let client = Client::new(options()).unwrap();
    let options = PageOptions::default().readahead(korelake_fetch::Readahead::pages(3));
    let mut arrivals = std::pin::pin!(pages(&client, &query, &options));
    for _ in 0..10 {
        arrivals.try_next().await.unwrap().unwrap();
    }
    // Ten are with the consumer; three, and the four that every window may have, are ahead.
    let most = 10 + 3 + 4;
    while query.requests() < most {
        tokio::task::yield_now().await;
    }
    for _ in 0..10_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(query.requests(), most);
}

//! Servers that page in one way or another, and say more or less about it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::{StreamExt, TryStreamExt};
use korelake_fetch::{
    Arrival, Client, Endpoint, Error, Follows, PageOptions, Paging, PagingStyle, Query, Result, Window, pages,
};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::server::{Received, Server, answer, endpoint, options, window};

/// How a server finds the first row of a page.
type Begin = fn(&Received) -> usize;

fn by_offset(request: &Received) -> usize {
    request.number("offset").unwrap_or(0)
}

fn by_page(request: &Received) -> usize {
    (request.number("page").unwrap_or(1) - 1) * request.number("limit").unwrap()
}

fn by_both(request: &Received) -> usize {
    by_offset(request) + by_page(request)
}

fn envelope(all: usize, begin: usize, limit: usize) -> Value {
    let rows: Vec<Value> = (begin..all.min(begin + limit))
        .map(|id| json!({ "id": id }))
        .collect();
    json!({"results": rows, "totalResults": all, "hasMore": begin + limit < all})
}

/// The ids that come, in order.
async fn ids(server: &Server, endpoint: &Endpoint, options: &PageOptions) -> Result<Vec<u64>> {
    let client = Client::new(crate::server::options()).unwrap();
    let query = Query::new(endpoint, &server.source(), window());
    ids_of(&client, &query, options).await
}

async fn ids_of(client: &Client, query: &Query, options: &PageOptions) -> Result<Vec<u64>> {
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

fn all(count: u64) -> Vec<u64> {
    (0..count).collect()
}

fn starting_by(style: &str) -> Endpoint {
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

/// A store that holds a record every ten minutes of the window's day, and shows those of a window.
fn by_time(request: &Received) -> Vec<Value> {
    let time = |name: &str| {
        chrono::NaiveDateTime::parse_from_str(request.body[name].as_str().unwrap(), "%Y-%m-%d %H:%M:%S")
            .unwrap()
    };
    let midnight = time("startDate").date().and_time(chrono::NaiveTime::MIN);
    let (start, end) = (time("startDate"), time("endDate"));
    (0..144_i64)
        .filter(|id| {
            let at = midnight + chrono::TimeDelta::minutes(10 * id);
            start <= at && at < end
        })
        .map(|id| json!({ "id": id }))
        .collect()
}

fn page_of(rows: &[Value], request: &Received, total: bool) -> String {
    let (begin, limit) = (by_offset(request), request.number("limit").unwrap());
    let page: Vec<_> = rows.iter().skip(begin).take(limit).collect();
    let more = begin + page.len() < rows.len();
    match total {
        true => json!({"results": page, "totalResults": rows.len(), "hasMore": more}).to_string(),
        false => json!({"results": page, "hasMore": more}).to_string(),
    }
}

/// The parts that a read came in, each with its ids.
async fn parts(query: &Query, options: &PageOptions) -> Vec<(Window, Vec<u64>)> {
    let client = Client::new(crate::server::options()).unwrap();
    let arrivals: Vec<_> = pages(&client, query, options).collect().await;
    let mut parts: Vec<(Window, Vec<u64>)> = Vec::new();
    for arrival in arrivals {
        if let Arrival::Page { window, page, .. } = arrival.unwrap() {
            let records: Vec<Value> = serde_json::from_slice(&page.records).unwrap();
            let ids = records.iter().map(|record| record["id"].as_u64().unwrap());
            match parts.last_mut() {
                Some((last, all)) if *last == window => all.extend(ids),
                _ => parts.push((window, ids.collect())),
            }
        }
    }
    parts
}

#[tokio::test]
async fn window_with_too_many_records_is_read_in_parts() {
    let server = Server::start(|request: Received| page_of(&by_time(&request), &request, true)).await;
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    let options = PageOptions::default().max_window_records(Some(50));
    let parts = parts(&query, &options).await;
    // 144 in three parts of 48.
    let sizes: Vec<usize> = parts.iter().map(|(_, ids)| ids.len()).collect();
    assert_eq!(sizes, [48, 48, 48]);
    let ids: Vec<u64> = parts.into_iter().flat_map(|(_, ids)| ids).collect();
    assert_eq!(ids, all(144));
    // The first page of the whole, then five pages a part.
    assert_eq!(query.requests(), 1 + 3 * 5);
}

/// So many records of an hour as are asked for, the rest of the day empty but for one an hour.
fn busy_hour(request: &Received, busy: i64) -> Vec<Value> {
    let time = |name: &str| {
        let text = request.body[name].as_str().unwrap();
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
    };
    let midnight = time("startDate").date().and_time(chrono::NaiveTime::MIN);
    let busy = (0..busy).map(|id| (id, midnight + chrono::TimeDelta::seconds(3600 * id / busy)));
    let quiet = (1..24).map(|hour| (1000 + hour, midnight + chrono::TimeDelta::hours(hour)));
    busy.chain(quiet)
        .filter(|(_, at)| time("startDate") <= *at && *at < time("endDate"))
        .map(|(id, _)| json!({ "id": id }))
        .collect()
}

#[tokio::test]
async fn part_that_is_still_too_large_is_cut_again() {
    let server = Server::start(|request: Received| page_of(&busy_hour(&request, 100), &request, true)).await;
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    let options = PageOptions::default()
        .max_window_records(Some(40))
        .page_size(Some(50));
    let parts = parts(&query, &options).await;
    let mut ids: Vec<u64> = parts.iter().flat_map(|(_, ids)| ids.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 123);
    assert!(parts.len() > 4, "{parts:?}");
}

#[tokio::test]
async fn total_that_does_not_follow_the_window_does_not_cut_it_for_ever() {
    let server = Server::start(|request: Received| {
        let mut page: Value = serde_json::from_str(&page_of(&by_time(&request), &request, true)).unwrap();
        page["totalResults"] = 144.into();
        page.to_string()
    })
    .await;
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    let options = PageOptions::default().max_window_records(Some(50));
    let parts = parts(&query, &options).await;
    assert_eq!(parts.len(), 3);
    assert!(query.requests() < 50, "{}", query.requests());
}

#[tokio::test]
async fn window_without_a_total_is_read_in_parts_where_that_was_asked_for() {
    let server = Server::start(|request: Received| page_of(&by_time(&request), &request, false)).await;
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    let parts = parts(&query, &PageOptions::default().parts(4).anchored(false)).await;
    assert_eq!(
        parts.iter().map(|(_, ids)| ids.len()).collect::<Vec<_>>(),
        [36; 4]
    );
    assert_eq!(query.requests(), 1 + 4 * 4);
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
    // The server has pages of ten, whatever is asked for. The second is too slow once.
    let slow = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let memory = Arc::clone(&asked);
    let app = axum::Router::new().fallback(async move |body: axum::body::Bytes| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let page = body["page"].as_u64().unwrap() as usize;
        memory.lock().unwrap().push(page);
        if page == 2 && slow.fetch_add(1, Ordering::Relaxed) == 0 {
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
    assert_eq!(*asked.lock().unwrap(), [1, 2], "no page is left out");
    // Smaller from the first page on it is whole: the server's own size counts.
    let smaller = PageOptions::default().page_size(Some(5));
    assert_eq!(ids_of(&client, &query, &smaller).await.unwrap(), all(30));
}

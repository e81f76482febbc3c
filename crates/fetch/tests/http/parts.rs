//! Windows that are read in parts.

use futures::StreamExt;
use korelake_fetch::{Arrival, Client, PageOptions, Query, Window, pages};
use serde_json::{Value, json};

use crate::server::{Received, Server, endpoint, window};
use crate::styles::{all, by_offset};

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

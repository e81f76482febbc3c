//! Walking through a window, page by page.

use futures::{StreamExt, TryStreamExt};
use korelake_fetch::{Arrival, Client, Endpoint, Error, Page, PageOptions, Query, Result, pages};
use serde_json::{Map, Value, json};

use crate::server::{Received, Server, answer, endpoint, options, window};

/// A store of `rows` records that shows those from `start` on, at most `limit`.
fn rows(rows: usize, start: usize, limit: usize) -> Vec<Value> {
    (start..rows.min(start + limit))
        .map(|id| json!({"conversationId": format!("c-{id}")}))
        .collect()
}

/// A page as Kore.ai sends it.
fn envelope(all: usize, start: usize, limit: usize) -> String {
    let results = rows(all, start, limit);
    let more = start + results.len() < all;
    json!({"results": results, "totalResults": all, "hasMore": more}).to_string()
}

async fn read(server: &Server, endpoint: &Endpoint, options: PageOptions) -> Vec<Result<Page>> {
    let client = Client::new(crate::server::options()).unwrap();
    let query = Query::new(endpoint, &server.source(), window());
    // Anchors have tests of their own.
    let options = options.anchored(false);
    pages(&client, &query, &options)
        .try_filter_map(async |arrival| match arrival {
            Arrival::Page { page, .. } => Ok(Some(page)),
            _ => Ok(None),
        })
        .collect()
        .await
}

/// The ids of all records, in order.
async fn ids(server: &Server, endpoint: &Endpoint, options: PageOptions) -> Vec<String> {
    let mut ids = Vec::new();
    for page in read(server, endpoint, options).await {
        let records: Vec<Map<String, Value>> = serde_json::from_slice(&page.unwrap().records).unwrap();
        ids.extend(
            records
                .iter()
                .map(|record| record["conversationId"].as_str().unwrap().to_owned()),
        );
    }
    ids
}

fn all(count: usize) -> Vec<String> {
    (0..count).map(|id| format!("c-{id}")).collect()
}

fn sent(server: &Server, name: &str) -> Vec<Option<usize>> {
    server
        .received()
        .iter()
        .map(|request| request.number(name))
        .collect()
}

fn by_page() -> Endpoint {
    endpoint(|definition| definition["paging"]["style"] = "page".into())
}

#[tokio::test]
async fn pages_by_offset_follow_each_other() {
    let script = |request: Received| {
        envelope(
            25,
            request.number("offset").unwrap(),
            request.number("limit").unwrap(),
        )
    };
    let server = Server::start(script).await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), PageOptions::default()).await,
        all(25)
    );
    assert_eq!(sent(&server, "offset"), [Some(0), Some(10), Some(20)]);
    assert_eq!(sent(&server, "page"), [None, None, None]);
}

#[tokio::test]
async fn pages_by_number_follow_each_other() {
    // Adds both up, as a server may.
    let script = |request: Received| {
        let (page, limit) = (request.number("page").unwrap(), request.number("limit").unwrap());
        envelope(25, request.number("offset").unwrap() + (page - 1) * limit, limit)
    };
    let server = Server::start(script).await;
    assert_eq!(ids(&server, &by_page(), PageOptions::default()).await, all(25));
    assert_eq!(sent(&server, "page"), [Some(1), Some(2), Some(3)]);
    assert_eq!(sent(&server, "offset"), [Some(0); 3]);
}

#[tokio::test]
async fn server_that_gives_less_than_asked_leaves_no_gap() {
    let script = |request: Received| {
        envelope(
            25,
            request.number("offset").unwrap(),
            request.number("limit").unwrap().min(7),
        )
    };
    let server = Server::start(script).await;
    assert_eq!(
        ids(
            &server,
            &endpoint(|_| ()),
            PageOptions::default().page_size(Some(100))
        )
        .await,
        all(25)
    );
    assert_eq!(sent(&server, "offset"), [0, 7, 14, 21].map(Some));
    assert_eq!(sent(&server, "limit"), [Some(100); 4]);
}

#[tokio::test]
async fn total_that_is_too_low_does_not_end_while_there_is_more() {
    let script = |request: Received| {
        let mut page: Value =
            serde_json::from_str(&envelope(25, request.number("offset").unwrap(), 10)).unwrap();
        page["totalResults"] = 10.into();
        page.to_string()
    };
    let server = Server::start(script).await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), PageOptions::default()).await,
        all(25)
    );
}

#[tokio::test]
async fn no_more_does_not_end_while_the_total_is_short() {
    let script = |request: Received| {
        let mut page: Value =
            serde_json::from_str(&envelope(25, request.number("offset").unwrap(), 10)).unwrap();
        page["hasMore"] = false.into();
        page["totalResults"] = 26.into();
        page.to_string()
    };
    let server = Server::start(script).await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), PageOptions::default()).await,
        all(25)
    );
    assert_eq!(
        sent(&server, "offset"),
        [0, 10, 20, 25].map(Some),
        "the empty page ends it"
    );
}

#[tokio::test]
async fn without_total_and_more_only_an_empty_page_ends() {
    // Short pages in the middle.
    let script = |request: Received| {
        let offset = request.number("offset").unwrap();
        json!({"results": rows(25, offset, if offset == 10 { 2 } else { 10 })}).to_string()
    };
    let server = Server::start(script).await;
    assert_eq!(
        ids(&server, &endpoint(|_| ()), PageOptions::default()).await,
        all(25)
    );
    assert_eq!(sent(&server, "offset"), [0, 10, 12, 22, 25].map(Some));
}

#[tokio::test]
async fn agent_ai_pages_by_query_without_total() {
    let definition = endpoint(|definition| {
        definition["method"] = "GET".into();
        definition["path"] = "/agentassist/api/v1/public/{streamId}/v2/agentassistinteractions".into();
        definition["parameters_in"] = "query".into();
        definition["window"] = json!({"start": "from", "end": "to", "format": "%Y-%m-%d %H:%M:%S"});
        definition["paging"] =
            json!({"style": "offset", "offset": "offset", "limit": "limit", "page_size": 10});
        definition["response"] = json!({"records": "data", "more": "hasMore"});
    });
    let script = |request: Received| {
        let offset = request
            .uri
            .split(['&', '?'])
            .find_map(|pair| pair.strip_prefix("offset="))
            .unwrap();
        let data = rows(15, offset.parse().unwrap(), 10);
        json!({"numResults": data.len(), "hasMore": offset == "0", "data": data}).to_string()
    };
    let server = Server::start(script).await;
    assert_eq!(ids(&server, &definition, PageOptions::default()).await, all(15));
    let first = server.received().remove(0);
    assert!(
        first
            .uri
            .contains("from=2026-03-23%2000%3A00%3A00&limit=10&offset=0&to=2026-03-24%20"),
        "{}",
        first.uri
    );
    assert_eq!((first.method.as_str(), first.header("content-type")), ("GET", ""));
}

#[tokio::test]
async fn server_that_ignores_paging_is_found_out_on_the_second_page() {
    let server = Server::start(|_| envelope(25, 0, 10)).await;
    for (endpoint, style) in [(endpoint(|_| ()), "offset"), (by_page(), "page")] {
        let mut pages = read(&server, &endpoint, PageOptions::default()).await;
        assert_eq!(pages.len(), 2);
        let error = pages.remove(1).unwrap_err();
        assert!(
            matches!(error.root(), Error::PagingIgnored { page: 2, .. }),
            "{error:?}"
        );
        assert!(error.root().to_string().ends_with(style), "{}", error.root());
    }
}

#[tokio::test]
async fn server_that_repeats_its_last_page_forever_is_found_out() {
    let script = |request: Received| {
        let offset = request.number("offset").unwrap().min(15);
        json!({"results": rows(25, offset, 10)}).to_string()
    };
    let server = Server::start(script).await;
    let pages = read(&server, &endpoint(|_| ()), PageOptions::default()).await;
    let error = pages.last().unwrap().as_ref().unwrap_err();
    assert!(
        matches!(error.root(), Error::PagingIgnored { page: 4, .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn error_in_the_middle_names_its_page_and_ends_the_stream() {
    let script = |request: Received| match request.number("offset").unwrap() {
        10 => answer(500, r#"{"errors":[{"msg":"Out of luck"}]}"#),
        offset => answer(200, envelope(25, offset, 10)),
    };
    let server = Server::start(script).await;
    let mut pages = read(&server, &endpoint(|_| ()), PageOptions::default()).await;
    assert_eq!(pages.len(), 2);
    let error = pages.remove(1).unwrap_err();
    assert!(matches!(error, Error::OnPage { page: 2, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "page 2 of v3 2026-03-23T00:00:00Z..2026-03-24T00:00:00Z could not be read"
    );
    assert_eq!(error.root().to_string(), "the server answers 500: Out of luck");
}

#[tokio::test]
async fn page_is_asked_for_only_when_it_is_wanted() {
    let server = Server::start(|request: Received| envelope(25, request.number("offset").unwrap(), 10)).await;
    let client = Client::new(options()).unwrap();
    let query = Query::new(&endpoint(|_| ()), &server.source(), window());
    let stream = pages(&client, &query, &PageOptions::default());
    assert!(server.received().is_empty());
    drop(client);
    let mut stream = std::pin::pin!(stream);
    let first = stream.try_next().await.unwrap().unwrap();
    assert!(
        matches!(&first, Arrival::Page { page, .. } if page.count == 10),
        "{first:?}"
    );
}

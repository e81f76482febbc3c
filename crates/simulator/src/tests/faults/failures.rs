//! Answers that are no pages, and how often they come.

use reqwest::{Client, Response, StatusCode, redirect};

use super::*;

/// An answer to any request: the fault always strikes.
async fn answer(fault: Fault) -> Response {
    let bench = faulty(&[fault]).await;
    v3(&bench, 0, 10).send().await.unwrap()
}

/// Statuses of one request, asked again and again.
async fn statuses(bench: &Bench, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(v3(bench, 0, 10).send().await.unwrap().status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn errors_come_in_turn_and_at_most_three_in_a_row() {
    let bench = faulty(&[Fault::Errors(100)]).await;
    assert_eq!(statuses(&bench, 3).await, [500, 502, 503]);
    let other = v3(&bench, 1, 10).send().await.unwrap();
    assert_eq!(other.status(), 504, "each request for itself");
    assert_eq!(statuses(&bench, 6).await, [200, 500, 502, 503, 200, 504]);
}

#[tokio::test]
async fn errors_look_as_gateways_and_services_write_them() {
    let bench = faulty(&[Fault::Errors(100)]).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let response = v3(&bench, 0, 10).send().await.unwrap();
        let headers = response.headers();
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        seen.push((header("retry-after"), header("content-type").unwrap()));
    }
    let json = "application/json; charset=utf-8".to_owned();
    let html = "text/html; charset=utf-8".to_owned();
    assert_eq!(
        seen,
        [(None, json.clone()), (None, html), (Some("0".to_owned()), json)]
    );
}

#[tokio::test]
async fn the_seed_decides_which_requests_fail() {
    let run = async |seed| {
        let options = Options::default().conversations_per_day(5).seed(seed);
        let bench = Bench::start(options.fault(Fault::Errors(30)).fault(Fault::Html(20))).await;
        let mut kinds = Vec::new();
        for offset in 0..30 {
            let response = v3(&bench, offset, 10).send().await.unwrap();
            kinds.push((response.status(), response.headers()["content-type"].clone()));
        }
        kinds
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    let pages = first
        .iter()
        .filter(|(status, kind)| *status == StatusCode::OK && *kind != "text/html; charset=utf-8")
        .count();
    assert!((8..26).contains(&pages), "{pages} of 30");
}

#[tokio::test]
async fn the_answer_can_be_an_html_page() {
    let response = answer(Fault::Html(100)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert!(response.text().await.unwrap().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn the_answer_can_be_an_error_with_a_good_status() {
    let response = answer(Fault::ErrorBody(100)).await;
    assert_eq!(response.status(), StatusCode::OK);
    let body = response.text().await.unwrap();
    assert_eq!(body, r#"{"errors":[{"msg":"Internal Server Error","code":500}]}"#);
}

#[tokio::test]
async fn the_answer_can_be_no_json() {
    let response = answer(Fault::NotJson(100)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    let body = response.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&body).is_err(), "{body}");
}

#[tokio::test]
async fn the_answer_can_lead_elsewhere() {
    let mut bench = faulty(&[Fault::Redirect(100)]).await;
    bench.client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    let response = v3(&bench, 0, 10).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::FOUND);
    assert_eq!(response.headers()["location"], "https://elsewhere.example.com");
}

#[tokio::test]
async fn the_answer_can_be_cut_in_the_middle() {
    let bench = faulty(&[Fault::Cut(100)]).await;
    let mut response = v3(&bench, 0, 10).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let promised = response.content_length().unwrap();
    let mut sent = 0;
    let error = loop {
        match response.chunk().await {
            Ok(chunk) => sent += chunk.expect("the whole answer").len() as u64,
            Err(error) => break error,
        }
    };
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(sent, promised / 2);
    for _ in 0..2 {
        assert!(v3(&bench, 0, 10).send().await.unwrap().bytes().await.is_err());
    }
    assert_eq!(rows(&v3_page(&bench, 0, 10).await).len(), 10);
}

#[tokio::test]
async fn the_connection_can_be_closed_without_an_answer() {
    let bench = faulty(&[Fault::Reset(100)]).await;
    for _ in 0..3 {
        let error = v3(&bench, 0, 10).send().await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
    }
    assert_eq!(rows(&v3_page(&bench, 0, 10).await).len(), 10);
    assert_eq!(bench.simulator.requests(), 4);
}

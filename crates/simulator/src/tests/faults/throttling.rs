//! Requests that are too many.

use chrono::{DateTime, Utc};
use reqwest::{Response, StatusCode};

use super::*;

const MESSAGE: &str = "You've exceeded the per-minute rate limit";

async fn sent(bench: &Bench) -> Response {
    v3(bench, 0, 10).send().await.unwrap()
}

fn retry_after(response: &Response) -> Option<&str> {
    response
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap())
}

async fn says_so(response: Response) {
    let body: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(body["errors"][0], json!({"msg": MESSAGE, "code": 429}));
}

/// The first throttled answer, which must be the third.
async fn third(fault: Fault) -> Response {
    let bench = faulty(&[fault]).await;
    for _ in 0..2 {
        good(v3(&bench, 0, 10)).await;
    }
    let third = sent(&bench).await;
    good(v3(&bench, 0, 10)).await;
    third
}

#[tokio::test]
async fn a_minute_has_so_many_requests() {
    let bench = faulty(&[Fault::Throttle(3)]).await;
    for offset in 0..3 {
        v3_page(&bench, offset, 10).await;
    }
    for _ in 0..5 {
        let response = sent(&bench).await;
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        let seconds: u64 = retry_after(&response).unwrap().parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        says_so(response).await;
    }
}

#[tokio::test]
async fn every_third_request_can_be_throttled() {
    let response = third(Fault::ThrottleBurst(3)).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(retry_after(&response), Some("1"));
    says_so(response).await;
}

#[tokio::test]
async fn the_time_to_come_again_can_be_a_date() {
    let before = Utc::now();
    let response = third(Fault::ThrottleDate(3)).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let told = retry_after(&response).unwrap();
    assert!(told.ends_with(" GMT"), "{told}");
    let until = DateTime::parse_from_rfc2822(told).unwrap();
    assert!(until > before + chrono::TimeDelta::seconds(1), "{told}");
    assert!(until <= Utc::now() + chrono::TimeDelta::seconds(2), "{told}");
}

#[tokio::test]
async fn the_time_to_come_again_can_be_untold() {
    let response = third(Fault::ThrottleSilent(3)).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(retry_after(&response), None);
    says_so(response).await;
}

#[tokio::test]
async fn throttling_can_be_told_by_the_body_alone() {
    let response = third(Fault::ThrottleText(3)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(retry_after(&response), None);
    says_so(response).await;
}

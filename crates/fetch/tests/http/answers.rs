//! What the client makes of one answer.

use axum::response::{IntoResponse, Redirect};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use korelake_fetch::{ClientOptions, Credentials, Error, Scheme};
use serde_json::{Map, Value};

use crate::server::{EMPTY_PAGE, Received, SECRET, Server, answer};

/// Answers like Kore.ai: a token signed with another secret is refused.
fn gatekeeper(request: Received) -> axum::response::Response {
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    match decode::<Map<String, Value>>(request.header("auth"), &key, &Validation::new(Algorithm::HS256)) {
        Ok(token) if token.claims["appId"] == "cs-1" => answer(200, EMPTY_PAGE),
        _ => answer(401, r#"{"errors":[{"msg":"Invalid JWT token","code":4002}]}"#),
    }
}

#[tokio::test]
async fn wrong_secret_is_a_matter_of_credentials() {
    let server = Server::start(gatekeeper).await;
    assert_eq!(server.ask().await.unwrap().total, Some(0));
    let error = server
        .ask_as(ClientOptions::new(Credentials::app("cs-1", "wrong")))
        .await
        .unwrap_err();
    assert!(error.is_credentials(), "{error:?}");
    assert!(matches!(&error, Error::Credentials { status: 401, message } if message == "Invalid JWT token"));
    assert!(error.hint().unwrap().contains("client_secret"));
}

#[tokio::test]
async fn request_carries_identity_token_and_window() {
    let server = Server::start(|_| EMPTY_PAGE).await;
    server
        .ask_as(ClientOptions::new(Credentials::Token("abc".into())).scheme(Scheme::Bearer))
        .await
        .unwrap();
    let request = server.received().remove(0);
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("POST", "/qualityai/app/st-1/rawdata")
    );
    let headers = ["auth", "accountId", "orgId", "content-type"].map(|name| request.header(name));
    assert_eq!(
        headers,
        [
            "Bearer abc",
            "0123456789abcdef01234567",
            "o-1",
            "application/json"
        ]
    );
    assert_eq!(
        request.header("user-agent"),
        concat!("korelake/", env!("CARGO_PKG_VERSION"))
    );
    assert_eq!(request.header("authorization"), "");
    assert_eq!(
        (&request.body["startDate"], &request.body["limit"]),
        (&"2026-03-23 00:00:00".into(), &10.into())
    );
}

#[tokio::test]
async fn success_with_an_error_body_is_an_error() {
    let server = Server::start(|_| r#"{"errors":[{"msg":"No such stream","code":404}]}"#).await;
    let error = server.error().await;
    assert!(matches!(&error, Error::ErrorBody { message, code: Some(404) } if message == "No such stream"));
    assert!(!error.is_credentials());
}

#[tokio::test]
async fn status_of_failure_quotes_the_server() {
    let server =
        Server::start(|_| answer(412, r#"{"errors":[{"msg":"Validation errors","code":412}]}"#)).await;
    let error = server.error().await;
    assert_eq!(error.to_string(), "the server answers 412: Validation errors");
    let server = Server::start(|_| answer(502, "<html><title>Bad Gateway</title>")).await;
    assert_eq!(
        server.error().await.to_string(),
        r#"the server answers 502: an HTML page titled "Bad Gateway""#
    );
    let server = Server::start(|_| answer(500, "x".repeat(1_000_000))).await;
    assert!(server.error().await.to_string().chars().count() < 350);
}

#[tokio::test]
async fn html_is_recognised_whatever_the_status() {
    let server = Server::start(|_| "<!DOCTYPE html><html><head><title>Sign in</title></head></html>").await;
    let error = server.error().await;
    assert!(
        matches!(&error, Error::Html { title: Some(title) } if title == "Sign in"),
        "{error:?}"
    );
    assert!(error.hint().unwrap().contains("login"));
}

#[tokio::test]
async fn redirect_is_not_followed_and_names_its_host() {
    let elsewhere = Server::start(|_| EMPTY_PAGE).await;
    let target = format!("{}/login?next=1", elsewhere.address);
    let server = Server::start(move |_| Redirect::temporary(&target).into_response()).await;
    match server.error().await {
        Error::Redirect {
            status: 307,
            target_host,
        } => assert_eq!(target_host, elsewhere.address),
        other => panic!("{other:?}"),
    }
    assert_eq!((server.received().len(), elsewhere.received().len()), (1, 0));

    let server = Server::start(|_| Redirect::permanent("/v2").into_response()).await;
    let error = server.error().await;
    assert!(error.to_string().ends_with(&server.address), "{error}");
    let server = Server::start(|_| answer(304, "")).await;
    assert!(matches!(server.error().await, Error::Status { status: 304, .. }));
}

#[tokio::test]
async fn deeply_nested_record_arrives_whole() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let body = format!(r#"{{"results":[{deep}],"hasMore":false}}"#);
    let server = Server::start(move |_| body.clone()).await;
    let page = server.ask().await.unwrap();
    assert_eq!(
        (page.count, &page.records[..]),
        (1, format!("[{deep}]").as_bytes())
    );
}

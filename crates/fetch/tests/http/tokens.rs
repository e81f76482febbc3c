//! What the client does when the server refuses its token.

use axum::response::Response;
use korelake_fetch::{Client, ClientOptions, Credentials, Error, Notice};

use crate::server::{EMPTY_PAGE, Server, answer, first_page, options, watched};

fn refusal(message: &str) -> Response {
    answer(
        401,
        format!(r#"{{"errors":[{{"msg":"{message}","code":4002}}]}}"#),
    )
}

/// Asks twice a server that gives a page first and follows `script` then. The second answer, and what was told.
async fn ask_twice<R: Fn(usize) -> Response + Clone + Send + Sync + 'static>(
    options: ClientOptions,
    script: R,
) -> (Result<(), Error>, usize, Vec<Notice>) {
    let server = Server::each(move |before| match before {
        0 => answer(200, EMPTY_PAGE),
        _ => script(before),
    })
    .await;
    let (options, notices) = watched(options);
    let client = Client::new(options).unwrap();
    first_page(&client, &server.source()).await.unwrap();
    let answered = first_page(&client, &server.source()).await.map(drop);
    let told = notices.lock().unwrap().clone();
    (answered, server.received().len(), told)
}

#[tokio::test]
async fn token_that_had_worked_is_replaced_once() {
    let (answered, requests, notices) = ask_twice(options(), |before| match before {
        1 => refusal("Invalid JWT token"),
        _ => answer(200, EMPTY_PAGE),
    })
    .await;
    answered.unwrap();
    assert_eq!(requests, 3);
    assert_eq!(notices, [Notice::TokenRenewed]);
}

#[tokio::test]
async fn code_of_a_bad_token_renews_it_whatever_the_status() {
    let (answered, requests, notices) = ask_twice(options(), |before| match before {
        1 => answer(200, r#"{"errors":[{"msg":"Invalid JWT token","code":4002}]}"#),
        _ => answer(200, EMPTY_PAGE),
    })
    .await;
    answered.unwrap();
    assert_eq!((requests, notices), (3, vec![Notice::TokenRenewed]));
}

#[tokio::test]
async fn second_refusal_is_final_and_quoted() {
    let (answered, requests, _) = ask_twice(options(), |before| match before {
        1 => refusal("jwt expired"),
        _ => refusal("Invalid SDK credentials"),
    })
    .await;
    assert_eq!(
        answered.unwrap_err().to_string(),
        "the server refuses these credentials (401): Invalid SDK credentials"
    );
    assert_eq!(requests, 3);
}

#[tokio::test]
async fn missing_scope_is_not_mended_by_a_new_token() {
    let (answered, requests, notices) =
        ask_twice(options(), |_| refusal("Permission denied. Scope is incorrect!")).await;
    assert!(answered.unwrap_err().is_scope());
    assert_eq!((requests, notices), (2, vec![]));
}

#[tokio::test]
async fn ready_made_token_is_not_renewed() {
    let given = ClientOptions::new(Credentials::Token("abc".into()));
    let (answered, requests, notices) = ask_twice(given, |_| refusal("jwt expired")).await;
    assert!(answered.unwrap_err().is_credentials());
    assert_eq!((requests, notices), (2, vec![]));
}

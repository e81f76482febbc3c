//! No error and no `Debug` shows a token or a secret, also where the server repeats them.

use std::error::Error as _;

use axum::response::IntoResponse;
use futures::StreamExt;
use korelake_fetch::{Client, ClientOptions, Credentials, Error, PageOptions, Query, Secret, pages};

use crate::server::{Received, SECRET, Server, answer, endpoint, options, quick, watched, window};

const TOKEN: &str = "ready-made-token-0123456789-that-is-longer-than-what-is-shown-of-a-key";

/// Everything that can be printed of an error.
fn printed(error: &Error) -> String {
    let mut text = format!("{error} {error:?} {error:#?} {:?}", error.hint());
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

fn assert_clean(text: &str, secrets: &[&str]) {
    for secret in secrets {
        // A beginning of it would be too much already.
        assert!(!text.contains(&secret[..12]), "{secret} in {text}");
    }
}

/// Answers that repeat `token` and the secret in every place an error could quote.
fn parrot(place: usize, token: &str) -> axum::response::Response {
    let said = format!("{} token {token} secret {SECRET}", "x".repeat(place % 7 * 40));
    match place {
        0..7 => answer(401, format!(r#"{{"errors":[{{"msg":"{said}","code":4002}}]}}"#)),
        7..14 => answer(500, said),
        14 => answer(403, format!("<html><title>{said}</title>")),
        15 => answer(200, format!(r#"{{"errors":[{{"msg":"{said}"}}]}}"#)),
        16 => answer(200, format!("<title>{said}</title>")),
        17 => answer(200, format!(r#"{{"{token}":1}}"#)),
        18 => answer(200, format!(r#"{{"{SECRET}":1,"results":{{"{token}":1}}}}"#)),
        19 => answer(200, format!(r#"{{"results":[],"totalResults":"{token}"}}"#)),
        20 => answer(200, format!(r#"{{"results":[],"hasMore":"{SECRET}"}}"#)),
        21 => answer(200, format!(r#"["{said}"]"#)),
        22 => answer(200, format!(r#"{{"results":[{token}]}}"#)),
        23 => answer(200, format!(r#"{{"results":["{said}"#)),
        _ => (
            axum::http::StatusCode::FOUND,
            [("location", format!("http://u:{token}@{SECRET}.example/{token}"))],
        )
            .into_response(),
    }
}

#[tokio::test]
async fn nothing_printed_holds_a_token_or_a_secret() {
    for place in 0..25 {
        let server = Server::start(move |request: Received| parrot(place, request.header("auth"))).await;
        let (watched_options, notices) = watched(options().retry(quick(2)));
        let client = Client::new(watched_options).unwrap();
        let query = Query::new(&endpoint(|_| ()), &server.source(), window());
        let all = pages(&client, &query, &PageOptions::default());
        let answers: Vec<_> = all.collect().await;
        let error = answers[0].as_ref().unwrap_err();
        let token = server.received()[0].header("auth").to_owned();
        assert_eq!(token.split('.').count(), 3, "{token}");
        assert_clean(&printed(error), &[&token, SECRET]);
        assert_clean(
            &format!("{client:?} {client:#?} {:?}", options()),
            &[&token, SECRET],
        );

        for notice in notices.lock().unwrap().iter() {
            assert_clean(&format!("{notice} {notice:?}"), &[&token, SECRET]);
        }

        let given = ClientOptions::new(Credentials::Token(TOKEN.into())).retry(quick(2));
        assert_clean(
            &format!("{given:?} {:?}", Client::new(given.clone()).unwrap()),
            &[TOKEN],
        );
        assert_clean(&printed(&server.ask_as(given).await.unwrap_err()), &[TOKEN]);
    }
}

#[tokio::test]
async fn lost_connections_hold_no_token_either() {
    let given = || ClientOptions::new(Credentials::Token(TOKEN.into())).retry(quick(2));
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        "nonsense\r\n\r\n",
    ] {
        let server = Server::raw(bytes).await;
        assert_clean(&printed(&server.ask_as(given()).await.unwrap_err()), &[TOKEN]);
    }
    let unsendable = Client::new(ClientOptions::new(Credentials::Token(
        format!("{TOKEN}\n").into(),
    )))
    .unwrap_err();
    assert_clean(&printed(&unsendable), &[TOKEN]);
}

#[test]
fn secret_is_read_from_text_and_printed_as_redacted() {
    let secret: Secret = serde_json::from_str(r#""correct-horse-battery""#).unwrap();
    assert_eq!(secret.expose(), SECRET);
    assert_eq!(format!("{secret:?} {secret:#?}"), "[redacted] [redacted]");
}

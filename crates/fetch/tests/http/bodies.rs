//! Bodies that are compressed, too large, damaged or never end.

use std::io::Write;

use axum::response::IntoResponse;
use flate2::{Compression, write::GzEncoder};
use korelake_fetch::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::server::{EMPTY_PAGE, Received, Server, options, quick};

fn gzip(text: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for _ in 0..times {
        encoder.write_all(text).unwrap();
    }
    encoder.finish().unwrap()
}

#[tokio::test]
async fn gzip_bomb_is_refused_at_the_limit() {
    let bomb = gzip(&[b' '; 1 << 20], 64);
    assert!(bomb.len() < 100_000);
    let server = Server::start(move |_| ([("content-encoding", "gzip")], bomb.clone())).await;
    match server
        .ask_as(options().max_body_bytes(1 << 20))
        .await
        .unwrap_err()
    {
        Error::BodyTooLarge { limit } => assert_eq!(limit, 1 << 20),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn announced_length_over_the_limit_is_refused() {
    let server = Server::start(|_| EMPTY_PAGE).await;
    let length = EMPTY_PAGE.len();
    assert!(matches!(
        server.ask_as(options().max_body_bytes(length - 1)).await,
        Err(Error::BodyTooLarge { .. })
    ));
    assert_eq!(
        server
            .ask_as(options().max_body_bytes(length))
            .await
            .unwrap()
            .body_bytes,
        length
    );
}

#[tokio::test]
async fn page_is_read_in_each_encoding_that_is_asked_for() {
    let mut brotli = Vec::new();
    brotli::BrotliCompress(&mut EMPTY_PAGE.as_bytes(), &mut brotli, &Default::default()).unwrap();
    let encodings = [
        ("gzip", gzip(EMPTY_PAGE.as_bytes(), 1)),
        ("br", brotli),
        (
            "zstd",
            zstd::stream::encode_all(EMPTY_PAGE.as_bytes(), 3).unwrap(),
        ),
        ("identity", EMPTY_PAGE.into()),
    ];
    for (name, packed) in encodings {
        let server = Server::start(move |_| ([("content-encoding", name)], packed.clone())).await;
        assert_eq!(server.ask().await.unwrap().body_bytes, EMPTY_PAGE.len(), "{name}");
        assert_eq!(server.received()[0].header("accept-encoding"), "gzip, br, zstd");
    }
}

#[tokio::test]
async fn unknown_encoding_is_final_and_named() {
    for name in ["deflate", "gzip, br"] {
        let server = Server::start(move |_| ([("content-encoding", name)], EMPTY_PAGE)).await;
        let error = server.ask_as(options().retry(quick(3))).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the answer is encoded as {name:?}, which is unknown")
        );
        assert_eq!(server.received().len(), 1);
    }
}

#[tokio::test]
async fn compressed_body_that_ends_early_is_cut_and_asked_for_again() {
    let packed = gzip(EMPTY_PAGE.as_bytes(), 1);
    let script = move |before| {
        let length = if before == 0 {
            packed.len() - 5
        } else {
            packed.len()
        };
        ([("content-encoding", "gzip")], packed[..length].to_vec())
    };
    let server = Server::each(script.clone()).await;
    let error = server.error().await;
    assert!(
        matches!(error, Error::Cut { .. }) && error.is_transient(),
        "{error:?}"
    );
    let server = Server::each(script).await;
    assert_eq!(
        server.ask_as(options().retry(quick(2))).await.unwrap().total,
        Some(0)
    );
}

#[tokio::test]
async fn damaged_body_is_asked_for_again() {
    let packed = gzip(EMPTY_PAGE.as_bytes(), 1);
    let script = move |before| {
        let mut packed = packed.clone();
        packed[0] ^= u8::from(before == 0);
        ([("content-encoding", "gzip")], packed)
    };
    let server = Server::each(script.clone()).await;
    let error = server.error().await;
    assert!(
        matches!(error, Error::Damaged { encoding: "gzip", .. }),
        "{error:?}"
    );
    let server = Server::each(script).await;
    assert_eq!(
        server.ask_as(options().retry(quick(2))).await.unwrap().total,
        Some(0)
    );
}

#[tokio::test]
async fn message_of_an_error_is_read_from_a_compressed_body() {
    let said = br#"{"errors":[{"msg":"Validation errors","code":412}]}"#;
    let server = Server::start(move |_: Received| {
        let status = axum::http::StatusCode::PRECONDITION_FAILED;
        (status, [("content-encoding", "gzip")], gzip(said, 1)).into_response()
    })
    .await;
    assert_eq!(
        server.error().await.to_string(),
        "the server answers 412: Validation errors"
    );
}

#[tokio::test]
async fn endless_body_without_a_length_is_refused_at_the_limit() {
    let body = format!("HTTP/1.1 200 OK\r\n\r\n{}", " ".repeat(300_000));
    let server = Server::raw(body).await;
    let error = server
        .ask_as(options().max_body_bytes(100_000))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::BodyTooLarge { limit: 100_000 }),
        "{error:?}"
    );
}

/// A server that sends `piece` after `head` until nobody listens, and how much of it was taken.
async fn endless(head: &'static str, piece: &'static [u8]) -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let sending = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read_u8().await;
        let mut taken = 0;
        let _ = stream.write_all(head.as_bytes()).await;
        while stream.write_all(piece).await.is_ok() {
            taken += piece.len();
        }
        taken
    });
    (address, sending)
}

#[tokio::test]
async fn endless_headers_are_refused_before_they_fill_the_memory() {
    for piece in [
        &b"x-filler: 0123456789012345678901234567890123456789\r\n"[..],
        &[b'x'; 1000],
    ] {
        let (address, sending) = endless("HTTP/1.1 200 OK\r\n", piece).await;
        let client = korelake_fetch::Client::new(options()).unwrap();
        let source = crate::server::source(&address);
        let error = crate::server::first_page(&client, &source).await.unwrap_err();
        assert!(matches!(error, Error::Cut { received: 0, .. }), "{error:?}");
        // What lies in the buffers of the system is counted as taken.
        let taken = sending.await.unwrap();
        assert!(taken < 32 << 20, "{taken}");
    }
}

#[tokio::test]
async fn more_header_lines_than_any_gateway_adds_are_refused() {
    let answer = |lines: usize| {
        let length = EMPTY_PAGE.len();
        let headers: String = (1..lines).map(|line| format!("x-{line}: 1\r\n")).collect();
        format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n{EMPTY_PAGE}")
    };
    let server = Server::raw(answer(100)).await;
    assert_eq!(server.ask().await.unwrap().total, Some(0));
    let server = Server::raw(answer(101)).await;
    assert!(matches!(server.error().await, Error::Cut { received: 0, .. }));
}

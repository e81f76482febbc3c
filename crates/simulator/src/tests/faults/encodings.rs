//! Compressed and oversized bodies.

use std::io::Read;

use reqwest::Client;

use super::*;

/// A client that decodes nothing by itself.
fn plain() -> Client {
    let builder = Client::builder().no_proxy();
    builder.no_gzip().no_brotli().no_zstd().build().unwrap()
}

#[tokio::test]
async fn bodies_can_be_compressed_where_that_is_accepted() {
    for (fault, name) in [
        (Fault::Gzip, "gzip"),
        (Fault::Brotli, "br"),
        (Fault::Zstd, "zstd"),
    ] {
        let mut bench = faulty(&[fault]).await;
        let held = held(&bench, Shape::V3);
        // This client accepts all and decodes what comes.
        assert_eq!(rows(&v3_page(&bench, 0, 20).await), held[..20], "{fault}");

        bench.client = plain();
        let accepting = v3(&bench, 0, 20).header("accept-encoding", format!("deflate, {name};q=0.8"));
        let response = accepting.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], name);
        let packed = response.bytes().await.unwrap().len();
        let response = v3(&bench, 0, 20)
            .header("accept-encoding", "identity")
            .send()
            .await
            .unwrap();
        assert!(response.headers().get("content-encoding").is_none());
        let whole = response.bytes().await.unwrap().len();
        assert!(packed * 2 < whole, "{fault}: {packed} of {whole} bytes");
    }
}

#[tokio::test]
async fn answers_that_are_no_pages_are_compressed_as_well() {
    let mut bench = faulty(&[Fault::Html(100), Fault::Gzip]).await;
    bench.client = plain();
    let request = v3(&bench, 0, 20).header("accept-encoding", "gzip");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let mut text = String::new();
    let packed = response.bytes().await.unwrap();
    flate2::read::GzDecoder::new(packed.as_ref())
        .read_to_string(&mut text)
        .unwrap();
    assert!(text.starts_with("<!DOCTYPE html>"), "{text}");
}

#[tokio::test]
async fn a_compressed_body_can_be_cut() {
    let bench = faulty(&[Fault::Cut(100), Fault::Gzip]).await;
    assert!(v3(&bench, 0, 20).send().await.unwrap().bytes().await.is_err());
}

#[tokio::test]
async fn bodies_of_large_limits_can_be_huge() {
    let bench = faulty(&[Fault::HugeAbove(20)]).await;
    let usual = v3(&bench, 0, 20).send().await.unwrap();
    assert!(usual.content_length().unwrap() < 1_000_000);

    let mut huge = v3(&bench, 0, 21).send().await.unwrap();
    assert_eq!(huge.content_length(), None, "its length is not told");
    let (mut length, mut head) = (0, Vec::new());
    while let Some(chunk) = huge.chunk().await.unwrap() {
        length += chunk.len();
        if head.len() < 1_000_000 {
            head.extend_from_slice(&chunk);
        } else {
            assert!(chunk.iter().all(|byte| *byte == b' '));
        }
    }
    assert!((80_000_000..81_000_000).contains(&length), "{length}");
    let page: Value = serde_json::from_slice(&head).unwrap();
    assert_eq!(rows(&page), held(&bench, Shape::V3)[..21]);
}

#[tokio::test]
async fn huge_bodies_can_come_as_few_compressed_bytes() {
    let mut bench = faulty(&[Fault::HugeAbove(20), Fault::Zstd]).await;
    bench.client = plain();
    let request = v3(&bench, 0, 21).header("accept-encoding", "zstd");
    let packed = request.send().await.unwrap().bytes().await.unwrap();
    assert!(packed.len() < 1_000_000, "{}", packed.len());
    let body = zstd::decode_all(packed.as_ref()).unwrap();
    assert!(body.len() > 80_000_000);
    assert!(body.ends_with(b"  "));
}

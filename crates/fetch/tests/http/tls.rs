//! Certificates: the system's, those of one's own, and those that are not trusted.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use korelake_fetch::{Client, Error};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{LazyConfigAcceptor, rustls};

use crate::server::{EMPTY_PAGE, first_page, options, quick, source};

/// An authority of our own: its certificate in PEM, and what it signs with.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, Issuer::new(params, key))
}

/// A server with a certificate of that authority. It counts connections, and remembers whether HTTP/2 was offered.
struct TlsServer {
    address: String,
    connections: Arc<AtomicUsize>,
    offered_http2: Arc<AtomicUsize>,
}

impl TlsServer {
    async fn start(issuer: &Issuer<'static, KeyPair>) -> Self {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                rustls::pki_types::PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: format!("https://{}", listener.local_addr().unwrap()),
            connections: Arc::default(),
            offered_http2: Arc::default(),
        };
        let (connections, offered_http2) = (server.connections.clone(), server.offered_http2.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let acceptor = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
                let Ok(hello) = acceptor.await else { continue };
                if hello
                    .client_hello()
                    .alpn()
                    .is_some_and(|mut names| names.any(|name| name == b"h2"))
                {
                    offered_http2.fetch_add(1, Ordering::Relaxed);
                }
                let Ok(mut stream) = hello.into_stream(config.clone()).await else {
                    continue;
                };
                let mut request = Vec::new();
                while !request.ends_with(b"}") && stream.read_buf(&mut request).await.unwrap_or(0) > 0 {}
                let length = EMPTY_PAGE.len();
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{EMPTY_PAGE}");
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        server
    }
}

#[tokio::test]
async fn certificate_of_an_own_authority_is_trusted_when_it_is_named() {
    let (pem, issuer) = authority();
    let server = TlsServer::start(&issuer).await;
    let client = Client::new(options().ca_certificates(pem.into())).unwrap();
    let page = first_page(&client, &source(&server.address)).await.unwrap();
    assert_eq!(page.total, Some(0));
    assert_eq!(server.offered_http2.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn certificate_of_an_unknown_authority_is_final_after_one_try() {
    let (_, issuer) = authority();
    let server = TlsServer::start(&issuer).await;
    // Another authority is named, so that this works on a machine without certificates too.
    let (other, _) = authority();
    let options = options().retry(quick(3)).ca_certificates(other.into());
    let error = first_page(&Client::new(options).unwrap(), &source(&server.address))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert!(error.is_certificate() && !error.is_transient(), "{error:?}");
    assert!(error.hint().unwrap().contains("ca_file"));
    assert_eq!(server.connections.load(Ordering::Relaxed), 1);
}

#[test]
fn file_without_readable_certificates_is_refused_at_once() {
    let (pem, issuer) = authority();
    let key = issuer.key().serialize_pem();
    let broken = pem.replace("MII", "AAA");
    for pem in ["", "no certificate", &key, &broken] {
        let options = options().ca_certificates(pem.into());
        let shown = format!("{options:?}");
        let error = Client::new(options).unwrap_err();
        assert!(
            matches!(error, Error::InvalidOption { name: "ca_file", .. }),
            "{pem}: {error:?}"
        );
        assert!(!shown.contains("PRIVATE"), "{shown}");
    }
    let both = format!("{key}{pem}");
    assert!(Client::new(options().ca_certificates(both.into())).is_ok());
}

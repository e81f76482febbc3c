use std::path::Path;

use super::*;
use crate::settings::Settings;
use crate::settings::tests::{client, export};

/// A private key that was made for tests and is used for nothing else.
const KEY: &str = include_str!("../../../fetch/src/auth/rs256-key-for-tests-only.pem");

/// The credentials by the lines of `[source.auth]`, in a folder with some files.
fn credentials(lines: &str) -> Result<Credentials, Failure> {
    let folder = tempfile::tempdir().unwrap();
    settings(folder.path(), lines)?.source.auth.credentials()
}

fn settings(folder: &Path, lines: &str) -> Result<Settings, Failure> {
    for (name, content) in [
        ("secret", "s3cr3t-4242\n"),
        ("secret-of-windows", "s3cr3t-4242\r\n"),
        ("secret-of-two-lines", "s3cr3t-4242\n\n"),
        ("key.pem", KEY),
        ("no-key.pem", "4242"),
        ("empty", "\n"),
        ("certificates.pem", "no certificate"),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    std::fs::write(folder.join("latin1"), b"M\xfcnchen").unwrap();
    let path = folder.join("korelake.toml");
    std::fs::write(&path, format!("[source.auth]\nclient_id = \"cs-1\"\n{lines}")).unwrap();
    // From another folder than that of the file, as all tests share one.
    Settings::resolve(&export(&["--config", path.to_str().unwrap()]).connection)
}

fn secret(credentials: &Credentials) -> &str {
    match credentials {
        Credentials::App { client_secret, .. } => client_secret.expose(),
        Credentials::Token(token) => token.expose(),
    }
}

#[test]
fn a_secret_may_stand_in_a_file_whose_path_counts_from_that_of_the_configuration() {
    for (lines, expected) in [
        ("client_secret_file = \"secret\"", "s3cr3t-4242"),
        ("client_secret_file = \"secret-of-windows\"", "s3cr3t-4242"),
        ("client_secret_file = \"secret-of-two-lines\"", "s3cr3t-4242\n"),
        ("token_file = \"secret\"", "s3cr3t-4242"),
        (
            "private_key_file = \"key.pem\"\nalgorithm = \"RS256\"",
            KEY.trim_end(),
        ),
        (
            "client_secret_file = \"key.pem\"\nalgorithm = \"RS256\"",
            KEY.trim_end(),
        ),
    ] {
        let credentials = credentials(lines).unwrap();
        assert_eq!(secret(&credentials), expected, "{lines}");
        let is_token = matches!(credentials, Credentials::Token(_));
        assert_eq!(is_token, lines.starts_with("token"), "{lines}");
        assert!(!format!("{credentials:?}").contains("4242"));
    }
}

#[test]
fn a_private_key_signs() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "private_key_file = \"key.pem\"\nalgorithm = \"RS256\"\njti = true";
    let settings = settings(folder.path(), lines).unwrap();
    let shown = format!("{:?}", client(&settings).unwrap());
    assert!(
        shown.contains("algorithm: RS256") && shown.contains("jti: true"),
        "{shown}"
    );
}

#[test]
fn what_cannot_be_the_secret_is_refused_by_the_name_of_its_setting() {
    for (lines, message, hint) in [
        (
            "client_secret_file = \"missing\"",
            "source.auth.client_secret_file names ",
            "check the path and who may read it; in korelake.toml a path counts from the folder of that file",
        ),
        (
            "token_file = \"latin1\"",
            "the file that source.auth.token_file names is not text in UTF-8",
            "it holds the secret and nothing else",
        ),
        (
            "client_secret_file = \"empty\"",
            "source.auth.client_secret_file is empty",
            "check what the setting holds",
        ),
        (
            "token = \"\"",
            "source.auth.token is empty",
            "check what the setting holds",
        ),
        (
            "private_key_file = \"no-key.pem\"\nalgorithm = \"RS256\"",
            "source.auth.private_key_file is not an RSA private key in PEM",
            "check what the setting holds",
        ),
        (
            "private_key_file = \"key.pem\"",
            "source.auth.private_key_file is of no use for HS256",
            "algorithm = \"RS256\"",
        ),
        (
            "client_secret = \"4242\"\njti = true\nlifetime_seconds = 7200",
            "source.auth.lifetime_seconds must not be over 3600 with jti",
            "correct it under [source.auth]",
        ),
        (
            "client_secret = \"4242\"\ntoken = \"4242\"",
            "source.auth has both `token` and `client_secret`",
            "keep the one that is meant",
        ),
        (
            "client_secret = \"4242\"\nprivate_key_file = \"key.pem\"",
            "source.auth has both `client_secret` and `private_key_file`",
            "keep the one that is meant",
        ),
        (
            "client_secret_file = \"secret\"\ntoken_file = \"secret\"",
            "source.auth has both `token_file` and `client_secret_file`",
            "keep the one that is meant",
        ),
        (
            "token = \"4242\"\n[source]\nca_file = \"missing.pem\"",
            "source.ca_file names ",
            "check the path",
        ),
        (
            "token = \"4242\"\n[source]\nca_file = \"certificates.pem\"",
            "the file that source.ca_file names holds no certificates in PEM",
            "BEGIN CERTIFICATE",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let failure = settings(folder.path(), lines).and_then(|settings| client(&settings));
        let failure = failure.map(drop).unwrap_err();
        assert!(failure.message().starts_with(message), "{}", failure.message());
        assert!(failure.hint().unwrap().contains(hint), "{:?}", failure.hint());
        assert_eq!(failure.exit(), crate::exit::Exit::Usage);
        assert!(!format!("{failure:?}").contains("4242"), "{failure:?}");
    }
}

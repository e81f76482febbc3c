use std::time::Duration;

use chrono::{TimeDelta, TimeZone};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use rsa::{
    RsaPrivateKey,
    pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey},
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};
use serde_json::{Map, Value, json};

use super::*;
use crate::Error;

/// Made for these tests by `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`, and known to no server.
const TEST_KEY: &str = include_str!("rs256-key-for-tests-only.pem");

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 23, 12, 0, 0).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

/// The usual app, with changes to its settings.
struct App {
    secret: String,
    claims: Value,
    algorithm: Algorithm,
    lifetime: Duration,
    jti: bool,
}

impl Default for App {
    fn default() -> Self {
        Self {
            secret: "key".to_owned(),
            claims: json!({}),
            algorithm: Algorithm::HS256,
            lifetime: Duration::from_secs(3600),
            jti: false,
        }
    }
}

impl App {
    fn credentials(self) -> Credentials {
        Credentials::App {
            client_id: "cs-1".to_owned(),
            client_secret: self.secret.into(),
            claims: self.claims.as_object().unwrap().clone(),
            algorithm: self.algorithm,
            lifetime: self.lifetime,
            jti: self.jti,
        }
    }

    fn auth(self) -> Auth {
        Auth::new(self.credentials(), Scheme::Bare).unwrap()
    }

    fn refusal(self) -> Error {
        Auth::new(self.credentials(), Scheme::Bare).unwrap_err()
    }
}

fn rs256(secret: &str) -> App {
    App {
        secret: secret.to_owned(),
        algorithm: Algorithm::RS256,
        ..App::default()
    }
}

fn verified(token: &Secret, key: &DecodingKey, algorithm: jsonwebtoken::Algorithm) -> Map<String, Value> {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token.expose(), key, &validation).unwrap().claims
}

fn claims_of(token: &Secret) -> Map<String, Value> {
    let key = DecodingKey::from_secret(b"key");
    verified(token, &key, jsonwebtoken::Algorithm::HS256)
}

fn text(auth: &Auth, now: DateTime<Utc>) -> String {
    auth.token(now).unwrap().expose().to_owned()
}

#[test]
fn token_carries_app_subject_and_an_hour() {
    let token = Auth::new(Credentials::app("cs-1", "key"), Scheme::Bare)
        .unwrap()
        .token(noon())
        .unwrap();
    let issued = noon().timestamp();
    let expected = json!({"sub": "korelake", "appId": "cs-1", "iat": issued, "exp": issued + 3600});
    assert_eq!(Value::Object(claims_of(&token)), expected);
    let header = decode_header(token.expose()).unwrap();
    assert_eq!(
        (header.typ.as_deref(), header.alg),
        (Some("JWT"), jsonwebtoken::Algorithm::HS256)
    );
}

#[test]
fn configured_claims_and_algorithm_are_used() {
    let app = App {
        claims: json!({"sub": "jane", "aud": ["a"], "appId": "cs-2", "jti": "fixed"}),
        algorithm: Algorithm::HS512,
        lifetime: Duration::from_secs(10),
        ..App::default()
    };
    let token = app.auth().token(noon()).unwrap();
    let key = DecodingKey::from_secret(b"key");
    let claims = verified(&token, &key, jsonwebtoken::Algorithm::HS512);
    let issued = noon().timestamp();
    let expected = json!({
        "sub": "jane", "aud": ["a"], "appId": "cs-2", "jti": "fixed", "iat": issued, "exp": issued + 10
    });
    assert_eq!(Value::Object(claims), expected);
}

#[test]
fn token_signed_by_a_private_key_is_verified_by_the_public_one() {
    let key = RsaPrivateKey::from_pkcs8_pem(TEST_KEY).unwrap();
    let public = key.to_public_key().to_pkcs1_der().unwrap();
    let public = DecodingKey::from_rsa_der(public.as_bytes());
    let spellings = [
        TEST_KEY.to_owned(),
        TEST_KEY.replace('\n', "\r\n"),
        format!("\n  {TEST_KEY}\n\n"),
        key.to_pkcs1_pem(LineEnding::LF).unwrap().to_string(),
    ];
    for spelling in spellings {
        let token = rs256(&spelling).auth().token(noon()).unwrap();
        let claims = verified(&token, &public, jsonwebtoken::Algorithm::RS256);
        assert_eq!(claims["exp"], noon().timestamp() + 3600);
    }
}

#[test]
fn private_key_that_cannot_sign_is_refused_without_being_quoted() {
    let short = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 512).unwrap();
    let short = short.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    let key = RsaPrivateKey::from_pkcs8_pem(TEST_KEY).unwrap();
    let public = key.to_public_key().to_pkcs1_pem(LineEnding::LF).unwrap();
    let unusable = [
        "a client secret".to_owned(),
        TEST_KEY[..TEST_KEY.len() / 2].to_owned(),
        TEST_KEY.replacen("/", "A", 1),
        TEST_KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        public,
        short,
    ];
    for pem in unusable {
        let error = rs256(&pem).refusal();
        assert!(
            matches!(
                error,
                Error::InvalidOption {
                    name: "client_secret",
                    ..
                }
            ),
            "{error}"
        );
        let shown = format!("{error} {error:?}");
        for line in pem.lines().filter(|line| !line.starts_with('-')) {
            assert!(!shown.contains(line), "{line} in {shown}");
        }
    }
}

#[test]
fn token_is_reused_until_shortly_before_it_expires() {
    let auth = App::default().auth();
    let first = text(&auth, at(0));
    assert_eq!(text(&auth, at(3539)), first);
    let second = text(&auth, at(3540));
    assert_ne!(second, first);
    assert_eq!(text(&auth, at(3541)), second);
}

#[test]
fn token_of_a_few_seconds_is_still_used_for_half_of_them() {
    let app = App {
        lifetime: Duration::from_secs(10),
        ..App::default()
    };
    let auth = app.auth();
    let first = text(&auth, at(0));
    assert_eq!(text(&auth, at(4)), first);
    assert_ne!(text(&auth, at(5)), first);
}

#[test]
fn each_token_has_a_jti_of_its_own_where_the_app_enforces_it() {
    let app = App {
        jti: true,
        ..App::default()
    };
    let auth = app.auth();
    let mut seen = std::collections::HashSet::new();
    for second in 0..100 {
        let claims = claims_of(&auth.token(at(second)).unwrap());
        let jti = claims["jti"].as_str().unwrap().to_owned();
        assert!(
            jti.len() == 32 && jti.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{jti}"
        );
        assert_eq!(claims["iat"], at(second).timestamp());
        assert_eq!(claims["exp"], at(second).timestamp() + 3600);
        assert!(seen.insert(jti));
    }
}

#[test]
fn refused_token_is_renewed_once_for_all_who_report_it() {
    let auth = App::default().auth();
    let old = auth.token(noon()).unwrap();
    auth.worked(&old);
    assert!(auth.renew(&old, false) != Renewal::Pointless);
    let new = auth.token(noon()).unwrap();
    assert_ne!(
        new.expose(),
        old.expose(),
        "a copy of the refused token helps nobody"
    );
    assert!(
        auth.renew(&old, false) != Renewal::Pointless,
        "the late one can try the new token"
    );
    assert_eq!(
        text(&auth, noon()),
        new.expose(),
        "which the late report leaves alone"
    );
}

#[test]
fn tokens_renewed_within_one_second_all_differ_and_still_expire_in_time() {
    for lifetime in [2, 10, 3600] {
        let app = App {
            lifetime: Duration::from_secs(lifetime),
            ..App::default()
        };
        let auth = app.auth();
        let mut seen = std::collections::HashSet::new();
        for renewal in 0..200 {
            let token = auth.token(noon()).unwrap();
            let life = claims_of(&token)["exp"].as_i64().unwrap() - noon().timestamp();
            assert!(
                (lifetime as i64 / 2..=lifetime as i64).contains(&life),
                "{life} of {lifetime}"
            );
            let is_new = seen.insert(token.expose().to_owned());
            assert!(is_new || renewal >= (lifetime / 2).min(60), "renewal {renewal}");
            auth.worked(&token);
            assert!(auth.renew(&token, false) != Renewal::Pointless);
        }
    }
}

#[test]
fn refused_token_is_final_unless_one_has_worked() {
    let auth = App::default().auth();
    let token = auth.token(noon()).unwrap();
    assert!(
        auth.renew(&token, false) == Renewal::Pointless,
        "wrong from the beginning"
    );
    assert_eq!(text(&auth, noon()), token.expose());

    let ready_made = Auth::new(Credentials::Token("abc".into()), Scheme::Bare).unwrap();
    let token = ready_made.token(noon()).unwrap();
    ready_made.worked(&token);
    assert!(
        ready_made.renew(&token, false) == Renewal::Pointless,
        "there is no other"
    );
}

#[test]
fn refused_token_with_jti_is_worth_another_once_one_has_worked() {
    let app = App {
        jti: true,
        ..App::default()
    };
    let auth = app.auth();
    let token = auth.token(noon()).unwrap();
    assert!(auth.renew(&token, false) == Renewal::Pointless);
    auth.worked(&token);
    assert_ne!(
        auth.renew(&auth.token(noon()).unwrap(), false),
        Renewal::Pointless
    );
}

#[test]
fn ready_made_token_is_sent_as_it_is() {
    let auth = Auth::new(Credentials::Token("abc".into()), Scheme::Bare).unwrap();
    let token = auth.token(noon() + TimeDelta::days(10_000)).unwrap();
    assert_eq!(auth.header(&token).expose(), "abc");
    let auth = Auth::new(Credentials::Token("abc".into()), Scheme::Bearer).unwrap();
    assert_eq!(auth.header(&token).expose(), "Bearer abc");
}

#[test]
fn credentials_that_cannot_work_are_refused_at_once() {
    let refused = |credentials| Auth::new(credentials, Scheme::Bare).unwrap_err();
    let unsendable = ["line\nbreak", "abc\r\n", "tökén", "nul\0", "tab\t"];
    for token in unsendable {
        let error = refused(Credentials::Token(token.into()));
        assert!(
            matches!(error, Error::UnsendableToken) && error.is_credentials(),
            "{token:?}"
        );
    }
    let changed = |change: fn(&mut App)| {
        let mut app = App::default();
        change(&mut app);
        app.credentials()
    };
    let incomplete = [
        (Credentials::Token("".into()), "token"),
        (Credentials::app("", "key"), "client_id"),
        (Credentials::app("cs-1", ""), "client_secret"),
        (changed(|app| app.lifetime = Duration::ZERO), "lifetime_seconds"),
        (changed(|app| app.lifetime = Duration::MAX), "lifetime_seconds"),
        (
            changed(|app| (app.jti, app.lifetime) = (true, Duration::from_secs(3601))),
            "lifetime_seconds",
        ),
        (changed(|app| app.claims = json!({"exp": 1})), "claims"),
        (
            changed(|app| (app.jti, app.claims) = (true, json!({"jti": "a"}))),
            "claims",
        ),
    ];
    for (credentials, expected) in incomplete {
        match refused(credentials) {
            Error::InvalidOption { name, .. } => assert_eq!(name, expected),
            other => panic!("{expected}: {other}"),
        }
    }
}

#[test]
fn debug_shows_neither_secret_nor_token_nor_claims() {
    let hmac = App {
        claims: json!({"pin": "k3y-claim"}),
        ..App::default()
    };
    let rsa = App {
        claims: json!({"pin": "k3y-claim"}),
        ..rs256(TEST_KEY)
    };
    for credentials in [hmac.credentials(), rsa.credentials()] {
        let auth = Auth::new(credentials.clone(), Scheme::Bare).unwrap();
        let token = auth.token(noon()).unwrap();
        let shown = format!(
            "{auth:?} {credentials:?} {:?} {:?}",
            Credentials::Token(token.clone()),
            auth.header(&token)
        );
        let key_line = TEST_KEY.lines().nth(1).unwrap();
        for hidden in [token.expose(), "\"key\"", "k3y-claim", key_line, "PRIVATE"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(shown.contains("[redacted]") && shown.contains("pin"));
    }
}

#[test]
fn new_token_that_others_have_used_up_is_replaced_again() {
    let auth = Auth::new(Credentials::app("cs-1", "secret"), Scheme::Bare).unwrap();
    let first = auth.token(noon()).unwrap();
    auth.worked(&first);
    assert_eq!(auth.renew(&first, false), Renewal::Replaced);
    let second = auth.token(noon()).unwrap();
    assert_eq!(
        auth.renew(&second, true),
        Renewal::Pointless,
        "it has not worked for anybody"
    );
    auth.worked(&second);
    assert_eq!(auth.renew(&second, true), Renewal::Replaced);
}

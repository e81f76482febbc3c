use chrono::TimeZone;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use serde_json::json;

use super::*;

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 23, 12, 0, 0).unwrap()
}

fn claims_of(token: &Secret, secret: &str, algorithm: jsonwebtoken::Algorithm) -> Map<String, Value> {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    decode(
        token.expose(),
        &DecodingKey::from_secret(secret.as_bytes()),
        &validation,
    )
    .unwrap()
    .claims
}

fn app(change: impl FnOnce(&mut Map<String, Value>, &mut Algorithm, &mut Duration)) -> Credentials {
    let mut credentials = Credentials::app("cs-1", "key");
    if let Credentials::App {
        claims,
        algorithm,
        lifetime,
        ..
    } = &mut credentials
    {
        change(claims, algorithm, lifetime);
    }
    credentials
}

#[test]
fn token_carries_app_subject_and_an_hour() {
    let minted = app(|_, _, _| ()).mint(noon()).unwrap();
    let claims = claims_of(&minted.token, "key", jsonwebtoken::Algorithm::HS256);
    let issued = noon().timestamp();
    let expected = json!({"sub": "korelake", "appId": "cs-1", "iat": issued, "exp": issued + 3600});
    assert_eq!(Value::Object(claims), expected);
    let header = decode_header(minted.token.expose()).unwrap();
    assert_eq!(
        (header.typ.as_deref(), header.alg),
        (Some("JWT"), jsonwebtoken::Algorithm::HS256)
    );
}

#[test]
fn configured_claims_and_algorithm_are_used() {
    let credentials = app(|claims, algorithm, lifetime| {
        claims.insert("sub".to_owned(), "jane".into());
        claims.insert("aud".to_owned(), json!(["a"]));
        *algorithm = Algorithm::HS512;
        *lifetime = Duration::from_secs(10);
    });
    let minted = credentials.mint(noon()).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::HS512);
    validation.validate_exp = false;
    validation.set_audience(&["a"]);
    let key = DecodingKey::from_secret(b"key");
    let claims = decode::<Map<String, Value>>(minted.token.expose(), &key, &validation)
        .unwrap()
        .claims;
    assert_eq!(claims["sub"], "jane");
    assert_eq!(claims["exp"], noon().timestamp() + 10);
}

#[test]
fn token_is_reused_until_shortly_before_it_expires() {
    let auth = Auth::new(app(|_, _, _| ()), Scheme::Bare).unwrap();
    let at = |seconds| {
        auth.token(noon() + TimeDelta::seconds(seconds))
            .unwrap()
            .expose()
            .to_owned()
    };
    let first = at(0);
    assert_eq!(at(3539), first);
    let second = at(3540);
    assert_ne!(second, first);
    assert_eq!(at(3541), second);
}

#[test]
fn token_of_a_few_seconds_is_still_used_for_half_of_them() {
    let auth = Auth::new(
        app(|_, _, lifetime| *lifetime = Duration::from_secs(10)),
        Scheme::Bare,
    )
    .unwrap();
    let at = |seconds| {
        auth.token(noon() + TimeDelta::seconds(seconds))
            .unwrap()
            .expose()
            .to_owned()
    };
    let first = at(0);
    assert_eq!(at(4), first);
    assert_ne!(at(5), first);
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
    let incomplete = [
        Credentials::Token("".into()),
        Credentials::app("", "key"),
        Credentials::app("cs-1", ""),
        app(|_, _, lifetime| *lifetime = Duration::ZERO),
        app(|_, _, lifetime| *lifetime = Duration::MAX),
        app(|claims, _, _| {
            claims.insert("exp".to_owned(), 1.into());
        }),
    ];
    for credentials in incomplete {
        let shown = format!("{credentials:?}");
        assert!(
            matches!(refused(credentials), Error::InvalidOption { .. }),
            "{shown}"
        );
    }
}

#[test]
fn debug_shows_neither_secret_nor_token_nor_claims() {
    let credentials = app(|claims, _, _| {
        claims.insert("pin".to_owned(), "k3y-claim".into());
    });
    let auth = Auth::new(credentials.clone(), Scheme::Bare).unwrap();
    let token = auth.token(noon()).unwrap();
    let shown = format!(
        "{auth:?} {credentials:?} {:?} {:?}",
        Credentials::Token(token.clone()),
        auth.header(&token)
    );
    for hidden in [token.expose(), "\"key\"", "k3y-claim"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
    assert!(shown.contains("[redacted]") && shown.contains("pin"));
}

//! Tokens that wear out.

use reqwest::StatusCode;

use super::super::{answer, now, refusals::refused};
use super::*;

async fn refused_with(bench: &Bench, token: &str, code: u16, message: &str) {
    let request = bench.with_token(&bench.raw_data_path(), Some(token));
    refused(request, StatusCode::UNAUTHORIZED, code, message).await;
}

async fn accepted(bench: &Bench, token: &str) {
    let (status, body) = answer(bench.with_token(&bench.raw_data_path(), Some(token))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn a_token_can_expire_after_so_many_uses() {
    let bench = faulty(&[Fault::ExpiringTokens(2)]).await;
    for name in ["first", "second"] {
        let token = bench.signed(&json!({"appId": bench.options().client_id, "sub": name}));
        for _ in 0..2 {
            accepted(&bench, &token).await;
        }
        for _ in 0..2 {
            refused_with(&bench, &token, 4002, "Invalid JWT token").await;
        }
    }
}

#[tokio::test]
async fn a_token_can_be_good_for_one_request_and_an_hour() {
    let bench = faulty(&[Fault::EnforceJti]).await;
    let signed = |jti: Value, iat: Value, exp: Value| {
        let all = json!({"appId": bench.options().client_id, "jti": jti, "iat": iat, "exp": exp});
        let given = all
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .filter(|(_, value)| !value.is_null());
        bench.signed(&given.collect::<serde_json::Map<_, _>>().into())
    };
    let (now, none) = (now(), Value::Null);
    let hour = json!(now + 3_600);
    let replay = "error verifying the jwt: possibly a replay";
    let too_long = r#"error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)"#;

    let unnamed = signed(none.clone(), json!(now), hour.clone());
    refused_with(&bench, &unnamed, 4002, "Invalid JWT token").await;
    let once = signed(json!("a"), json!(now), hour.clone());
    accepted(&bench, &once).await;
    refused_with(&bench, &once, 401, replay).await;
    let same_name = signed(json!("a"), json!(now), json!(now + 60));
    refused_with(&bench, &same_name, 401, replay).await;
    accepted(&bench, &signed(json!("b"), none.clone(), json!(now + 3_590))).await;
    for (iat, exp) in [
        (json!(now), json!(now + 3_601)),
        (json!(now - 100), hour),
        (none.clone(), json!(now + 4_000)),
        (json!(now), none),
    ] {
        refused_with(&bench, &signed(json!("c"), iat, exp), 401, too_long).await;
    }
}

//! Requests that are turned down, and the body that says so.

use jsonwebtoken::Algorithm;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::{Bench, answer, good, now, token};
use crate::Options;

pub(super) const GOOD_BODY: &str =
    r#"{"offset":0,"startDate":"2026-03-23 00:00:00","endDate":"2026-03-24 00:00:00"}"#;

pub(super) async fn refused(request: RequestBuilder, status: StatusCode, code: u16, message: &str) {
    let (got, body) = answer(request).await;
    assert_eq!(got, status, "{body}");
    assert_eq!(body["errors"][0], json!({"msg": message, "code": code}));
}

async fn invalid(request: RequestBuilder) {
    refused(
        request,
        StatusCode::PRECONDITION_FAILED,
        412,
        "Validation errors/ Invalid arguments",
    )
    .await;
}

impl Bench {
    /// A good request but for its token.
    pub(super) fn with_token(&self, path: &str, token: Option<&str>) -> RequestBuilder {
        let request = self
            .client
            .post(format!("{}{path}", self.simulator.url()))
            .header("accountId", &self.options().account_id)
            .header("orgId", &self.options().org_id)
            .body(GOOD_BODY);
        match token {
            Some(token) => request.header("auth", token),
            None => request,
        }
    }

    pub(super) fn signed(&self, claims: &Value) -> String {
        token(claims, &self.options().client_secret, Algorithm::HS256)
    }
}

#[tokio::test]
async fn tokens_are_checked_for_app_signature_and_expiry() {
    let bench = Bench::small().await;
    let path = bench.raw_data_path();
    let app = bench.options().client_id.clone();
    let unauthorized = StatusCode::UNAUTHORIZED;

    for (claims, why) in [
        (json!({"appId": app}), "no expiry is needed"),
        (
            json!({"appId": app, "sub": "korelake", "iat": now(), "exp": now() + 60}),
            "not yet expired",
        ),
        (
            json!({"appId": app, "aud": "https://example.com", "jti": "1"}),
            "other claims are no matter",
        ),
    ] {
        let (status, body) = answer(bench.with_token(&path, Some(&bench.signed(&claims)))).await;
        assert_eq!(status, StatusCode::OK, "{why}: {body}");
    }

    let unknown = "Invalid SDK credentials";
    refused(bench.with_token(&path, None), unauthorized, 4002, unknown).await;
    for claims in [json!({"appId": "cs-somebody"}), json!({"sub": "korelake"})] {
        refused(
            bench.with_token(&path, Some(&bench.signed(&claims))),
            unauthorized,
            4002,
            unknown,
        )
        .await;
    }

    let claims = json!({"appId": app});
    for bad in [
        "not a token".to_owned(),
        token(&claims, "another secret", Algorithm::HS256),
        token(&claims, &bench.options().client_secret, Algorithm::HS512),
        bench.signed(&json!({"appId": app, "exp": now() - 5})),
    ] {
        refused(
            bench.with_token(&path, Some(&bad)),
            unauthorized,
            4002,
            "Invalid JWT token",
        )
        .await;
    }
}

#[tokio::test]
async fn bearer_is_accepted_by_agent_assistance_alone() {
    let bench = Bench::small().await;
    let bearer = format!("Bearer {}", bench.token());
    let assist = format!("{}?from=2026-03-23&to=2026-03-23", bench.assist_path());
    for (path, token, expected) in [
        (assist.clone(), bearer.clone(), StatusCode::OK),
        (assist, bench.token(), StatusCode::OK),
        (bench.raw_data_path(), bearer.clone(), StatusCode::UNAUTHORIZED),
        (bench.score_path(), bearer.clone(), StatusCode::UNAUTHORIZED),
        (bench.app_path("", "rawdata"), bearer, StatusCode::UNAUTHORIZED),
    ] {
        let (status, body) = answer(bench.with_token(&path, Some(&token))).await;
        assert_eq!(status, expected, "{path}: {body}");
    }
}

#[tokio::test]
async fn headers_are_required_where_their_api_says_so() {
    let bench = Bench::small().await;
    let assist = format!("{}?from=2026-03-23&to=2026-03-23", bench.assist_path());
    let ask = |path: &str, headers: &[(&'static str, &str)]| {
        let request = bench
            .client
            .post(format!("{}{path}", bench.simulator.url()))
            .header("auth", bench.token());
        headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value))
            .body(GOOD_BODY)
    };
    let Options {
        account_id, org_id, ..
    } = bench.options();
    let (account, org) = (("accountId", account_id.as_str()), ("orgId", org_id.as_str()));
    for path in [bench.raw_data_path(), bench.score_path()] {
        invalid(ask(&path, &[account])).await;
        invalid(ask(&path, &[org])).await;
        good(ask(&path, &[account, org])).await;
    }
    invalid(ask(&assist, &[])).await;
    good(ask(&assist, &[account])).await;
    good(ask(&bench.app_path("", "rawdata"), &[])).await;
    good(ask(
        &bench.app_path("", "rawdata"),
        &[("AccountId", account_id), account],
    ))
    .await;

    let unknown = "Invalid SDK credentials";
    for (path, headers) in [
        (
            bench.raw_data_path(),
            [("accountId", "ffffffffffffffffffffffff"), org],
        ),
        (bench.raw_data_path(), [account, ("orgId", "o-other")]),
        (
            bench.app_path("", "rawdata"),
            [account, ("accountId", "ffffffffffffffffffffffff")],
        ),
    ] {
        refused(ask(&path, &headers), StatusCode::UNAUTHORIZED, 4002, unknown).await;
    }
}

#[tokio::test]
async fn unknown_bots_accounts_and_paths_are_refused() {
    let bench = Bench::small().await;
    for path in [
        "/qualityai/api/v1/public/qualitymanagement/app/st-other/rawdata",
        "/qualityai/api/v1/public/qualitymanagement/app/st-other/scorereporting",
        "/api/v1/public/qualitymanagement/app/st-other/rawdata",
        "/agentassist/api/v1/public/st-other/v2/agentassistinteractions?from=2026-03-23&to=2026-03-23",
        "/nothing/here",
    ] {
        refused(
            bench.post(path).body(GOOD_BODY),
            StatusCode::NOT_FOUND,
            404,
            "Not Found",
        )
        .await;
    }
    let account = "//api/public/QualityManagement/account/ffffffffffffffffffffffff/v1/RawData";
    let unknown = "Invalid SDK credentials";
    refused(
        bench.post(account).body(GOOD_BODY),
        StatusCode::UNAUTHORIZED,
        4002,
        unknown,
    )
    .await;
}

#[tokio::test]
async fn a_wrong_verb_is_not_allowed() {
    let bench = Bench::small().await;
    let account = &bench.options().account_id;
    for (method, path) in [
        (Method::GET, bench.raw_data_path()),
        (Method::GET, bench.score_path()),
        (Method::PUT, bench.app_path("", "rawdata")),
        (
            Method::GET,
            format!("//api/public/QualityManagement/account/{account}/v1/RawData"),
        ),
        (Method::DELETE, bench.assist_path()),
    ] {
        let request = bench
            .client
            .request(method, format!("{}{path}", bench.simulator.url()));
        refused(request, StatusCode::METHOD_NOT_ALLOWED, 405, "Method Not Allowed").await;
    }
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let bench = Bench::small().await;
    let good_body: Value = serde_json::from_str(GOOD_BODY).unwrap();
    let raw_data = bench.raw_data_path();
    for body in ["", "[]", "{", r#"{"offset": 0"page": 1}"#] {
        invalid(bench.post(&raw_data).body(body)).await;
    }
    for missing in ["offset", "startDate", "endDate"] {
        let mut body = good_body.clone();
        body.as_object_mut().unwrap().remove(missing);
        invalid(bench.post(&raw_data).body(body.to_string())).await;
    }
    for (name, value) in [
        ("offset", json!(-1)),
        ("offset", json!("0")),
        ("limit", json!(0)),
        ("limit", json!(2.5)),
        ("page", json!(0)),
        ("startDate", json!("23.03.2026")),
        ("startDate", json!("2026-03-25 00:00:00")),
        ("endDate", json!(1_774_224_000)),
        ("include_below_threshold", json!("perhaps")),
        ("contact_direction", json!("sideways")),
        ("custom_fields", json!("Region")),
    ] {
        let mut body = good_body.clone();
        body[name] = value;
        invalid(bench.post(&raw_data).body(body.to_string())).await;
    }
    let legacy = bench.app_path("", "rawdata");
    for (name, value) in [
        ("page", json!(0)),
        ("queues", json!("qu-1")),
        ("channel", json!([1])),
    ] {
        let mut body = good_body.clone();
        body[name] = value;
        invalid(bench.post(&legacy).body(body.to_string())).await;
    }
    let assist = bench.assist_path();
    for query in [
        "",
        "?from=2026-03-23",
        "?to=2026-03-23",
        "?from=x&to=2026-03-23",
        "?from=2026-03-23&to=2026-03-23&limit=-1",
        "?from=2026-03-23&to=2026-03-23&offset=first",
        "?from=2026-03-23&to=2026-03-23&includeAgenticData=maybe",
    ] {
        invalid(bench.get(&format!("{assist}{query}"))).await;
    }
    invalid(
        bench
            .post(&format!("{assist}?from=2026-03-23&to=2026-03-23"))
            .body(r#"{"sessionIds":"one"}"#),
    )
    .await;
}

#[tokio::test]
async fn a_refusal_says_what_is_wrong() {
    let bench = Bench::small().await;
    let body = r#"{"offset":0,"startDate":"2026-03-23 00:00:00"}"#;
    let (_, body) = answer(bench.post(&bench.raw_data_path()).body(body)).await;
    assert_eq!(
        body["errors"][1],
        json!({"msg": "endDate is required", "code": 412})
    );
}

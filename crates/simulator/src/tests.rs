//! The simulator over HTTP on loopback, and its records without it. Units are tested beside their code.

mod faults;
mod paging;
mod quirks;
mod records;
mod refusals;
mod service;
mod windows;

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::{Options, Simulator};

const DAY: &str = "2026-03-23";

/// A server and a client that knows its way in.
struct Bench {
    simulator: Simulator,
    client: Client,
}

impl Bench {
    async fn start(options: Options) -> Self {
        // A second test in this process finds it installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Self {
            simulator: Simulator::start(options).await.unwrap(),
            client,
        }
    }

    async fn small() -> Self {
        Self::start(Options::default().conversations_per_day(60)).await
    }

    fn options(&self) -> &Options {
        self.simulator.options()
    }

    fn token(&self) -> String {
        token(
            &json!({"appId": self.options().client_id}),
            &self.options().client_secret,
            Algorithm::HS256,
        )
    }

    fn app_path(&self, prefix: &str, api: &str) -> String {
        format!(
            "{prefix}/api/v1/public/qualitymanagement/app/{}/{api}",
            self.options().stream_id
        )
    }

    fn raw_data_path(&self) -> String {
        self.app_path("/qualityai", "rawdata")
    }

    fn score_path(&self) -> String {
        self.app_path("/qualityai", "scorereporting")
    }

    fn assist_path(&self) -> String {
        format!(
            "/agentassist/api/v1/public/{}/v2/agentassistinteractions",
            self.options().stream_id
        )
    }

    /// A POST with all headers that any API asks for.
    fn post(&self, path: &str) -> RequestBuilder {
        self.admitted(self.client.post(format!("{}{path}", self.simulator.url())))
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.admitted(self.client.get(format!("{}{path}", self.simulator.url())))
    }

    fn admitted(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header("auth", self.token())
            .header("accountId", &self.options().account_id)
            .header("orgId", &self.options().org_id)
            .header("Content-Type", "application/json")
    }
}

fn token(claims: &Value, secret: &str, algorithm: Algorithm) -> String {
    encode(
        &Header::new(algorithm),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Status and body, which is JSON in every answer.
async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    let status = response.status();
    (
        status,
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap(),
    )
}

async fn good(request: RequestBuilder) -> Value {
    let (status, body) = answer(request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn midnight(text: &str) -> DateTime<Utc> {
    day(text).and_time(NaiveTime::MIN).and_utc()
}

/// `[day, day + days)`.
fn days(first: &str, count: u64) -> (DateTime<Utc>, DateTime<Utc>) {
    (midnight(first), midnight(first) + Days::new(count))
}

fn parsed(texts: &[String]) -> Vec<Value> {
    texts
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect()
}

fn rows(body: &Value) -> Vec<Value> {
    let rows = body.get("results").or_else(|| body.get("data"));
    rows.unwrap().as_array().unwrap().clone()
}

//! Each way to misbehave, as a client meets it.

mod contents;
mod edges;
mod encodings;
mod envelopes;
mod failures;
mod paging;
mod silence;
mod throttling;
mod tokens;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{Bench, DAY, days, good, parsed, rows};
use crate::{Fault, Options, Shape};

/// Shapes whose endpoints page, each by another rule or envelope.
const SERVED: [Shape; 4] = [
    Shape::V3,
    Shape::ScoreReporting,
    Shape::Legacy,
    Shape::AgentAssist,
];

/// Sixty conversations a day, behind faults.
async fn faulty(faults: &[Fault]) -> Bench {
    let options = Options::default().conversations_per_day(60);
    Bench::start(
        faults
            .iter()
            .fold(options, |options, fault| options.fault(*fault)),
    )
    .await
}

/// The day without faults.
async fn truth(shape: Shape) -> Vec<Value> {
    held(&faulty(&[]).await, shape)
}

/// The day as the server says that it holds it.
fn held(bench: &Bench, shape: Shape) -> Vec<Value> {
    let (from, to) = days(DAY, 1);
    parsed(&bench.simulator.records(shape, from, to))
}

/// What is asked of a day beside its dates; what is null is not sent.
fn ask(bench: &Bench, shape: Shape, asked: &Value) -> RequestBuilder {
    let given = asked
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| !value.is_null());
    if shape == Shape::AgentAssist {
        let more: String = given.map(|(name, value)| format!("&{name}={value}")).collect();
        let range = format!("from={DAY}&to={DAY}&includeAgenticData=true");
        return bench.get(&format!("{}?{range}{more}", bench.assist_path()));
    }
    let path = match shape {
        Shape::ScoreReporting => bench.score_path(),
        Shape::Legacy => bench.app_path("", "rawdata"),
        _ => bench.raw_data_path(),
    };
    let mut body = json!({"startDate": "2026-03-23 00:00:00", "endDate": "2026-03-24 00:00:00"});
    if shape != Shape::Legacy {
        body["include_below_threshold"] = json!(true);
    }
    body.as_object_mut()
        .unwrap()
        .extend(given.map(|(name, value)| (name.clone(), value.clone())));
    bench.post(&path).body(body.to_string())
}

/// A request for raw data by offset.
fn v3(bench: &Bench, offset: usize, limit: usize) -> RequestBuilder {
    ask(bench, Shape::V3, &json!({"offset": offset, "limit": limit}))
}

async fn v3_page(bench: &Bench, offset: usize, limit: usize) -> Value {
    good(v3(bench, offset, limit)).await
}

/// A page by offset of an endpoint that pages so, else by the page that begins there.
async fn page(bench: &Bench, shape: Shape, offset: usize, limit: usize) -> Value {
    let asked = json!({"offset": offset, "page": offset / limit + 1, "limit": limit});
    good(ask(bench, shape, &asked)).await
}

/// Sorted, so that records can be compared whatever their order.
fn sorted(records: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = records.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

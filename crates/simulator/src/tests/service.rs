//! Starting, counting, waiting and stopping.

use std::time::Duration;

use super::refusals::GOOD_BODY;
use super::{Bench, DAY, answer, days, good, parsed, rows};
use crate::{Options, Shape, Simulator};

#[tokio::test]
async fn refused_requests_are_counted() {
    let bench = Bench::small().await;
    let _ = answer(bench.get("/nothing/here")).await;
    let _ = answer(bench.get(&bench.raw_data_path())).await;
    assert_eq!(bench.simulator.requests(), 2);
}

#[tokio::test]
async fn a_stopped_simulator_frees_its_port() {
    let bench = Bench::small().await;
    good(bench.post(&bench.raw_data_path()).body(GOOD_BODY)).await;
    let address = bench.simulator.address();
    bench.simulator.stop().await;
    let again = Simulator::start(Options::default().port(address.port()))
        .await
        .unwrap();
    assert_eq!(again.address(), address);
    assert_eq!(again.requests(), 0);
}

#[tokio::test]
async fn latency_holds_every_answer_back() {
    let bench = Bench::start(
        Options::default()
            .conversations_per_day(5)
            .latency(Duration::from_millis(40)),
    )
    .await;
    let before = tokio::time::Instant::now();
    let page = good(bench.post(&bench.raw_data_path()).body(GOOD_BODY)).await;
    assert!(before.elapsed() >= Duration::from_millis(40));
    assert!(page["totalResults"].as_u64().unwrap() > 0);
    let (from, to) = days(DAY, 1);
    assert_eq!(bench.simulator.records(Shape::V3, from, to).len(), 5);
}

#[tokio::test]
async fn each_bot_of_the_account_has_conversations_of_its_own() {
    let further = ["st-a", "st-b"].map(str::to_owned).to_vec();
    let options = Options::default().conversations_per_day(8).streams(further);
    let bench = Bench::start(options).await;
    let (from, to) = days(DAY, 1);
    let mut seen = Vec::new();
    for stream in [bench.options().stream_id.as_str(), "st-a", "st-b"] {
        let path = bench.raw_data_path().replace(&bench.options().stream_id, stream);
        let body = GOOD_BODY.replace('}', r#","include_below_threshold":true}"#);
        let page = good(bench.post(&path).body(body)).await;
        let held = bench.simulator.records_of(stream, Shape::V3, from, to);
        assert_eq!(rows(&page), parsed(&held), "{stream}");
        let path = bench.assist_path().replace(&bench.options().stream_id, stream);
        let segments = good(bench.get(&format!("{path}?from={DAY}&to={DAY}&includeAgenticData=true"))).await;
        let held_segments = bench.simulator.records_of(stream, Shape::AgentAssist, from, to);
        assert_eq!(rows(&segments), parsed(&held_segments), "{stream}");
        seen.push(held);
    }
    assert_eq!(seen[0], bench.simulator.records(Shape::V3, from, to));
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
    assert!(bench.simulator.records_of("st-c", Shape::V3, from, to).is_empty());
}

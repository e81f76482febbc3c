//! Starting, counting, waiting and stopping.

use std::time::Duration;

use super::refusals::GOOD_BODY;
use super::{Bench, DAY, answer, days, good};
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

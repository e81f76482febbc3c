//! Requests that are never answered, and what the server tells of requests that are under way.

use tokio::task::{JoinHandle, yield_now};

use super::*;

/// Sends requests that nobody answers, and returns once all of them are there.
async fn unanswered(
    bench: &Bench,
    requests: impl IntoIterator<Item = RequestBuilder>,
) -> Vec<JoinHandle<reqwest::Result<reqwest::Response>>> {
    let before = bench.simulator.requests();
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| tokio::spawn(request.send()))
        .collect();
    while bench.simulator.requests() < before + tasks.len() as u64 {
        yield_now().await;
    }
    tasks
}

#[tokio::test]
async fn a_request_can_be_left_without_an_answer() {
    let bench = faulty(&[Fault::Hang(100)]).await;
    let tasks = unanswered(&bench, [v3(&bench, 0, 10)]).await;
    bench.simulator.stop().await;
    for task in tasks {
        assert!(
            task.await.unwrap().is_err(),
            "an answer before the server stopped"
        );
    }
}

#[tokio::test]
async fn large_limits_alone_can_be_left_without_an_answer() {
    let bench = faulty(&[Fault::HangAbove(20)]).await;
    for shape in SERVED {
        assert_eq!(rows(&page(&bench, shape, 0, 20).await).len(), 20);
    }
    let requests = SERVED.map(|shape| ask(&bench, shape, &json!({"offset": 0, "limit": 21})));
    let tasks = unanswered(&bench, requests).await;
    bench.simulator.stop().await;
    for task in tasks {
        assert!(
            task.await.unwrap().is_err(),
            "an answer before the server stopped"
        );
    }
}

#[tokio::test]
async fn the_peak_of_requests_in_flight_and_their_times_are_told() {
    let bench = faulty(&[Fault::HangAbove(20)]).await;
    for _ in 0..4 {
        v3_page(&bench, 0, 10).await;
    }
    assert_eq!(bench.simulator.peak_in_flight(), 1);
    let before = std::time::Instant::now();
    let tasks = unanswered(&bench, (0..3).map(|offset| v3(&bench, offset, 21))).await;
    assert_eq!(bench.simulator.peak_in_flight(), 3);
    let times = bench.simulator.request_times();
    assert_eq!(times.len(), 7);
    assert!(times.is_sorted());
    assert!(times[3] <= before && before <= times[4]);
    drop(tasks);
}

//! Windows and what stands at their edges.

use super::*;

const LAST: &str = "2026-03-23T23:59:59.500Z";
const FIRST: &str = "2026-03-23T00:00:00.000Z";

fn starts(records: &[Value]) -> Vec<&str> {
    records
        .iter()
        .map(|record| {
            let start = record
                .get("segmentStartTime")
                .or_else(|| record.get("Conversation Start Time"));
            start.unwrap().as_str().unwrap()
        })
        .collect()
}

async fn window(bench: &Bench, start: &str, end: &str) -> Vec<Value> {
    let asked = json!({"offset": 0, "limit": 100, "startDate": start, "endDate": end});
    rows(&good(ask(bench, Shape::V3, &asked)).await)
}

#[tokio::test]
async fn conversations_can_stand_on_the_edges_of_their_day() {
    let bench = faulty(&[Fault::Boundary]).await;
    for shape in [Shape::V3, Shape::Legacy, Shape::AgentAssist] {
        let held = held(&bench, shape);
        let starts = starts(&held);
        assert!(starts.is_sorted());
        assert_eq!(
            starts.iter().filter(|start| **start == FIRST).count(),
            1,
            "{shape:?}"
        );
        assert_eq!(
            starts.iter().filter(|start| **start == LAST).count(),
            1,
            "{shape:?}"
        );
        assert_eq!(rows(&page(&bench, shape, 0, 20).await), held[..20]);
    }
    let ids = |records: Vec<Value>| -> Vec<Value> {
        records
            .iter()
            .map(|record| record["Conversation ID"].clone())
            .collect()
    };
    assert_eq!(ids(held(&bench, Shape::V3)), ids(truth(Shape::V3).await));
}

#[tokio::test]
async fn the_end_can_belong_to_the_window() {
    let bench = faulty(&[Fault::InclusiveEnd, Fault::Boundary]).await;
    let held = held(&bench, Shape::V3);
    assert_eq!(held.len(), 60, "what is held is told without the end");
    let whole = window(&bench, "2026-03-23 00:00:00", "2026-03-24 00:00:00").await;
    assert_eq!(whole[..60], held);
    assert_eq!(starts(&whole[60..]), ["2026-03-24T00:00:00.000Z"]);
    let until = window(&bench, "2026-03-23 00:00:00", "2026-03-23 23:59:59").await;
    assert_eq!(until, held, "its whole second");
    let until = window(&bench, "2026-03-23 00:00:00", "2026-03-23 23:59:58").await;
    assert_eq!(until, held[..59]);
}

#[tokio::test]
async fn the_start_can_be_left_out_of_the_window() {
    let bench = faulty(&[Fault::ExclusiveStart, Fault::Boundary]).await;
    let held = held(&bench, Shape::V3);
    assert_eq!(starts(&held)[0], FIRST);
    let whole = window(&bench, "2026-03-23 00:00:00", "2026-03-24 00:00:00").await;
    assert_eq!(whole, held[1..]);
    let earlier = window(&bench, "2026-03-22 23:59:59.999", "2026-03-24 00:00:00").await;
    assert_eq!(earlier, held);
}

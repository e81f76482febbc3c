//! What a range and the filters beside it take in.

use serde_json::{Value, json};

use super::{Bench, DAY, days, good, midnight, parsed, rows};
use crate::{Options, Shape};

async fn window(bench: &Bench, start: &str, end: &str) -> Vec<Value> {
    let body = json!({"offset": 0, "limit": 100, "startDate": start, "endDate": end,
        "include_below_threshold": true});
    rows(&good(bench.post(&bench.raw_data_path()).body(body.to_string())).await)
}

async fn filtered(bench: &Bench, filter: Value) -> Vec<Value> {
    let mut body = json!({"offset": 0, "limit": 100, "startDate": "2026-03-23 00:00:00",
        "endDate": "2026-03-24 00:00:00"});
    body.as_object_mut()
        .unwrap()
        .extend(filter.as_object().unwrap().clone());
    rows(&good(bench.post(&bench.raw_data_path()).body(body.to_string())).await)
}

fn texts<'a>(records: &'a [Value], key: &str) -> Vec<&'a str> {
    records
        .iter()
        .map(|record| record[key].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn every_documented_date_format_asks_for_the_same_records() {
    let bench = Bench::small().await;
    let (from, to) = days(DAY, 1);
    let held = parsed(&bench.simulator.records(Shape::V3, from, to));
    for (start, end) in [
        ("2026-03-23 00:00:00", "2026-03-24 00:00:00"),
        ("2026-03-23T00:00:00", "2026-03-24T00:00:00"),
        ("2026-03-23T00:00:00.000Z", "2026-03-24T00:00:00.000Z"),
        ("2026-03-23", "2026-03-24"),
        ("2026-03-23", "2026-03-23"),
    ] {
        assert_eq!(window(&bench, start, end).await, held, "{start} to {end}");
    }
    let path = bench.assist_path();
    let segments = parsed(&bench.simulator.records(Shape::AgentAssist, from, to));
    for (start, end) in [
        ("2026-03-23-00:00:00", "2026-03-24-00:00:00"),
        ("2026-03-23+00:00:00", "2026-03-24+00:00:00"),
        ("2026-03-23T00%3A00%3A00", "2026-03-24T00%3A00%3A00"),
        ("2026-03-23", "2026-03-23"),
    ] {
        let query = format!("{path}?from={start}&to={end}&includeAgenticData=true");
        let page = rows(&good(bench.get(&query)).await);
        assert_eq!(page, segments[..page.len()], "{start} to {end}");
        assert!(page.len() > 60, "{start} to {end}");
    }
}

#[tokio::test]
async fn a_window_holds_its_start_and_not_its_end() {
    let bench = Bench::small().await;
    let (from, to) = days(DAY, 1);
    let held = parsed(&bench.simulator.records(Shape::V3, from, to));
    let starts = texts(&held, "Conversation Start Time");
    assert_eq!(window(&bench, starts[7], starts[19]).await, held[7..19]);
    assert!(window(&bench, starts[7], starts[7]).await.is_empty());
}

#[tokio::test]
async fn neighbouring_windows_make_up_the_whole() {
    let bench = Bench::small().await;
    for shape in Shape::ALL {
        let (from, to) = days("2026-02-27", 4);
        let whole = bench.simulator.records(shape, from, to);
        let parts: Vec<String> = ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]
            .iter()
            .flat_map(|day| {
                let (from, to) = days(day, 1);
                bench.simulator.records(shape, from, to)
            })
            .collect();
        assert_eq!(parts, whole, "{shape:?}");
    }
}

#[tokio::test]
async fn a_segment_belongs_to_the_day_it_starts_on() {
    let bench = Bench::start(Options::default().conversations_per_day(2_000)).await;
    let (from, to) = days(DAY, 1);
    let segments = parsed(&bench.simulator.records(Shape::AgentAssist, from, to));
    let starts = texts(&segments, "segmentStartTime");
    assert!(starts.is_sorted());
    assert!(starts.iter().all(|start| start.starts_with(DAY)));
    let before = midnight(DAY) - chrono::Days::new(1);
    let yesterdays: Vec<Value> = parsed(&bench.simulator.records(Shape::V3, before, from));
    let yesterdays = texts(&yesterdays, "Conversation ID");
    let late = segments
        .iter()
        .filter(|segment| yesterdays.contains(&segment["conversationID"].as_str().unwrap()));
    assert!(
        late.count() > 0,
        "none of 2,000 conversations reaches over midnight"
    );
}

#[tokio::test]
async fn short_conversations_stay_out_unless_asked_for() {
    let bench = Bench::start(Options::default().conversations_per_day(100)).await;
    let all = filtered(&bench, json!({"include_below_threshold": true})).await;
    let plain = filtered(&bench, json!({})).await;
    assert_eq!(all.len(), 100);
    let expected: Vec<Value> = all
        .iter()
        .filter(|record| record["duration_status"] != "below_threshold")
        .cloned()
        .collect();
    assert!(expected.len() < 100, "no short conversation among 100");
    assert_eq!(plain, expected);
    assert_eq!(
        filtered(&bench, json!({"include_below_threshold": "true"})).await,
        all,
        "a text does as well"
    );
}

#[tokio::test]
async fn directions_and_custom_fields_choose_conversations() {
    let bench = Bench::small().await;
    let all = filtered(&bench, json!({})).await;
    for direction in ["inbound", "outbound"] {
        let chosen = filtered(&bench, json!({"contact_direction": direction})).await;
        let expected: Vec<Value> = all
            .iter()
            .filter(|record| record["contactDirection"] == direction)
            .cloned()
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(chosen, expected);
    }
    let chosen = filtered(&bench, json!({"custom_fields": {"Region": "APAC"}})).await;
    assert!(!chosen.is_empty() && chosen.len() < all.len());
    assert!(
        chosen
            .iter()
            .all(|record| record["custom_fields"]["Region"] == "APAC")
    );
}

#[tokio::test]
async fn queues_and_channels_choose_conversations_of_the_first_generation() {
    let bench = Bench::small().await;
    let path = bench.app_path("", "rawdata");
    let ask = async |filter: Value| {
        // The table spells the end so.
        let mut body = json!({"startDate": "2026-03-23 00:00:00", "endtDate": "2026-03-24 00:00:00"});
        body.as_object_mut()
            .unwrap()
            .extend(filter.as_object().unwrap().clone());
        rows(&good(bench.post(&path).body(body.to_string())).await)
    };
    let all = ask(json!({})).await;
    assert_eq!(all.len(), 60, "the first generation knows no threshold");
    let queue = all[0]["Queues"][0]["Queue ID"].clone();
    let chosen = ask(json!({"queues": [queue], "channel": ["rtm"]})).await;
    let expected: Vec<Value> = all
        .into_iter()
        .filter(|record| record["Queues"][0]["Queue ID"] == queue && record["src"] == "rtm")
        .collect();
    assert_eq!(chosen, expected);
}

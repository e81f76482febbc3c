//! That records are the same every time, agree with one another and are as large as real ones. What odd
//! things they hold is in [`quirks`](super::quirks).

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use serde_json::Value;

use super::{DAY, day, parsed};
use crate::{Shape, conversations, write_ndjson};

pub(super) const SEED: u64 = 11;

pub(super) fn many(shape: Shape) -> Vec<String> {
    (0..3)
        .flat_map(|later| conversations(SEED, shape, day(DAY) + Days::new(later), 400))
        .collect()
}

fn key(shape: Shape) -> &'static str {
    match shape {
        Shape::V3 | Shape::Legacy => "Conversation ID",
        Shape::CamelCase | Shape::ScoreReporting => "conversationId",
        Shape::AgentAssist => "segmentID",
    }
}

pub(super) fn inner(records: &[Value], key: &str) -> Vec<Value> {
    records
        .iter()
        .filter_map(|record| record.get(key)?.as_array())
        .flatten()
        .cloned()
        .collect()
}

#[test]
fn the_same_seed_and_day_give_the_same_bytes() {
    for shape in Shape::ALL {
        let texts = |seed, date| conversations(seed, shape, day(date), 30).collect::<Vec<_>>();
        assert_eq!(texts(SEED, DAY), texts(SEED, DAY), "{shape:?}");
        assert_ne!(texts(SEED, DAY), texts(SEED + 1, DAY), "{shape:?}");
        assert_ne!(texts(SEED, DAY), texts(SEED, "2026-03-24"), "{shape:?}");
    }
}

#[test]
fn a_busier_day_begins_with_the_same_conversations() {
    let ids = |per_day| -> Vec<Value> {
        let texts: Vec<String> = conversations(SEED, Shape::V3, day(DAY), per_day)
            .take(10)
            .collect();
        parsed(&texts)
            .into_iter()
            .map(|mut record| record["Conversation ID"].take())
            .collect()
    };
    assert_eq!(ids(10), ids(500));
}

#[test]
fn any_day_has_conversations_with_keys_of_their_own_in_order() {
    for date in ["1999-12-31", "2024-02-29", DAY, "2031-07-01"] {
        for shape in Shape::ALL {
            let texts: Vec<String> = conversations(SEED, shape, day(date), 400).collect();
            let records = parsed(&texts);
            let keys: BTreeSet<&str> = records
                .iter()
                .map(|record| record[key(shape)].as_str().unwrap())
                .collect();
            assert_eq!(keys.len(), records.len(), "{shape:?} on {date}");
            if shape != Shape::AgentAssist {
                assert_eq!(records.len(), 400);
            }
        }
        let texts: Vec<String> = conversations(SEED, Shape::V3, day(date), 400).collect();
        let records = parsed(&texts);
        let starts: Vec<&str> = records
            .iter()
            .map(|record| record["Conversation Start Time"].as_str().unwrap())
            .collect();
        assert!(starts.is_sorted());
        assert!(starts.iter().all(|start| start.starts_with(date)));
    }
}

#[test]
fn records_are_as_large_as_those_of_the_service() {
    let average = |shape| {
        let texts = many(shape);
        texts.iter().map(String::len).sum::<usize>() / texts.len()
    };
    let v3 = average(Shape::V3);
    assert!((8_000..=12_000).contains(&v3), "{v3} bytes");
    let assist = average(Shape::AgentAssist);
    assert!((3_000..=6_000).contains(&assist), "{assist} bytes");
}

#[test]
fn all_shapes_of_a_conversation_agree() {
    let by_id = |shape, id: &str| -> BTreeMap<String, Value> {
        let records = parsed(&many(shape));
        records
            .into_iter()
            .map(|record| (record[id].as_str().unwrap().to_owned(), record))
            .collect()
    };
    let full = by_id(Shape::V3, "Conversation ID");
    let camel = by_id(Shape::CamelCase, "conversationId");
    let legacy = by_id(Shape::Legacy, "Conversation ID");
    let scores = by_id(Shape::ScoreReporting, "conversationId");
    assert!(by_id(Shape::AgentAssist, "conversationID").keys().eq(full.keys()));
    for (id, full) in &full {
        let score = full.get("Kore Evaluation Score").and_then(Value::as_i64);
        let metrics = |record: &Value, name: &str, metric: &str| -> Vec<Value> {
            inner(std::slice::from_ref(record), name)
                .iter()
                .map(|found| found[metric].clone())
                .collect()
        };
        assert_eq!(camel[id]["koreEvalutionScore"].as_i64(), score);
        assert_eq!(
            legacy[id].get("Kore Evaluation Score").and_then(Value::as_i64),
            score
        );
        assert_eq!(camel[id]["AuditStatus"], full["Audit Status"]);
        assert_eq!(camel[id]["audit_date"], full["Audit Date"]);
        let reported = scores[id]
            .get("koreEvalutionScore")
            .or_else(|| scores[id].get("koreEvaluationScore"));
        assert_eq!(reported.and_then(Value::as_i64), score);
        if full["duration_status"] == "evaluated" {
            assert_eq!(
                metrics(&camel[id], "Metrics", "Metric ID"),
                metrics(full, "Metrics", "Metric ID")
            );
            assert_eq!(
                metrics(&camel[id], "Metrics", "Qualification"),
                metrics(full, "Metrics", "Qualification")
            );
        }
    }
}

#[test]
fn keys_come_in_the_order_of_the_service() {
    let text = conversations(SEED, Shape::V3, day(DAY), 400)
        .find(|text| text.contains("Configured_Intents"))
        .unwrap();
    let places: Vec<usize> = [
        r#""src""#,
        r#""contactDirection""#,
        r#""Conversation ID""#,
        r#""Queues""#,
        r#""Kore Evaluation Score""#,
        r#""duration_status""#,
        r#""Sentiment Pattern""#,
        r#""Metrics""#,
        r#""Pass Score""#,
        r#""Generated Intents""#,
        r#""custom_fields""#,
        r#""Configured_Intents""#,
    ]
    .iter()
    .map(|key| text.find(key).unwrap())
    .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn lines_are_records_spread_over_days() {
    for shape in Shape::ALL {
        let mut lines = Vec::new();
        write_ndjson(SEED, shape, 95, &mut lines).unwrap();
        let text = String::from_utf8(lines).unwrap();
        let records: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(records.len(), 95, "{shape:?}");
        let start = match shape {
            Shape::AgentAssist => "segmentStartTime",
            _ => "Conversation Start Time",
        };
        let days: BTreeSet<&str> = records
            .iter()
            .filter_map(|record| record.get(start)?.as_str()?.get(..10))
            .collect();
        if matches!(shape, Shape::V3 | Shape::Legacy | Shape::AgentAssist) {
            assert!(days.len() > 20, "{shape:?} on {} days", days.len());
        }
    }
    let mut nothing = Vec::new();
    write_ndjson(SEED, Shape::V3, 0, &mut nothing).unwrap();
    assert!(nothing.is_empty());
}

//! Servers whose claims are wrong or missing: what they cannot prove is asked for again, and never taken for the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{export, lake};
use crate::support::scripted::{Scripted, page, record};

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

fn records(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| record(name)).collect()
}

fn at(id: &str, time: &str) -> Value {
    json!({ "conversationId": id, "conversationStartTime": time })
}

fn keys(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["conversation_id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_total_that_is_exceeded_is_no_end() {
    // Both claims are wrong: the total is 3, and there is never more.
    let server = Scripted::start(|asked| {
        let all = records(&["a", "b", "c", "d", "e"]);
        let begin = (asked.offset as usize).min(all.len());
        let end = (begin + 2).min(all.len());
        Some(page(&all[begin..end], 3, false))
    });
    let program = server.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    assert_eq!(
        keys(&lake.rows("raw_data/date=2026-03-23")),
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(lake.entry("raw_data", DAY)["proof"]["total_last"], 3);
}

#[test]
fn an_empty_page_that_announces_more_is_asked_for_again() {
    let empty = Arc::new(AtomicUsize::new(0));
    let server = Scripted::start(move |asked| {
        let more = |records: &[Value], more: bool| {
            json!({"results": records, "hasMore": more})
                .to_string()
                .into_response()
        };
        Some(match asked.offset {
            0 => more(&records(&["a", "b"]), true),
            // A cache that is empty once.
            2 => more(&records(&["c", "d"]), true),
            _ if empty.fetch_add(1, Ordering::SeqCst) == 0 => more(&[], true),
            _ => more(&records(&["e"]), false),
        })
    });
    let program = server.program();
    // In one read, page after page.
    export(
        &program,
        &["raw_data"],
        DAY,
        NEXT,
        &["--requests-per-minute", "6000"],
    )
    .succeeded();
    assert_eq!(
        keys(&lake(&program).rows("raw_data/date=2026-03-23")),
        ["a", "b", "c", "d", "e"]
    );
}

#[test]
fn a_record_on_midnight_is_left_to_the_next_day_only_if_that_has_it() {
    for (next_day_has_it, glitch) in [(true, false), (true, true), (false, false)] {
        let asked_for_the_second = Arc::new(AtomicUsize::new(0));
        let server = Scripted::start(move |asked| {
            let (noon, midnight) = (at("a", "2026-03-23T12:00:00Z"), at("b", "2026-03-24T00:00:00Z"));
            Some(match asked.day.as_str() {
                DAY => page(&[noon, midnight], 2, false),
                // Empty once, though it announces more.
                _ if glitch && asked_for_the_second.fetch_add(1, Ordering::SeqCst) == 0 => page(&[], 0, true),
                _ if next_day_has_it => page(&[midnight], 1, false),
                _ => page(&[], 0, false),
            })
        });
        let program = server.program();
        export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
        let lake = lake(&program);
        let entry = lake.entry("raw_data", DAY);
        let rows = lake.rows("raw_data/date=2026-03-23");
        if next_day_has_it {
            assert_eq!(keys(&rows), ["a"]);
            assert_eq!(entry["proof"]["handed_over"], json!(["b"]));
        } else {
            assert_eq!(keys(&rows), ["a", "b"]);
            assert_eq!(entry["proof"]["handed_over"], json!([]));
        }
    }
}

#[test]
fn a_server_that_never_comes_to_an_end_is_left() {
    // Every second answer is empty, the others repeat themselves, and there is always more.
    let server = Scripted::start(move |asked| {
        let rows = match asked.offset {
            0 => records(&["a", "b"]),
            offset if offset % 2 == 0 => records(&["b", "a"]),
            _ => Vec::new(),
        };
        let answer = json!({"results": rows, "hasMore": true});
        Some(answer.to_string().into_response())
    });
    let program = server.program();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(lake(&program).parquet().is_empty());
    assert!(server.asked().len() < 400, "{}", server.asked().len());
}

#[test]
fn what_no_request_can_be_made_of_is_said_once_and_before_anything_is_sent() {
    let server = Scripted::always(200, "");
    let program = server.program();
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    let without: Vec<&str> = file.lines().filter(|line| !line.starts_with("org_id")).collect();
    program.write("korelake.toml", without.join("\n"));
    let ran = export(&program, &["raw_data", "score_reporting"], DAY, "2026-03-26", &[]);
    let ran = ran.failed(1, "needs org_id, which is missing", "set org_id");
    assert!(!ran.stderr.contains("page 1"), "{}", ran.stderr);
    assert!(server.asked().is_empty());
}

#[test]
fn a_flag_names_the_stream_also_where_a_dataset_has_its_own() {
    let server = Scripted::start(|_| Some(page(&records(&["a"]), 1, false)));
    let program = server.program();
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    program.write(
        "korelake.toml",
        format!("{file}[[dataset]]\nname = \"raw_data\"\nstream_id = \"st-of-the-dataset\"\n"),
    );
    export(
        &program,
        &["raw_data"],
        DAY,
        NEXT,
        &["--stream-id", "st-of-the-flag"],
    )
    .succeeded();
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.path.contains("st-of-the-flag"))
    );
    assert!(!server.asked().is_empty());
}

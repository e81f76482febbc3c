//! Completeness: a day that the server and the records do not agree on is not committed, and the others are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::{export, lake};
use crate::support::scripted::{Asked, Scripted, page, record};

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

fn records(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| record(name)).collect()
}

fn keys(rows: &[Value]) -> Vec<&str> {
    rows.iter()
        .map(|row| row["conversation_id"].as_str().unwrap())
        .collect()
}

#[test]
fn a_day_with_fewer_records_than_the_total_is_not_committed() {
    let total = Arc::new(AtomicUsize::new(2));
    let claimed = Arc::clone(&total);
    let server = Scripted::start(move |asked| {
        let records = if asked.offset == 0 {
            records(&["a", "b"])
        } else {
            Vec::new()
        };
        Some(page(&records, claimed.load(Ordering::SeqCst) as u64, false))
    });
    let program = server.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let committed = || {
        let mut files = lake(&program).files();
        // What was learned about the server on the way says nothing about its records.
        files.remove("_korelake/probe.json");
        files
    };
    let before = committed();
    assert_eq!(keys(&lake(&program).rows("raw_data/date=2026-03-23")), ["a", "b"]);

    total.store(10, Ordering::SeqCst);
    let asked = server.asked().len();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    let message =
        "raw_data 2026-03-23 is incomplete after 3 reads: the server says 10 records and gave 2, 8 too few";
    ran.failed(2, message, "the lake keeps what it had");
    assert!(committed() == before, "the lake is not as it was");
    // Each read goes on to an empty page: a total that is not reached is no end. The first also asks whether the server
    // counts pages instead; once it is known that it does not, up to four of the pages that the total promises are asked
    // for together, and those that are still to be sent when the first of them is empty are not.
    let asked = server.asked().len() - asked;
    assert!(
        (3 + 2 * (1 + 1)..=3 + 2 * (1 + 4)).contains(&asked),
        "{asked} requests"
    );
}

#[test]
fn a_day_whose_total_moves_is_read_again() {
    let reads = Arc::new(AtomicUsize::new(0));
    let server = Scripted::start(move |asked| {
        let read = match asked.offset {
            0 => reads.fetch_add(1, Ordering::SeqCst) + 1,
            _ => reads.load(Ordering::SeqCst),
        };
        Some(match (read, asked.offset) {
            (1, 0) => page(&records(&["a"]), 2, true),
            (1, 1) => page(&records(&["b"]), 3, false),
            (1, _) => page(&[], 3, false),
            (_, 0) => page(&records(&["a", "b"]), 3, true),
            (_, _) => page(&records(&["c"]), 3, false),
        })
    });
    let program = server.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert_eq!(
        keys(&lake(&program).rows("raw_data/date=2026-03-23")),
        ["a", "b", "c"]
    );
    assert_eq!(lake(&program).parquet().len(), 1);
    let asked: Vec<u64> = server.asked().iter().map(|asked| asked.offset).collect();
    assert_eq!(asked, [0, 1, 2, 0, 2]);
    assert_eq!(
        lake(&program).entry("raw_data", DAY)["proof"]["requests"],
        asked.len()
    );
}

#[test]
fn one_bad_day_does_not_keep_the_others_back() {
    let server = Scripted::start(|asked| {
        let total = if asked.day == NEXT { 9 } else { 1 };
        let records = if asked.offset == 0 {
            records(&[&asked.day])
        } else {
            Vec::new()
        };
        Some(page(&records, total, false))
    });
    let program = server.program();
    let ran = export(&program, &["raw_data"], DAY, "2026-03-26", &[]);
    let message = "raw_data 2026-03-24: raw_data 2026-03-24 is incomplete after 3 reads";
    let ran = ran.failed(2, message.split(": ").nth(1).unwrap(), "run again later");
    let days: Vec<String> = lake(&program).parquet().into_keys().collect();
    let expected = [DAY, "2026-03-25"].map(|day| format!("raw_data/date={day}/part-00000.parquet"));
    assert_eq!(days, expected);
    assert!(lake(&program).entries("raw_data", NEXT).is_empty());
    assert_eq!(
        ran.summary("raw_data")[..5],
        ["raw_data", "3", "0", "1", "2"],
        "dataset, units, unchanged, failed, rows"
    );
}

#[test]
fn a_record_that_comes_on_two_pages_is_one_row() {
    let server = Scripted::start(|asked| {
        Some(match asked.offset {
            0 => page(&records(&["a", "b"]), 3, true),
            _ => page(&records(&["b", "c"]), 3, false),
        })
    });
    let program = server.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert_eq!(
        keys(&lake(&program).rows("raw_data/date=2026-03-23")),
        ["a", "b", "c"]
    );
    let proof = &lake(&program).entry("raw_data", DAY)["proof"];
    let counts =
        ["rows", "distinct_keys", "duplicates", "total_last"].map(|key| proof[key].as_u64().unwrap());
    assert_eq!(counts, [3, 3, 1, 3]);
}

#[test]
fn a_record_that_keeps_changing_between_two_pages_is_in_the_table_once_and_else_in_the_quarantine() {
    let changing = |asked: &Asked| {
        let b = |language: &str| json!({"conversationId": "b", "Language": language});
        Some(match asked.offset {
            0 => page(&[record("a"), b("English")], 3, true),
            _ => page(&[b("German"), record("c")], 3, false),
        })
    };
    let server = Scripted::start(changing);
    let program = server.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    let rows = lake.rows("raw_data/date=2026-03-23");
    assert_eq!(keys(&rows), ["a", "b", "c"]);
    assert_eq!(rows[1]["language"], "English");
    let entry = lake.entry("raw_data", DAY);
    let requests = "three reads of two pages, and of an empty one, as more came than the total";
    assert_eq!(entry["proof"]["requests"], 9, "{requests}");
    assert_eq!(
        entry["proof"]["quarantined"], 1,
        "what is in the quarantine is not counted"
    );
    let quarantine =
        std::fs::read_to_string(lake.0.join(entry["quarantine"]["path"].as_str().unwrap())).unwrap();
    assert!(
        quarantine.contains("German") && quarantine.contains("other content"),
        "{quarantine}"
    );
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let again = lake.entry("raw_data", DAY);
    assert_eq!(
        again["quarantine"], entry["quarantine"],
        "the same quarantine is written twice"
    );
    assert_eq!(
        again["committed_at"], entry["committed_at"],
        "an unchanged unit is written again"
    );
}

#[test]
fn what_comes_again_and_is_no_record_does_not_hide_a_record_that_is_missing() {
    let server = Scripted::start(|asked| {
        Some(match asked.offset {
            0 => page(&[record("a"), json!(7)], 3, true),
            _ => page(&[json!(7)], 3, false),
        })
    });
    let program = server.program();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(
        2,
        "brought no record that was not there before",
        "the lake keeps what it had",
    );
    assert!(lake(&program).parquet().is_empty());
}

#[test]
fn pages_that_repeat_for_ever_end() {
    let server = Scripted::start(|asked| {
        let pair = if asked.offset % 4 == 0 {
            ["a", "b"]
        } else {
            ["b", "a"]
        };
        Some(
            json!({"results": records(&pair), "hasMore": true})
                .to_string()
                .into_response(),
        )
    });
    let program = server.program();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(
        2,
        "page 2 repeats page 1: the server ignores paging by offset",
        "another endpoint",
    );
    assert!(lake(&program).parquet().is_empty());
}

#[test]
fn what_is_no_record_goes_to_the_quarantine_of_its_unit() {
    let server = Scripted::start(|_| {
        Some(page(
            &[record("a"), json!(7), json!(["x", null]), record("b")],
            4,
            false,
        ))
    });
    let program = server.program();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert_eq!(ran.summary("raw_data")[6], "2", "quarantined");
    let entry = lake(&program).entry("raw_data", DAY);
    let path = "_korelake/raw_data/quarantine/2026-03-23/0000000001.ndjson";
    assert_eq!(
        (&entry["quarantine"]["path"], &entry["quarantine"]["rows"]),
        (&json!(path), &json!(2))
    );
    assert_eq!(
        (&entry["proof"]["quarantined"], &entry["proof"]["rows"]),
        (&2.into(), &2.into())
    );
    let lines = String::from_utf8(lake(&program).files()[path].clone()).unwrap();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = ["7", r#"["x",null]"#].map(|record| json!({"reason": "not an object", "record": record}));
    assert_eq!(lines, expected);
}

#[test]
fn a_day_that_changed_is_replaced_as_a_whole() {
    let version = Arc::new(AtomicUsize::new(0));
    let current = Arc::clone(&version);
    let server = Scripted::start(move |_| {
        Some(match current.load(Ordering::SeqCst) {
            0 => page(&records(&["a", "b"]), 2, false),
            1 => page(
                &[record("b"), json!({"conversationId": "c", "Language": "English"})],
                2,
                false,
            ),
            _ => page(&[], 0, false),
        })
    });
    let program = server.program();
    let rows = || lake(&program).rows("raw_data/date=2026-03-23");
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert_eq!(keys(&rows()), ["a", "b"]);
    version.store(1, Ordering::SeqCst);
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert_eq!(keys(&rows()), ["b", "c"]);
    assert_eq!(rows()[1]["language"], "English");
    version.store(2, Ordering::SeqCst);
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert!(
        lake(&program).parquet().is_empty(),
        "rows that the server took back are still there"
    );
    assert_eq!(lake(&program).entry("raw_data", DAY)["files"], json!([]));
}

#[test]
fn a_day_that_lost_most_of_its_records_is_replaced_only_on_demand() {
    let count = Arc::new(AtomicUsize::new(120));
    let current = Arc::clone(&count);
    let server = Scripted::start(move |_| {
        let count = current.load(Ordering::SeqCst);
        let records: Vec<Value> = (0..count).map(|number| record(&format!("c-{number}"))).collect();
        Some(page(&records, count as u64, false))
    });
    let program = server.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let before = lake(&program).files();
    count.store(59, Ordering::SeqCst);
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(
        2,
        "raw_data 2026-03-23 has 59 records now and had 120",
        "--allow-shrink",
    );
    assert!(lake(&program).files() == before);
    export(&program, &["raw_data"], DAY, NEXT, &["--allow-shrink"]).succeeded();
    assert_eq!(lake(&program).rows("raw_data/date=2026-03-23").len(), 59);
}

#[test]
fn a_server_that_ignores_paging_is_found_out() {
    let server = Scripted::start(|_| Some(page(&records(&["a", "b"]), 4, true)));
    let program = server.program();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(2, "page 2 repeats page 1", "another endpoint");
    assert!(lake(&program).parquet().is_empty());
}

//! `korelake probe`: what it finds out about servers that page in different ways, and where that goes.

use korelake_simulator::{Fault, Options};
use serde_json::{Value, json};

use crate::support::lake::Lake;
use crate::support::program::{Program, Ran};
use crate::support::scripted::{Scripted, page, record};
use crate::support::simulation::Simulation;

const RANGE: [&str; 4] = ["--from", "2026-03-23", "--to", "2026-03-24"];

/// A server with 60 conversations a day that misbehaves.
fn misbehaving(faults: &[Fault]) -> Simulation {
    let options = Options::default().seed(7).conversations_per_day(60);
    Simulation::start(
        faults
            .iter()
            .fold(options, |options, fault| options.fault(*fault)),
    )
}

fn probe(program: &Program, further: &[&str]) -> Ran {
    program.run([&["probe"], further, &RANGE].concat())
}

/// What is kept in the lake, by endpoint.
fn kept(program: &Program) -> Vec<Value> {
    let files = Lake(program.path("lake")).files();
    match files.get("_korelake/probe.json") {
        Some(bytes) => {
            let file: Value = serde_json::from_slice(bytes).unwrap();
            file["probes"].as_array().unwrap().clone()
        }
        None => Vec::new(),
    }
}

/// The value in the line that begins so.
#[track_caller]
fn value<'a>(ran: &'a Ran, name: &str) -> &'a str {
    let mut lines = ran.stdout.lines();
    let value = lines.find_map(|line| line.trim_start().strip_prefix(name));
    value
        .unwrap_or_else(|| panic!("no {name} in {}", ran.stdout))
        .trim()
}

#[test]
fn what_a_server_does_is_said_with_its_evidence_and_kept() {
    let simulation = misbehaving(&[]);
    let program = simulation.program();
    let ran = probe(&program, &["raw_data"]).succeeded();
    assert!(ran.stdout.starts_with("raw_data/v3 of st-0000"), "{}", ran.stdout);
    for (name, expected) in [
        ("paging ", "by offset"),
        ("largest page ", "no limit found"),
        ("total ", "told"),
        ("has-more ", "told"),
        ("order ", "stable"),
    ] {
        assert_eq!(value(&ran, name), expected, "{name}");
    }
    assert!(
        ran.stdout
            .contains("because\n    the first page has 60 of 60 records"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.lines("kept in ").len(), 1, "{}", ran.stderr);
    let kept = kept(&program);
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (&kept[0]["endpoint"], &kept[0]["paging"], &kept[0]["host"]),
        (&json!("raw_data/v3"), &json!("offset"), &json!(simulation.url()))
    );
    assert!(simulation.requests() <= 10, "{} requests", simulation.requests());
}

#[test]
fn each_way_of_paging_is_found_out() {
    for (faults, name, expected) in [
        (&[Fault::PagesByPage][..], "paging ", "by page"),
        (&[Fault::PagesByOffset], "paging ", "by offset"),
        (&[Fault::Shuffled], "order ", "another with each request"),
        (&[Fault::NoTotals], "total ", "not told"),
        (&[Fault::NoTotals], "has-more ", "not told"),
        (
            &[Fault::Boundary, Fault::InclusiveEnd],
            "end of a window ",
            "in it",
        ),
        (&[Fault::Boundary], "end of a window ", "not in it"),
        (&[Fault::Boundary], "start of a window ", "in it"),
        (
            &[Fault::Boundary, Fault::ExclusiveStart, Fault::InclusiveEnd],
            "start of a window ",
            "not in it",
        ),
    ] {
        let simulation = misbehaving(faults);
        let ran = probe(&simulation.program(), &["raw_data"]).succeeded();
        assert_eq!(value(&ran, name), expected, "{faults:?}: {}", ran.stdout);
    }
    let options = Options::default().seed(7).conversations_per_day(60).max_limit(10);
    let ran = probe(&Simulation::start(options).program(), &["raw_data"]).succeeded();
    assert_eq!(value(&ran, "largest page "), "10 records, whatever is asked for");
}

#[test]
fn an_export_begins_with_what_was_kept() {
    let simulation = misbehaving(&[Fault::PagesByPage]);
    let requests = |probed: bool| {
        let program = simulation.program();
        if probed {
            probe(&program, &["raw_data"]).succeeded();
        }
        let before = simulation.requests();
        let arguments = ["export", "raw_data", "--page-size", "10"];
        program.run([&arguments[..], &RANGE].concat()).succeeded();
        assert_eq!(
            Lake(program.path("lake")).rows("raw_data/date=2026-03-23").len(),
            60
        );
        simulation.requests() - before
    };
    let (unknown, known) = (requests(false), requests(true));
    assert_eq!(known, 6);
    assert!(
        unknown > known,
        "{unknown} requests, and {known} with what was known"
    );
}

#[test]
fn a_dry_run_keeps_nothing_and_needs_no_lake() {
    let simulation = misbehaving(&[]);
    let program = simulation.program();
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    program.write("korelake.toml", file.replace("url = \"lake\"", ""));
    probe(&program, &["raw_data"]).failed(1, "lake.url is missing", "--out");
    let ran = probe(&program, &["raw_data", "--dry-run"]).succeeded();
    assert_eq!(value(&ran, "paging "), "by offset");
    assert_eq!(ran.stderr, "");
    let ran = probe(&program, &["raw_data", "--dry-run", "--out", "lake"]).succeeded();
    assert_eq!(value(&ran, "paging "), "by offset");
    assert!(!program.path("lake").exists());
}

#[test]
fn what_was_found_is_json_on_demand() {
    let simulation = misbehaving(&[]);
    let program = simulation.program();
    let ran = probe(&program, &["raw_data", "agent_assist", "--json"]).succeeded();
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let endpoints: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["endpoint"].as_str().unwrap())
        .collect();
    assert_eq!(endpoints, ["raw_data/v3", "agent_assist/v2"]);
    assert_eq!(found[1]["has_total"], false);
    assert_eq!(kept(&program), *found.as_array().unwrap());
    let quiet = probe(&program, &["raw_data", "--quiet"]).succeeded();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn without_names_the_datasets_of_the_configuration_are_probed() {
    let simulation = misbehaving(&[]);
    let program = simulation.program();
    probe(&program, &[]).succeeded();
    let endpoints = || {
        let kept = kept(&program).into_iter();
        kept.map(|one| one["endpoint"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(endpoints(), ["raw_data/v3"]);
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    let datasets = "[[dataset]]\nname = \"score_reporting\"\n[[dataset]]\nname = \"raw_data\"\nendpoint = \"legacy_app\"";
    program.write("korelake.toml", file + datasets);
    probe(&program, &[]).succeeded();
    assert_eq!(
        endpoints(),
        ["raw_data/v3", "score_reporting/v3", "raw_data/legacy_app"]
    );
}

#[test]
fn a_window_without_records_is_wrong_usage_and_holds_the_others_not_back() {
    let server = Scripted::start(|asked| {
        Some(match asked.path.ends_with("/scorereporting") {
            true => page(&[], 0, false),
            false => page(&[record("a")], 1, false),
        })
    });
    let program = server.program();
    let ran = probe(&program, &["score_reporting", "raw_data"]);
    let ran = ran.failed(
        1,
        "score_reporting/v3 has no records in 2026-03-23",
        "`--from` and `--to`",
    );
    assert!(ran.stdout.starts_with("raw_data/v3 of "), "{}", ran.stdout);
    assert_eq!(kept(&program).len(), 1);
}

#[test]
fn without_a_range_yesterday_is_asked_for() {
    let server = Scripted::start(|_| Some(page(&[], 0, false)));
    let yesterday = || (chrono::Utc::now().date_naive() - chrono::Days::new(1)).to_string();
    let before = yesterday();
    server
        .program()
        .run(["probe"])
        .failed(1, "has no records in", "`--from` and `--to`");
    let days: Vec<String> = server.asked().into_iter().map(|asked| asked.day).collect();
    assert!(days == [before] || days == [yesterday()], "{days:?}");
}

#[test]
fn refusals_end_the_probe_as_they_end_an_export() {
    let server = Scripted::always(401, r#"{"errors": [{"msg": "Invalid JWT token", "code": 4002}]}"#);
    let ran = probe(&server.program(), &["raw_data", "agent_assist"]);
    ran.failed(3, "Invalid JWT token", "client_secret");
    assert_eq!(server.asked().len(), 1);

    let program = server.program();
    let ran = program.run(["probe", "--from", "2026-03-24", "--to", "2026-03-23"]);
    ran.failed(1, "is not after `--from`", "the day after the last");
    let ran = program.run(["probe", "--from", "2026-03-24"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("--to <TIME>"), "{}", ran.stderr);
    probe(&program, &["raw"]).failed(1, "no dataset `raw`", "known are raw_data");
    assert_eq!(server.asked().len(), 1);
}

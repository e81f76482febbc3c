//! What happens on the way to the pages: settings that decide it, and what is said of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use korelake_simulator::{Fault, Options};
use tokio::task::block_in_place;

use super::{export, lake};
use crate::support::program::{Program, Ran};
use crate::support::scripted::{Scripted, page, record};
use crate::support::simulation::Simulation;

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

/// A server with 40 conversations a day that misbehaves, and a program with further lines under `[source]`.
fn misbehaving(faults: &[Fault], lines: &str) -> (Simulation, Program) {
    let options = Options::default().seed(7).conversations_per_day(40);
    let simulation = Simulation::start(
        faults
            .iter()
            .fold(options, |options, fault| options.fault(*fault)),
    );
    let program = simulation.program();
    set(&program, lines);
    (simulation, program)
}

/// Adds lines to `[source]`.
fn set(program: &Program, lines: &str) {
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    program.write(
        "korelake.toml",
        file.replace("[source]\n", &format!("[source]\n{lines}\n")),
    );
}

/// Exports a day in pages of ten, and holds that all of it came.
#[track_caller]
fn whole(program: &Program, further: &[&str]) -> Ran {
    let arguments = [&["--page-size", "10", "--concurrency", "1"], further].concat();
    let ran = export(program, &["raw_data"], DAY, NEXT, &arguments).succeeded();
    assert_eq!(lake(program).rows("raw_data/date=2026-03-23").len(), 40);
    ran
}

/// The line under the summary.
#[track_caller]
fn pace(ran: &Ran) -> &str {
    let line = ran.stderr.lines().last().unwrap_or_default();
    assert!(line.contains(" requests in "), "{}", ran.stderr);
    line
}

#[test]
fn the_summary_ends_with_how_fast_the_run_asked() {
    let (_simulation, program) = misbehaving(&[], "");
    let ran = whole(&program, &[]);
    assert!(pace(&ran).starts_with("4 requests in "), "{}", pace(&ran));
    assert!(!pace(&ran).contains("budget"), "{}", pace(&ran));
    let ran = whole(&program, &["--requests-per-minute", "600"]);
    let share = pace(&ran).split_once(": ").unwrap().1;
    let percent: u32 = share.strip_suffix(" % of the budget").unwrap().parse().unwrap();
    assert!((1..=100).contains(&percent), "{}", pace(&ran));
    let quiet = whole(&program, &["--quiet"]);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn failures_that_pass_are_counted_and_told_from_the_second_of_a_page_on() {
    let (_simulation, program) = misbehaving(&[Fault::Errors(60)], "");
    let ran = whole(&program, &[]);
    let told = ran.lines("retrying: the server answers 50");
    assert!(!told.is_empty(), "{}", ran.stderr);
    assert!(
        told.iter().all(|line| !line.contains("try 2 follows")),
        "{told:?}"
    );
    let (_, again) = pace(&ran).split_once(": ").unwrap();
    let again: usize = again.strip_suffix(" of them again").unwrap().parse().unwrap();
    assert!(again > told.len(), "{}", ran.stderr);
    assert_eq!(whole(&program, &["--quiet"]).stderr, "");
}

#[test]
fn a_page_is_tried_as_often_as_is_set() {
    let server = Scripted::always(503, "");
    let tries = |number: &str| {
        let program = server.program().variable("KORELAKE_SOURCE__RETRY__TRIES", number);
        let before = server.asked().len();
        let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        server.asked().len() - before
    };
    assert_eq!((tries("1"), tries("3")), (1, 3));
}

#[test]
fn a_pause_that_the_server_asks_for_is_told() {
    let (_simulation, program) = misbehaving(&[Fault::ThrottleBurst(4)], "");
    let ran = whole(&program, &[]);
    let told = ran.lines("throttled for 1 s, then ");
    assert_eq!(told.len(), 1, "{}", ran.stderr);
    assert!(told[0].contains("requests a minute"), "{told:?}");
    assert!(pace(&ran).ends_with(": 1 of them again"), "{}", pace(&ran));
}

#[test]
fn pages_that_are_too_large_become_smaller_and_that_is_told() {
    let (_simulation, program) = misbehaving(&[Fault::HugeAbove(5)], "max_body_mb = 1");
    let ran = whole(&program, &[]);
    let told = ran.lines("page size lowered from 10 to 5 for 2026-03-23");
    assert_eq!(told.len(), 1, "{}", ran.stderr);
}

#[test]
fn a_token_that_expires_on_the_server_is_renewed_and_that_is_told() {
    let (_simulation, program) = misbehaving(&[Fault::ExpiringTokens(3)], "");
    let ran = whole(&program, &[]);
    let told = ran.lines("the token is no longer accepted");
    assert_eq!(told.len(), 1, "{}", ran.stderr);
}

#[test]
fn an_app_that_enforces_jti_is_served_once_it_is_set() {
    let (_simulation, program) = misbehaving(&[Fault::EnforceJti], "");
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(3, "Invalid JWT token", "client_secret");
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    program.write(
        "korelake.toml",
        file.replace("[source.auth]\n", "[source.auth]\njti = true\n"),
    );
    whole(&program, &[]);
}

#[test]
fn a_secret_comes_from_a_file_beside_the_configuration_and_is_not_shown() {
    let secret = Options::default().client_secret;
    let (simulation, program) = misbehaving(&[], "");
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    std::fs::create_dir(program.path("etc")).unwrap();
    program.write("etc/secret", format!("{secret}\n"));
    let line = format!("client_secret = \"{secret}\"");
    assert!(file.contains(&line));
    program.write(
        "etc/korelake.toml",
        file.replace(&line, "client_secret_file = \"secret\""),
    );
    std::fs::remove_file(program.path("korelake.toml")).unwrap();
    let config = ["--config", "etc/korelake.toml"];
    whole(&program, &config);
    // A variable is set where the program is started, and so its path counts from there.
    let elsewhere = Program::new().variable("KORELAKE_SOURCE__AUTH__CLIENT_SECRET_FILE", "here");
    elsewhere.write("here", &secret);
    let path = program.path("etc/korelake.toml");
    whole(&elsewhere, &["--config", path.to_str().unwrap()]);

    let before = simulation.requests();
    program.write("etc/secret", "");
    let ran = export(&program, &["raw_data"], DAY, NEXT, &config);
    ran.failed(
        1,
        "source.auth.client_secret_file is empty",
        "the file that it names",
    );
    std::fs::remove_file(program.path("etc/secret")).unwrap();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &config);
    let ran = ran.failed(
        1,
        "client_secret_file names etc/secret, which cannot be read",
        "check the path",
    );
    assert!(!ran.stderr.contains(&secret));
    assert_eq!(simulation.requests(), before);
}

#[test]
fn certificates_that_cannot_be_read_are_wrong_usage() {
    let (simulation, program) = misbehaving(&[], "ca_file = \"corp.pem\"");
    let run = || export(&program, &["raw_data"], DAY, NEXT, &[]);
    run().failed(
        1,
        "source.ca_file names corp.pem, which cannot be read",
        "check the path",
    );
    program.write(
        "corp.pem",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    );
    run().failed(
        1,
        "source.ca_file names holds a certificate that cannot be read",
        "BEGIN CERTIFICATE",
    );
    assert_eq!(simulation.requests(), 0);
}

#[test]
fn the_way_of_paging_can_be_set() {
    let (_simulation, program) = misbehaving(&[Fault::PagesByPage], "");
    let dataset = |paging: &str| {
        let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
        let (file, _) = file.split_once("[[dataset]]").unwrap_or((&file, ""));
        let dataset = format!("[[dataset]]\nname = \"raw_data\"\npaging = \"{paging}\"\n");
        program.write("korelake.toml", file.to_owned() + &dataset);
    };
    dataset("offset");
    let ran = export(&program, &["raw_data"], DAY, NEXT, &["--page-size", "10"]);
    ran.failed(
        2,
        "the server ignores paging by offset",
        "the other style of paging",
    );
    dataset("page");
    assert!(pace(&whole(&program, &[])).starts_with("4 requests"));
    dataset("auto");
    whole(&program, &[]);
}

#[test]
fn a_window_of_many_records_is_read_in_parts() {
    let requests = |lines: &str| {
        let (simulation, program) = misbehaving(&[], "");
        let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
        program.write(
            "korelake.toml",
            format!("{file}[[dataset]]\nname = \"raw_data\"\n{lines}\n"),
        );
        whole(&program, &[]);
        simulation.requests()
    };
    assert_eq!(requests(""), 4);
    assert!(requests("max_window_records = 20") > 4);
}

#[test]
fn days_are_read_side_by_side_unless_one_request_is_in_flight() {
    // Whether another day is asked for before the first one has its second page, which waits for that.
    let side_by_side = |concurrency: &str, patience: Duration| {
        let (begins, others) = channel();
        let others = Arc::new(Mutex::new(others));
        let seen = Arc::new(AtomicBool::new(false));
        let noticed = Arc::clone(&seen);
        let server = Scripted::start(move |asked| {
            if asked.day != DAY {
                begins.send(()).unwrap();
            } else if asked.offset > 0 {
                let other = block_in_place(|| others.lock().unwrap().recv_timeout(patience));
                noticed.store(other.is_ok(), Ordering::SeqCst);
            }
            let name = if asked.offset == 0 { "a" } else { "b" };
            Some(page(&[record(name)], 2, asked.offset == 0))
        });
        let program = server
            .program()
            .variable("KORELAKE_SOURCE__CONCURRENCY", concurrency);
        export(&program, &["raw_data"], DAY, "2026-03-26", &[]).succeeded();
        assert_eq!(lake(&program).parquet().len(), 3);
        seen.load(Ordering::SeqCst)
    };
    assert!(side_by_side("4", Duration::from_secs(60)));
    assert!(!side_by_side("1", Duration::from_millis(300)));
}

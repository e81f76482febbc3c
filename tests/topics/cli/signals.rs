//! Runs that are ended by a signal, as Ctrl-C and schedulers do it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use korelake_simulator::Options;

use crate::support::lake::Lake;
use crate::support::program::{Program, Ran};
use crate::support::scripted::{Scripted, page, record};
use crate::support::simulation::Simulation;

/// Sends a signal to a process of this test.
fn signal(name: &str, process: u32) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill {name} {process}")])
        .status()
        .unwrap();
    assert!(sent.success());
}

#[test]
fn an_interrupted_export_keeps_what_was_committed_and_nothing_else() {
    for name in ["-INT", "-TERM"] {
        // The second day's second page never comes.
        let (reached, waiting) = channel();
        let server = Scripted::start(move |asked| {
            if asked.day == "2026-03-23" {
                return Some(page(&[record("a")], 1, false));
            }
            if asked.offset > 0 {
                reached.send(()).unwrap();
                return None;
            }
            let records: Vec<_> = (0..500).map(|number| record(&format!("c-{number}"))).collect();
            Some(page(&records, 1000, true))
        });
        let program = server.program();
        // One request at a time, so that the first day is done when the second hangs.
        let arguments = [
            "export",
            "raw_data",
            "--from",
            "2026-03-23",
            "--to",
            "2026-03-26",
            "--concurrency",
            "1",
        ];
        let child = program
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        waiting.recv_timeout(Duration::from_secs(60)).unwrap();
        let lake = Lake(program.path("lake"));
        assert!(
            lake.files().keys().any(|path| path.contains("staging")),
            "nothing has to be cleaned up"
        );
        signal(name, child.id());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(130), "{ran:?}");
        assert!(
            ran.stderr.contains("interrupted: what was committed stays"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.lines("error: ").len(), 0, "{}", ran.stderr);
        let files: Vec<String> = lake.files().into_keys().collect();
        let expected = [
            "_korelake/raw_data/ledger/2026-03-23/0000000001.json",
            "_korelake/raw_data/table.json",
            "raw_data/date=2026-03-23/part-00000.parquet",
        ];
        assert_eq!(files, expected);
        assert!(
            server.asked().iter().all(|asked| asked.day != "2026-03-25"),
            "it went on after {name}"
        );
    }
}

#[test]
fn an_interrupted_export_goes_on_where_it_was() {
    let options = Options::default()
        .conversations_per_day(30)
        .max_limit(10)
        .latency(Duration::from_millis(50));
    let simulation = Simulation::start(options);
    let program = simulation.program();
    // Twice as many days as are read at the same time.
    let arguments = ["export", "raw_data", "--from", "2026-03-23", "--to", "2026-03-31"];
    let mut child = program
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("raw_data 2026-03-2") && line.contains(": 30 rows"),
        "{line}"
    );
    signal("-INT", child.id());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{line}{rest}");
    let lake = Lake(program.path("lake"));
    let committed = lake.parquet();
    assert!(!committed.is_empty() && committed.len() < 8, "{line}{rest}");
    for path in committed.keys() {
        assert_eq!(
            lake.rows(path.strip_suffix("/part-00000.parquet").unwrap()).len(),
            30
        );
    }
    program.run(arguments).succeeded();
    let whole = lake.parquet();
    assert_eq!(whole.len(), 8);
    assert!(committed.iter().all(|(path, bytes)| whole[path] == *bytes));
}

#[test]
fn the_simulator_prints_a_configuration_that_works() {
    let program = Program::new();
    let arguments = ["simulate", "--port", "0", "--conversations-per-day", "4"];
    let mut child = program
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut file = String::new();
    while !file.contains("url = ") {
        file += &(lines.next().unwrap().unwrap() + "\n");
    }
    program.write("korelake.toml", &file);
    let ran = program.run([
        "export",
        "score_reporting",
        "--from",
        "2026-03-23",
        "--to",
        "2026-03-24",
    ]);
    signal("-INT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    ran.succeeded();
    assert_eq!(
        Lake(program.path("lake"))
            .rows("score_reporting/date=2026-03-23")
            .len(),
        4,
        "{file}"
    );
}

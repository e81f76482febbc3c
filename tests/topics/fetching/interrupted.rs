//! A run that is interrupted while four units are being read.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::lake::Lake;
use crate::support::program::Ran;
use crate::support::scripted::{Asked, Scripted, page, record};

const ARGUMENTS: [&str; 8] = [
    "export",
    "raw_data",
    "--from",
    "2026-03-20",
    "--to",
    "2026-03-28",
    "--concurrency",
    "4",
];
const PAGE: u64 = 100;

#[test]
fn a_run_that_is_interrupted_in_four_units_leaves_whole_ones_and_nothing_else() {
    // Every day has two pages. The second one of the first two days that ask for it comes; that of the others does
    // not, while they are held back.
    let held_back = Arc::new(AtomicBool::new(true));
    let answered: Arc<Mutex<Vec<String>>> = Arc::default();
    let (reached, waiting) = channel();
    let server = Scripted::start({
        let (held_back, answered) = (Arc::clone(&held_back), Arc::clone(&answered));
        move |asked: &Asked| {
            let mut answered = answered.lock().unwrap();
            if asked.offset > 0 && held_back.load(Ordering::SeqCst) {
                if answered.len() == 2 {
                    reached.send(asked.day.clone()).unwrap();
                    return None;
                }
                answered.push(asked.day.clone());
            }
            let records: Vec<_> = (asked.offset..asked.offset + PAGE)
                .map(|number| record(&format!("{} {number}", asked.day)))
                .collect();
            Some(page(&records, 2 * PAGE, asked.offset == 0))
        }
    });
    let program = server.program();
    let child = program
        .command(ARGUMENTS)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Four are read at a time, so the two that were answered are done.
    let in_flight: BTreeSet<String> = (0..4)
        .map(|_| waiting.recv_timeout(Duration::from_secs(60)).unwrap())
        .collect();
    assert_eq!(in_flight.len(), 4);
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -INT {}", child.id())])
        .status()
        .unwrap();
    assert!(sent.success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");

    let lake = Lake(program.path("lake"));
    let whole: BTreeSet<String> = answered.lock().unwrap().drain(..).collect();
    let committed = lake.parquet();
    let paths = whole
        .iter()
        .map(|day| format!("raw_data/date={day}/part-00000.parquet"));
    assert!(
        committed.keys().cloned().eq(paths),
        "{whole:?}: {:?}",
        committed.keys()
    );
    for day in &whole {
        assert_eq!(lake.rows(&format!("raw_data/date={day}")).len() as u64, 2 * PAGE);
        assert_eq!(lake.entry("raw_data", day)["proof"]["rows"], 2 * PAGE);
    }
    let allowed = |path: &str| {
        path == "_korelake/probe.json"
            || path == "_korelake/raw_data/table.json"
            || whole.iter().any(|day| path.contains(day.as_str()))
    };
    let left: Vec<String> = lake.files().into_keys().filter(|path| !allowed(path)).collect();
    assert!(left.is_empty(), "{left:?}");

    held_back.store(false, Ordering::SeqCst);
    program.run(ARGUMENTS).succeeded();
    let complete = lake.parquet();
    assert_eq!(complete.len(), 8);
    assert!(committed.iter().all(|(path, bytes)| complete[path] == *bytes));
    for path in complete.keys() {
        let folder = path.strip_suffix("/part-00000.parquet").unwrap();
        assert_eq!(lake.rows(folder).len() as u64, 2 * PAGE);
    }
}

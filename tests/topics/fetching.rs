//! How much is asked of the server, and how much of it at a time. That what comes of it is right is the matter of the
//! [`matrix`](super::matrix).

mod interrupted;
mod requests;

use std::time::Duration;

use korelake::fetch::{Client, ClientOptions};
use korelake::{Dataset, Job, Report};
use korelake_simulator::{Options, Simulator};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::matrix::trial::{client_options, export};
use crate::support::lake::Lake;

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

/// A server, a lake, and a runtime for what is between them.
struct Setting {
    simulator: Simulator,
    runtime: Runtime,
    folder: TempDir,
}

impl Setting {
    fn new(options: Options) -> Self {
        let runtime = Runtime::new().unwrap();
        Self {
            simulator: runtime.block_on(Simulator::start(options)).unwrap(),
            runtime,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn lake(&self) -> Lake {
        Lake(self.folder.path().to_owned())
    }

    /// Runs the jobs with a client of their own. Every unit has to be committed.
    #[track_caller]
    fn export(&self, options: ClientOptions, jobs: &[Job], from: &str, to: &str) -> Report {
        let client = Client::new(options).unwrap();
        let export = export(client, &self.simulator, self.folder.path(), jobs, from, to);
        let report = self.runtime.block_on(export).unwrap();
        let failures: Vec<String> = report
            .failures()
            .map(|(unit, error)| format!("{}: {error}", unit.unit))
            .collect();
        assert!(failures.is_empty(), "{failures:?}");
        report
    }
}

fn job(dataset: &str) -> Job {
    Job::new(Dataset::load(dataset).unwrap())
}

#[test]
fn a_paced_client_never_meets_the_strict_limit_of_a_server() {
    // A minute of this server is as many requests as there are pages: one more, or one again, would be refused.
    let options = Options::default()
        .conversations_per_day(100)
        .fault(korelake_simulator::Fault::Throttle(20));
    let setting = Setting::new(options);
    let jobs = [job("raw_data").page_size(Some(5))];
    let paced = client_options(false).requests_per_minute(Some(600));
    let report = setting.export(paced, &jobs, DAY, NEXT);
    assert_eq!((report.units[0].rows, report.units[0].requests), (100, 20));
    let times = setting.simulator.request_times();
    assert_eq!(times.len(), 20, "none was refused and asked again");
    // Ten a second, and no more than three that had been late.
    for (place, time) in times.iter().enumerate() {
        let within = times[place..]
            .iter()
            .filter(|later| **later - *time < Duration::from_secs(1));
        assert!(within.count() <= 13, "{times:?}");
    }
}

#[test]
fn four_requests_are_in_flight_and_never_more() {
    let units = |dataset: &str| job(dataset).page_size(Some(10));
    let shapes: [(&str, u32, Vec<Job>, &str); 3] = [
        ("a single large unit", 200, vec![units("raw_data")], NEXT),
        ("many small units", 3, vec![units("raw_data")], "2026-04-04"),
        (
            "several datasets",
            3,
            vec![units("raw_data"), units("score_reporting"), units("agent_assist")],
            "2026-03-27",
        ),
    ];
    for (name, per_day, jobs, to) in shapes {
        let options = Options::default()
            .conversations_per_day(per_day)
            .latency(Duration::from_millis(30));
        let setting = Setting::new(options);
        setting.export(client_options(false).concurrency(4), &jobs, DAY, to);
        assert_eq!(setting.simulator.peak_in_flight(), 4, "{name}");
    }
}

#[test]
fn several_bots_of_one_account_share_its_budget() {
    let streams = vec!["st-emea".to_owned(), "st-apac".to_owned()];
    let options = Options::default()
        .conversations_per_day(20)
        .streams(streams.clone());
    let setting = Setting::new(options);
    let jobs: Vec<Job> = streams
        .iter()
        .map(|stream| {
            job("raw_data")
                .table(stream.replace('-', "_"))
                .stream_id(Some(stream.clone()))
                .page_size(Some(5))
        })
        .collect();
    let report = setting.export(
        client_options(false).requests_per_minute(Some(1200)),
        &jobs,
        DAY,
        NEXT,
    );
    let sent: u64 = report.units.iter().map(|unit| unit.requests).sum();
    assert_eq!(sent, 8, "four pages of each");
    // One budget for both: each request comes a twentieth of a second after the one before, whosever it is. They
    // may arrive a little closer than they were sent.
    let times = setting.simulator.request_times();
    let spread = *times.last().unwrap() - times[0];
    assert!(spread >= Duration::from_millis(7 * 50 - 30), "{spread:?}");
    for (job, stream) in streams.iter().enumerate() {
        let rows = setting
            .lake()
            .rows(&format!("{}/date={DAY}", stream.replace('-', "_")));
        let keys: Vec<&str> = rows
            .iter()
            .map(|row| row["conversation_id"].as_str().unwrap())
            .collect();
        let midnight = super::matrix::trial::midnight;
        let held = setting.simulator.records_of(
            stream,
            korelake_simulator::Shape::V3,
            midnight(DAY),
            midnight(NEXT),
        );
        assert_eq!(keys.len(), held.len());
        for (key, record) in keys.iter().zip(&held) {
            assert!(record.contains(*key), "{key} of table {job} is not its bot's");
        }
    }
}

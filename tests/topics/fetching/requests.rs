//! Each unit costs as many requests as it has pages. What is learned about a server's paging costs one in a run, or
//! none, and none in the next.

use korelake::Job;
use korelake_simulator::{Fault, Options};

use super::super::matrix::trial::client_options;
use super::{DAY, NEXT, Setting, job};

const PAGE: u32 = 5;
const SOME: [u32; 6] = [0, 1, PAGE - 1, PAGE, PAGE + 1, 7 * PAGE + 2];

/// What a unit of so many records costs.
fn pages(records: u64) -> u64 {
    records.div_ceil(PAGE.into()).max(1)
}

fn by_five(dataset: &str) -> Job {
    job(dataset).page_size(Some(PAGE))
}

#[test]
fn a_unit_costs_one_request_a_page() {
    for per_day in SOME {
        for dataset in ["raw_data", "score_reporting", "agent_assist"] {
            let setting = Setting::new(Options::default().conversations_per_day(per_day));
            // Under a limit no request is spent on anything else.
            let options = || client_options(false).requests_per_minute(Some(60_000));
            for run in ["the first run", "the second run"] {
                let before = setting.simulator.requests();
                let report = setting.export(options(), &[by_five(dataset)], DAY, NEXT);
                let unit = &report.units[0];
                let sent = setting.simulator.requests() - before;
                assert_eq!(
                    (sent, unit.requests),
                    (pages(unit.rows), pages(unit.rows)),
                    "{run} of {dataset} with {} rows",
                    unit.rows
                );
                assert!(unit.rows >= per_day.into(), "{} rows of {per_day}", unit.rows);
            }
        }
    }
}

/// Where the first guess is wrong, the second page has to be asked for twice; once in all days, and never again.
#[test]
fn finding_out_how_a_server_pages_costs_one_request_for_ever() {
    // Legacy is counted by page, and this server by offset; the other way round for the current endpoint.
    let wrong = [("legacy_app", Fault::PagesByOffset), ("v3", Fault::PagesByPage)];
    let right = [("legacy_app", Fault::PagesByPage), ("v3", Fault::PagesByOffset)];
    let cases = wrong
        .map(|case| (case, 1))
        .into_iter()
        .chain(right.map(|case| (case, 0)));
    for ((endpoint, fault), found_out_by) in cases {
        let options = Options::default()
            .conversations_per_day(3 * PAGE + 2)
            .fault(fault);
        let setting = Setting::new(options);
        let jobs = [by_five("raw_data").endpoint(Some(endpoint.to_owned()))];
        for further in [found_out_by, 0] {
            let before = setting.simulator.requests();
            let report = setting.export(client_options(false), &jobs, DAY, "2026-03-26");
            let expected: u64 = report.units.iter().map(|unit| pages(unit.rows)).sum();
            assert_eq!(report.units.len(), 3);
            assert_eq!(
                setting.simulator.requests() - before,
                expected + further,
                "{endpoint} with {fault}"
            );
        }
        let probes = setting.lake().files()["_korelake/probe.json"].clone();
        let probes = String::from_utf8(probes).unwrap();
        assert!(probes.contains(&format!("raw_data/{endpoint}")), "{probes}");
    }
}

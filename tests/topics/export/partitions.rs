//! Units of an hour, a day and a month: their folders, and ranges that are widened to them.

use korelake_simulator::{Options, Shape};

use super::{export, lake, simulation};
use crate::support::simulation::Simulation;

fn folders(program: &super::Program) -> Vec<String> {
    lake(program).parquet().into_keys().collect()
}

#[test]
fn hours_have_folders_of_their_own() {
    let simulation = Simulation::start(Options::default().conversations_per_day(240));
    let program = simulation.program();
    let (from, to) = ("2026-03-23T05:30:00Z", "2026-03-23T08:00:00Z");
    export(&program, &["raw_data"], from, to, &["--partition", "hour"]).succeeded();
    let expected =
        ["05", "06", "07"].map(|hour| format!("raw_data/hour=2026-03-23-{hour}/part-00000.parquet"));
    assert_eq!(folders(&program), expected);
    for (hour, next) in [("05", "06"), ("06", "07"), ("07", "08")] {
        let [start, end] = [hour, next].map(|hour| format!("2026-03-23T{hour}:00:00Z"));
        let records = simulation.records(Shape::V3, &start, &end);
        let rows = lake(&program).rows(&format!("raw_data/hour=2026-03-23-{hour}"));
        let keys: Vec<_> = rows
            .iter()
            .map(|row| row["conversation_id"].as_str().unwrap())
            .collect();
        assert!(!records.is_empty() && keys.len() == records.len());
        assert!(
            keys.iter()
                .zip(&records)
                .all(|(key, record)| record.contains(key)),
            "{hour}"
        );
        let entry = lake(&program).entry("raw_data", &format!("2026-03-23T{hour}"));
        assert_eq!(
            (&entry["unit"]["start"], &entry["unit"]["end"]),
            (&start.into(), &end.into())
        );
    }
}

#[test]
fn a_unit_without_records_has_an_entry_and_no_file() {
    let simulation = Simulation::start(Options::default().conversations_per_day(0));
    let program = simulation.program();
    export(&program, &["raw_data"], "2026-03-23", "2026-03-24", &[]).succeeded();
    assert_eq!(folders(&program), [""; 0]);
    let entry = lake(&program).entry("raw_data", "2026-03-23");
    assert_eq!(
        (&entry["files"], &entry["proof"]["rows"]),
        (&serde_json::json!([]), &0.into())
    );
    export(&program, &["raw_data"], "2026-03-23", "2026-03-24", &[]).succeeded();
    assert_eq!(lake(&program).entry("raw_data", "2026-03-23")["state"], "settled");
}

#[test]
fn a_range_inside_a_month_is_widened_to_the_month() {
    let simulation = Simulation::start(Options::default().conversations_per_day(3));
    let program = simulation.program();
    export(
        &program,
        &["raw_data"],
        "2026-02-10",
        "2026-03-01",
        &["--partition", "month"],
    )
    .succeeded();
    assert_eq!(folders(&program), ["raw_data/month=2026-02/part-00000.parquet"]);
    let rows = lake(&program).rows("raw_data/month=2026-02");
    assert_eq!(
        rows.len(),
        simulation.records(Shape::V3, "2026-02-01", "2026-03-01").len()
    );
    assert_eq!(rows.len(), 28 * 3);
}

#[test]
fn a_range_inside_a_day_is_widened_to_the_day() {
    let simulation = simulation();
    let program = simulation.program();
    export(
        &program,
        &["raw_data"],
        "2026-03-23T10:00:00Z",
        "2026-03-23T11:00:00+00:00",
        &[],
    )
    .succeeded();
    assert_eq!(lake(&program).rows("raw_data/date=2026-03-23").len(), 23);
}

#[test]
fn a_table_keeps_the_partition_it_was_begun_with() {
    let simulation = simulation();
    let program = simulation.program();
    export(&program, &["raw_data"], "2026-03-23", "2026-03-24", &[]).succeeded();
    let before = lake(&program).files();
    let ran = export(
        &program,
        &["raw_data"],
        "2026-03-23",
        "2026-03-24",
        &["--partition", "hour"],
    );
    ran.failed(
        1,
        "table `raw_data` of the lake belongs to partition `day`, and this is `hour`",
        "another `table` or another lake",
    );
    let ran = export(
        &program,
        &["score_reporting"],
        "2026-03-23",
        "2026-03-24",
        &["--table", "raw_data"],
    );
    ran.failed(
        1,
        "belongs to dataset `raw_data`, and this is `score_reporting`",
        "another `table` or another lake",
    );
    assert!(lake(&program).files() == before);
}

#[test]
fn a_table_can_have_a_name_of_its_own() {
    let simulation = simulation();
    let program = simulation.program();
    let arguments = ["--table", "calls_emea", "--partition", "hour"];
    export(
        &program,
        &["raw_data"],
        "2026-03-23",
        "2026-03-23T06:00:00Z",
        &arguments,
    )
    .succeeded();
    assert!(
        folders(&program)
            .iter()
            .all(|path| path.starts_with("calls_emea/hour=2026-03-23-0"))
    );
    let entry = lake(&program).entry("calls_emea", "2026-03-23T05");
    assert_eq!(
        (&entry["table"], &entry["dataset"]),
        (&"calls_emea".into(), &"raw_data".into())
    );
    let ran = export(
        &program,
        &["raw_data", "agent_assist"],
        "2026-03-23",
        "2026-03-24",
        &["--table", "one"],
    );
    ran.failed(1, "one table for several datasets", "one by one");
    let ran = export(
        &program,
        &["raw_data"],
        "2026-03-23",
        "2026-03-24",
        &["--table", "../elsewhere"],
    );
    ran.failed(1, "`../elsewhere` is not a table name", "lower-case letters");
    assert!(!program.path("elsewhere").exists());
}

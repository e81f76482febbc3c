//! What is in the lake is what the server holds, record by record, and stays so when it is fetched again.

use std::collections::BTreeSet;

use korelake::schema::{Decoder, Definition};
use korelake_simulator::{Options, RawDataShape, Shape};
use serde_json::Value;

use super::{DATASETS, export, lake, simulation};
use crate::support::lake::Lake;
use crate::support::simulation::Simulation;
use crate::support::{expectation, table};

const DAYS: [&str; 4] = ["2026-03-23", "2026-03-24", "2026-03-25", "2026-03-26"];

/// Holds that a unit's rows are these records: as the decoder reads them, and as the definition says.
#[track_caller]
fn holds(lake: &Lake, folder: &str, dataset: &str, records: &[String]) {
    let definition = Definition::builtin(dataset).unwrap();
    let rows = lake.rows(folder);
    let mut decoder = Decoder::new(&definition);
    decoder.finish(records.join("\n").as_bytes()).unwrap();
    let decoded = table::rows_of(&decoder.flush().unwrap().unwrap());
    assert!(
        rows == decoded,
        "{folder} is not what the decoder makes of the records"
    );
    let plain = |row| expectation::with_plain_json(&definition, row);
    let rows: Vec<Value> = rows.into_iter().map(plain).collect();
    let expected: Vec<Value> = expectation::rows(&definition, records)
        .into_iter()
        .map(plain)
        .collect();
    assert!(rows == expected, "{folder} is not what the records say");
}

#[test]
fn three_datasets_end_in_the_lake_as_the_server_holds_them() {
    let simulation = simulation();
    let program = simulation.program();
    let names = DATASETS.map(|(name, _)| name);
    let ran = export(&program, &names, DAYS[0], DAYS[3], &[]).succeeded();
    assert_eq!(ran.stdout, "");
    let lake = lake(&program);
    let mut folders = BTreeSet::new();
    for (dataset, shape) in DATASETS {
        let definition = Definition::builtin(dataset).unwrap();
        let mut keys = BTreeSet::new();
        let mut count = 0;
        for day in DAYS.windows(2) {
            let records = simulation.records(shape, day[0], day[1]);
            let folder = format!("{dataset}/date={}", day[0]);
            holds(&lake, &folder, dataset, &records);
            count += records.len();
            keys.extend(
                lake.rows(&folder)
                    .into_iter()
                    .map(|row| row[definition.key()].to_string()),
            );
            folders.insert(format!("{folder}/part-00000.parquet"));
        }
        assert!(count >= 3 * 23, "{dataset} has {count} records");
        assert_eq!(keys.len(), count, "{dataset} has a key twice");
    }
    assert_eq!(lake.parquet().into_keys().collect::<BTreeSet<_>>(), folders);
    let outside = lake
        .files()
        .into_keys()
        .filter(|path| !path.starts_with("_korelake/"));
    assert_eq!(
        outside.collect::<BTreeSet<_>>(),
        folders,
        "there is more than data and state"
    );
}

#[test]
fn what_is_exported_again_is_unchanged() {
    let simulation = simulation();
    let program = simulation.program();
    let lake = lake(&program);
    let modified = || {
        let paths = lake.parquet().into_keys();
        paths
            .map(|path| lake.0.join(path).metadata().unwrap().modified().unwrap())
            .collect::<Vec<_>>()
    };
    export(&program, &["raw_data", "agent_assist"], DAYS[0], DAYS[2], &[]).succeeded();
    let (files, times) = (lake.parquet(), modified());
    assert_eq!(files.len(), 4);

    let ran = export(&program, &["raw_data", "agent_assist"], DAYS[0], DAYS[2], &[]).succeeded();
    let unchanged = ran.stderr.lines().filter(|line| line.ends_with(", unchanged"));
    assert_eq!(unchanged.count(), 4, "{}", ran.stderr);
    assert!(lake.parquet() == files, "an unchanged unit has other bytes");
    assert_eq!(modified(), times, "an unchanged unit was written again");
    for table in ["raw_data", "agent_assist"] {
        for day in &DAYS[..2] {
            let generations: Vec<String> = lake.entries(table, day).into_keys().collect();
            assert_eq!(
                generations,
                ["0000000001.json", "0000000002.json"],
                "{table} {day}"
            );
        }
    }
}

#[test]
fn the_same_records_give_the_same_bytes_in_another_lake() {
    let [one, other] = [10, 7].map(|limit| {
        let options = Options::default()
            .seed(7)
            .conversations_per_day(23)
            .max_limit(limit);
        let simulation = Simulation::start(options);
        let program = simulation.program();
        export(&program, &["raw_data", "score_reporting"], DAYS[0], DAYS[2], &[]).succeeded();
        lake(&program).parquet()
    });
    assert_eq!(one.len(), 4);
    assert!(one == other, "bytes depend on the run, or on the size of pages");
}

#[test]
fn the_legacy_endpoints_fill_the_same_columns() {
    let simulation = simulation();
    for endpoint in ["legacy_app", "legacy_account"] {
        let program = simulation.program();
        export(
            &program,
            &["raw_data"],
            DAYS[0],
            DAYS[1],
            &["--endpoint", endpoint],
        )
        .succeeded();
        let records = simulation.records(Shape::Legacy, DAYS[0], DAYS[1]);
        assert_eq!(records.len(), 23);
        holds(&lake(&program), "raw_data/date=2026-03-23", "raw_data", &records);
        assert_eq!(
            lake(&program).entry("raw_data", DAYS[0])["identity"]["endpoint"],
            endpoint
        );
        let other = export(&program, &["raw_data"], DAYS[0], DAYS[1], &[]);
        let message = format!("belongs to endpoint `{endpoint}`, and this is `v3`");
        other.failed(1, &message, "the settings as they were");
    }
}

#[test]
fn the_camel_case_shape_fills_the_same_table() {
    let options = Options::default().seed(7).conversations_per_day(23);
    let simulation = Simulation::start(options.raw_data_shape(RawDataShape::CamelCase));
    let program = simulation.program();
    export(&program, &["raw_data"], DAYS[0], DAYS[1], &[]).succeeded();
    let records = simulation.records(Shape::CamelCase, DAYS[0], DAYS[1]);
    assert_eq!(records.len(), 23);
    holds(&lake(&program), "raw_data/date=2026-03-23", "raw_data", &records);
}

#[test]
fn agentic_activities_and_short_conversations_are_asked_for() {
    let simulation = simulation();
    let program = simulation.program();
    export(&program, &["raw_data", "agent_assist"], DAYS[0], DAYS[1], &[]).succeeded();
    let rows = lake(&program).rows("raw_data/date=2026-03-23");
    assert!(rows.iter().any(|row| row["duration_status"] == "below_threshold"));
    let rows = lake(&program).rows("agent_assist/date=2026-03-23");
    assert!(rows.iter().any(|row| row["agentic_activities"].is_array()));
}

#[test]
fn a_dataset_of_ones_own_is_exported_by_its_path() {
    let simulation = simulation();
    let program = simulation.program();
    let mut definition: Value = serde_json::from_str(Definition::builtin_text("raw_data").unwrap()).unwrap();
    definition["name"] = "scores".into();
    let columns = definition["columns"].as_array_mut().unwrap();
    columns.retain(|column| {
        ["conversation_id", "kore_evaluation_score"].contains(&column["name"].as_str().unwrap())
    });
    definition.as_object_mut().unwrap().remove("event_time");
    program.write("scores.json", definition.to_string());
    export(&program, &["./scores.json"], DAYS[0], DAYS[1], &[]).succeeded();
    let rows = lake(&program).rows("scores/date=2026-03-23");
    assert_eq!(rows.len(), 23);
    assert_eq!(rows[0].as_object().unwrap().len(), 3);
    assert_eq!(lake(&program).entry("scores", DAYS[0])["proof"]["rescued"], 23);
}

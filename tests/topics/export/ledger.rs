//! The ledger's entries: what they say must hold of the files beside them.

use korelake::schema::Definition;
use korelake::writer::{Digest, RowHasher};
use korelake_simulator::Options;
use serde_json::json;
use xxhash_rust::xxh3::xxh3_128;

use super::{DATASETS, export, lake, simulation};
use crate::support::table;

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

#[test]
fn an_entry_is_the_proof_of_its_files() {
    let simulation = simulation();
    let program = simulation.program();
    export(&program, &DATASETS.map(|(name, _)| name), DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    let known = Options::default();
    for (dataset, shape) in DATASETS {
        let records = simulation.records(shape, DAY, NEXT).len();
        let entry = lake.entry(dataset, DAY);
        let path = format!("{dataset}/date={DAY}/part-00000.parquet");
        let bytes = &lake.files()[&path];
        assert_eq!(entry["format"], 1);
        assert_eq!(
            (&entry["table"], &entry["dataset"]),
            (&json!(dataset), &json!(dataset))
        );
        let unit =
            json!({"partition": "day", "start": "2026-03-23T00:00:00Z", "end": "2026-03-24T00:00:00Z"});
        assert_eq!(entry["unit"], unit);
        assert_eq!(entry["generation"], 1);
        assert_eq!(entry["writer"]["version"], env!("CARGO_PKG_VERSION"));
        let identity = &entry["identity"];
        let endpoint = if dataset == "agent_assist" { "v2" } else { "v3" };
        assert_eq!(identity["host"], simulation.url());
        assert_eq!(identity["account"], known.account_id);
        assert_eq!(identity["stream"], known.stream_id);
        assert_eq!(
            (&identity["endpoint"], &identity["partition"]),
            (&json!(endpoint), &json!("day"))
        );
        assert_eq!(
            entry["schema"],
            Definition::builtin(dataset).unwrap().fingerprint()
        );
        // Agent AI gives no total.
        let total = (dataset != "agent_assist").then_some(records);
        let counts = json!({
            "total_first": total, "total_last": total, "distinct_keys": records, "rows": records, "rescued": 0,
            "quarantined": 0, "duplicates": 0, "handed_over": [], "outside": 0, "requests": records.div_ceil(10)
        });
        for (name, count) in counts.as_object().unwrap() {
            assert_eq!(entry["proof"][name], *count, "{dataset}: {name}");
        }
        let [file] = &entry["files"].as_array().unwrap()[..] else {
            panic!("{dataset} has not one file")
        };
        assert_eq!((&file["path"], &file["rows"]), (&json!(path), &json!(records)));
        assert_eq!(file["bytes"], bytes.len());
        assert_eq!(file["checksum"], format!("{:032x}", xxh3_128(bytes)));
        let mut digest = Digest::default();
        digest.extend(RowHasher::new().rows(&table::read(&lake.0.join(&path))).unwrap());
        assert_eq!(entry["digest"], digest.to_string());
        assert_eq!(
            (&entry["quarantine"], &entry["stale_parts"]),
            (&json!(null), &json!([]))
        );
        assert_eq!(entry["state"], "young");
        assert_eq!(entry["committed_at"], entry["last_checked"]);
    }
    let requests: u64 = DATASETS
        .map(|(dataset, _)| lake.entry(dataset, DAY)["proof"]["requests"].as_u64().unwrap())
        .iter()
        .sum();
    assert_eq!(
        requests,
        simulation.requests(),
        "the ledger counts other requests than the server"
    );
}

#[test]
fn a_unit_settles_when_it_is_read_twice_with_the_same_result() {
    let simulation = simulation();
    let program = simulation.program();
    for _ in 0..2 {
        export(&program, &["score_reporting"], DAY, NEXT, &[]).succeeded();
    }
    let entries: Vec<_> = lake(&program)
        .entries("score_reporting", DAY)
        .into_values()
        .collect();
    assert_eq!(
        entries.iter().map(|entry| &entry["state"]).collect::<Vec<_>>(),
        ["young", "settled"]
    );
    for key in ["files", "digest", "identity", "committed_at"] {
        assert_eq!(entries[0][key], entries[1][key], "{key}");
    }
    assert_ne!(entries[0]["last_checked"], entries[1]["last_checked"]);
    assert_ne!(
        entries[0]["writer"]["id"], entries[1]["writer"]["id"],
        "two runs have one name"
    );
}

#[test]
fn five_generations_are_kept() {
    let simulation = simulation();
    let program = simulation.program();
    for _ in 0..7 {
        export(&program, &["score_reporting"], DAY, NEXT, &[]).succeeded();
    }
    let entries = lake(&program).entries("score_reporting", DAY);
    let generations: Vec<u64> = entries
        .values()
        .map(|entry| entry["generation"].as_u64().unwrap())
        .collect();
    assert_eq!(generations, [3, 4, 5, 6, 7]);
    assert_eq!(entries.into_keys().next().unwrap(), "0000000003.json");
}

#[test]
fn a_file_that_is_gone_or_cut_is_written_again() {
    let simulation = simulation();
    let program = simulation.program();
    let lake = lake(&program);
    let path = lake.0.join("raw_data/date=2026-03-23/part-00000.parquet");
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let whole = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert!(std::fs::read(&path).unwrap() == whole);
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert!(std::fs::read(&path).unwrap() == whole);
    assert_eq!(lake.entry("raw_data", DAY)["generation"], 3);
}

#[test]
fn an_entry_of_a_newer_version_is_not_half_understood() {
    let simulation = simulation();
    let program = simulation.program();
    let lake = lake(&program);
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let mut entry = lake.entry("raw_data", DAY);
    entry["format"] = 2.into();
    let path = lake
        .0
        .join("_korelake/raw_data/ledger/2026-03-23/0000000001.json");
    std::fs::write(path, entry.to_string()).unwrap();
    let before = lake.files();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(2, "has format 2, this version reads 1", "a newer one");
    assert!(lake.files() == before);
}

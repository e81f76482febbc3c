//! The decoder beside a naive mapper: the same records give the same cells, row by row, column by column and to the
//! last level, and the same `_rescued`, however the input is framed and cut into chunks.
//!
//! Where the two differ, one of them has not kept to what the columns promise; the mapper is the one that can be
//! checked by reading it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may")]

#[path = "../lossless/generated.rs"]
mod generated;
mod naive;
#[path = "../support/mod.rs"]
mod support;
mod traps;

use std::path::Path;

use chrono::NaiveDate;
use korelake_schema::{Decoder, Definition};
use korelake_simulator::{Shape, conversations};
use proptest::prelude::*;
use proptest::sample::Index;

use generated::{Json, anything, body, object_of, space};
use support::decoded::Decoded;
use support::every_type;

/// How records are put into one input.
#[derive(Debug, Clone, Copy)]
enum Framing {
    Array,
    Envelope,
    /// One after the other. Arrays among them would be read as arrays of records.
    Lines,
}

/// The key of the records in the envelope of a dataset's responses.
fn records_key(definition: &Definition) -> &str {
    let key = definition.endpoints()[0].pointer("/response/records");
    key.and_then(serde_json::Value::as_str).unwrap()
}

/// Decodes the input and holds the rows, and what went to the quarantine, against the records.
fn check(definition: &Definition, records: &[&str], input: &str, cuts: &[Index], batch_rows: usize) {
    let mut decoder = Decoder::new(definition);
    let whole = Decoded::new(&mut decoder, input.as_bytes(), []).unwrap();
    let (objects, others): (Vec<&str>, Vec<&str>) =
        records.iter().partition(|record| record.starts_with('{'));
    naive::compare(definition, &objects, &whole.rows(&decoder));
    let quarantined: Vec<&[u8]> = whole
        .quarantined
        .iter()
        .map(|row| row.record.as_slice())
        .collect();
    let others: Vec<&[u8]> = others.into_iter().map(str::as_bytes).collect();
    assert_eq!(quarantined, others);
    assert_eq!(whole.counts[0] as usize, objects.len());

    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
    cuts.sort_unstable();
    let mut decoder = Decoder::new(definition).with_batch_rows(batch_rows);
    let parts = Decoded::new(&mut decoder, input.as_bytes(), cuts).unwrap();
    parts.assert_same(&whole, &decoder);
}

/// Records of a dataset, and values that are none.
fn values(definition: &Definition) -> impl Strategy<Value = Vec<Json>> + use<> {
    let value = prop_oneof![9 => object_of(definition.columns()), 1 => anything()];
    prop::collection::vec(value, 0..5)
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![
        Just(Framing::Array),
        Just(Framing::Envelope),
        Just(Framing::Lines)
    ]
}

/// Checks whatever records may come of a dataset.
fn check_any(definition: &Definition) {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let cuts = prop::collection::vec(any::<Index>(), 0..6);
    let strategy = (values(definition), framing(), space(), cuts, 1_usize..5);
    proptest!(config, |((values, framing, space, cuts, batch_rows) in strategy)| {
        let texts: Vec<String> = values.iter().map(|value| value.text(space)).collect();
        let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let input = match framing {
            Framing::Array => body(&values, space),
            Framing::Envelope => {
                let (key, records) = (records_key(definition), body(&values, space));
                format!("{{\"before\":[{{}}],{space}\"{key}\":{space}{records}{space},\"after\":1}}{space}")
            }
            Framing::Lines => {
                texts.retain(|text| !text.starts_with('['));
                texts.join("\n")
            }
        };
        check(definition, &texts, &input, &cuts, batch_rows);
    });
}

#[test]
fn any_record_of_raw_data_becomes_the_same_row() {
    check_any(&Definition::builtin("raw_data").unwrap());
}

#[test]
fn any_record_of_score_reporting_becomes_the_same_row() {
    check_any(&Definition::builtin("score_reporting").unwrap());
}

#[test]
fn any_record_of_agent_assist_becomes_the_same_row() {
    check_any(&Definition::builtin("agent_assist").unwrap());
}

#[test]
fn any_record_of_every_type_becomes_the_same_row() {
    check_any(&every_type::definition());
}

/// Checks many small records at once.
fn check_all(definition: &Definition, records: &[String]) {
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    check(definition, &records, &records.join("\n"), &[], 1000);
}

#[test]
fn every_trap_reads_the_same_in_every_column() {
    let definition = every_type::definition();
    for column in definition.columns() {
        let key = column.name();
        let records: Vec<String> = traps::all()
            .iter()
            .flat_map(|trap| {
                [
                    format!("{{\"{key}\":{trap}}}"),
                    format!("{{\"{key}\":[{trap},{trap}]}}"),
                    format!("{{\"{key}\":{{\"k\":{trap}}}}}"),
                ]
            })
            .collect();
        check_all(&definition, &records);
    }
}

#[test]
fn every_two_spellings_choose_the_same_value() {
    let definition = every_type::definition();
    let traps = traps::all();
    for (number, (key, _)) in every_type::scalars().into_iter().enumerate() {
        let mut records = Vec::new();
        // Each trap meets a seventh of the others, another seventh in each column.
        for (index, one) in traps.iter().enumerate() {
            for other in traps.iter().skip((index + number) % 7).step_by(7) {
                records.push(format!("{{\"{key}\":{one},\"{key} One\":{other}}}"));
            }
        }
        check_all(&definition, &records);
    }
}

#[test]
fn the_bodies_on_disk_become_the_same_rows() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut bodies = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let body = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let dataset = Definition::builtin_names().find(|dataset| name.starts_with(dataset));
        let definition = Definition::builtin(dataset.unwrap()).unwrap();
        let members = naive::json::members(&body);
        let key = records_key(&definition);
        let records = members.iter().find(|member| member.name == key).unwrap();
        let records = naive::json::elements(records.value);
        assert!(!records.is_empty(), "{name}");
        check(&definition, &records, &body, &[], 1);
        bodies += 1;
    }
    assert!(bodies >= 6, "{bodies} bodies");
}

#[test]
fn what_the_simulator_sends_becomes_the_same_rows() {
    for shape in Shape::ALL {
        let dataset = match shape {
            Shape::ScoreReporting => "score_reporting",
            Shape::AgentAssist => "agent_assist",
            _ => "raw_data",
        };
        let definition = Definition::builtin(dataset).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 3, 23).unwrap();
        let records: Vec<String> = conversations(7, shape, day, 20).collect();
        assert!(records.len() >= 20);
        check_all(&definition, &records);
    }
}

//! Compares what a [`trial`](super::trial) left in the lake with what its server holds, record by record.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use korelake::fetch;
use korelake::schema::Definition;
use korelake::{Error, Outcome};
use korelake_simulator::{Options, Simulator, conversations};
use serde_json::Value;

use super::endpoint::Endpoint;
use super::table::Expected;
use super::trial::{DAYS, PER_DAY, Ran, Trial, midnight};
use crate::support::expectation;

/// Rows by their keys.
type Rows = BTreeMap<String, Arc<Value>>;

/// Rows by the dataset and the text of the record that they are of.
type KnownRows = HashMap<(&'static str, String), Arc<Value>>;

/// What is wrong with what came of a trial; nothing, if it is what was expected.
pub(super) fn faults_found(trial: &Trial, ran: &Ran, expected: Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    if ran.report.units.len() != DAYS.len() {
        wrong.push(format!("{} units were tried", ran.report.units.len()));
    }
    for unit in &ran.report.units {
        let day = unit.unit.as_str();
        let said = match &unit.outcome {
            Outcome::Failed(error) => failed(trial, ran, day, error, expected),
            _ => committed(trial, ran, day, expected),
        };
        wrong.extend(said.into_iter().map(|said| format!("{day}: {said}")));
    }
    let staged = ran
        .lake
        .files()
        .into_keys()
        .filter(|path| path.contains("staging"));
    wrong.extend(staged.map(|path| format!("{path} is left")));
    wrong
}

/// A unit that failed says why, and nothing of it is in the lake.
fn failed(trial: &Trial, ran: &Ran, day: &str, error: &Error, expected: Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    let table = trial.endpoint.dataset();
    let of_the_unit = format!("/date={day}/");
    let rows = ran
        .lake
        .parquet()
        .into_keys()
        .filter(|path| path.contains(&of_the_unit));
    wrong.extend(rows.map(|path| format!("{path} is there though the unit failed")));
    if !ran.lake.entries(table, day).is_empty() {
        wrong.push("the ledger has an entry though the unit failed".to_owned());
    }
    let text = in_full(error);
    let explained = match error {
        Error::Incomplete { disagreement, .. } => {
            disagreement.contains(|letter: char| letter.is_ascii_digit())
        }
        Error::Fetch(error) => match error.root() {
            fetch::Error::Redirect { .. } => trial.has("redirect"),
            fetch::Error::PagingIgnored { .. } => trial.has("shuffled"),
            _ => false,
        },
        _ => false,
    };
    if !explained {
        wrong.push(format!("failed without saying by how much: {text}"));
    }
    let may_fail = match expected {
        Expected::Exact => false,
        Expected::Claimed => trial.has("redirect") || trial.has("shuffled"),
        Expected::Either | Expected::Refused => true,
    };
    if !may_fail {
        wrong.push(format!("failed: {text}"));
    }
    wrong
}

/// A unit that was committed has the rows that the server has.
fn committed(trial: &Trial, ran: &Ran, day: &str, expected: Expected) -> Vec<String> {
    let mut wrong = Vec::new();
    if expected == Expected::Refused {
        wrong.push("committed though records and claims disagree".to_owned());
    }
    let found = match found(trial, ran, day) {
        Ok(found) => found,
        Err(twice) => return vec![twice],
    };
    let held = held(trial, &ran.simulator, day);
    if expected == Expected::Claimed {
        // What the server let be seen: nothing that it does not hold, or held when it was asked.
        let gone = rows(trial.endpoint, every_record(trial, day));
        let invented = found
            .iter()
            .filter(|(key, row)| held.get(*key) != Some(row) && gone.get(*key) != Some(row));
        wrong.extend(invented.map(|(key, _)| format!("{key} is nothing that the server has")));
        return wrong;
    }
    let missing = held.keys().filter(|key| !found.contains_key(*key)).count();
    let extra = found.keys().filter(|key| !held.contains_key(*key)).count();
    let other = held
        .iter()
        .filter(|(key, row)| found.get(*key).is_some_and(|found| found != *row))
        .count();
    if missing + extra + other > 0 {
        wrong.push(format!(
            "committed, with {missing} of {} records missing, {extra} too many, {other} of another content",
            held.len()
        ));
    }
    let proof = &ran.lake.entry(trial.endpoint.dataset(), day)["proof"];
    if proof["rows"] != found.len() {
        wrong.push(format!(
            "has {} rows, and its entry says {}",
            found.len(),
            proof["rows"]
        ));
    }
    // Each part of a window has a first record.
    let most = if trial.has("touch") {
        proof["parts"].as_u64().unwrap_or(0).max(1)
    } else {
        0
    };
    let quarantined = proof["quarantined"].as_u64().unwrap();
    if !(most.min(1)..=most).contains(&quarantined) {
        wrong.push(format!("{quarantined} are in the quarantine, of {most}"));
    }
    wrong
}

fn in_full(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    text
}

/// The rows of a unit in the lake.
fn found(trial: &Trial, ran: &Ran, day: &str) -> Result<Rows, String> {
    let table = trial.endpoint.dataset();
    let definition = Definition::builtin(table).unwrap();
    let mut found = Rows::new();
    let files = ran.lake.entry(table, day)["files"].as_array().unwrap().len();
    if files == 0 {
        return Ok(found);
    }
    for row in ran.lake.rows(&format!("{table}/date={day}")) {
        let key = row[definition.key()].to_string();
        let row = expectation::with_plain_json(&definition, row);
        if found.insert(key.clone(), Arc::new(row)).is_some() {
            return Err(format!("{key} is there twice"));
        }
    }
    Ok(found)
}

/// The rows that a unit should have.
fn held(trial: &Trial, simulator: &Simulator, day: &str) -> Rows {
    let start = midnight(day);
    let end = start + TimeDelta::days(1);
    let of = |from: DateTime<Utc>, to| {
        rows(
            trial.endpoint,
            simulator.records(trial.endpoint.shape(), from, to),
        )
    };
    let exactly_at = |moment| of(moment, moment + TimeDelta::milliseconds(1));
    let mut held = of(start, end);
    let (inclusive, exclusive) = (trial.has("inclusive-end"), trial.has("exclusive-start"));
    if exclusive {
        // No window that begins here has it.
        for key in exactly_at(start).keys() {
            held.remove(key);
        }
    }
    if inclusive && exclusive {
        // The window that ends there is the only one that has it, and keeps it.
        held.extend(exactly_at(end));
    } else if inclusive && !trial.endpoint.tells_times() {
        // Nothing in a record says whose it is, so it stands on both sides: a documented limit.
        held.extend(of(end, end + TimeDelta::seconds(1)));
    }
    held
}

/// All records of a day, those included that a fault has taken away.
fn every_record(trial: &Trial, day: &str) -> Vec<String> {
    let date = midnight(day).date_naive();
    let seed = Options::default().seed;
    conversations(seed, trial.endpoint.shape(), date, PER_DAY).collect()
}

/// The rows that records should become. Combinations share most of their records.
fn rows(endpoint: Endpoint, records: Vec<String>) -> Rows {
    static KNOWN: OnceLock<Mutex<KnownRows>> = OnceLock::new();
    let definition = Definition::builtin(endpoint.dataset()).unwrap();
    let mut known = KNOWN
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let rows = records.into_iter().map(|record| {
        let row = known
            .entry((endpoint.dataset(), record))
            .or_insert_with_key(|(_, record)| {
                let row = expectation::row(&definition, &serde_json::from_str(record).unwrap());
                Arc::new(expectation::with_plain_json(&definition, row))
            });
        (row[definition.key()].to_string(), Arc::clone(row))
    });
    rows.collect()
}

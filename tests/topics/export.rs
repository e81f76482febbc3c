//! `korelake export`: from a server on loopback into a lake on disk.

mod answers;
mod claims;
mod contents;
mod filters;
mod ledger;
mod on_the_way;
mod partitions;
mod proof;
mod settings;
mod streams;

use korelake_simulator::{Options, Shape};

use crate::support::lake::Lake;
use crate::support::program::{Program, Ran};
use crate::support::simulation::Simulation;

/// The datasets with the shapes in which the simulator serves them.
const DATASETS: [(&str, Shape); 3] = [
    ("raw_data", Shape::V3),
    ("score_reporting", Shape::ScoreReporting),
    ("agent_assist", Shape::AgentAssist),
];

/// A server with 23 conversations a day, in pages of 10: three a day.
fn simulation() -> Simulation {
    Simulation::start(Options::default().seed(7).conversations_per_day(23).max_limit(10))
}

/// Exports `[from, to)` with further arguments.
fn export(program: &Program, datasets: &[&str], from: &str, to: &str, further: &[&str]) -> Ran {
    program.run([&["export"], datasets, &["--from", from, "--to", to], further].concat())
}

fn lake(program: &Program) -> Lake {
    Lake(program.path("lake"))
}

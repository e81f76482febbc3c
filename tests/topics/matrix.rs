//! Faults × endpoints × paging styles, through the real client: what is in the lake afterwards is what the server
//! holds, or the unit is refused. What has to come of each is in the [`table`].

mod audit;
mod endpoint;
mod table;
pub(in crate::topics) mod trial;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use korelake_simulator::Fault;
use tokio::task::JoinSet;

use self::endpoint::{Endpoint, Style};
use self::table::{Expected, Group, ROWS, Row, expected};
use self::trial::Trial;

/// Combinations that run at the same time.
const ABREAST: usize = 12;

fn trial(rows: &[&Row], endpoint: Endpoint, style: Style, page_size: u32) -> (Trial, Expected) {
    let trial = Trial {
        endpoint,
        style,
        faults: rows.iter().map(|row| row.fault()).collect(),
        page_size,
    };
    (trial, expected(rows, endpoint, style))
}

/// Runs them all, and tells of all that went wrong.
fn run(trials: Vec<(Trial, Expected)>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let count = trials.len();
    let mut trials = trials.into_iter();
    let wrong = runtime.block_on(async {
        let mut running = JoinSet::new();
        let mut wrong = Vec::new();
        loop {
            for (trial, expected) in trials.by_ref().take(ABREAST - running.len()) {
                running.spawn(async move {
                    let ran = trial.run().await;
                    let found = audit::faults_found(&trial, &ran, expected);
                    let said = found.into_iter().map(move |found| format!("{trial}: {found}"));
                    said.collect::<Vec<_>>()
                });
            }
            match running.join_next().await {
                Some(found) => wrong.extend(found.unwrap()),
                None => return wrong,
            }
        }
    });
    assert!(
        wrong.is_empty(),
        "{} in {count} combinations:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_fault_has_a_row() {
    let known: BTreeSet<&str> = Fault::known().iter().map(|known| known.name()).collect();
    let rows: BTreeSet<&str> = ROWS.iter().map(Row::name).collect();
    assert_eq!(rows, known);
    assert_eq!(rows.len(), ROWS.len(), "a fault has two rows");
}

#[test]
fn no_fault_alone_makes_the_lake_differ_from_the_server() {
    let mut trials = Vec::new();
    for endpoint in Endpoint::ALL {
        for style in Style::ALL {
            for row in ROWS {
                let is_in = match row.group {
                    Group::Paging | Group::Pauses => false,
                    // What becomes of a request does not depend on what it asks for.
                    Group::Transport => matches!(style, Style::Own | Style::Page),
                    Group::Contents | Group::Claims => true,
                };
                if is_in {
                    trials.push(trial(&[row], endpoint, style, 10));
                }
            }
        }
    }
    run(trials);
}

/// A number below `count` that follows from `seeds` alone.
fn pick(seeds: impl Hash, count: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    seeds.hash(&mut hasher);
    (hasher.finish() % count as u64) as usize
}

fn of_group(group: Group) -> Vec<&'static Row> {
    ROWS.iter().filter(|row| row.group == group).collect()
}

#[test]
fn no_two_or_three_faults_make_the_lake_differ_from_the_server() {
    let groups = [Group::Contents, Group::Claims, Group::Transport].map(of_group);
    let mut trials = Vec::new();
    for number in 0..300 {
        let left_out = pick((number, "left out"), groups.len() + 1); // none of them in every fourth
        let rows: Vec<&Row> = groups
            .iter()
            .enumerate()
            .filter(|(group, _)| *group != left_out)
            .map(|(group, rows)| rows[pick((number, group), rows.len())])
            .collect();
        let endpoint = Endpoint::ALL[pick((number, "endpoint"), 5)];
        let style = Style::ALL[pick((number, "style"), 4)];
        let page_size = [10, 25, 7][pick((number, "page size"), 3)];
        trials.push(trial(&rows, endpoint, style, page_size));
    }
    // The edges of a window, all together.
    let named = |name: &str| ROWS.iter().find(|row| row.name() == name).unwrap();
    let edges = ["boundary", "inclusive-end", "exclusive-start"].map(named);
    for endpoint in Endpoint::ALL {
        for style in Style::ALL {
            for rows in [vec![0, 1], vec![0, 2], vec![0, 1, 2]] {
                let rows: Vec<&Row> = rows.into_iter().map(|edge| edges[edge]).collect();
                trials.push(trial(&rows, endpoint, style, 10));
            }
        }
    }
    run(trials);
}

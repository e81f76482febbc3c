//! What the topics share: running the program, reading tables back, servers to ask.

pub(crate) mod expectation;
pub(crate) mod lake;
pub(crate) mod program;
pub(crate) mod scripted;
pub(crate) mod simulation;
pub(crate) mod table;

use std::path::PathBuf;

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A time in microseconds, as the tables hold it.
pub(crate) fn micros(time: &str) -> i64 {
    let time: chrono::DateTime<chrono::Utc> = time.parse().unwrap();
    time.timestamp_micros()
}

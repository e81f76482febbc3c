//! Holds the decoder against bytes that were made to break it: those that the fuzzer of `crates/schema/fuzz` has
//! found worth keeping, and others made of them here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may")]

#[path = "check.rs"]
mod check;
mod mutation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use check::check;
use mutation::Mutation;

/// The inputs that are kept, in the order of their names.
fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/decode");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> = files
        .map(|file| (file.clone(), std::fs::read(file).unwrap()))
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{} is empty", folder.display());
    inputs
}

/// Checks an input, and tells which one it was if that fails.
fn check_named(name: &str, input: &[u8]) {
    let checked = catch_unwind(AssertUnwindSafe(|| check(input)));
    assert!(checked.is_ok(), "{name}: b\"{}\"", input.escape_ascii());
}

#[test]
fn every_input_of_the_corpus_holds() {
    for (file, input) in corpus() {
        check_named(&file.display().to_string(), &input);
    }
}

#[test]
fn inputs_made_of_the_corpus_hold() {
    let inputs: Vec<Vec<u8>> = corpus().into_iter().map(|(_, input)| input).collect();
    let mut mutation = Mutation::new(20_260_323);
    for number in 0..15_000 {
        check_named(&format!("input {number}"), &mutation.make(&inputs));
    }
}

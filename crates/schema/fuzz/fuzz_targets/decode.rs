//! Gives made-up bytes to the decoder. What has to hold for them is in `tests/corpus/check.rs`, and a test on the
//! stable toolchain replays the corpus.

#![no_main]

#[path = "../../tests/corpus/check.rs"]
mod check;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(bytes));

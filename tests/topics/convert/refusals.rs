//! Inputs and outputs that cannot be used: an exit code, one line of error, one of hint, and nothing left behind.

use super::{Program, convert, gzip, records};
use crate::support::lake::Lake;

/// Holds that a conversion fails, and leaves no file.
#[track_caller]
fn refused(content: &[u8], message: &str, hint: &str) {
    let program = Program::new();
    program.write("good.json", r#"{"conversationId": "a"}"#);
    program.write("input.json", content);
    for files in [&["input.json"][..], &["good.json", "input.json"]] {
        let ran = convert(&program, files).failed(2, message, hint);
        assert!(
            ran.lines("error: ")[0].starts_with("error: input.json cannot be "),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stdout, "");
        assert!(
            Lake(program.path("out")).files().is_empty(),
            "a file is left behind"
        );
    }
}

const WANTED: &str = "a JSON response body, a JSON array of records, one record or NDJSON is expected";

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    refused(
        b"conversation;score\n1;2\n",
        "not valid JSON at byte 0 (line 1): expected a JSON value",
        WANTED,
    );
    refused(
        b"[{\"a\": 1},\n {\"b\": tru}]",
        "not valid JSON at byte 18 (line 2)",
        WANTED,
    );
    refused(
        b"{\"conversationId\": \"a\"} {\"x\" 1}",
        "not valid JSON at byte 29 (line 1)",
        WANTED,
    );
    refused(
        b"[{\"conversationId\": \"a\"},]",
        "not valid JSON at byte 25",
        WANTED,
    );
}

#[test]
fn an_html_page_is_refused() {
    refused(
        b"<!doctype html><html><title>Sign in</title></html>",
        "not valid JSON at byte 0",
        WANTED,
    );
}

#[test]
fn what_is_not_utf_8_is_refused() {
    refused(
        b"[{\"conversationId\": \"a\xff\"}]",
        "not UTF-8 at byte 22",
        WANTED,
    );
}

#[test]
fn a_body_that_ends_in_the_middle_is_refused() {
    let body = r#"{"results": [{"conversationId": "a"}, {"conversationId": "b"}], "hasMore": false}"#;
    for length in [1, 12, 30, 36, 60, 64, 80] {
        let place = format!("the JSON ends in the middle, at byte {length} (line 1)");
        refused(&body.as_bytes()[..length], &place, "fetch or copy it again");
    }
}

#[test]
fn gzip_that_ends_in_the_middle_is_refused() {
    let packed = gzip(records()[0].to_string().as_bytes());
    refused(&packed[..packed.len() / 2], "", "");
}

#[test]
fn a_file_that_is_not_there_is_wrong_usage() {
    let program = Program::new();
    program.write("good.json", r#"{"conversationId": "a"}"#);
    convert(&program, &["good.json", "missing.json"]).failed(
        1,
        "missing.json cannot be read",
        "check the path",
    );
    convert(&program, &["."]).failed(1, "cannot be read", "check the path");
    assert!(Lake(program.path("out")).files().is_empty());
}

#[test]
fn a_dataset_that_nobody_knows_is_wrong_usage() {
    let program = Program::new();
    program.write("good.json", r#"{"conversationId": "a"}"#);
    let run = |dataset| program.run(["convert", "good.json", "--dataset", dataset, "--out", "out"]);
    run("rawdata").failed(
        1,
        "no dataset `rawdata`",
        "known are raw_data, score_reporting, agent_assist",
    );
    run("./missing.json").failed(1, "./missing.json cannot be read", "check the path");
    assert!(!program.path("out").exists());
}

#[test]
fn standard_input_is_read_once() {
    let program = Program::new();
    convert(&program, &["-", "-"]).failed(1, "standard input is named twice", "once");
}

#[test]
fn an_output_that_cannot_be_a_folder_is_a_lake_out_of_reach() {
    let program = Program::new();
    program.write("good.json", r#"{"conversationId": "a"}"#);
    program.write("out", "a file");
    convert(&program, &["good.json"]).failed(4, "cannot be created", "this user may write to it");
    assert_eq!(std::fs::read(program.path("out")).unwrap(), b"a file");
}

#[test]
fn an_output_whose_table_is_a_file_is_a_lake_out_of_reach() {
    let program = Program::new();
    program.write("good.json", r#"{"conversationId": "a"}"#);
    std::fs::create_dir(program.path("out")).unwrap();
    program.write("out/raw_data", "a file");
    convert(&program, &["good.json"]).failed(4, "raw_data", "");
    assert_eq!(
        Lake(program.path("out")).files().into_keys().collect::<Vec<_>>(),
        ["raw_data"]
    );
}

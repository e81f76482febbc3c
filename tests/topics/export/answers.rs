//! Servers that answer with something else than a page: exit code 2, the reason, and a lake without the unit.

use super::{export, lake};
use crate::support::program::{Program, Ran};
use crate::support::scripted::{Scripted, hangs_up};
use crate::support::simulation::configuration;

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

/// What an export of one day comes to, with a lake that has nothing of it.
#[track_caller]
fn refused(program: &Program) -> Ran {
    let ran = export(program, &["raw_data"], DAY, NEXT, &[]);
    assert!(lake(program).parquet().is_empty(), "{ran:?}");
    assert!(lake(program).entries("raw_data", DAY).is_empty(), "{ran:?}");
    let staged = lake(program)
        .files()
        .into_keys()
        .filter(|path| path.contains("staging"));
    assert_eq!(staged.count(), 0, "{ran:?}");
    ran
}

#[test]
fn an_html_page_is_told_by_its_title() {
    let body = "<!DOCTYPE html><html><head><title>Sign in to Example</title></head></html>";
    let server = Scripted::always(200, body);
    let ran = refused(&server.program());
    ran.failed(
        2,
        "the answer is an HTML page titled \"Sign in to Example\"",
        "check the host and the endpoint's path",
    );
}

#[test]
fn a_body_that_is_cut_is_no_page() {
    let program = Program::new();
    program.write(
        "korelake.toml",
        configuration(&hangs_up(1000, r#"{"results": [{"conversationId": "a"}, {"#)),
    );
    let ran = refused(&program);
    ran.failed(
        2,
        "ended after 39 bytes of the answer",
        "smaller pages (page_size)",
    );
    let server = Scripted::always(200, r#"{"results": [{"conversationId": "a"}, {"#);
    refused(&server.program()).failed(2, "the answer is cut off at byte 39 (line 1)", "smaller pages");
}

#[test]
fn what_is_not_json_is_no_page_and_is_not_shown() {
    let server = Scripted::always(200, "{\"results\": [\n Jane Doe called]}");
    let ran = refused(&server.program());
    let ran = ran.failed_without_hint(2, "the answer is not valid JSON at byte 15 (line 2)");
    assert!(!ran.stderr.contains("Jane Doe"), "{}", ran.stderr);
}

#[test]
fn json_that_is_no_page_is_told_by_what_it_is() {
    for (body, message) in [
        ("[]", "the answer is an array and not an object"),
        (
            r#"{"results": {"a": 1}, "hasMore": false}"#,
            "\"results\" of the answer is an object and not an array",
        ),
        (
            r#"{"results": [], "results": []}"#,
            "has the key \"results\" twice",
        ),
        (
            r#"{"results": [], "totalResults": "many"}"#,
            "\"totalResults\" of the answer is \"many\", which cannot be read",
        ),
    ] {
        let server = Scripted::always(200, body);
        refused(&server.program()).failed_without_hint(2, message);
    }
    let server = Scripted::always(200, r#"{"records": [], "hasMore": false}"#);
    let ran = refused(&server.program());
    ran.failed(
        2,
        "the answer has no key \"results\"",
        "the answer has the keys records, hasMore",
    );
}

#[test]
fn an_error_is_believed_whatever_its_status() {
    let body = r#"{"errors": [{"msg": "Internal trouble", "code": 500}]}"#;
    let server = Scripted::always(200, body);
    refused(&server.program()).failed_without_hint(2, "the server answers with an error: Internal trouble");
    let server = Scripted::always(503, body);
    refused(&server.program()).failed_without_hint(2, "the server answers 503: Internal trouble");
    let server = Scripted::always(404, "");
    refused(&server.program()).failed(2, "the server answers 404", "another endpoint");
    let server = Scripted::always(
        200,
        r#"{"errors": [{"msg": "Invalid JWT token", "code": 4002}], "results": []}"#,
    );
    refused(&server.program()).failed(3, "Invalid JWT token", "client_secret");
}

#[test]
fn a_secret_that_the_server_repeats_is_not_shown() {
    let secret = korelake_simulator::Options::default().client_secret;
    let body = format!(r#"{{"errors": [{{"msg": "no app with {secret}", "code": 401}}]}}"#);
    let server = Scripted::always(401, body);
    let ran = refused(&server.program()).failed(3, "no app with [redacted]", "client_secret");
    assert!(!ran.stderr.contains(&secret));
}

#[test]
fn a_page_over_the_limit_is_refused() {
    let body = format!(
        r#"{{"results": [{{"conversationId": "a", "x": "{}"}}], "hasMore": false}}"#,
        "y".repeat(1 << 20)
    );
    let server = Scripted::always(200, body);
    let program = server.program().variable("KORELAKE_SOURCE__MAX_BODY_MB", "1");
    let ran = refused(&program);
    ran.failed(
        2,
        "the answer is larger than 1048576 bytes",
        "allow larger bodies (max_body_mb)",
    );
    export(&server.program(), &["raw_data"], DAY, NEXT, &[]).succeeded();
}

#[test]
fn a_server_that_is_not_there_is_told_from_a_lake_that_is_not_there() {
    let program = Program::new();
    program.write("korelake.toml", configuration("http://127.0.0.1:9"));
    refused(&program).failed(2, "no connection to http://127.0.0.1:9", "check the host");
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Scripted::always(200, "");
    let url = elsewhere.url().to_owned();
    let server = Scripted::start(move |_| {
        use axum::response::IntoResponse;
        let headers = [("location", format!("{url}/login"))];
        Some((axum::http::StatusCode::FOUND, headers).into_response())
    });
    let ran = refused(&server.program());
    ran.failed(
        2,
        "the server answers 302 and sends to http://127.0.0.1",
        "redirects are not followed",
    );
    assert_eq!(elsewhere.asked(), []);
}

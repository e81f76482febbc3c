//! Where settings come from, and what is said where they are wrong or missing.

use korelake_simulator::Options;

use super::{export, lake, simulation};
use crate::support::program::{Program, Ran};
use crate::support::simulation::configuration;

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

/// Nobody listens there.
const NOBODY: &str = "http://127.0.0.1:9";

fn secret() -> String {
    Options::default().client_secret
}

/// Holds that the secret is in nothing that was printed.
#[track_caller]
fn keeps(secret: &str, ran: &Ran) {
    assert!(
        !ran.stdout.contains(secret) && !ran.stderr.contains(secret),
        "{ran:?}"
    );
}

#[test]
fn flags_win_over_the_environment_and_the_environment_over_the_file() {
    let simulation = simulation();
    let known = Options::default();
    let file = format!(
        r#"
        [source]
        host = "{NOBODY}"
        account_id = "another account"
        org_id = "{}"
        stream_id = "another stream"
        requests_per_minute = 1
        [source.auth]
        client_id = "{}"
        client_secret = "${{TEST_CLIENT_SECRET}}"
        [lake]
        url = "lake of the file"
        "#,
        known.org_id, known.client_id
    );
    let program = Program::new()
        .variable("TEST_CLIENT_SECRET", &secret())
        .variable("KORELAKE_SOURCE__HOST", "127.0.0.1:10")
        .variable("KORELAKE_SOURCE__ACCOUNT_ID", &known.account_id)
        .variable("KORELAKE_SOURCE__STREAM_ID", "st-another")
        .variable("KORELAKE_SOURCE__REQUESTS_PER_MINUTE", "0")
        .variable("KORELAKE_LAKE__URL", "lake of the environment");
    program.write("korelake.toml", file);
    let flags = ["--host", &simulation.url(), "--stream-id", &known.stream_id];
    export(&program, &["raw_data"], DAY, NEXT, &flags).succeeded();
    assert!(
        program
            .path("lake of the environment/raw_data/date=2026-03-23")
            .is_dir()
    );
    assert!(!program.path("lake of the file").exists());

    export(
        &program,
        &["raw_data"],
        DAY,
        NEXT,
        &[&flags[..], &["--out", "lake of the flag"]].concat(),
    )
    .succeeded();
    assert!(program.path("lake of the flag/raw_data/date=2026-03-23").is_dir());
    // Without the flag the environment's stream counts, which this server does not have.
    let flags = ["--host", &simulation.url(), "--out", "another lake"];
    let ran = export(&program, &["raw_data"], DAY, NEXT, &flags);
    ran.failed(2, "the server answers 404: Not Found", "another endpoint");
}

#[test]
fn a_configuration_can_lie_anywhere() {
    let simulation = simulation();
    let program = Program::new();
    program.write("other.toml", configuration(&simulation.url()));
    export(&program, &["raw_data"], DAY, NEXT, &[]).failed(1, "the credentials are missing", "client_secret");
    export(&program, &["raw_data"], DAY, NEXT, &["--config", "other.toml"]).succeeded();
    let path = program.path("other.toml");
    let elsewhere = Program::new().variable("KORELAKE_CONFIG", path.to_str().unwrap());
    export(&elsewhere, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert_eq!(lake(&program).parquet(), lake(&elsewhere).parquet());
    let ran = export(&program, &["raw_data"], DAY, NEXT, &["--config", "missing.toml"]);
    ran.failed(1, "missing.toml cannot be read", "check the path");
}

#[test]
fn tables_are_configured_under_dataset() {
    let simulation = simulation();
    let program = simulation.program();
    let tables = r#"
        [[dataset]]
        name = "raw_data"
        table = "calls_in"
        contact_direction = "inbound"
        include_below_threshold = false
        page_size = 5
        [[dataset]]
        name = "raw_data"
        table = "calls_out"
        contact_direction = "outbound"
    "#;
    program.write("korelake.toml", configuration(&simulation.url()) + tables);
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    let (inbound, outbound) = (
        lake.rows("calls_in/date=2026-03-23"),
        lake.rows("calls_out/date=2026-03-23"),
    );
    assert!(inbound.iter().all(|row| row["contact_direction"] == "inbound"));
    assert!(
        inbound
            .iter()
            .all(|row| row["duration_status"] != "below_threshold")
    );
    assert!(outbound.iter().all(|row| row["contact_direction"] == "outbound"));
    assert!(!inbound.is_empty() && !outbound.is_empty());
    let entry = lake.entry("calls_in", DAY);
    // What is sent in the end: the endpoint asks for short conversations, this table does not.
    let filters = serde_json::json!({"contact_direction": "inbound", "include_below_threshold": "false"});
    assert_eq!(entry["identity"]["filters"], filters);
    assert_eq!(entry["proof"]["requests"], inbound.len().div_ceil(5));

    let before = lake.files();
    program.write(
        "korelake.toml",
        configuration(&simulation.url()) + &tables.replacen("inbound", "outbound", 1),
    );
    let ran = export(&program, &["calls_in"], DAY, NEXT, &[]);
    ran.failed(
        1,
        "belongs to filters.contact_direction `inbound`, and this is `outbound`",
        "the settings as they were",
    );
    assert!(lake.files() == before);
}

#[test]
fn another_stream_never_replaces_a_table() {
    let simulation = simulation();
    let program = simulation.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let (before, requests) = (lake(&program).files(), simulation.requests());
    for (flag, what) in [("--stream-id", "stream"), ("--account-id", "account")] {
        let ran = export(&program, &["raw_data"], DAY, NEXT, &[flag, "another"]);
        let message = format!("table `raw_data` of the lake belongs to {what} `");
        ran.failed(
            1,
            &message,
            "use another `table` or another lake, or the settings as they were",
        );
    }
    let ran = export(&program, &["raw_data"], DAY, NEXT, &["--host", NOBODY]);
    ran.failed(1, "belongs to host `", "another lake");
    assert!(lake(&program).files() == before);
    assert_eq!(
        simulation.requests(),
        requests,
        "the server was asked for nothing"
    );
}

#[test]
fn a_first_run_that_fails_does_not_bind_the_table() {
    let simulation = simulation();
    let program = simulation.program();
    let mistyped = ["--stream-id", "st-mistyped"];
    export(&program, &["raw_data"], DAY, NEXT, &mistyped).failed(2, "404", "another endpoint");
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
}

#[test]
fn a_wrong_secret_is_a_matter_of_credentials_and_is_not_shown() {
    let simulation = simulation();
    let wrong = "a-secret-that-is-not-the-servers-4711";
    let program = simulation
        .program()
        .variable("KORELAKE_SOURCE__AUTH__CLIENT_SECRET", wrong);
    let ran = export(&program, &["raw_data", "agent_assist"], DAY, "2026-03-26", &[]);
    let ran = ran.failed(
        3,
        "the server refuses these credentials (401): Invalid JWT token",
        "client_secret",
    );
    keeps(wrong, &ran);
    keeps(&secret(), &ran);
    assert_eq!(
        simulation.requests(),
        1,
        "credentials that were refused are tried again"
    );
    assert!(lake(&program).parquet().is_empty());

    let program = simulation.program();
    let ran = export(&program, &["raw_data"], DAY, NEXT, &["--client-id", "cs-another"]);
    ran.failed(3, "Invalid SDK credentials", "client_id");
}

#[test]
fn missing_settings_are_named_with_all_the_places_for_them() {
    let simulation = simulation();
    let whole = configuration(&simulation.url());
    let without = |key: &str| {
        let program = Program::new();
        let lines = whole.lines().filter(|line| !line.starts_with(key));
        program.write("korelake.toml", lines.collect::<Vec<_>>().join("\n"));
        export(&program, &["raw_data"], DAY, NEXT, &[])
    };
    without("client_secret").failed(
        1,
        "the credentials are missing",
        "KORELAKE_SOURCE__AUTH__CLIENT_SECRET",
    );
    without("client_id").failed(
        1,
        "source.auth.client_id is missing",
        "KORELAKE_SOURCE__AUTH__CLIENT_ID, or with --client-id",
    );
    without("host").failed(
        1,
        "source.host is missing",
        "KORELAKE_SOURCE__HOST, or with --host",
    );
    without("account_id").failed(1, "source.account_id is missing", "--account-id");
    without("url").failed(1, "lake.url is missing", "--out");
    without("org_id").failed(1, "org_id", "set org_id");
    without("stream_id").failed(1, "stream_id", "set stream_id");
    assert_eq!(simulation.requests(), 0);
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let program = Program::new();
    let file = configuration(NOBODY).replace(&secret(), "${TEST_NO_SUCH_SECRET}");
    program.write("korelake.toml", file);
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(
        1,
        "`TEST_NO_SUCH_SECRET`, which source.auth.client_secret asks for, is not set",
        "set it",
    );
}

#[test]
fn mistakes_in_the_file_are_named_without_secrets() {
    let program = Program::new();
    for (from, to, message) in [
        ("host =", "hosst =", "unknown setting `source.hosst`"),
        (
            "requests_per_minute = 0",
            "requests_per_minute = \"fast\"",
            "`source.requests_per_minute`",
        ),
        ("client_id =", "client_id", "is not TOML at line 9"),
        (
            "url = \"lake\"",
            "url = \"lake\"\ncompression = \"brotli\"",
            "lake.compression `brotli` is not known",
        ),
        ("url = \"lake\"", "url = \"gopher://lake\"", "gopher://lake"),
        (
            NOBODY,
            "http://example.com",
            "http://example.com is plain http to another machine",
        ),
    ] {
        program.write("korelake.toml", configuration(NOBODY).replace(from, to));
        let ran = export(&program, &["raw_data"], DAY, NEXT, &[]).failed(1, message, "");
        keeps(&secret(), &ran);
    }
}

#[test]
fn datasets_endpoints_and_ranges_that_are_none_are_wrong_usage() {
    let simulation = simulation();
    let program = simulation.program();
    let run = |datasets: &[&str], from, to, further: &[&str]| export(&program, datasets, from, to, further);
    run(&["raw"], DAY, NEXT, &[]).failed(1, "no dataset `raw`", "known are raw_data");
    run(&["raw_data"], DAY, NEXT, &["--endpoint", "v9"]).failed(
        1,
        "no endpoint `v9`",
        "v3, legacy_app, legacy_account",
    );
    run(&["raw_data"], NEXT, DAY, &[]).failed(
        1,
        "`--to` 2026-03-23T00:00:00+00:00 is not after",
        "the day after the last",
    );
    run(&["raw_data"], DAY, DAY, &[]).failed(1, "is not after `--from`", "the day after the last");
    run(&["raw_data"], "2999-01-01", "2999-01-02", &[]).failed(
        1,
        "holds no time that has passed",
        "both UTC",
    );
    let ran = run(&["raw_data"], "23.03.2026", NEXT, &[]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("not a day like 2026-03-23"), "{}", ran.stderr);
    let ran = run(&["raw_data"], DAY, NEXT, &["--page-size", "0"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(simulation.requests(), 0);
    assert!(lake(&program).parquet().is_empty());
}

#[test]
fn a_lake_that_cannot_be_written_is_out_of_reach() {
    let simulation = simulation();
    let program = simulation.program();
    program.write("file", "no folder");
    for out in ["file", "file/lake"] {
        let ran = export(&program, &["raw_data"], DAY, NEXT, &["--out", out]);
        ran.failed(4, "cannot be created", "this user may write to it");
    }
    assert_eq!(
        simulation.requests(),
        0,
        "the budget is spent on data that cannot be kept"
    );
    std::fs::create_dir(program.path("lake")).unwrap();
    program.write("lake/raw_data", "no folder");
    let ran = export(&program, &["raw_data"], DAY, "2026-03-26", &[]);
    ran.failed(4, "raw_data", "");
    assert_eq!(std::fs::read(program.path("file")).unwrap(), b"no folder");
}

#[test]
fn the_configuration_of_the_readme_is_understood() {
    let readme = include_str!("../../../README.md");
    let (_, block) = readme.split_once("```toml\n").unwrap();
    let (file, _) = block.split_once("```").unwrap();
    let program = Program::new()
        .variable("KORE_CLIENT_SECRET", "a-secret")
        .variable("KORELAKE_SOURCE__RETRY__TRIES", "1");
    program.write("korelake.toml", file);
    // It is understood to its end: only the server is missing.
    let ran = export(&program, &["raw_data"], DAY, NEXT, &["--host", NOBODY]);
    ran.failed(2, "could not be read", "host");
}

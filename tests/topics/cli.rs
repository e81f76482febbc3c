//! The program at the terminal: the demo and the short commands.

mod signals;

use std::process::Command;

use clap_complete::Shell;
use korelake::schema::Definition;

use crate::support::lake::Lake;
use crate::support::program::Program;

#[test]
fn the_demo_fills_a_lake_and_says_what_to_try() {
    let program = Program::new();
    let ran = program
        .run([
            "demo",
            "--conversations-per-day",
            "12",
            "--days",
            "3",
            "--out",
            "here/lake",
        ])
        .succeeded();
    let mut lines = ran.stdout.lines();
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    let columns = [
        "dataset",
        "days",
        "unchanged",
        "failed",
        "rows",
        "rescued",
        "quarantined",
        "bytes",
        "requests",
        "seconds",
    ];
    assert_eq!(header, columns);
    let lake = Lake(program.path("here/lake"));
    for dataset in ["raw_data", "score_reporting", "agent_assist"] {
        let days = ["2026-03-23", "2026-03-24", "2026-03-25"];
        let rows: usize = days
            .iter()
            .map(|day| lake.rows(&format!("{dataset}/date={day}")).len())
            .sum();
        let cells: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        assert_eq!(
            cells[..7],
            [dataset, "3", "0", "0", &rows.to_string(), "0", "0"],
            "{}",
            ran.stdout
        );
        assert!(rows >= 36);
    }
    assert_eq!(lake.parquet().len(), 9);
    let queries: Vec<&str> = ran
        .stdout
        .split("\n\n")
        .filter(|text| text.contains("SELECT"))
        .collect();
    assert_eq!(queries.len(), 3, "{}", ran.stdout);
    for query in queries {
        assert!(
            query.contains("FROM read_parquet('here/lake/") && query.ends_with(";") || query.ends_with(";\n"),
            "{query}"
        );
    }
    assert!(
        ran.stderr
            .contains("A simulated Kore.ai server answers on http://127.0.0.1:"),
        "{}",
        ran.stderr
    );

    let again = program
        .run([
            "demo",
            "--conversations-per-day",
            "12",
            "--days",
            "3",
            "--out",
            "here/lake",
        ])
        .succeeded();
    let unchanged: Vec<&str> = again
        .stdout
        .lines()
        .take(4)
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    assert_eq!(unchanged, ["unchanged", "3", "3", "3"], "{}", again.stdout);
    let other = program.run([
        "demo",
        "--conversations-per-day",
        "12",
        "--seed",
        "2",
        "--out",
        "here/lake",
    ]);
    other.failed(1, "belongs to host `simulator seed 1", "another lake");
}

#[test]
fn quiet_leaves_only_results_and_errors() {
    let program = Program::new();
    let ran = program
        .run(["--quiet", "demo", "--conversations-per-day", "2", "--days", "1"])
        .succeeded();
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.starts_with("dataset "), "{}", ran.stdout);
    program
        .run([
            "convert",
            "--quiet",
            "missing.json",
            "-d",
            "raw_data",
            "-o",
            "out",
        ])
        .failed(1, "missing.json", "path");
}

#[test]
fn the_version_is_the_packages() {
    let ran = Program::new().run(["--version"]).succeeded();
    assert_eq!(ran.stdout, concat!("korelake ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn every_shell_has_completions() {
    for shell in [
        Shell::Bash,
        Shell::Zsh,
        Shell::Fish,
        Shell::PowerShell,
        Shell::Elvish,
    ] {
        let ran = Program::new()
            .run(["completions", &shell.to_string()])
            .succeeded();
        for command in [
            "demo",
            "simulate",
            "export",
            "probe",
            "convert",
            "schema",
            "completions",
        ] {
            assert!(ran.stdout.contains(command), "{shell} does not know {command}");
        }
    }
    let script = Program::new().run(["completions", "bash"]).succeeded().stdout;
    let program = Program::new();
    program.write("korelake.bash", script);
    let complete = r#"source korelake.bash; COMP_WORDS=(korelake sch); COMP_CWORD=1; _korelake korelake sch korelake
        echo "${COMPREPLY[@]}""#;
    let output = Command::new("bash")
        .args(["-c", complete])
        .current_dir(program.path(""))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "schema\n");
}

#[test]
fn usage_that_is_wrong_is_exit_code_1() {
    for arguments in [
        &["exprot"][..],
        &["export"],
        &["demo", "--days", "0"],
        &["convert", "--colour", "red"],
        &[],
    ] {
        let ran = Program::new().run(arguments);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert_eq!(ran.stdout, "");
        assert!(
            ran.stderr.contains("Usage: korelake") || ran.stderr.contains("For more information"),
            "{ran:?}"
        );
    }
    assert!(
        Program::new()
            .run(["--help"])
            .succeeded()
            .stdout
            .contains("Exit codes: 0 all done")
    );
}

#[test]
fn every_dataset_is_listed_with_its_key_and_endpoints() {
    let listed = Program::new().run(["schema", "list"]).succeeded().stdout;
    let mut lines = listed.lines();
    assert!(lines.next().unwrap().starts_with("dataset "), "{listed}");
    for (line, name) in lines.by_ref().zip(Definition::builtin_names()) {
        let definition = Definition::builtin(name).unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        let columns = definition.columns().len().to_string();
        assert_eq!(cells[..3], [name, &columns, definition.key()], "{listed}");
        assert!(line.ends_with(definition.doc()), "{listed}");
    }
    assert_eq!(listed.lines().count(), 1 + Definition::builtin_names().count());
    assert!(listed.contains("v3, legacy_app, legacy_account"), "{listed}");
}

#[test]
fn a_dataset_is_shown_with_all_its_spellings() {
    let shown = Program::new()
        .run(["schema", "show", "raw_data"])
        .succeeded()
        .stdout;
    assert!(
        shown.contains("legacy_app  POST /api/v1/public/qualitymanagement/app/{streamId}/rawdata"),
        "{shown}"
    );
    let line = |beginning: &str| {
        let line = shown.lines().find(|line| line.starts_with(beginning));
        line.unwrap_or_else(|| panic!("no line begins with {beginning:?}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        line("audit_status "),
        "audit_status utf8 AuditStatus | Audit Status | auditStatus | audi Status | audit_status"
    );
    assert_eq!(
        line("metrics "),
        "metrics list of struct Metrics | metrics | metric"
    );
    assert_eq!(
        line("  metric_id "),
        "metric_id utf8 Metric ID | metricId | metric_id"
    );
    assert_eq!(
        line("    message_id "),
        "message_id list of utf8 message_id | messageId | Message ID"
    );
    assert_eq!(
        line("custom_fields "),
        "custom_fields map of utf8 custom_fields | customFields | Custom Fields"
    );
    for name in Definition::builtin_names() {
        let printed = Program::new()
            .run(["schema", "show", name, "--json"])
            .succeeded()
            .stdout;
        assert_eq!(printed, Definition::builtin_text(name).unwrap(), "{name}");
    }
}

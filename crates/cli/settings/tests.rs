use clap::Parser;
use serde_json::Value;

use super::*;
use crate::args::{Cli, Command, Export};

pub(super) fn export(arguments: &[&str]) -> Export {
    let fixed = [
        "korelake",
        "export",
        "raw_data",
        "--from",
        "2026-03-23",
        "--to",
        "2026-03-24",
    ];
    match Cli::try_parse_from(fixed.iter().chain(arguments))
        .unwrap()
        .command
    {
        Command::Export(export) => *export,
        _ => unreachable!(),
    }
}

/// The settings of a file, under some flags.
pub(super) fn settings(file: &str, arguments: &[&str]) -> Result<Settings, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("korelake.toml");
    std::fs::write(&path, file).unwrap();
    let config = ["--config", path.to_str().unwrap()];
    Settings::resolve(&export(&[&config, arguments].concat()).connection)
}

/// The tables that an export means by its arguments.
fn jobs(settings: &Settings, export: &Export) -> Result<Vec<Job>, Failure> {
    settings.jobs(&export.datasets, &export.connection, export.partition)
}

pub(super) fn client(settings: &Settings) -> Result<Client, Failure> {
    settings.client(|_| {})
}

const FILE: &str = r#"
    [source]
    host = "platform.example.com"
    account_id = "0123"
    requests_per_minute = 30
    [source.auth]
    client_id = "cs-1"
    client_secret = "not-a-real-secret"
    [lake]
    url = "memory:"
    compression = "zstd(3)"
    [[dataset]]
    name = "raw_data"
    table = "raw_data_emea"
    stream_id = "st-emea"
    contact_direction = "inbound"
    [[dataset]]
    name = "raw_data"
    table = "raw_data_apac"
"#;

#[test]
fn flags_win_over_the_file() {
    let settings = settings(FILE, &["--host", "other.example.com"]).unwrap();
    assert_eq!(
        settings.source().unwrap().host.to_string(),
        "https://other.example.com"
    );
    assert_eq!(settings.source.requests_per_minute, 30);
    assert_eq!(settings.source.timeout_seconds, 120);
    client(&settings).unwrap();
    settings.lake().unwrap();
    settings.files().unwrap();
}

#[test]
fn a_dataset_stands_for_all_its_tables() {
    let settings = settings(FILE, &[]).unwrap();
    assert_eq!(jobs(&settings, &export(&[])).unwrap().len(), 2);
    assert!(jobs(&settings, &export(&["--table", "one"])).is_err());
    let named = Export {
        datasets: vec!["raw_data_apac".to_owned()],
        ..export(&[])
    };
    assert_eq!(jobs(&settings, &named).unwrap().len(), 1);
    let unknown = Export {
        datasets: vec!["raw".to_owned()],
        ..export(&[])
    };
    assert!(jobs(&settings, &unknown).is_err());
}

#[test]
fn mistakes_are_named_without_their_values() {
    for (file, message, hint) in [
        (
            "[source]\nhosst = \"h\"",
            "an unknown setting `source.hosst`",
            "known there are host,",
        ),
        ("[source]\nhost = 7", "`source.host` in", "it is a string"),
        (
            "[source]\nrequests_per_minute = \"many\"",
            "`source.requests_per_minute` in",
            "it is a whole number",
        ),
        (
            "[source]\nrequests_per_minute = 4242424242424",
            "`source.requests_per_minute` in",
            "not that large",
        ),
        (
            "[source]\nrequests_per_minute = true",
            "`source.requests_per_minute` in",
            "it is a whole number",
        ),
        (
            "[source]\nallow_http = 4242",
            "`source.allow_http` in",
            "it is true or false",
        ),
        (
            "[source]\nallow_http = \"yes 4242\"",
            "`source.allow_http` in",
            "it is true or false",
        ),
        (
            "[[dataset]]\npage_size = \"4242 records\"",
            "`dataset.0.page_size` in",
            "it is a whole number",
        ),
        (
            "[source]\nrequests_per_minute = -1",
            "`source.requests_per_minute` in",
            "not negative",
        ),
        (
            "[source.auth]\nclient_secret = 4242",
            "`source.auth.client_secret` in",
            "it is a string",
        ),
        (
            "[source.auth]\nclient_secret = \"4242",
            "is not TOML at line 2, column",
            "text stands in quotes",
        ),
        (
            "[source.auth]\nalgorithm = \"4242\"",
            "`source.auth.algorithm` in",
            "it is one of",
        ),
        (
            "[lake]\ncompression = \"gzip\"",
            "lake.compression `gzip` is not known",
            "zstd(1)",
        ),
        (
            "[lake]\ncompression = \"zstd(99)\"",
            "lake.compression `zstd(99)` is not known",
            "`zstd(1)` to `zstd(22)`",
        ),
        (
            "[lake]\nrow_group_mb = 0",
            "lake.row_group_mb 0 is out of range",
            "it is 1 to 1024",
        ),
        (
            "[lake]\nrow_group_mb = 1025",
            "lake.row_group_mb 1025 is out of range",
            "it is 1 to 1024",
        ),
        (
            "",
            "source.host is missing",
            "set it in korelake.toml, as KORELAKE_SOURCE__HOST, or with --host",
        ),
    ] {
        let resolved = settings(file, &[]).and_then(|settings| {
            settings.files()?;
            settings.source()
        });
        let failure = resolved.map(drop).unwrap_err();
        assert!(failure.message().contains(message), "{}", failure.message());
        assert!(failure.hint().unwrap().contains(hint), "{:?}", failure.hint());
        assert!(!format!("{failure:?}").contains("4242"), "{failure:?}");
    }
}

#[test]
fn credentials_are_one_of_two_kinds() {
    let both = "[source.auth]\ntoken = \"t\"\nclient_secret = \"s\"";
    assert!(client(&settings(both, &[]).unwrap()).is_err());
    let missing = client(&settings("", &[]).unwrap()).map(drop).unwrap_err();
    assert!(
        missing
            .hint()
            .unwrap()
            .contains("KORELAKE_SOURCE__AUTH__CLIENT_SECRET")
    );
    client(&settings("[source.auth]\ntoken = \"t\"", &[]).unwrap()).unwrap();
}

/// What is sent for a dataset with these settings, beside the constants of its endpoint.
fn parameters(dataset: &str, lines: &str) -> Result<Value, Failure> {
    let settings = settings(&format!("[[dataset]]\nname = \"{dataset}\"\n{lines}"), &[])?;
    let endpoint = korelake::Dataset::load(dataset)?.endpoint(None)?.clone();
    settings.dataset[0]
        .all_parameters(dataset, &endpoint)
        .map(Value::from)
}

#[test]
fn parameters_are_those_that_were_set() {
    assert_eq!(parameters("raw_data", "").unwrap(), serde_json::json!({}));
    assert_eq!(
        parameters(
            "raw_data",
            "parameters = { channel = \"voice\", top = 5 }\ninclude_below_threshold = false\n\
             custom_fields = { Region = \"EMEA\", floor = 3 }"
        )
        .unwrap(),
        serde_json::json!({
            "channel": "voice", "top": 5, "include_below_threshold": false,
            "custom_fields": {"Region": "EMEA", "floor": 3}
        })
    );
    assert_eq!(
        parameters(
            "agent_assist",
            "channel = [\"chat\"]\ninclude_agentic_data = false"
        )
        .unwrap(),
        serde_json::json!({"channels": ["chat"], "includeAgenticData": false})
    );
}

#[test]
fn a_parameter_that_is_set_twice_is_refused_whatever_it_is_called() {
    for (dataset, lines, name) in [
        (
            "raw_data",
            "parameters = { contact_direction = \"inbound\" }\ncontact_direction = \"inbound\"",
            "contact_direction",
        ),
        (
            "agent_assist",
            "parameters = { sessionIds = [\"s-1\"] }\nsession_ids = [\"s-1\"]",
            "sessionIds",
        ),
    ] {
        let twice = parameters(dataset, lines).unwrap_err();
        let expected = format!("sets `{name}` twice");
        assert!(twice.message().contains(&expected), "{}", twice.message());
    }
}

#[test]
fn settings_that_neither_datasets_nor_endpoints_have_are_named_without_their_values() {
    for (dataset, lines, message, hint) in [
        (
            "raw_data",
            "session_ids = [\"4242\"]",
            "the [[dataset]] `raw_data` sets `session_ids`, which endpoint v3 does not know",
            "it knows contact_direction, custom_fields, include_below_threshold; every dataset has name,",
        ),
        (
            "score_reporting",
            "tabel = \"4242\"",
            "the [[dataset]] `score_reporting` sets `tabel`, which endpoint v3 does not know",
            "table,",
        ),
        (
            "raw_data",
            "contact_direction = \"4242\"",
            "contact_direction for endpoint v3 is not one of inbound, outbound",
            "correct the setting",
        ),
        (
            "raw_data",
            "include_below_threshold = \"4242\"",
            "include_below_threshold for endpoint v3 is not true or false",
            "correct the setting",
        ),
        (
            "raw_data",
            "custom_fields = \"4242\"",
            "custom_fields for endpoint v3 is not a table",
            "correct the setting",
        ),
        (
            "agent_assist",
            "agent_ids = [4242]",
            "agent_ids for endpoint v2 is not a list of texts",
            "correct the setting",
        ),
    ] {
        let failure = parameters(dataset, lines).unwrap_err();
        assert!(failure.message().contains(message), "{}", failure.message());
        assert!(failure.hint().unwrap().contains(hint), "{:?}", failure.hint());
        assert!(!format!("{failure:?}").contains("4242"), "{failure:?}");
    }
}

#[test]
fn filters_are_those_of_the_endpoint_that_a_flag_names() {
    let settings = settings("[[dataset]]\nname = \"raw_data\"\nqueues = [\"q-1\"]", &[]).unwrap();
    assert!(jobs(&settings, &export(&[])).is_err());
    assert_eq!(
        jobs(&settings, &export(&["--endpoint", "legacy_app"]))
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn every_setting_that_a_message_names_is_one() {
    let known = super::dataset::KNOWN.split(", ");
    for name in known {
        let value = match name {
            "page_size" | "max_window_records" => "5",
            "paging" => "\"auto\"",
            "parameters" => "{}",
            "partition" => "\"day\"",
            _ => "\"text\"",
        };
        let settings = settings(&format!("[[dataset]]\n{name} = {value}"), &[]).unwrap();
        assert!(
            !format!("{:?}", settings.dataset[0]).contains(&format!("\"{name}\"")),
            "{name}"
        );
    }
}

#[test]
fn a_date_format_has_to_be_one() {
    let job = |format: &str| {
        let file = format!("[[dataset]]\nname = \"raw_data\"\ndate_format = \"{format}\"");
        jobs(&settings(&file, &[]).unwrap(), &export(&[])).map(drop)
    };
    job("%Y-%m-%dT%H:%M:%S%.3fZ").unwrap();
    let failure = job("%d.%m. %H:%M").unwrap_err();
    assert_eq!(
        failure.message(),
        "the date format \"%d.%m. %H:%M\" writes two days alike"
    );
    assert!(failure.hint().unwrap().contains("date_format"));
}

#[test]
fn pages_and_windows_of_no_records_are_refused() {
    for key in ["page_size", "max_window_records"] {
        let file = format!("[[dataset]]\nname = \"raw_data\"\n{key} = 0");
        let settings = settings(&file, &[]).unwrap();
        let failure = jobs(&settings, &export(&[])).map(drop).unwrap_err();
        assert_eq!(failure.message(), format!("{key} of `raw_data` is 0"));
        assert!(failure.hint().unwrap().starts_with("it is the number of records"));
    }
}

#[test]
fn paging_is_one_of_three() {
    let job = |paging: &str| {
        let file =
            format!("[[dataset]]\nname = \"raw_data\"\npaging = \"{paging}\"\nmax_window_records = 500");
        let jobs = settings(&file, &[]).and_then(|settings| jobs(&settings, &export(&[])));
        jobs.map(|jobs| format!("{:?}", jobs[0]))
    };
    for (paging, style) in [
        ("auto", "None"),
        ("offset", "Some(Offset)"),
        ("page", "Some(Page)"),
    ] {
        let job = job(paging).unwrap();
        assert!(
            job.contains(&format!("paging: {style}, max_window_records: 500")),
            "{job}"
        );
    }
    let failure = job("pages").unwrap_err();
    assert!(
        failure.message().contains("`dataset.0.paging` in"),
        "{}",
        failure.message()
    );
    assert_eq!(failure.hint().unwrap(), "it is one of auto, offset, page");
}

#[test]
fn without_names_all_tables_are_meant_or_else_raw_data() {
    let tables = |file: &str| {
        let jobs = settings(file, &[])
            .unwrap()
            .all_jobs(&export(&[]).connection)
            .unwrap();
        let shown: Vec<String> = jobs.iter().map(|job| format!("{job:?}")).collect();
        shown
    };
    assert!(matches!(tables(FILE).as_slice(), [emea, apac]
        if emea.contains("table: \"raw_data_emea\"") && apac.contains("table: \"raw_data_apac\"")));
    assert!(matches!(tables("").as_slice(), [one] if one.contains("table: \"raw_data\"")));
}

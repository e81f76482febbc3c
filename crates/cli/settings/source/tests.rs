use korelake::fetch::{Client, ClientOptions, Credentials};

use crate::settings::tests::{client, settings};

#[test]
fn what_is_set_for_the_client_reaches_it() {
    let lines = "connect_timeout_seconds = 11\nread_timeout_seconds = 61\ntimeout_seconds = 121\nconcurrency = 7\n\
                 max_body_mb = 3\n[source.retry]\ntries = 2\nfirst_wait_ms = 5\nlongest_wait_seconds = 9\n\
                 total_seconds = 77\n[source.auth]\ntoken = \"t\"";
    let given = settings(&format!("[source]\n{lines}"), &[]).unwrap();
    let shown = format!("{:?}", client(&given).unwrap());
    for part in [
        "concurrency: 7",
        "retry: Retry { tries: 2, first_wait: 5ms, longest_wait: 9s, total: 77s }",
        "connect_timeout: 11s",
        "read_timeout: 61s",
        " timeout: 121s",
        "max_body_bytes: 3145728",
        "requests_per_minute: Some(60)",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let flags = settings(
        &format!("[source]\n{lines}"),
        &["--concurrency", "2", "--requests-per-minute", "0"],
    );
    let shown = format!("{:?}", client(&flags.unwrap()).unwrap());
    assert!(
        shown.contains("concurrency: 2") && shown.contains("requests_per_minute: None"),
        "{shown}"
    );
    let defaults = format!(
        "{:?}",
        client(&settings("[source.auth]\ntoken = \"t\"", &[]).unwrap()).unwrap()
    );
    let library = ClientOptions::new(Credentials::Token("t".into())).requests_per_minute(Some(60));
    let library = format!("{:?}", Client::new(library).unwrap());
    // All but who is told.
    let without_observer = |shown: &str| shown.split(", observer").next().map(str::to_owned);
    assert_eq!(without_observer(&defaults), without_observer(&library));
}

#[test]
fn numbers_out_of_range_are_named_with_their_range() {
    for (section, key, values, range) in [
        ("source", "concurrency", ["0", "65"], "it is 1 to 64"),
        (
            "source",
            "connect_timeout_seconds",
            ["0", "86401"],
            "it is 1 to 86400",
        ),
        (
            "source",
            "read_timeout_seconds",
            ["0", "86401"],
            "it is 1 to 86400",
        ),
        ("source", "timeout_seconds", ["0", "86401"], "it is 1 to 86400"),
        ("source", "max_body_mb", ["0", "4097"], "it is 1 to 4096"),
        ("source.retry", "tries", ["0", "101"], "it is 1 to 100"),
        (
            "source.retry",
            "first_wait_ms",
            ["0", "60001"],
            "it is 1 to 60000",
        ),
        (
            "source.retry",
            "longest_wait_seconds",
            ["0", "86401"],
            "it is 1 to 86400",
        ),
        (
            "source.retry",
            "total_seconds",
            ["0", "86401"],
            "it is 1 to 86400",
        ),
        ("lake", "memory_mb", ["0", "1048577"], "it is 1 to 1048576"),
    ] {
        for value in values {
            let file = format!("[{section}]\n{key} = {value}\n[source.auth]\ntoken = \"t\"");
            let settings = settings(&file, &[]).unwrap();
            let failure = client(&settings)
                .map(drop)
                .and(settings.memory_bytes())
                .unwrap_err();
            assert_eq!(
                failure.message(),
                format!("{section}.{key} {value} is out of range")
            );
            assert_eq!(failure.hint().unwrap(), range);
        }
    }
    let settings = settings("[lake]\nmemory_mb = 64", &[]).unwrap();
    assert_eq!(settings.memory_bytes().unwrap(), 64 << 20);
}

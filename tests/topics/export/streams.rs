//! Several bots of one account in one run, a table each.

use super::{export, lake};
use crate::support::scripted::{Scripted, page, record};

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

#[test]
fn two_bots_fill_a_table_each_in_one_run() {
    let server = Scripted::start(|asked| {
        let stream = asked
            .path
            .split('/')
            .find(|part| part.starts_with("st-"))
            .unwrap();
        let records: Vec<_> = (0..3)
            .map(|number| record(&format!("{stream} {number}")))
            .collect();
        Some(page(&records, 3, false))
    });
    let program = server.program();
    let tables = r#"
        [[dataset]]
        name = "raw_data"
        table = "calls_emea"
        stream_id = "st-emea"
        [[dataset]]
        name = "raw_data"
        table = "calls_apac"
        stream_id = "st-apac"
    "#;
    let file = std::fs::read_to_string(program.path("korelake.toml")).unwrap();
    program.write("korelake.toml", file + tables);
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    for name in ["emea", "apac"] {
        let (table, stream) = (format!("calls_{name}"), format!("st-{name}"));
        let rows = lake.rows(&format!("{table}/date={DAY}"));
        let keys: Vec<&str> = rows
            .iter()
            .map(|row| row["conversation_id"].as_str().unwrap())
            .collect();
        let expected = [0, 1, 2].map(|number| format!("{stream} {number}"));
        assert_eq!(keys, expected);
        assert_eq!(lake.entry(&table, DAY)["identity"]["stream"], stream.as_str());
    }
    assert_eq!(lake.parquet().len(), 2);

    // One of them alone, by the name of its table.
    let asked = server.asked().len();
    export(&program, &["calls_apac"], DAY, NEXT, &[]).succeeded();
    let asked = server.asked().split_off(asked);
    assert!(
        !asked.is_empty() && asked.iter().all(|one| one.path.contains("/st-apac/")),
        "{asked:?}"
    );
}

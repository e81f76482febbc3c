//! Settings that ask for a part of the records: what is sent, and what belongs to the table from then on.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{export, lake, simulation};
use crate::support::simulation::configuration;

const DAY: &str = "2026-03-23";
const NEXT: &str = "2026-03-24";

/// The different values that rows have at `pointer`, as their JSON text.
fn values(rows: &[Value], pointer: &str) -> BTreeSet<String> {
    rows.iter()
        .map(|row| row.pointer(pointer).unwrap_or(&Value::Null).to_string())
        .collect()
}

#[test]
fn agent_ai_is_asked_for_sessions_conversations_channels_and_agents() {
    let simulation = simulation();
    let program = simulation.program();
    export(&program, &["agent_assist"], DAY, NEXT, &[]).succeeded();
    let all = lake(&program).rows("agent_assist/date=2026-03-23");
    let one = &all[all.len() - 1..];
    let filters = [
        ("session_ids", "sessionIds", "/bot_session_id"),
        ("conversation_ids", "conversationIds", "/conversation_id"),
        ("channel", "channels", "/channel"),
        ("agent_ids", "agentIds", "/agent/agent_id"),
    ];
    let tables = filters.map(|(setting, _, pointer)| {
        let wanted = values(one, pointer).pop_first().unwrap();
        format!(
            "[[dataset]]\nname = \"agent_assist\"\ntable = \"by_{setting}\"\ninclude_agentic_data = false\n\
             {setting} = [\"missing\", {wanted}]\n"
        )
    });
    program.write(
        "korelake.toml",
        configuration(&simulation.url()) + &tables.concat(),
    );
    export(&program, &["agent_assist"], DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    for (setting, parameter, pointer) in filters {
        let table = format!("by_{setting}");
        let rows = lake.rows(&format!("{table}/date=2026-03-23"));
        assert!(rows.len() < all.len(), "{setting}: all was sent");
        let wanted = values(one, pointer);
        // Whole conversations come, so those that an agent was part of have rows of others too.
        let fitting: Vec<Value> = all
            .iter()
            .filter(|row| values(&[(*row).clone()], pointer) == wanted)
            .cloned()
            .collect();
        let conversations = |rows: &[Value]| values(rows, "/conversation_id");
        assert_eq!(conversations(&rows), conversations(&fitting), "{setting}");
        let wanted: Value = serde_json::from_str(wanted.first().unwrap()).unwrap();
        let mut sent = vec![json!("missing"), wanted];
        sent.sort_by_key(Value::to_string);
        assert_eq!(
            lake.entry(&table, DAY)["identity"]["filters"],
            json!({"includeAgenticData": "false", parameter: Value::from(sent).to_string()})
        );
    }
    let whole = lake.entry("agent_assist", DAY);
    assert_eq!(
        whole["identity"]["filters"],
        json!({"includeAgenticData": "true"})
    );
}

#[test]
fn the_first_generation_is_asked_for_a_channel() {
    let simulation = simulation();
    let program = simulation.program();
    let tables = r#"
        [[dataset]]
        name = "raw_data"
        endpoint = "legacy_app"
        table = "all"
        [[dataset]]
        name = "raw_data"
        endpoint = "legacy_app"
        table = "some"
        channel = ["rtm"]
    "#;
    program.write("korelake.toml", configuration(&simulation.url()) + tables);
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let lake = lake(&program);
    let (all, some) = (
        lake.rows("all/date=2026-03-23"),
        lake.rows("some/date=2026-03-23"),
    );
    assert!(values(&all, "/src").len() > 1);
    assert_eq!(values(&some, "/src"), BTreeSet::from(["\"rtm\"".to_owned()]));
}

#[test]
fn a_default_that_is_written_down_is_the_same_table() {
    let simulation = simulation();
    let program = simulation.program();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    let same = "[[dataset]]\nname = \"raw_data\"\ninclude_below_threshold = true\n\
                date_format = \"%Y-%m-%dT%H:%M:%S%.3fZ\"";
    program.write("korelake.toml", configuration(&simulation.url()) + same);
    let before = lake(&program).parquet();
    export(&program, &["raw_data"], DAY, NEXT, &[]).succeeded();
    assert!(lake(&program).parquet() == before);
    assert_eq!(
        lake(&program).entry("raw_data", DAY)["identity"]["filters"],
        json!({"include_below_threshold": "true"})
    );
}

#[test]
fn filters_that_the_endpoint_would_ignore_are_wrong_usage() {
    let simulation = simulation();
    let program = simulation.program();
    for (line, message, hint) in [
        (
            "session_ids = [\"s-1\"]",
            "the [[dataset]] `raw_data` sets `session_ids`, which endpoint v3 does not know",
            "it knows contact_direction, custom_fields, include_below_threshold;",
        ),
        (
            "contact_direction = \"both\"",
            "contact_direction for endpoint v3 is not one of inbound, outbound",
            "leave it out to ask for everything",
        ),
        (
            "date_format = \"%H:%M\"",
            "the date format \"%H:%M\" writes two days alike",
            "%Y-%m-%d %H:%M:%S",
        ),
    ] {
        let dataset = format!("[[dataset]]\nname = \"raw_data\"\n{line}");
        program.write("korelake.toml", configuration(&simulation.url()) + &dataset);
        export(&program, &["raw_data"], DAY, NEXT, &[]).failed(1, message, hint);
    }
    let days = "[[dataset]]\nname = \"raw_data\"\npartition = \"hour\"\ndate_format = \"%Y-%m-%d\"";
    program.write("korelake.toml", configuration(&simulation.url()) + days);
    let ran = export(&program, &["raw_data"], DAY, NEXT, &[]);
    ran.failed(
        1,
        "writes both ends of",
        "set a `date_format` that writes the time between them",
    );
    assert_eq!(simulation.requests(), 0);
    assert!(lake(&program).parquet().is_empty());
}

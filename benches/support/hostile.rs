//! Records that are made to be rescued: what a server with other keys, other types or two of every key would send.

use serde_json::Value;

/// How a server is hostile.
#[derive(Debug, Clone, Copy)]
pub enum Hostility {
    /// No key of a value is known; objects and lists of objects keep theirs, so every value is a rescue of its own.
    UnknownKeys,
    /// Every value stands in a list where no list is expected.
    Misfits,
    /// Every key comes twice with different values.
    RepeatedKeys,
}

/// The records, one a line, made hostile.
pub fn records(records: &[u8], hostility: Hostility) -> Vec<u8> {
    let mut out = String::with_capacity(2 * records.len());
    for record in serde_json::Deserializer::from_slice(records).into_iter::<Value>() {
        write(&record.unwrap(), hostility, &mut out);
        out.push('\n');
    }
    out.into_bytes()
}

fn write(value: &Value, hostility: Hostility, out: &mut String) {
    match value {
        Value::Object(members) => {
            out.push('{');
            let mut comma = "";
            for (key, value) in members {
                let nested = holds_objects(value);
                let times = if matches!(hostility, Hostility::RepeatedKeys) {
                    2
                } else {
                    1
                };
                for time in 0..times {
                    let unknown = !nested && matches!(hostility, Hostility::UnknownKeys);
                    let key = if unknown { format!("{key}?") } else { key.clone() };
                    out.push_str(&format!("{comma}{}:", Value::from(key)));
                    comma = ",";
                    match (hostility, value) {
                        (Hostility::RepeatedKeys, _) if time == 1 && nested => out.push_str("null"),
                        (Hostility::RepeatedKeys, _) if time == 1 => out.push_str("\"another\""),
                        (Hostility::Misfits, value) if !nested => out.push_str(&format!("[[{value}]]")),
                        (_, value) => write(value, hostility, out),
                    }
                }
            }
            out.push('}');
        }
        Value::Array(elements) if holds_objects(value) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                write(element, hostility, out);
            }
            out.push(']');
        }
        value => out.push_str(&value.to_string()),
    }
}

fn holds_objects(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(elements) => elements.iter().any(Value::is_object),
        _ => false,
    }
}

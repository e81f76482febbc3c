//! A definition that has every type with every flag: alone, in lists, in lists that may be lone values, in maps and
//! in structs, under several spellings.

use korelake_schema::Definition;
use serde_json::{Value, json};

/// Types without columns of their own, by a name for their columns.
pub(crate) fn scalars() -> [(&'static str, Value); 8] {
    [
        ("utf8", json!({"type": "utf8"})),
        ("text", json!({"type": "utf8", "nested_as_text": true})),
        ("int", json!({"type": "int64"})),
        ("ms", json!({"type": "int64", "unit": "milliseconds"})),
        ("float", json!({"type": "float64"})),
        ("bool", json!({"type": "bool"})),
        ("time", json!({"type": "timestamp"})),
        ("json", json!({"type": "json"})),
    ]
}

/// Its records are under `rows` in an envelope. The column of a type has the type's name, and two more spellings
/// that come before it: `X One` and `x/two~é`.
pub(crate) fn definition() -> Definition {
    let structure = json!({"type": "struct", "fields": scalars().map(|(name, scalar)| field(name, scalar))});
    let deep = json!({"type": "struct", "fields": [
        field("below", structure.clone()),
        field("utf8", json!({"type": "utf8"})),
    ]});
    let types = scalars().into_iter().chain([
        ("struct", structure),
        ("ints", list(json!({"type": "int64"}), false)),
        ("lone", list(json!({"type": "utf8"}), true)),
        ("counts", map(json!({"type": "int64"}))),
    ]);
    let mut columns = vec![
        json!({"name": "id", "type": "utf8", "doc": "Key."}),
        field("deep", deep),
    ];
    for (name, of) in types {
        columns.push(field(name, of.clone()));
        columns.push(field(&format!("{name}_list"), list(of.clone(), false)));
        columns.push(field(&format!("{name}_lone"), list(of.clone(), true)));
        columns.push(field(&format!("{name}_map"), map(of)));
    }
    let definition = json!({
        "name": "every_type",
        "doc": "Test.",
        "key": "id",
        "endpoints": [{"response": {"records": "rows"}}],
        "columns": columns,
    });
    Definition::parse(&definition.to_string()).unwrap()
}

fn list(element: Value, lone_value: bool) -> Value {
    json!({"type": "list", "element": element, "lone_value": lone_value})
}

fn map(values: Value) -> Value {
    json!({"type": "map", "values": values})
}

fn field(name: &str, mut of: Value) -> Value {
    of["name"] = name.into();
    of["doc"] = "Test.".into();
    of["aliases"] = json!([format!("{name} One"), format!("{name}/two~é"), name]);
    of
}

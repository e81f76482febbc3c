//! Records as a strange server might send them, by the definition of a dataset.

use chrono::DateTime;
use korelake_schema::{Field, Type};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// JSON that can say more than `serde_json::Value`: keys twice, numbers as written, raw escapes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    /// The raw bytes between the quotes.
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Writes the value with `space` between all tokens.
    pub(crate) fn write(&self, space: &str, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(text) => out.push_str(text),
            Self::Text(raw) => out.push_str(&format!("\"{raw}\"")),
            Self::List(values) => {
                out.push_str(&format!("[{space}"));
                for (index, value) in values.iter().enumerate() {
                    out.push_str(&between(index, space));
                    value.write(space, out);
                }
                out.push_str(&format!("{space}]"));
            }
            Self::Object(members) => {
                out.push_str(&format!("{{{space}"));
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(&format!("{}\"{key}\"{space}:{space}", between(index, space)));
                    value.write(space, out);
                }
                out.push_str(&format!("{space}}}"));
            }
        }
    }

    pub(crate) fn text(&self, space: &str) -> String {
        let mut out = String::new();
        self.write(space, &mut out);
        out
    }
}

fn between(index: usize, space: &str) -> String {
    match index {
        0 => String::new(),
        _ => format!("{space},{space}"),
    }
}

/// White space that may stand between tokens, mostly none.
pub(crate) fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just(""), 1 => select(vec![" ", "\n  ", "\r\n\t"])]
}

/// An array of records.
pub(crate) fn body(records: &[Json], space: &str) -> String {
    Json::List(records.to_vec()).text(space)
}

fn number() -> impl Strategy<Value = Json> {
    prop_oneof![
        (-1000_i64..1000).prop_map(|value| value.to_string()),
        any::<i64>().prop_map(|value| value.to_string()),
        (-1e6_f64..1e6).prop_map(|value| format!("{value:?}")),
        any::<f64>()
            .prop_filter("finite", |value| value.is_finite())
            .prop_map(|value| format!("{value:e}")),
        (0_u32..1000).prop_map(|value| format!("{value}.0")),
        (946_684_800_000_i64..4_133_980_800_000).prop_map(|value| value.to_string()),
        select(vec![
            "1e400",
            "-0",
            "1e-400",
            "9007199254740993",
            "0.1e1",
            "123456789012345678901234567890"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_map(Json::Number)
}

fn text() -> impl Strategy<Value = Json> {
    prop_oneof![
        "[a-zA-Zäß東😀 ]{0,12}",
        (-1000_i64..1000).prop_map(|value| value.to_string()),
        (0_i64..1_000_000).prop_map(|value| format!("{value} milliseconds")),
        (0_i64..4_000_000_000_000).prop_map(|millis| {
            DateTime::from_timestamp_millis(millis)
                .unwrap()
                .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
        }),
        (0_i64..4_000_000_000).prop_map(|seconds| DateTime::from_timestamp(seconds, 0)
            .unwrap()
            .format("%F %T")
            .to_string()),
        select(vec![
            "",
            "NA",
            "-",
            "true",
            "false",
            "YES",
            r"\ud800",
            r"a\n\u00e9\ud83d\ude00",
            r"x\udc00\\",
            r"\/"
        ])
        .prop_map(str::to_owned),
    ]
    .prop_map(Json::Text)
}

fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![1 => Just(Json::Null), 1 => any::<bool>().prop_map(Json::Bool), 2 => number(), 3 => text()]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,3}",
        select(vec!["a/b", "c~d", "", "Ü", r"\u0041", r"\ud800", "name"]).prop_map(str::to_owned)
    ]
}

pub(crate) fn anything() -> BoxedStrategy<Json> {
    scalar()
        .prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::List),
                prop::collection::vec((key(), inner), 0..4).prop_map(Json::Object),
            ]
        })
        .boxed()
}

/// Mostly values that fit the type.
fn value_of(data_type: &Type) -> BoxedStrategy<Json> {
    let fitting = match data_type {
        Type::Utf8 { .. } => text().boxed(),
        Type::Int64 { .. } | Type::Float64 => prop_oneof![number(), text()].boxed(),
        Type::Bool => any::<bool>().prop_map(Json::Bool).boxed(),
        Type::Timestamp => text().boxed(),
        Type::List { element, .. } => prop::collection::vec(value_of(element), 0..4)
            .prop_map(Json::List)
            .boxed(),
        Type::Struct { fields } => object_of(fields),
        Type::Map { values } => prop::collection::vec((key(), value_of(values)), 0..5)
            .prop_map(Json::Object)
            .boxed(),
        _ => anything(),
    };
    prop_oneof![8 => fitting, 1 => anything(), 1 => Just(Json::Null)].boxed()
}

/// Some fields under some of their spellings, some unknown keys, some keys twice.
pub(crate) fn object_of(fields: &[Field]) -> BoxedStrategy<Json> {
    let member = |field: &Field| {
        let spellings: Vec<String> = field.spellings().map(str::to_owned).collect();
        let spelling = (select(spellings), any::<Index>(), prop::bool::weighted(0.1));
        let spelling = spelling.prop_map(|(spelling, at, escape)| match escape {
            true => with_escape(&spelling, at),
            false => spelling,
        });
        (spelling, value_of(field.data_type())).boxed()
    };
    let known: Vec<_> = fields
        .iter()
        .map(|field| prop::option::weighted(0.6, member(field)))
        .collect();
    let fields = fields.to_vec();
    let more = prop::collection::vec(any::<Index>(), 0..2).prop_flat_map(move |picks| {
        picks
            .iter()
            .map(|pick| member(pick.get(&fields)))
            .collect::<Vec<_>>()
    });
    let unknown = prop::collection::vec((key(), anything()), 0..2);
    (known, more, unknown, any::<bool>())
        .prop_map(|(known, more, unknown, reverse)| {
            let mut members: Vec<_> = known.into_iter().flatten().chain(more).chain(unknown).collect();
            if reverse {
                members.reverse();
            }
            Json::Object(members)
        })
        .boxed()
}

/// A key with one of its characters written as an escape.
fn with_escape(key: &str, at: Index) -> String {
    let at = at.index(key.chars().count());
    let write = |(index, char): (usize, char)| match index == at {
        true => format!("\\u{:04x}", u32::from(char)),
        false => char.to_string(),
    };
    key.chars().enumerate().map(write).collect()
}

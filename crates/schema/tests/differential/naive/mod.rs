//! What a record becomes, worked out slowly over a tree of values: by the rules of the columns alone, with
//! `serde_json`, the standard library and `chrono`, and without a line of the decoder. Whether a batch agrees is
//! decided in [`compare`].

mod cell;
mod compare;
pub(crate) mod json;
mod number;
mod time;

use korelake_schema::{Definition, Field, Type};

use cell::Cell;
use json::Member;

pub(crate) use compare::compare;

/// The row that a record should become.
struct Row {
    cells: Vec<Cell>,
    rescued: Vec<Rescued>,
}

/// A member of `_rescued`.
struct Rescued {
    /// The JSON Pointer of the value.
    pointer: String,
    /// Which of several equal keys of one object it had, counted from 1.
    occurrence: usize,
    /// Its JSON text, as it was sent.
    raw: String,
}

impl Rescued {
    fn new(pointer: &str, occurrence: usize, raw: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            occurrence,
            raw: raw.to_owned(),
        }
    }

    /// The key that it has in `_rescued`.
    fn key(&self) -> String {
        match self.occurrence {
            1 => self.pointer.clone(),
            occurrence => format!("{}#{occurrence}", self.pointer),
        }
    }
}

/// The row of a record, which is an object.
fn row(definition: &Definition, record: &str) -> Row {
    let mut rescued = Vec::new();
    let cells = structure(definition.columns(), record, "", &mut rescued);
    Row { cells, rescued }
}

fn structure(fields: &[Field], object: &str, place: &str, rescued: &mut Vec<Rescued>) -> Vec<Cell> {
    let mut firsts: Vec<&Member<'_>> = Vec::new();
    let members = json::members(object);
    for (index, member) in members.iter().enumerate() {
        let before = members[..index].iter();
        let occurrence = 1 + before.filter(|other| other.token == member.token).count();
        let is_known = fields
            .iter()
            .any(|field| field.spellings().any(|spelling| spelling == member.name));
        match occurrence {
            1 if is_known => firsts.push(member),
            _ => rescued.push(Rescued::new(&member.pointer(place), occurrence, member.value)),
        }
    }
    let field = |field: &Field| {
        let strongest_first = field
            .spellings()
            .filter_map(|spelling| firsts.iter().find(|member| member.name == spelling));
        let candidates = strongest_first.map(|member| {
            let pointer = member.pointer(place);
            let mut rescued = Vec::new();
            let cell = read(field.data_type(), member.value, &pointer, &mut rescued);
            Candidate {
                cell,
                rescued,
                loses_as: Rescued::new(&pointer, 1, member.value),
            }
        });
        choose(candidates.collect(), rescued)
    };
    fields.iter().map(field).collect()
}

/// One of the spellings of a column that a record has.
struct Candidate {
    cell: Cell,
    /// What of it did not fit.
    rescued: Vec<Rescued>,
    /// What is kept if another spelling wins.
    loses_as: Rescued,
}

/// A value beats null, then the first spelling wins. A loser that says something else is rescued whole.
fn choose(candidates: Vec<Candidate>, rescued: &mut Vec<Rescued>) -> Cell {
    let winner = candidates
        .iter()
        .position(|candidate| candidate.cell != Cell::Null);
    let chosen = winner.map_or(Cell::Null, |winner| candidates[winner].cell.clone());
    for (index, candidate) in candidates.into_iter().enumerate() {
        let says_the_same = candidate.cell == chosen && candidate.rescued.is_empty();
        if winner.is_none() || winner == Some(index) {
            rescued.extend(candidate.rescued);
        } else if candidate.loses_as.raw != "null" && !says_the_same {
            rescued.push(candidate.loses_as);
        }
    }
    chosen
}

/// The cell of one value. What does not fit is added to `rescued`.
fn read(data_type: &Type, raw: &str, place: &str, rescued: &mut Vec<Rescued>) -> Cell {
    if raw == "null" {
        return Cell::Null;
    }
    let first = raw.as_bytes()[0];
    let cell = match data_type {
        Type::Json => Some(json_text(raw, place, rescued)),
        Type::Utf8 { nested_as_text } => match first {
            b'"' => {
                if json::has_lone_surrogate(raw) {
                    rescued.push(Rescued::new(place, 1, raw));
                }
                Some(Cell::Text(json::text(raw)))
            }
            b'{' | b'[' => nested_as_text.then(|| json_text(raw, place, rescued)),
            _ => Some(Cell::Text(raw.to_owned())),
        },
        Type::Bool => match first {
            b'"' => boolean(&json::text(raw)),
            _ => boolean(raw),
        },
        Type::Int64 { milliseconds } => reading(raw, number::integer, |text| {
            let text = text.strip_suffix(" milliseconds").filter(|_| *milliseconds)?;
            number::is_number(text).then(|| number::integer(text))?
        })
        .map(Cell::of(Cell::Int)),
        Type::Float64 => reading(raw, number::float, |_| None).map(Cell::of(Cell::Float)),
        Type::Timestamp => reading(raw, time::epoch, time::timestamp).map(Cell::of(Cell::Time)),
        Type::List { element, lone_value } => match first {
            b'[' => {
                let elements = json::elements(raw).into_iter().enumerate();
                let cells =
                    elements.map(|(index, raw)| read(element, raw, &format!("{place}/{index}"), rescued));
                Some(Cell::List(cells.collect()))
            }
            _ if *lone_value => match read(element, raw, place, rescued) {
                Cell::Null => return Cell::Null,
                cell => Some(Cell::List(vec![cell])),
            },
            _ => None,
        },
        Type::Struct { fields } => {
            (first == b'{').then(|| Cell::Struct(structure(fields, raw, place, rescued)))
        }
        Type::Map { values } => (first == b'{').then(|| map(values, raw, place, rescued)),
        other => panic!("a type that is new: {other}"),
    };
    cell.unwrap_or_else(|| {
        rescued.push(Rescued::new(place, 1, raw));
        Cell::Null
    })
}

/// The value as JSON text, which has no lone surrogates: readers refuse them.
fn json_text(raw: &str, place: &str, rescued: &mut Vec<Rescued>) -> Cell {
    if json::has_lone_surrogate(raw) {
        rescued.push(Rescued::new(place, 1, raw));
    }
    Cell::Text(json::without_lone_surrogates(raw))
}

fn boolean(text: &str) -> Option<Cell> {
    match text {
        "true" => Some(Cell::Bool(true)),
        "false" => Some(Cell::Bool(false)),
        _ => None,
    }
}

/// A number, a number as text, or another text. `Some(None)` is the server's way to say nothing.
fn reading<T>(
    raw: &str,
    number: impl Fn(&str) -> Option<T>,
    other: impl Fn(&str) -> Option<T>,
) -> Option<Option<T>> {
    let text = match raw.as_bytes()[0] {
        b'"' => json::text(raw),
        _ if number::is_number(raw) => raw.to_owned(),
        _ => return None,
    };
    let value = match text.as_str() {
        "" | "NA" => return Some(None),
        text if number::is_number(text) => number(text),
        text => other(text),
    };
    value.map(Some)
}

/// Keys of a map are text and stand in it once.
fn map(values: &Type, object: &str, place: &str, rescued: &mut Vec<Rescued>) -> Cell {
    let members = json::members(object);
    let mut entries = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let before = members[..index].iter();
        let occurrence = 1 + before.filter(|other| other.name == member.name).count();
        let pointer = member.pointer(place);
        if occurrence > 1 {
            rescued.push(Rescued::new(&pointer, occurrence, member.value));
            continue;
        }
        let kept = rescued.len();
        let cell = read(values, member.value, &pointer, rescued);
        if json::has_lone_surrogate(member.key) && rescued.len() == kept {
            // The key lost its spelling; the pointer of its value has it.
            rescued.push(Rescued::new(&pointer, 1, member.value));
        }
        entries.push((member.name.clone(), cell));
    }
    Cell::Map(entries)
}

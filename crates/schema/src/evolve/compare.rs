//! Compares records with a dataset file: they are decoded, and what the decoder has rescued is counted by place. Where a
//! pointer leads is found in [`place`](super::place), what to do about it in [`missing`](super::missing) and
//! [`unread`](super::unread).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};

use super::missing::Proposed;
use super::names::snake_case;
use super::observe::{KEY_LENGTH_LIMIT, Node, Observer};
use super::place::{Place, Target, locate, without_occurrence};
use super::read::Read;
use super::types;
use super::unknown::{Unknown, Why};
use super::unread::unread;
use crate::decoder::cursor::{Cursor, Scan};
use crate::decoder::text::has_lone_surrogate;
use crate::decoder::{Decoder, Progress};
use crate::definition::{Definition, Field, RESCUED, Type};
use crate::error::Error;

/// Keys of one object's place that are told apart; with more of them they are data, and stand as `*`.
const KEYS_LIMIT: usize = 256;

/// Places that are told apart in all.
const PLACES_LIMIT: usize = 4096;

/// Spellings of one name in one object that are compared with each other.
const SPELLINGS_LIMIT: usize = 16;

/// Characters of an example.
const EXAMPLE_LENGTH: usize = 60;

/// Compares records with a definition, a chunk of bytes at a time, through the [`Decoder`] itself. Input has the forms
/// that it takes, and memory the same bounds; 4,096 places are told apart.
///
/// ```
/// use korelake_schema::{Comparison, Definition};
///
/// let definition = Definition::builtin("raw_data").expect("is compiled in");
/// let mut comparison = Comparison::new(&definition);
/// comparison.finish(br#"[{"conversationId": "c-1", "Agents": [{"Agent ID": "a", "shift": 2}], "Duration": "long"}]"#)?;
/// let unknown = comparison.unknown();
/// assert_eq!((unknown.keys[0].column.as_str(), unknown.keys[0].records), ("agents.shift", 1));
/// assert_eq!((unknown.values[0].column.as_str(), unknown.values[0].example.as_str()), ("duration_ms", "\"long\""));
/// # Ok::<(), korelake_schema::Error>(())
/// ```
#[derive(Debug)]
pub struct Comparison {
    definition: Arc<Definition>,
    decoder: Decoder,
    observer: Observer,
    records: u64,
    rescued: u64,
    quarantined: u64,
    without_key: u64,
    by_place: HashMap<(String, Kind, bool), usize>,
    seen: Vec<Seen>,
    /// Unknown keys of one name that stood in one object with different values: they mean two things.
    conflicts: HashSet<(usize, usize)>,
    /// Values that the columns took.
    read: Read,
    /// Unknown keys that are told apart beside the fields of one place.
    keys: HashMap<String, usize>,
    more: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Key,
    Value(Why),
}

#[derive(Debug)]
pub(crate) struct Seen {
    /// Of the column, or for an unknown key of what it stands in.
    pub(crate) column: String,
    pub(crate) pointer: String,
    pub(crate) key: String,
    /// It stands for all keys for which there was no room.
    pub(crate) collapsed: bool,
    pub(crate) kind: Kind,
    /// The fields beside an unknown key.
    pub(crate) beside: Vec<Field>,
    /// The type that did not take a value.
    pub(crate) data_type: Option<Type>,
    pub(crate) node: Node,
    pub(crate) records: u64,
    last: u64,
    pub(crate) example: Option<String>,
}

/// An unknown key in an object of the record at hand.
struct Spelt<'a> {
    object: &'a str,
    name: String,
    index: usize,
    value: &'a [u8],
}

impl Comparison {
    /// Nothing seen so far.
    pub fn new(definition: &Definition) -> Self {
        Self {
            definition: Arc::new(definition.clone()),
            decoder: Decoder::new(definition),
            observer: Observer::default(),
            records: 0,
            rescued: 0,
            quarantined: 0,
            without_key: 0,
            by_place: HashMap::new(),
            seen: Vec::new(),
            conflicts: HashSet::new(),
            read: Read::default(),
            keys: HashMap::new(),
            more: 0,
        }
    }

    /// Compares the whole records at the start of `input`. Gives the bytes that are done with; the others have to
    /// come again, with more behind them.
    ///
    /// # Errors
    ///
    /// Those of [`Decoder::decode`].
    pub fn decode(&mut self, input: &[u8]) -> Result<usize, Error> {
        self.take(input, Decoder::decode)
    }

    /// Compares `rest`, the end of the input. Another input may follow.
    ///
    /// # Errors
    ///
    /// Those of [`Decoder::finish`].
    pub fn finish(&mut self, rest: &[u8]) -> Result<(), Error> {
        self.take(rest, Decoder::finish)?;
        self.flush()
    }

    /// Records so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// What the definition does not know of them.
    pub fn unknown(self) -> Unknown {
        let records = self.records;
        let mut unknown = Unknown {
            records,
            rescued: self.rescued,
            quarantined: self.quarantined,
            without_key: self.without_key,
            keys: Vec::new(),
            values: Vec::new(),
            paste: Vec::new(),
            more: self.more,
        };
        let mut seen: Vec<(usize, Seen)> = self.seen.into_iter().enumerate().collect();
        seen.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.records));
        let mut proposed = Proposed::new(self.conflicts);
        for (index, seen) in seen {
            match seen.kind {
                Kind::Key => unknown.keys.push(proposed.key(index, seen, records)),
                Kind::Value(why) => {
                    let read = self.read.at(&seen.column, &seen.pointer);
                    unknown.values.push(unread(seen, why, read));
                }
            }
        }
        proposed.name(&mut unknown.keys);
        unknown.paste = proposed.paste();
        unknown
    }

    fn take(
        &mut self,
        input: &[u8],
        step: fn(&mut Decoder, &[u8]) -> Result<Progress, Error>,
    ) -> Result<usize, Error> {
        let mut taken = 0;
        loop {
            let progress = step(&mut self.decoder, input.get(taken..).unwrap_or_default())?;
            taken += progress.consumed();
            match progress {
                Progress::NeedsFlush { .. } => self.flush()?,
                Progress::NeedsInput { .. } => return Ok(taken),
            }
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.quarantined += self.decoder.take_quarantined().len() as u64;
        let Some(batch) = self.decoder.flush()? else {
            return Ok(());
        };
        self.without_key += batch
            .column_by_name(self.definition.key())
            .map_or(0, |key| key.null_count() as u64);
        self.read.add(&batch);
        self.batch(&batch);
        Ok(())
    }

    fn batch(&mut self, batch: &RecordBatch) {
        let rescued = batch
            .column_by_name(RESCUED)
            .and_then(|column| column.as_string_opt::<i32>());
        for row in 0..batch.num_rows() {
            self.records += 1;
            if let Some(rescued) = rescued.filter(|rescued| rescued.is_valid(row)) {
                self.rescued += 1;
                // Written by the decoder, so it can be read.
                let _ = self.row(rescued.value(row));
            }
        }
    }

    /// Counts the entries of one record's `_rescued`.
    fn row(&mut self, rescued: &str) -> Scan<()> {
        let mut entries: Vec<(String, &[u8])> = Vec::new();
        let mut cursor = Cursor::new(rescued.as_bytes(), true);
        cursor.peek()?;
        if cursor.open(b'}')? {
            loop {
                let pointer = String::from_utf8_lossy(&cursor.key()?.decode()).into_owned();
                cursor.colon()?;
                entries.push((pointer, cursor.skip_to_depth(usize::MAX)?));
                if !cursor.comma_or(b'}')? {
                    break;
                }
            }
        }
        let pointers: HashSet<&str> = entries.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let mut spelt: Vec<Spelt<'_>> = Vec::new();
        for (pointer, value) in &entries {
            let index = self.entry(pointer, value, &pointers)?;
            let Some((index, seen)) = index.and_then(|index| Some((index, self.seen.get(index)?))) else {
                continue;
            };
            if seen.kind != Kind::Key || seen.collapsed || *value == b"null" {
                continue;
            }
            if let Some(name) = snake_case(&seen.key) {
                spelt.push(Spelt {
                    object: pointer.rsplit_once('/').map_or("", |(object, _)| object),
                    name,
                    index,
                    value,
                });
            }
        }
        self.contradictions(&mut spelt);
        Ok(())
    }

    /// Looks whether unknown keys of one name say different things in one object of a record.
    fn contradictions(&mut self, spelt: &mut [Spelt<'_>]) {
        spelt.sort_by(|one, other| (one.object, &one.name).cmp(&(other.object, &other.name)));
        let same = |one: &Spelt<'_>, other: &Spelt<'_>| one.object == other.object && one.name == other.name;
        for spellings in spelt.chunk_by(same) {
            let spellings = &spellings[..spellings.len().min(SPELLINGS_LIMIT)];
            for (position, one) in spellings.iter().enumerate() {
                for other in &spellings[..position] {
                    if one.index != other.index && one.value != other.value {
                        let pair = (one.index.min(other.index), one.index.max(other.index));
                        self.conflicts.insert(pair);
                    }
                }
            }
        }
    }

    /// Counts an entry of a record that has these `pointers`. Gives where.
    fn entry(&mut self, pointer: &str, value: &[u8], pointers: &HashSet<&str>) -> Scan<Option<usize>> {
        let definition = Arc::clone(&self.definition);
        let (mut place, mut key) = locate(&definition, pointer);
        // An unknown key that came again has a number; one that ends like this by itself has no other before it.
        if let Target::Unknown(_) = place.target
            && let Some(first) = without_occurrence(pointer).filter(|first| pointers.contains(first))
        {
            (place, key) = locate(&definition, first);
        }
        let kind = match place.target {
            Target::Unknown(_) => Kind::Key,
            Target::Repeated(_) => Kind::Value(Why::KeyAgain),
            Target::Value(data_type) => Kind::Value(why(data_type, &self.observer.trial(value, 1)?, value)),
        };
        let Some(index) = self.index(&place, &key, kind) else {
            self.more += 1;
            return Ok(None);
        };
        let record = self.records;
        let seen = &mut self.seen[index];
        let mut cursor = Cursor::new(value, true);
        cursor.peek()?;
        self.observer.value(&mut seen.node, &mut cursor, 1)?;
        if seen.last != record {
            seen.last = record;
            seen.records += 1;
        }
        if seen.example.is_none() && value != b"null" {
            seen.example = Some(example(value));
        }
        Ok(Some(index))
    }

    /// Where such values are counted. `None` if that would be one place too many.
    fn index(&mut self, place: &Place<'_>, key: &str, kind: Kind) -> Option<usize> {
        let is_key = kind == Kind::Key;
        let mut key = key;
        // So long a key is data, and is not copied.
        let mut collapsed = is_key && key.len() > KEY_LENGTH_LIMIT;
        let mut pointer = match is_key {
            true if collapsed => format!("{}/*", place.pattern),
            true => format!("{}/{}", place.pattern, key.replace('~', "~0").replace('/', "~1")),
            false => place.pattern.clone(),
        };
        if let Some(index) = self.by_place.get(&(pointer.clone(), kind, collapsed)) {
            return Some(*index);
        }
        if is_key && !collapsed {
            let keys = self.keys.entry(place.pattern.clone()).or_default();
            if *keys == KEYS_LIMIT {
                (collapsed, pointer) = (true, format!("{}/*", place.pattern));
                if let Some(index) = self.by_place.get(&(pointer.clone(), kind, collapsed)) {
                    return Some(*index);
                }
            } else {
                *keys += 1;
            }
        }
        if collapsed {
            key = "*";
        }
        if self.seen.len() == PLACES_LIMIT {
            return None;
        }
        let (beside, data_type) = match place.target {
            Target::Unknown(fields) => (fields.to_vec(), None),
            Target::Value(data_type) | Target::Repeated(data_type) => (Vec::new(), Some(data_type.clone())),
        };
        let index = self.seen.len();
        self.seen.push(Seen {
            column: place.column.clone(),
            pointer: pointer.clone(),
            key: key.to_owned(),
            collapsed,
            kind,
            beside,
            data_type,
            node: Node::default(),
            records: 0,
            last: 0,
            example: None,
        });
        self.by_place.insert((pointer, kind, collapsed), index);
        Some(index)
    }
}

/// Why a column of this type did not take a value.
fn why(data_type: &Type, node: &Node, value: &[u8]) -> Why {
    match types::fits(node, data_type) {
        true if holds_surrogate(value) => Why::LoneSurrogate,
        true => Why::Contradicted,
        false => Why::NotReadable,
    }
}

/// Text with a lone surrogate is kept as a JSON string of its JSON text.
fn holds_surrogate(value: &[u8]) -> bool {
    let mut cursor = Cursor::new(value, true);
    cursor.peek() == Ok(b'"')
        && cursor
            .string()
            .is_ok_and(|text| has_lone_surrogate(&text.decode()))
}

/// A value in one line, cut where it is long.
fn example(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mut short = String::new();
    for (count, char) in text.chars().enumerate() {
        if count == EXAMPLE_LENGTH {
            short.push('…');
            break;
        }
        short.push(if char.is_control() { ' ' } else { char });
    }
    short
}

#[cfg(test)]
mod tests;

//! Keeps what no column takes: `_rescued` of one record, JSON Pointers to raw values. Which values these are is
//! decided by the columns.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::hash_table::Entry as Slot;
use hashbrown::{DefaultHashBuilder, HashMap, HashSet, HashTable};

use super::column::ELEMENTS_LIMIT;
use super::cursor::{Scan, Stop};
use super::text::{Text, escape, has_lone_surrogate};

/// Where a value stands in its record, as a chain through the callers' stack: it costs nothing until something
/// has to be rescued.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    Root,
    Key(&'a Place<'a>, Text<'a>),
    Index(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// Appends this place as a JSON Pointer (RFC 6901) that is escaped for a JSON string.
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Place::Root => {}
            Place::Index(parent, index) => {
                parent.write(out);
                out.push(b'/');
                match u8::try_from(*index) {
                    Ok(digit @ 0..=9) => out.push(b'0' + digit), // as most are
                    _ => out.extend_from_slice(index.to_string().as_bytes()),
                }
            }
            Place::Key(parent, key) => {
                parent.write(out);
                out.push(b'/');
                // A key with a lone surrogate is no text: its raw spelling stands for it.
                let text = if key.escaped && has_lone_surrogate(key.raw) {
                    key.raw.into()
                } else {
                    key.decode()
                };
                if !text
                    .iter()
                    .any(|byte| matches!(byte, b'~' | b'/' | b'"' | b'\\' | 0..=0x1f))
                {
                    return out.extend_from_slice(&text);
                }
                for part in text.split_inclusive(|byte| matches!(byte, b'~' | b'/')) {
                    match part.split_last() {
                        Some((b'~', plain)) => write_token(plain, b"~0", out),
                        Some((b'/', plain)) => write_token(plain, b"~1", out),
                        _ => escape(part, out),
                    }
                }
            }
        }
    }
}

fn write_token(plain: &[u8], escaped: &[u8], out: &mut Vec<u8>) {
    escape(plain, out);
    out.extend_from_slice(escaped);
}

/// Which of several equal keys of one object a rescued value had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occurrence {
    /// The n-th, counted from 1.
    Nth(usize),
    /// Not known yet; numbered when the record is complete.
    Unknown,
}

#[derive(Debug)]
struct Entry {
    pointer: Range<usize>,
    occurrence: Occurrence,
    value: Range<usize>,
}

/// What one record could not put into its columns.
#[derive(Debug, Default)]
pub(crate) struct Rescue {
    pointers: Vec<u8>,
    values: Vec<u8>,
    entries: Vec<Entry>,
    /// Of each pointer its first entry and how many there are; empty between two records.
    seen: HashTable<(usize, usize)>,
    hasher: DefaultHashBuilder,
}

/// A state of [`Rescue`] to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(usize);

/// Pointers repeat the keys above a value, so a hostile record (one long key above a million unknown ones) could
/// make them grow without bound. Such a record goes to the quarantine.
const POINTERS_LIMIT: usize = 16 << 20;

impl Rescue {
    /// Keeps the raw JSON value found at `place`.
    pub(crate) fn add(&mut self, place: &Place<'_>, occurrence: Occurrence, raw: &[u8]) -> Scan<()> {
        let pointer = self.pointers.len();
        place.write(&mut self.pointers);
        let too_much = if self.pointers.len() > POINTERS_LIMIT {
            Some("the paths of its unknown values take more than 16 MiB")
        } else if self.entries.len() == ELEMENTS_LIMIT {
            Some("more than 1,048,576 of its values have no column")
        } else {
            None
        };
        if let Some(reason) = too_much {
            // No entry stands for it yet, so rolling back would leave it to the next record.
            self.pointers.truncate(pointer);
            return Err(Stop::Undecodable(reason));
        }
        let value = self.values.len();
        if has_lone_surrogate(raw) {
            self.values.push(b'"');
            escape(raw, &mut self.values);
            self.values.push(b'"');
        } else {
            self.values.extend_from_slice(raw);
        }
        self.entries.push(Entry {
            pointer: pointer..self.pointers.len(),
            occurrence,
            value: value..self.values.len(),
        });
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.roll_back(Mark(0));
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.entries.len())
    }

    pub(crate) fn roll_back(&mut self, mark: Mark) {
        if let Some(first) = self.entries.get(mark.0) {
            self.pointers.truncate(first.pointer.start);
            self.values.truncate(first.value.start);
            self.entries.truncate(mark.0);
        }
    }

    /// Appends the entries as one JSON object to `out` and forgets them.
    pub(crate) fn write(&mut self, out: &mut Vec<u8>) {
        let occurrences = self.occurrences();
        out.push(b'{');
        for (number, (entry, occurrence)) in self.entries.iter().zip(occurrences).enumerate() {
            out.extend_from_slice(if number == 0 { b"\"" } else { b",\"" });
            out.extend_from_slice(&self.pointers[entry.pointer.clone()]);
            if occurrence > 1 {
                out.extend_from_slice(format!("#{occurrence}").as_bytes());
            }
            out.extend_from_slice(b"\":");
            out.extend_from_slice(&self.values[entry.value.clone()]);
        }
        out.push(b'}');
        self.clear();
    }

    /// The number of each entry among equal pointers, such that no two written keys are equal.
    fn occurrences(&mut self) -> Vec<usize> {
        let mut repeated = false;
        let mut numbers = Vec::with_capacity(self.entries.len());
        for entry in 0..self.entries.len() {
            let count = self.count(entry);
            let number = match self.entries[entry].occurrence {
                Occurrence::Nth(number) => number,
                Occurrence::Unknown => count,
            };
            repeated |= number > 1 || count > 1;
            numbers.push(number);
        }
        match self.seen.capacity() {
            0..=KEPT => self.seen.clear(),
            _ => self.seen = HashTable::new(),
        }
        if repeated {
            self.tell_apart(&mut numbers);
        }
        numbers
    }

    /// How many entries up to this one have its pointer.
    fn count(&mut self, entry: usize) -> usize {
        if self.entries.len() == 1 {
            return 1;
        }
        let pointer = |entry: usize| &self.pointers[self.entries[entry].pointer.clone()];
        let hash = |entry: usize| self.hasher.hash_one(pointer(entry));
        let equal = |(first, _): &(usize, usize)| pointer(*first) == pointer(entry);
        match self.seen.entry(hash(entry), equal, |(first, _)| hash(*first)) {
            Slot::Occupied(mut slot) => {
                slot.get_mut().1 += 1;
                slot.get().1
            }
            Slot::Vacant(slot) => {
                slot.insert((entry, 1));
                1
            }
        }
    }

    /// Changes numbers until all written keys differ. A key that itself ends in `#2` can meet the second of its
    /// neighbour, and a key with a lone surrogate one that spells the same backslash out.
    #[cold]
    fn tell_apart(&self, numbers: &mut [usize]) {
        let pointer = |entry: &Entry| &self.pointers[entry.pointer.clone()];
        let mut written: HashSet<(&[u8], usize)> = HashSet::with_capacity(numbers.len());
        let mut highest: HashMap<&[u8], usize> = HashMap::new();
        // The second of two equal keys is called so; a key whose own name looks like that gives way.
        for first in [false, true] {
            let entries = self.entries.iter().zip(&mut *numbers);
            for (entry, number) in entries.filter(|(_, number)| (**number == 1) == first) {
                let pointer = pointer(entry);
                if !written.insert(split_occurrence(pointer, *number)) {
                    // Goes on where the last search for this pointer ended: no number is tried twice.
                    let highest = highest.entry(pointer).or_insert(1);
                    *highest = 1 + *number.max(highest);
                    while !written.insert((pointer, *highest)) {
                        *highest += 1;
                    }
                    *number = *highest;
                }
            }
        }
    }
}

/// Entries for which the table is kept from record to record: emptying a larger one would cost every record.
const KEPT: usize = 4096;

/// A written key as (pointer, number), so that `("/a#2", 1)` and `("/a", 2)` are seen to be the same text.
fn split_occurrence(pointer: &[u8], number: usize) -> (&[u8], usize) {
    if number == 1
        && let Some(at) = pointer.iter().rposition(|byte| *byte == b'#')
        && let Some(suffix) = pointer
            .get(at + 1..)
            .and_then(|suffix| str::from_utf8(suffix).ok())
        && let Ok(named) = suffix.parse::<usize>()
        && named > 1
        && named.to_string() == suffix
    {
        return (&pointer[..at], named);
    }
    (pointer, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(raw: &str) -> Text<'_> {
        Text {
            raw: raw.as_bytes(),
            escaped: raw.contains('\\'),
        }
    }

    fn written(entries: &[(&str, Occurrence, &str)]) -> String {
        let mut rescue = Rescue::default();
        for (name, occurrence, raw) in entries {
            rescue
                .add(&Place::Key(&Place::Root, key(name)), *occurrence, raw.as_bytes())
                .unwrap();
        }
        let mut out = Vec::new();
        rescue.write(&mut out);
        assert!(rescue.is_empty());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn pointers_follow_rfc_6901_and_are_valid_json() {
        let list = Place::Key(&Place::Root, key("a/b~c"));
        let element = Place::Index(&list, 3);
        let mut rescue = Rescue::default();
        rescue
            .add(
                &Place::Key(&element, key("say \\\"hi\\\"")),
                Occurrence::Nth(1),
                b"[1]",
            )
            .unwrap();
        let mut out = Vec::new();
        rescue.write(&mut out);
        assert_eq!(str::from_utf8(&out).unwrap(), r#"{"/a~1b~0c/3/say \"hi\"":[1]}"#);
    }

    #[test]
    fn equal_keys_are_numbered() {
        use Occurrence::{Nth, Unknown};
        assert_eq!(
            written(&[("a", Unknown, "1"), ("b", Unknown, "2"), ("a", Unknown, "3")]),
            r#"{"/a":1,"/b":2,"/a#2":3}"#
        );
        assert_eq!(
            written(&[("a", Nth(2), "1"), ("a", Nth(3), "2")]),
            r#"{"/a#2":1,"/a#3":2}"#
        );
        assert_eq!(
            written(&[
                ("a", Unknown, "1"),
                ("a", Unknown, "2"),
                ("a#2", Unknown, "3"),
                ("a#x", Unknown, "4")
            ]),
            r##"{"/a":1,"/a#2":2,"/a#2#2":3,"/a#x":4}"##
        );
    }

    #[test]
    fn no_two_keys_are_written_alike() {
        use Occurrence::Nth;
        let (lone, spelt_out) = (r"\ud800", r"\\ud800");
        assert_eq!(
            written(&[(lone, Nth(1), "1"), (spelt_out, Nth(1), "2")]),
            r##"{"/\\ud800":1,"/\\ud800#2":2}"##
        );
        assert_eq!(
            written(&[
                (lone, Nth(1), "1"),
                (lone, Nth(2), "2"),
                (spelt_out, Nth(1), "3"),
                (spelt_out, Nth(2), "4")
            ]),
            r##"{"/\\ud800":1,"/\\ud800#2":2,"/\\ud800#4":3,"/\\ud800#3":4}"##
        );
    }

    #[test]
    fn the_second_of_two_keys_is_called_so_wherever_a_key_of_that_name_stands() {
        use Occurrence::Nth;
        let (second, third, named) = (("a", Nth(2), "2"), ("a", Nth(3), "3"), ("a#2", Nth(1), "4"));
        for (order, expected) in [
            ([named, second, third], r##"{"/a#2#2":4,"/a#2":2,"/a#3":3}"##),
            ([second, named, third], r##"{"/a#2":2,"/a#2#2":4,"/a#3":3}"##),
            ([second, third, named], r##"{"/a#2":2,"/a#3":3,"/a#2#2":4}"##),
        ] {
            assert_eq!(written(&order), expected);
        }
    }

    #[test]
    fn a_lone_surrogate_is_kept_as_text_of_json() {
        assert_eq!(
            written(&[("a", Occurrence::Nth(1), r#""x\ud800""#)]),
            r#"{"/a":"\"x\\ud800\""}"#
        );
        assert_eq!(
            written(&[(r"k\ud800", Occurrence::Nth(1), "1")]),
            r#"{"/k\\ud800":1}"#
        );
    }

    #[test]
    fn rolling_back_forgets_only_what_came_after() {
        let mut rescue = Rescue::default();
        rescue
            .add(&Place::Key(&Place::Root, key("a")), Occurrence::Unknown, b"1")
            .unwrap();
        let mark = rescue.mark();
        rescue
            .add(&Place::Key(&Place::Root, key("b")), Occurrence::Unknown, b"2")
            .unwrap();
        rescue.roll_back(mark);
        rescue.roll_back(mark);
        let mut out = Vec::new();
        rescue.write(&mut out);
        assert_eq!(out, br#"{"/a":1}"#);
    }
}

//! Looks at records: what was seen at each place, with a bound on the places that are remembered. What type a place
//! gets is decided in [`shape`](super::shape).

use super::level::{Here, KEYS_LIMIT, Level};
use super::scalars::Scalars;
use crate::decoder::cursor::{Cursor, Scan};

/// Levels of objects and lists that are looked into; what is below becomes a column of JSON. Half of what a definition
/// may have, since a list that also comes as a lone value takes two levels.
const DEPTH_LIMIT: usize = 16;

/// Keys that are remembered of the records themselves.
const COLUMNS_LIMIT: usize = 4096;

/// A longer key is data, and not remembered.
pub(crate) const KEY_LENGTH_LIMIT: usize = 256;

/// Places that are remembered in all: some tens of megabytes.
const PLACES_LIMIT: usize = 1 << 16;

/// What was seen at one place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) nulls: u64,
    pub(crate) scalars: Scalars,
    pub(crate) lists: u64,
    /// What the lists held.
    pub(crate) element: Option<Box<Node>>,
    /// What the objects held.
    pub(crate) level: Option<Box<Level>>,
    /// Objects and lists that lie too deep to look into them.
    pub(crate) opaque: u64,
}

/// Reads values, and knows how many places it may still remember.
#[derive(Debug)]
pub(crate) struct Observer {
    places: usize,
    /// Members of records that were not looked at, since there were too many keys already.
    pub(crate) left_out: u64,
}

impl Default for Observer {
    fn default() -> Self {
        Self {
            places: PLACES_LIMIT,
            left_out: 0,
        }
    }
}

impl Observer {
    /// Looks at a value for once: what it takes of places is given back.
    pub(crate) fn trial(&mut self, value: &[u8], depth: usize) -> Scan<Node> {
        let places = self.places;
        let mut node = Node::default();
        let mut cursor = Cursor::new(value, true);
        cursor.peek()?;
        let result = self.value(&mut node, &mut cursor, depth);
        self.places = places;
        result.map(|()| node)
    }

    /// Looks at the value at the cursor, which is valid JSON.
    pub(crate) fn value(&mut self, node: &mut Node, cursor: &mut Cursor<'_>, depth: usize) -> Scan<()> {
        match cursor.peek()? {
            b'{' | b'[' if depth >= DEPTH_LIMIT => {
                cursor.skip_to_depth(usize::MAX)?;
                node.opaque += 1;
            }
            b'{' => {
                let level = node.level.get_or_insert_default();
                self.object(level, cursor, depth)?;
            }
            b'[' => {
                node.lists += 1;
                if !cursor.open(b']')? {
                    return Ok(());
                }
                let element = node.element.get_or_insert_default();
                loop {
                    self.value(element, cursor, depth + 1)?;
                    if !cursor.comma_or(b']')? {
                        break;
                    }
                }
            }
            b'"' => node.scalars.add_text(&cursor.string()?.decode()),
            b't' => {
                cursor.literal("true")?;
                node.scalars.add_bool();
            }
            b'f' => {
                cursor.literal("false")?;
                node.scalars.add_bool();
            }
            b'n' => {
                cursor.literal("null")?;
                node.nulls += 1;
            }
            _ => node.scalars.add_number(&cursor.number()?),
        }
        Ok(())
    }

    /// Looks at the object whose opening bracket is at the cursor; `depth` 0 is a record. Gives the members that are
    /// told apart, each key once: of a key that comes twice only the first counts, as for the decoder.
    pub(crate) fn object<'a>(
        &mut self,
        level: &mut Level,
        cursor: &mut Cursor<'a>,
        depth: usize,
    ) -> Scan<Vec<Here<'a>>> {
        level.objects += 1;
        let mut here: Vec<Here<'a>> = Vec::new();
        if !cursor.open(b'}')? {
            return Ok(here);
        }
        loop {
            let key = cursor.key()?.decode();
            cursor.colon()?;
            cursor.peek()?;
            let start = cursor.position;
            level.entries += 1;
            match self.member(level, &String::from_utf8_lossy(&key), depth) {
                Some(index) => {
                    let member = &mut level.members[index];
                    if member.last == level.objects {
                        cursor.skip_to_depth(usize::MAX)?;
                    } else {
                        member.last = level.objects;
                        member.seen += 1;
                        self.value(&mut member.node, cursor, depth + 1)?;
                        here.push(Here {
                            member: index,
                            value: cursor.since(start),
                        });
                    }
                }
                None if depth == 0 => {
                    self.left_out += 1;
                    cursor.skip_to_depth(usize::MAX)?;
                }
                None => {
                    here.clear();
                    self.value(level.collapse(), cursor, depth + 1)?;
                }
            }
            if !cursor.comma_or(b'}')? {
                break;
            }
        }
        level.compare(&here);
        Ok(here)
    }

    /// The member with this key, which is remembered if it is new. `None` if that would be one too many.
    fn member(&mut self, level: &mut Level, key: &str, depth: usize) -> Option<usize> {
        if level.values.is_some() {
            return None;
        }
        if let Some(index) = level.by_key.get(key) {
            return Some(*index);
        }
        let limit = if depth == 0 { COLUMNS_LIMIT } else { KEYS_LIMIT };
        if level.members.len() == limit || key.len() > KEY_LENGTH_LIMIT {
            return None;
        }
        self.places = self.places.checked_sub(1)?;
        Some(level.add(key))
    }
}

impl Node {
    /// Values that are not null.
    pub(crate) fn values(&self) -> u64 {
        let objects = self.level.as_ref().map_or(0, |level| level.objects);
        self.scalars.total() + self.lists + objects + self.opaque
    }

    /// What kinds of JSON were seen, each with how often.
    pub(crate) fn kinds(&self) -> Vec<(&'static str, u64)> {
        let objects = self.level.as_ref().map_or(0, |level| level.objects);
        let kinds = [
            ("text", self.scalars.texts),
            ("number", self.scalars.numbers),
            ("boolean", self.scalars.bools),
            ("list", self.lists),
            ("object", objects),
            ("list or object", self.opaque),
            ("null", self.nulls),
        ];
        kinds.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.nulls += other.nulls;
        self.scalars.merge(&other.scalars);
        self.lists += other.lists;
        self.opaque += other.opaque;
        match (&mut self.element, other.element) {
            (Some(element), Some(other)) => element.merge(*other),
            (None, other) => self.element = other,
            (Some(_), None) => {}
        }
        match (&mut self.level, other.level) {
            (Some(level), Some(other)) => level.merge(*other),
            (None, other) => self.level = other,
            (Some(_), None) => {}
        }
    }
}

#[cfg(test)]
mod tests;

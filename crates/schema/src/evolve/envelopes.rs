//! What response bodies hold beside their records, since all of it is dropped. They are found in
//! [`records`](super::records).

use xxhash_rust::xxh3::xxh3_64;

use super::names::is_of_paging;
use crate::decoder::cursor::{Cursor, Scan};

/// Members beside the records that are remembered.
const MEMBERS_LIMIT: usize = 64;

/// Characters of a key that are remembered.
const KEY_LENGTH: usize = 256;

/// The envelopes of one or more inputs.
#[derive(Debug, Default)]
pub(crate) struct Envelopes {
    count: u64,
    keys: Vec<String>,
    beside: Vec<Beside>,
}

#[derive(Debug)]
struct Beside {
    key: String,
    /// Of the first value.
    hash: u64,
    is_text: bool,
    varies: bool,
}

impl Envelopes {
    /// One more, with its records under `name`, and what stands before these.
    pub(crate) fn add(&mut self, name: &str, before: &[(String, &[u8])]) {
        self.count += 1;
        if !self.has(name) {
            self.keys.push(name.to_owned());
        }
        for (key, value) in before {
            self.member(key, value);
        }
    }

    /// Looks at a member behind the records, from its colon on.
    pub(crate) fn behind(&mut self, key: &str, cursor: &mut Cursor<'_>) -> Scan<()> {
        cursor.colon()?;
        cursor.peek()?;
        let start = cursor.position;
        cursor.skip_to_depth(usize::MAX)?;
        let value = cursor.since(start);
        self.member(key, value);
        Ok(())
    }

    fn member(&mut self, key: &str, value: &[u8]) {
        let is_scalar = !matches!(value.first(), Some(b'{' | b'['));
        if !is_scalar || is_of_paging(key) {
            return;
        }
        let hash = xxh3_64(value);
        let is_text = value.first() == Some(&b'"');
        let is_room = self.beside.len() < MEMBERS_LIMIT;
        match self.beside.iter_mut().find(|beside| beside.key == key) {
            Some(beside) => {
                beside.is_text |= is_text;
                beside.varies |= beside.hash != hash;
            }
            None if is_room && key.len() <= KEY_LENGTH => {
                self.beside.push(Beside {
                    key: key.to_owned(),
                    hash,
                    is_text,
                    varies: false,
                });
            }
            None => {}
        }
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The keys that held records, in the order in which they were met.
    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// Whether records stood under this key.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key == name)
    }

    /// Keys beside the records whose values say something of their own: texts, or others that are not always the
    /// same, and no paging.
    pub(crate) fn dropped(&self) -> Vec<String> {
        let dropped = self
            .beside
            .iter()
            .filter(|beside| beside.is_text || beside.varies);
        dropped.map(|beside| beside.key.clone()).collect()
    }
}

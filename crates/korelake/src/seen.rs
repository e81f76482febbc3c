//! Which records were seen, by hashes of key and row. They are counted in [`census`](crate::census).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// What was seen: of a unit, or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    keys: HashMap<u128, u128>,
    without_key: HashSet<u128>,
    pub(crate) no_records: HashSet<u128>,
}

/// How a record stands to those before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    New,
    Same,
    Changed,
}

impl Seen {
    /// Distinct records, those without key by their content, and distinct rows that are none.
    pub(crate) fn count(&self) -> u64 {
        (self.keys.len() + self.without_key.len() + self.no_records.len()) as u64
    }

    /// Whether all of this is in `other`, with the same content.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.keys
            .iter()
            .all(|(key, row)| other.keys.get(key) == Some(row))
            && self.without_key.is_subset(&other.without_key)
            && self.no_records.is_subset(&other.no_records)
    }

    /// Adds what another read of the same part saw.
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, row) in other.keys {
            self.keys.entry(key).or_insert(row); // what came first is what was written
        }
        self.without_key.extend(other.without_key);
        self.no_records.extend(other.no_records);
    }

    /// Takes a record, and says how it stands.
    pub(crate) fn take(&mut self, identity: Identity) -> Standing {
        let Identity { key, row } = identity;
        let Some(key) = key else {
            return if self.without_key.insert(row) {
                Standing::New
            } else {
                Standing::Same
            };
        };
        match self.keys.entry(key) {
            Entry::Vacant(free) => {
                free.insert(row);
                Standing::New
            }
            Entry::Occupied(seen) if *seen.get() == row => Standing::Same,
            Entry::Occupied(_) => Standing::Changed,
        }
    }
}

/// By what a record is told apart: its key, or without one its content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Identity {
    pub(crate) key: Option<u128>,
    pub(crate) row: u128,
}

impl Identity {
    /// The same for every content of a record that has a key.
    pub(crate) fn of_record(self) -> Self {
        match self.key {
            Some(key) => Self {
                key: Some(key),
                row: key,
            },
            None => self,
        }
    }
}

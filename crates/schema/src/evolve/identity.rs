//! Which columns tell records apart: those named like identifiers are followed value by value, by hash. The key is
//! chosen of them in [`infer`](super::infer).

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use super::level::{Here, Level};
use super::names::{is_identifier, snake_case};

/// Columns that are followed.
const COLUMNS_LIMIT: usize = 16;

/// Values of a column that are remembered, some four megabytes.
pub(crate) const VALUES_LIMIT: usize = 1 << 18;

/// The values of the columns that may be the key.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    by_name: HashMap<String, Identity>,
    /// The name for each member of the records, once it was looked at; none if it is no identifier.
    names: HashMap<usize, Option<String>>,
}

/// What is known of the values of one column.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    hashes: HashSet<u64>,
    /// The record that had a value last.
    last: u64,
    /// Records in which it has a value.
    pub(crate) present: u64,
    /// Records with a value that an earlier one has.
    pub(crate) repeated: u64,
    /// Records with a value that later ones were not compared with, since there were too many.
    pub(crate) unchecked: u64,
}

impl Identities {
    /// Looks at the members of a record.
    pub(crate) fn record(&mut self, level: &Level, here: &[Here<'_>]) {
        for Here { member, value } in here {
            let name = self.names.entry(*member).or_insert_with(|| {
                let name = snake_case(&level.members.get(*member)?.key)?;
                is_identifier(&name).then_some(name)
            });
            let Some(name) = name.as_deref() else { continue };
            if matches!(*value, b"null" | b"\"\"") || matches!(value.first(), Some(b'{' | b'[')) {
                continue;
            }
            if !self.by_name.contains_key(name) {
                if self.by_name.len() == COLUMNS_LIMIT {
                    continue;
                }
                self.by_name.insert(name.to_owned(), Identity::default());
            }
            if let Some(identity) = self.by_name.get_mut(name) {
                // Two spellings of one name in one record are no repetition.
                if std::mem::replace(&mut identity.last, level.objects) == level.objects {
                    continue;
                }
                identity.present += 1;
                if identity.hashes.len() < VALUES_LIMIT {
                    identity.repeated += u64::from(!identity.hashes.insert(xxh3_64(value)));
                } else {
                    let is_known = identity.hashes.contains(&xxh3_64(value));
                    identity.repeated += u64::from(is_known);
                    identity.unchecked += u64::from(!is_known);
                }
            }
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Identity> {
        self.by_name.get(name)
    }
}

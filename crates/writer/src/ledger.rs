//! The ledger of one table: one file a unit and generation, created and never changed. What is in an entry is
//! in [`Entry`].

use std::collections::BTreeMap;

use object_store::path::Path;
use serde::de::DeserializeOwned;

use crate::partition::check_table;
use crate::store::STATE;
use crate::{Entry, Error, Lake, Result, Unit};

/// The entries of one table, at `_korelake/<table>/ledger/<unit>/<generation>.json`.
///
/// Create-if-absent is the one operation it needs of a store; the newest generation counts.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use korelake_writer::{Lake, Ledger, Unit};
///
/// let ledger = Ledger::new(&Lake::in_memory(), "raw_data")?;
/// assert!(ledger.latest(&Unit::parse("raw_data", "2026-03-23")?).await?.is_none());
/// # Ok::<(), korelake_writer::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    lake: Lake,
    table: String,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Commit {
    /// It stands in the ledger, as given here.
    Written(Entry),
    /// Another run was first with this generation.
    Conflict {
        /// The other run's entry.
        existing: Entry,
    },
}

impl Ledger {
    /// The ledger of a table. Nothing is read or written yet.
    ///
    /// # Errors
    ///
    /// If the table name is not valid.
    pub fn new(lake: &Lake, table: &str) -> Result<Self> {
        check_table(table)?;
        Ok(Self {
            lake: lake.clone(),
            table: table.to_owned(),
        })
    }

    /// The newest entry of a unit. One listing and one read.
    ///
    /// # Errors
    ///
    /// If the store fails, or the entry cannot be understood.
    pub async fn latest(&self, unit: &Unit) -> Result<Option<Entry>> {
        let generations = self.generations(unit).await?;
        match generations.last() {
            Some(generation) => self.read(unit, *generation).await,
            None => Ok(None),
        }
    }

    /// The newest generation of every unit, in order of time. One listing for the whole table.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn newest(&self) -> Result<BTreeMap<Unit, u64>> {
        let mut newest = BTreeMap::new();
        for object in self.lake.list(&self.folder()).await? {
            let mut parts: Vec<_> = object.location.parts().collect();
            let (file, unit) = (parts.pop(), parts.pop());
            // What is not an entry is not ours to judge: a claim, somebody's copy.
            let generation = file.and_then(|file| generation(file.as_ref()));
            let unit = unit.and_then(|unit| Unit::parse(self.table.as_str(), unit.as_ref()).ok());
            if let (Some(unit), Some(generation)) = (unit, generation) {
                let newest = newest.entry(unit).or_insert(generation);
                *newest = generation.max(*newest);
            }
        }
        Ok(newest)
    }

    /// All units that have an entry, in order of time.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn units(&self) -> Result<Vec<Unit>> {
        Ok(self.newest().await?.into_keys().collect())
    }

    /// One entry by its generation, if it is there.
    ///
    /// # Errors
    ///
    /// If the store fails, or the entry cannot be understood.
    pub async fn read(&self, unit: &Unit, generation: u64) -> Result<Option<Entry>> {
        let path = self.path(unit, generation);
        match self.lake.read(&path).await? {
            Some(bytes) => parse(&path, &bytes, Entry::FORMAT).map(Some),
            None => Ok(None),
        }
    }

    /// Creates the entry under its generation. It is to be written last, when all its files are in the lake.
    ///
    /// A store that says that the entry exists is not believed before the entry was read back: the answer may
    /// be to our own write, repeated because its first response was lost. Then, and whenever the entry has
    /// our writer id, it counts as written, as it stands in the lake.
    ///
    /// # Errors
    ///
    /// If the entry is of another table or of generation 0, or the store fails.
    pub async fn commit(&self, entry: Entry) -> Result<Commit> {
        let unit = entry.unit()?;
        if entry.table != self.table || entry.generation == 0 {
            let entry = format!("{unit} generation {}", entry.generation);
            return Err(Error::Misplaced {
                entry,
                table: self.table.clone(),
            });
        }
        let path = self.path(&unit, entry.generation);
        if self.lake.create(&path, to_json(&path, &entry)?).await? {
            return Ok(Commit::Written(entry));
        }
        let existing = self.read(&unit, entry.generation).await?;
        let existing = existing.ok_or_else(|| vanished(&path))?;
        if existing.writer.id == entry.writer.id {
            Ok(Commit::Written(existing))
        } else {
            Ok(Commit::Conflict { existing })
        }
    }

    /// Deletes all but the newest `keep` entries of a unit (at least one stays), and answers how many.
    /// Quarantine files stay: a newer entry may still name them.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn prune(&self, unit: &Unit, keep: usize) -> Result<usize> {
        let mut generations = self.generations(unit).await?;
        generations.truncate(generations.len().saturating_sub(keep.max(1)));
        for generation in &generations {
            self.lake.delete(&self.path(unit, *generation)).await?;
        }
        Ok(generations.len())
    }

    /// In ascending order.
    async fn generations(&self, unit: &Unit) -> Result<Vec<u64>> {
        let objects = self.lake.list(&self.folder().join(unit.name())).await?;
        let names = objects.iter().filter_map(|object| object.location.filename());
        let mut generations: Vec<_> = names.filter_map(generation).collect();
        generations.sort_unstable();
        Ok(generations)
    }

    fn folder(&self) -> Path {
        Path::from_iter([STATE, &self.table, "ledger"])
    }

    fn path(&self, unit: &Unit, generation: u64) -> Path {
        self.folder()
            .join(unit.name())
            .join(format!("{generation:010}.json"))
    }
}

fn generation(file: &str) -> Option<u64> {
    let digits = file.strip_suffix(".json")?;
    (digits.len() == 10).then(|| digits.parse().ok())?
}

/// Reads a state file, its format first: a newer one need not have the fields that this version knows.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8], known: u64) -> Result<T> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u64,
    }
    let invalid = |source| Error::State {
        path: path.to_string(),
        source,
    };
    let Format { format } = serde_json::from_slice(bytes).map_err(invalid)?;
    if format > known {
        return Err(Error::Format {
            path: path.to_string(),
            found: format,
            known,
        });
    }
    serde_json::from_slice(bytes).map_err(invalid)
}

/// Indented, with a line end: people read these files.
pub(crate) fn to_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|source| Error::State {
        path: path.to_string(),
        source,
    })?;
    json.push(b'\n');
    Ok(json)
}

/// The store said that a file exists, and then that it does not.
pub(crate) fn vanished(path: &Path) -> Error {
    let source = "it exists and cannot be found".into();
    Error::store("read", path)(object_store::Error::Generic {
        store: "lake",
        source,
    })
}

#[cfg(test)]
mod tests;

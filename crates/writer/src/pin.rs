//! What is settled about a table with its first commit, and cannot be changed by a setting afterwards. What
//! may differ from unit to unit is in [`Identity`](crate::Identity).

use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::ledger::{parse, to_json, vanished};
use crate::partition::check_table;
use crate::store::STATE;
use crate::{Identity, Lake, Result};

/// The pin of one table, at `_korelake/<table>/table.json`.
///
/// One file a table, because create-if-absent cannot change a file that several tables share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Version of this layout: [`Pin::FORMAT`].
    pub format: u64,
    /// The table.
    pub table: String,
    /// The dataset whose definition gives the table its columns.
    pub dataset: String,
    /// What the table is filled from. Rows of two servers, accounts or sets of filters never share a table.
    pub identity: Identity,
}

/// What became of a pin.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinOutcome {
    /// The table had none.
    Created,
    /// The table has the same one.
    Agrees,
    /// The table was begun with other settings; it stays as it is.
    Differs {
        /// The pin of the table.
        existing: Box<Pin>,
        /// The first setting that differs, such as `host` or `filters.contact_direction`.
        setting: String,
    },
}

impl Pin {
    /// The version of the layout that this crate writes.
    pub const FORMAT: u64 = 1;

    /// A pin in the current format.
    pub fn new(table: impl Into<String>, dataset: impl Into<String>, identity: Identity) -> Self {
        Self {
            format: Self::FORMAT,
            table: table.into(),
            dataset: dataset.into(),
            identity,
        }
    }

    /// Names the first setting that differs, such as `host` or `filters.contact_direction`; `None` if all agree.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self.table != other.table {
            return Some("table".to_owned());
        }
        if self.dataset != other.dataset {
            return Some("dataset".to_owned());
        }
        self.identity.difference(&other.identity)
    }
}

impl Lake {
    /// The pin of a table, if it has one. For commands that only read.
    ///
    /// # Errors
    ///
    /// If the table name is not valid, the store fails, or the pin cannot be understood.
    pub async fn pinned(&self, table: &str) -> Result<Option<Pin>> {
        check_table(table)?;
        let path = path(table);
        match self.read(&path).await? {
            Some(bytes) => parse(&path, &bytes, Pin::FORMAT).map(Some),
            None => Ok(None),
        }
    }

    /// Pins a table, to be done before its first data. A table that is pinned already keeps its pin.
    ///
    /// # Errors
    ///
    /// As [`Lake::pinned`].
    pub async fn pin(&self, pin: &Pin) -> Result<PinOutcome> {
        let path = path(&pin.table);
        let existing = match self.pinned(&pin.table).await? {
            Some(existing) => existing,
            None if self.create(&path, to_json(&path, pin)?).await? => return Ok(PinOutcome::Created),
            // Another run was first, or it was our own write whose response was lost: the content tells.
            None => self.pinned(&pin.table).await?.ok_or_else(|| vanished(&path))?,
        };
        Ok(match existing.difference(pin) {
            Some(setting) => PinOutcome::Differs {
                existing: Box::new(existing),
                setting,
            },
            None => PinOutcome::Agrees,
        })
    }
}

fn path(table: &str) -> Path {
    Path::from_iter([STATE, table, "table.json"])
}

#[cfg(test)]
mod tests {
    use object_store::{ObjectStoreExt, PutPayload};

    use super::*;
    use crate::{Error, Partition, Unit, entry};

    fn pin(table: &str) -> Pin {
        let unit = Unit::parse("raw_data", "2026-03-23").unwrap();
        Pin::new(table, "raw_data", entry::sample(&unit, 1, "run-1").identity)
    }

    #[tokio::test]
    async fn the_first_pin_of_a_table_stays() {
        let lake = Lake::in_memory();
        let first = pin("raw_data_emea");
        assert_eq!(lake.pinned("raw_data_emea").await.unwrap(), None);
        assert_eq!(lake.pin(&first).await.unwrap(), PinOutcome::Created);
        assert_eq!(lake.pin(&first).await.unwrap(), PinOutcome::Agrees);
        let by_hour = Identity {
            partition: Partition::Hour,
            ..first.identity.clone()
        };
        let elsewhere = Identity {
            account: "account-2".to_owned(),
            ..first.identity.clone()
        };
        let others = [
            (
                "partition",
                Pin {
                    identity: by_hour,
                    ..first.clone()
                },
            ),
            (
                "account",
                Pin {
                    identity: elsewhere,
                    ..first.clone()
                },
            ),
            (
                "dataset",
                Pin {
                    dataset: "score_reporting".to_owned(),
                    ..first.clone()
                },
            ),
        ];
        for (name, other) in others {
            let PinOutcome::Differs { existing, setting } = lake.pin(&other).await.unwrap() else {
                panic!("{name} is pinned")
            };
            assert_eq!((*existing, setting.as_str()), (first.clone(), name));
        }
        assert_eq!(lake.pinned("raw_data_emea").await.unwrap(), Some(first));
        assert_eq!(lake.pin(&pin("raw_data")).await.unwrap(), PinOutcome::Created);
    }

    #[tokio::test]
    async fn a_pin_of_a_newer_version_is_refused() {
        let lake = Lake::in_memory();
        let newer = PutPayload::from_static(br#"{"format": 2, "tables": ["raw_data"]}"#);
        lake.store().put(&path("raw_data"), newer).await.unwrap();
        let error = lake.pin(&pin("raw_data")).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Format {
                    found: 2,
                    known: 1,
                    ..
                }
            ),
            "{error:?}"
        );
        assert!(matches!(
            lake.pinned("../raw_data").await,
            Err(Error::TableName { .. })
        ));
    }
}

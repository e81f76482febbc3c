//! What the ledger records about one read of one unit: plain values and their JSON. Where entries are kept is
//! decided in [`Ledger`](crate::Ledger).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Digest, Partition, Result, Unit, Written};

/// One entry of the ledger: the proof that a unit is complete, and the list of its files. The newest
/// generation counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Version of this layout: [`Entry::FORMAT`]. A newer one is refused, not half understood.
    pub format: u64,
    /// The table.
    pub table: String,
    /// The dataset whose definition gave the table its columns.
    pub dataset: String,
    /// The window.
    pub unit: UnitWindow,
    /// From 1, one more with each entry of the unit.
    pub generation: u64,
    /// Who wrote the entry.
    pub writer: WrittenBy,
    /// What the unit was fetched as: another configuration is another unit.
    pub identity: Identity,
    /// Fingerprint of the schema: names and types of the columns.
    pub schema: String,
    /// What was counted.
    pub proof: Proof,
    /// The unit's files; none if its window holds no record.
    pub files: Vec<Written>,
    /// The file of what could not be a row.
    pub quarantine: Option<Written>,
    /// Files of an earlier generation that are still to be deleted, relative to the lake.
    pub stale_parts: Vec<String>,
    /// Digest of the unit's rows.
    pub digest: Digest,
    /// Whether the unit may still change.
    pub state: UnitState,
    /// When the rows were last written.
    pub committed_at: DateTime<Utc>,
    /// When the server was last asked, whether or not something had changed.
    pub last_checked: DateTime<Utc>,
}

impl Entry {
    /// The version of the layout that this crate writes.
    pub const FORMAT: u64 = 1;

    /// The unit that the entry is about.
    ///
    /// # Errors
    ///
    /// If the entry names a table or a time that no unit can have.
    pub fn unit(&self) -> Result<Unit> {
        Unit::new(self.table.as_str(), self.unit.partition, self.unit.start)
    }

    /// Rows in all files together.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

/// A unit's window as the entry spells it out: `[start, end)` in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitWindow {
    /// How long units are.
    pub partition: Partition,
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The first instant after.
    pub end: DateTime<Utc>,
}

impl From<&Unit> for UnitWindow {
    fn from(unit: &Unit) -> Self {
        Self {
            partition: unit.partition(),
            start: unit.start(),
            end: unit.end(),
        }
    }
}

/// Who wrote an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenBy {
    /// One run, and no other: it recognises its own entry by this.
    pub id: String,
    /// Version of korelake.
    pub version: String,
}

/// What a unit was fetched as. A difference to the configuration means that another table was meant; it is
/// never a reason to replace rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Host of the server.
    pub host: String,
    /// Account.
    pub account: String,
    /// Stream (bot), where the endpoint knows streams.
    pub stream: Option<String>,
    /// Endpoint, by its name in the dataset's definition.
    pub endpoint: String,
    /// Parameters of the requests besides window and paging: filters among them leave records out.
    pub filters: BTreeMap<String, String>,
    /// Settings by which columns were left out or masked.
    pub privacy: BTreeMap<String, String>,
    /// How long units are.
    pub partition: Partition,
}

impl Identity {
    /// Names the first field that differs, such as `host` or `filters.contact_direction`; `None` if all
    /// agree.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let fields = [
            ("host", self.host == other.host),
            ("account", self.account == other.account),
            ("stream", self.stream == other.stream),
            ("endpoint", self.endpoint == other.endpoint),
        ];
        if let Some((name, _)) = fields.iter().find(|(_, agree)| !agree) {
            return Some((*name).to_owned());
        }
        map_difference("filters", &self.filters, &other.filters)
            .or_else(|| map_difference("privacy", &self.privacy, &other.privacy))
            .or_else(|| (self.partition != other.partition).then(|| "partition".to_owned()))
    }
}

/// What was counted while a unit was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The server's total on the first page, where it gives one.
    pub total_first: Option<u64>,
    /// The server's total on the last page, where it gives one.
    pub total_last: Option<u64>,
    /// Distinct keys among the records.
    pub distinct_keys: u64,
    /// Rows written.
    pub rows: u64,
    /// Rows with something in `_rescued`.
    pub rescued: u64,
    /// Records that could not be a row.
    pub quarantined: u64,
    /// Records that came more than once, beyond the first.
    pub duplicates: u64,
    /// Keys of records left to the next unit, because their time is within the second after the end.
    pub handed_over: Vec<String>,
    /// Records whose own time is outside the window; they are kept.
    pub outside: u64,
    /// Parts that the window was read in, because it held more records than are read in one go; 0 if it was read as one.
    #[serde(default)]
    pub parts: u64,
    /// Where the read ended: before the unit's end while the unit is open.
    pub read_until: Option<DateTime<Utc>>,
    /// Requests that the unit took.
    pub requests: u64,
}

/// Whether a unit may still change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnitState {
    /// Its end is not long enough ago: records may still arrive.
    Open,
    /// It is complete, but scores and audits may still change.
    Young,
    /// It is fetched only when asked for.
    Settled,
}

fn map_difference(
    name: &str,
    one: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> Option<String> {
    let keys: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
    keys.into_iter()
        .find(|key| one.get(*key) != other.get(*key))
        .map(|key| format!("{name}.{key}"))
}

/// An entry with a value in every field, for this crate's tests.
#[cfg(test)]
pub(crate) fn sample(unit: &Unit, generation: u64, writer: &str) -> Entry {
    let at = "2026-03-24T06:10:00Z".parse().unwrap();
    let mut digest = Digest::default();
    digest.add(7);
    Entry {
        format: Entry::FORMAT,
        table: unit.table().to_owned(),
        dataset: "raw_data".to_owned(),
        unit: UnitWindow::from(unit),
        generation,
        writer: WrittenBy {
            id: writer.to_owned(),
            version: "0.1.0".to_owned(),
        },
        identity: Identity {
            host: "kore.example.com".to_owned(),
            account: "account-1".to_owned(),
            stream: Some("st-1".to_owned()),
            endpoint: "v3".to_owned(),
            filters: BTreeMap::from([("contact_direction".to_owned(), "inbound".to_owned())]),
            privacy: BTreeMap::new(),
            partition: unit.partition(),
        },
        schema: "xxh3-128:00000000000000000000000000000001".to_owned(),
        proof: Proof {
            total_first: Some(1),
            total_last: None,
            distinct_keys: 1,
            rows: 1,
            handed_over: vec!["c-2".to_owned()],
            requests: 2,
            ..Proof::default()
        },
        files: vec![Written {
            path: unit.file(0),
            rows: 1,
            bytes: 1234,
            e_tag: Some("\"1-2-3\"".to_owned()),
            checksum: "0".repeat(32),
        }],
        quarantine: None,
        stale_parts: Vec::new(),
        digest,
        state: UnitState::Young,
        committed_at: at,
        last_checked: at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity() -> Identity {
        sample(&Unit::parse("raw_data", "2026-03-23").unwrap(), 1, "run-1").identity
    }

    #[test]
    fn every_field_of_an_identity_counts() {
        let original = identity();
        assert_eq!(original.difference(&original), None);
        let text = || "changed".to_owned();
        let changes: [(&str, Identity); 8] = [
            (
                "host",
                Identity {
                    host: text(),
                    ..identity()
                },
            ),
            (
                "account",
                Identity {
                    account: text(),
                    ..identity()
                },
            ),
            (
                "stream",
                Identity {
                    stream: None,
                    ..identity()
                },
            ),
            (
                "endpoint",
                Identity {
                    endpoint: text(),
                    ..identity()
                },
            ),
            (
                "filters.contact_direction",
                Identity {
                    filters: BTreeMap::new(),
                    ..identity()
                },
            ),
            ("filters.agent", {
                let mut changed = identity();
                changed.filters.insert("agent".to_owned(), text());
                changed
            }),
            (
                "privacy.mask",
                Identity {
                    privacy: BTreeMap::from([("mask".to_owned(), text())]),
                    ..identity()
                },
            ),
            (
                "partition",
                Identity {
                    partition: Partition::Month,
                    ..identity()
                },
            ),
        ];
        for (name, changed) in changes {
            assert_eq!(original.difference(&changed).as_deref(), Some(name));
        }
    }

    #[test]
    fn the_json_of_an_entry_is_this() {
        let entry = sample(&Unit::parse("raw_data", "2026-03-23").unwrap(), 3, "run-1");
        let json: serde_json::Value = serde_json::to_value(&entry).unwrap();
        assert_eq!(json["format"], 1);
        assert_eq!(json["unit"]["partition"], "day");
        assert_eq!(json["unit"]["start"], "2026-03-23T00:00:00Z");
        assert_eq!(json["unit"]["end"], "2026-03-24T00:00:00Z");
        assert_eq!(json["proof"]["total_last"], serde_json::Value::Null);
        assert_eq!(json["proof"]["handed_over"][0], "c-2");
        assert_eq!(json["files"][0]["etag"], "\"1-2-3\"");
        assert_eq!(json["digest"], "xxh3-128-sum:00000000000000000000000000000007x1");
        assert_eq!(json["state"], "young");
        assert_eq!(serde_json::from_value::<Entry>(json).unwrap(), entry);
    }
}

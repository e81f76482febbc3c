//! What was found out about the way servers answer, kept in the lake so that the next run need not find it out again.
//! It is a hint: nothing that counts depends on it. What does is in [`Ledger`](crate::Ledger).

use chrono::{DateTime, Utc};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use serde::{Deserialize, Serialize};

use crate::ledger::{parse, to_json};
use crate::store::STATE;
use crate::{Error, Lake, Result};

/// What one endpoint of one stream does. A field is `None` where it was not found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Host of the server.
    pub host: String,
    /// Account.
    pub account: String,
    /// Stream (bot); empty where the endpoint knows none.
    pub stream: String,
    /// Endpoint: dataset and name, such as `raw_data/v3`.
    pub endpoint: String,
    /// The parameter that leads from page to page: `offset` or `page`.
    pub paging: Option<String>,
    /// The most records that a page held, where that was less than was asked for.
    pub largest_page: Option<u64>,
    /// Whether pages name the number of records of the window.
    pub has_total: Option<bool>,
    /// Whether pages say that there are more.
    pub has_more: Option<bool>,
    /// Whether the same question gives the same order.
    pub stable_order: Option<bool>,
    /// Whether a record at the very start of a window is in it.
    pub inclusive_start: Option<bool>,
    /// Whether a record at the very end of a window is in it.
    pub inclusive_end: Option<bool>,
    /// What the server did, in words.
    pub evidence: Vec<String>,
    /// When.
    pub found_at: DateTime<Utc>,
}

impl Probe {
    /// Whether both are about the same endpoint of the same stream.
    pub fn is_about(&self, other: &Self) -> bool {
        let subject = |probe: &Self| {
            let Probe {
                host,
                account,
                stream,
                endpoint,
                ..
            } = probe.clone();
            (host, account, stream, endpoint)
        };
        subject(self) == subject(other)
    }
}

/// The file `_korelake/probe.json`.
#[derive(Serialize, Deserialize)]
struct Probes {
    format: u64,
    probes: Vec<Probe>,
}

/// The version of the layout that this crate writes.
const FORMAT: u64 = 1;

impl Lake {
    /// All probes. A file that cannot be understood counts as none: what it said can be found out again.
    ///
    /// # Errors
    ///
    /// A lake that cannot be read.
    pub async fn probes(&self) -> Result<Vec<Probe>> {
        Ok(self.read_probes().await?.unwrap_or_default())
    }

    /// Keeps `probe` in place of an earlier one about the same endpoint. Of two runs that do so at the same time the
    /// later wins. A file of a newer version is left alone.
    ///
    /// # Errors
    ///
    /// A lake that cannot be read or written.
    pub async fn keep_probe(&self, probe: &Probe) -> Result<()> {
        let Some(mut probes) = self.read_probes().await? else {
            return Ok(());
        };
        probes.retain(|known| !known.is_about(probe));
        probes.push(probe.clone());
        let path = path();
        let json = to_json(
            &path,
            &Probes {
                format: FORMAT,
                probes,
            },
        )?;
        let written = self.store().put(&path, json.into()).await;
        written.map(drop).map_err(Error::store("written", &path))
    }

    /// `None` if the file is a newer version's.
    async fn read_probes(&self) -> Result<Option<Vec<Probe>>> {
        let path = path();
        let Some(bytes) = self.read(&path).await? else {
            return Ok(Some(Vec::new()));
        };
        match parse::<Probes>(&path, &bytes, FORMAT) {
            Ok(file) => Ok(Some(file.probes)),
            Err(Error::Format { .. }) => Ok(None),
            Err(_) => Ok(Some(Vec::new())),
        }
    }
}

fn path() -> Path {
    Path::from_iter([STATE, "probe.json"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::local;

    fn probe(stream: &str, paging: &str) -> Probe {
        Probe {
            host: "https://platform.kore.ai".to_owned(),
            stream: stream.to_owned(),
            endpoint: "raw_data/v3".to_owned(),
            paging: Some(paging.to_owned()),
            ..Probe::default()
        }
    }

    #[tokio::test]
    async fn the_latest_probe_of_each_endpoint_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        for lake in [Lake::in_memory(), local(folder.path())] {
            assert_eq!(lake.probes().await.unwrap(), []);
            for (stream, paging) in [("st-1", "offset"), ("st-2", "offset"), ("st-1", "page")] {
                lake.keep_probe(&probe(stream, paging)).await.unwrap();
            }
            let expected = [probe("st-2", "offset"), probe("st-1", "page")];
            assert_eq!(lake.probes().await.unwrap(), expected);
        }
        assert!(folder.path().join("_korelake/probe.json").is_file());
    }

    #[tokio::test]
    async fn a_damaged_file_counts_as_none_and_a_newer_one_is_left_alone() {
        let lake = Lake::in_memory();
        lake.store()
            .put(&path(), "{\"format\": 1, \"pro".into())
            .await
            .unwrap();
        assert_eq!(lake.probes().await.unwrap(), []);
        lake.keep_probe(&probe("st-1", "page")).await.unwrap();
        assert_eq!(lake.probes().await.unwrap(), [probe("st-1", "page")]);
        let newer = "{\"format\": 9}";
        lake.store().put(&path(), newer.into()).await.unwrap();
        lake.keep_probe(&probe("st-1", "page")).await.unwrap();
        assert_eq!(lake.read(&path()).await.unwrap().unwrap(), newer);
    }
}

//! What `[lake]` says: where the tables go, and how their files are written.

use std::collections::BTreeMap;

use korelake::writer::{FileOptions, Lake};
use serde::Deserialize;

use super::scalar::scalar;
use super::{required, within};
use crate::exit::Failure;

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LakeSettings {
    url: Option<String>,
    options: BTreeMap<String, String>,
    compression: String,
    #[serde(deserialize_with = "scalar")]
    row_group_mb: usize,
    #[serde(deserialize_with = "scalar")]
    memory_mb: usize,
}

impl Default for LakeSettings {
    fn default() -> Self {
        Self {
            url: None,
            options: BTreeMap::new(),
            compression: "zstd(1)".to_owned(),
            row_group_mb: 32,
            memory_mb: 256,
        }
    }
}

impl LakeSettings {
    /// Where the tables go. Creates the folder.
    pub(super) fn lake(&self) -> Result<Lake, Failure> {
        let url = required(self.url.as_deref(), "lake.url", "--out")?;
        Ok(Lake::open(url, &self.options)?)
    }

    /// How the files are written.
    pub(super) fn files(&self) -> Result<FileOptions, Failure> {
        let compression = &self.compression;
        let level = compression
            .strip_prefix("zstd(")
            .and_then(|rest| rest.strip_suffix(')')?.parse().ok())
            .filter(|level| (1..=22).contains(level));
        let level = level.or((compression == "zstd").then_some(1)).ok_or_else(|| {
            Failure::usage(
                format!("lake.compression `{compression}` is not known"),
                "it is `zstd(1)` to `zstd(22)`",
            )
        })?;
        // An open file needs as much memory as its row group.
        let row_group_mb = within("lake.row_group_mb", self.row_group_mb, 1..=1024)?;
        Ok(FileOptions::default()
            .zstd_level(level)
            .row_group_bytes(row_group_mb << 20))
    }

    /// Memory for rows that are being written.
    pub(super) fn memory_bytes(&self) -> Result<usize, Failure> {
        Ok(within("lake.memory_mb", self.memory_mb, 1..=1 << 20)? << 20)
    }
}

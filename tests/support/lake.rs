//! A lake on disk as its users find it: folders, Parquet files, ledger. One file of it is read with
//! [`table`](super::table).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::table;

pub(crate) struct Lake(pub(crate) PathBuf);

impl Lake {
    /// Every file by its path in the lake, with its bytes.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.0, &self.0, &mut files);
        files
    }

    /// The Parquet files, as [`files`](Self::files).
    pub(crate) fn parquet(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files();
        files.retain(|path, _| path.ends_with(".parquet"));
        files
    }

    /// The rows of a unit's one file, such as that of `raw_data/date=2026-03-23`.
    pub(crate) fn rows(&self, folder: &str) -> Vec<Value> {
        table::rows(&self.0.join(folder).join("part-00000.parquet"))
    }

    /// The entries that a unit has in the ledger, by their file names.
    pub(crate) fn entries(&self, table: &str, unit: &str) -> BTreeMap<String, Value> {
        let folder = format!("_korelake/{table}/ledger/{unit}/");
        let files = self.files().into_iter();
        files
            .filter_map(|(path, bytes)| {
                let name = path.strip_prefix(&folder)?.to_owned();
                Some((name, serde_json::from_slice(&bytes).unwrap()))
            })
            .collect()
    }

    /// The newest of these entries.
    #[track_caller]
    pub(crate) fn entry(&self, table: &str, unit: &str) -> Value {
        let newest = self.entries(table, unit).pop_last();
        newest.unwrap_or_else(|| panic!("{table} {unit} has no entry")).1
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

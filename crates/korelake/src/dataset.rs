//! A dataset ready to be fetched: its definition, and the endpoints that the definition only carries along.

use std::path::Path;

use arrow::array::RecordBatch;
use korelake_fetch::Endpoint;
use korelake_schema::{Decoder, Definition, Progress, Quarantined};
use korelake_writer::FileOptions;

use crate::error::{Error, Result};

/// A dataset: columns and endpoints.
#[derive(Debug, Clone)]
pub struct Dataset {
    definition: Definition,
    endpoints: Vec<Endpoint>,
}

impl Dataset {
    /// A dataset by its name, or from a file of one's own by its path.
    ///
    /// ```
    /// let dataset = korelake::Dataset::load("raw_data")?;
    /// assert_eq!(dataset.definition().key(), "conversation_id");
    /// assert_eq!(dataset.endpoint(None)?.name(), "v3");
    /// # Ok::<(), korelake::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::UnknownDataset`], [`Error::File`], and [`Error::Definition`] or [`Error::Endpoint`] with the place
    /// in the file.
    pub fn load(name_or_path: &str) -> Result<Self> {
        Self::parse(&Self::text(name_or_path)?, name_or_path)
    }

    /// The text of the definition of a dataset, by name or path.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownDataset`] and [`Error::File`].
    pub fn text(name_or_path: &str) -> Result<String> {
        if let Some(text) = Definition::builtin_text(name_or_path) {
            return Ok(text.to_owned());
        }
        let path = Path::new(name_or_path);
        let looks_like_a_path = path.extension().is_some() || path.components().count() > 1;
        if !path.exists() && !looks_like_a_path {
            return Err(Error::UnknownDataset {
                name: name_or_path.to_owned(),
            });
        }
        std::fs::read_to_string(path).map_err(|source| Error::File {
            path: path.to_owned(),
            source,
        })
    }

    fn parse(text: &str, path: &str) -> Result<Self> {
        let definition = Definition::parse(text).map_err(|source| Error::Definition {
            path: path.to_owned(),
            source,
        })?;
        let endpoints = definition
            .endpoints()
            .iter()
            .enumerate()
            .map(|(index, endpoint)| {
                serde_json::from_value(endpoint.clone()).map_err(|source| {
                    let place = format!("endpoints[{index}]");
                    Error::Endpoint {
                        path: path.to_owned(),
                        place,
                        source,
                    }
                })
            });
        let endpoints = endpoints.collect::<Result<_>>()?;
        Ok(Self {
            definition,
            endpoints,
        })
    }

    /// Options of a file that holds this dataset's records: the key is looked up by, and the footer says what wrote
    /// the file and by which columns.
    pub(crate) fn file_options(&self, options: FileOptions) -> FileOptions {
        options
            .key_column(self.definition.key())
            .metadata("korelake.writer", concat!("korelake ", env!("CARGO_PKG_VERSION")))
            .metadata("korelake.dataset", self.definition.name())
            .metadata("korelake.schema", self.definition.fingerprint())
    }

    /// The records of one page as batches, and the rows that are none.
    pub(crate) fn batches(&self, records: &[u8]) -> Result<(Vec<RecordBatch>, Vec<Quarantined>)> {
        let mut decoder = Decoder::new(&self.definition);
        let (mut batches, mut no_records) = (Vec::new(), Vec::new());
        let mut rest = records;
        loop {
            let progress = decoder.finish(rest)?;
            rest = &rest[progress.consumed()..];
            no_records.extend(decoder.take_quarantined());
            batches.extend(decoder.flush()?);
            if let Progress::NeedsInput { .. } = progress {
                return Ok((batches, no_records));
            }
        }
    }

    /// Columns, key and event time.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// All endpoints, the default one first.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The same dataset, with all endpoints writing dates in another format, in chrono's notation: servers contradict
    /// their pages on it. A table is filled by one of them, and its identity does not depend on how dates are written.
    ///
    /// # Errors
    ///
    /// [`korelake_fetch::Error::InvalidDateFormat`].
    pub fn with_date_format(mut self, format: &str) -> Result<Self> {
        for endpoint in &mut self.endpoints {
            *endpoint = endpoint.with_date_format(format)?;
        }
        Ok(self)
    }

    /// An endpoint by name; without one the default.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownEndpoint`], also for a dataset without any.
    pub fn endpoint(&self, name: Option<&str>) -> Result<&Endpoint> {
        let found = match name {
            Some(name) => self.endpoints.iter().find(|endpoint| endpoint.name() == name),
            None => self.endpoints.first(),
        };
        found.ok_or_else(|| Error::UnknownEndpoint {
            dataset: self.definition.name().to_owned(),
            endpoint: name.unwrap_or("default").to_owned(),
            known: self
                .endpoints
                .iter()
                .map(|endpoint| endpoint.name().to_owned())
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dataset_that_is_compiled_in_has_endpoints_that_can_be_called() {
        let names: Vec<String> = Definition::builtin_names()
            .flat_map(|name| Dataset::load(name).unwrap().endpoints)
            .map(|endpoint| endpoint.name().to_owned())
            .collect();
        assert_eq!(names, ["v3", "legacy_app", "legacy_account", "v3", "v2"]);
    }

    #[test]
    fn names_that_are_nothing_are_refused_by_what_they_look_like() {
        assert!(matches!(
            Dataset::load("raw-data"),
            Err(Error::UnknownDataset { .. })
        ));
        assert!(matches!(
            Dataset::load("missing/file.json"),
            Err(Error::File { .. })
        ));
        let error = Dataset::load("raw_data")
            .unwrap()
            .endpoint(Some("v9"))
            .unwrap_err();
        assert_eq!(error.hint().unwrap(), "it has v3, legacy_app, legacy_account");
    }

    #[test]
    fn a_date_format_is_that_of_every_endpoint() {
        let dataset = Dataset::load("raw_data").unwrap();
        assert!(dataset.clone().with_date_format("%H:%M").is_err());
        let dashed = dataset.with_date_format("%Y-%m-%d-%H").unwrap();
        for endpoint in dashed.endpoints() {
            assert_eq!(endpoint.window().format, "%Y-%m-%d-%H", "{}", endpoint.name());
            assert_eq!(endpoint.resolution(), chrono::TimeDelta::hours(1));
        }
    }

    #[test]
    fn a_wrong_endpoint_is_refused_with_its_place() {
        let mut definition: serde_json::Value =
            serde_json::from_str(Definition::builtin_text("raw_data").unwrap()).unwrap();
        definition["endpoints"][1]["method"] = "PUT".into();
        let error = Dataset::parse(&definition.to_string(), "own.json").unwrap_err();
        assert_eq!(
            error.to_string(),
            "dataset file own.json is wrong at endpoints[1]"
        );
    }
}

//! What `[[dataset]]` says: one table and how it is fetched. Which ones a command means is decided in
//! [`settings`](super).

use korelake::writer::Partition;
use korelake::{Dataset, Job};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::scalar::scalar;
use crate::args::Export;
use crate::exit::Failure;

/// One table: a dataset and how it is fetched.
#[derive(Deserialize, Debug, Clone, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DatasetSettings {
    name: Option<String>,
    schema: Option<String>,
    table: Option<String>,
    stream_id: Option<String>,
    endpoint: Option<String>,
    partition: Partition,
    #[serde(deserialize_with = "scalar")]
    page_size: Option<u32>,
    /// Further parameters of the requests, by the names that the endpoint has for them.
    parameters: Map<String, Value>,
    /// The usual ones can stand by themselves. Nothing is sent of what is not set.
    #[serde(deserialize_with = "scalar")]
    include_below_threshold: Option<bool>,
    contact_direction: Option<String>,
}

impl DatasetSettings {
    /// A dataset that the configuration says nothing about.
    pub(super) fn called(name: &str) -> Self {
        Self {
            name: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// Whether `name` on the command line means this one.
    pub(super) fn is_called(&self, name: &str) -> bool {
        [&self.table, &self.name, &self.schema]
            .into_iter()
            .any(|own| own.as_deref() == Some(name))
    }

    /// With the flags over it.
    pub(super) fn under(self, args: &Export) -> Self {
        Self {
            endpoint: args.endpoint.clone().or(self.endpoint),
            table: args.table.clone().or(self.table),
            page_size: args.page_size.or(self.page_size),
            partition: args.partition.unwrap_or(self.partition),
            ..self
        }
    }

    pub(super) fn job(self) -> Result<Job, Failure> {
        let source = self.schema.as_deref().or(self.name.as_deref());
        let Some(source) = source else {
            return Err(Failure::usage(
                "a [[dataset]] has neither `name` nor `schema`",
                "name one of them",
            ));
        };
        if self.page_size == Some(0) {
            return Err(Failure::usage(
                format!("page_size of `{source}` is 0"),
                "it is the number of records to ask for at a time",
            ));
        }
        let mut job = Job::new(Dataset::load(source)?)
            .endpoint(self.endpoint.clone())
            .partition(self.partition)
            .stream_id(self.stream_id.clone())
            .page_size(self.page_size)
            .parameters(self.all_parameters(source)?);
        if let Some(table) = self.table {
            job = job.table(table);
        }
        Ok(job)
    }

    pub(super) fn all_parameters(&self, source: &str) -> Result<Map<String, Value>, Failure> {
        let usual = [
            (
                "include_below_threshold",
                self.include_below_threshold.map(Value::from),
            ),
            (
                "contact_direction",
                self.contact_direction.clone().map(Value::from),
            ),
        ];
        let mut parameters = self.parameters.clone();
        for (name, value) in usual {
            let Some(value) = value else { continue };
            if parameters.insert(name.to_owned(), value).is_some() {
                return Err(Failure::usage(
                    format!("the [[dataset]] `{source}` sets `{name}` twice"),
                    "keep it, or the one in `parameters`",
                ));
            }
        }
        Ok(parameters)
    }
}

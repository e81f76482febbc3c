//! What `[[dataset]]` says: one table and how it is fetched. Which ones a command means is decided in
//! [`settings`](super).

use korelake::fetch::{self, Endpoint, PagingStyle};
use korelake::writer::Partition;
use korelake::{Dataset, Job};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::scalar::scalar;
use crate::args::Connection;
use crate::exit::Failure;

/// The settings that every dataset has, for messages.
pub(super) const KNOWN: &str = "name, schema, table, stream_id, endpoint, partition, page_size, paging, max_window_records, date_format, \
     parameters";

/// One table: a dataset and how it is fetched.
#[derive(Deserialize, Debug, Clone, Default)]
#[serde(default)]
pub(super) struct DatasetSettings {
    name: Option<String>,
    schema: Option<String>,
    table: Option<String>,
    stream_id: Option<String>,
    endpoint: Option<String>,
    partition: Partition,
    #[serde(deserialize_with = "scalar")]
    page_size: Option<u32>,
    paging: Paging,
    #[serde(deserialize_with = "scalar")]
    max_window_records: Option<u64>,
    /// How the endpoint's dates are written, in chrono's notation.
    date_format: Option<String>,
    /// Further parameters of the requests, by the names that the endpoint has for them.
    parameters: Map<String, Value>,
    /// Everything else, which has to be a filter that the endpoint takes. Nothing is sent of what is not set.
    #[serde(flatten)]
    filters: Map<String, Value>,
}

/// How the server counts pages.
#[derive(Deserialize, Debug, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
enum Paging {
    /// That is found out.
    #[default]
    Auto,
    Offset,
    Page,
}

impl Paging {
    fn style(self) -> Option<PagingStyle> {
        match self {
            Self::Auto => None,
            Self::Offset => Some(PagingStyle::Offset),
            Self::Page => Some(PagingStyle::Page),
        }
    }
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
    pub(super) fn under(self, flags: &Connection, partition: Option<Partition>) -> Self {
        Self {
            endpoint: flags.endpoint.clone().or(self.endpoint),
            table: flags.table.clone().or(self.table),
            stream_id: flags.stream_id.clone().or(self.stream_id),
            page_size: flags.page_size.or(self.page_size),
            partition: partition.unwrap_or(self.partition),
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
        if self.max_window_records == Some(0) {
            return Err(Failure::usage(
                format!("max_window_records of `{source}` is 0"),
                "it is the number of records up to which a window is read in one go",
            ));
        }
        let mut dataset = Dataset::load(source)?;
        if let Some(format) = &self.date_format {
            dataset = dataset.with_date_format(format)?;
        }
        let parameters = self.all_parameters(source, dataset.endpoint(self.endpoint.as_deref())?)?;
        let mut job = Job::new(dataset)
            .endpoint(self.endpoint)
            .partition(self.partition)
            .stream_id(self.stream_id)
            .page_size(self.page_size)
            .paging(self.paging.style())
            .parameters(parameters);
        if let Some(records) = self.max_window_records {
            job = job.max_window_records(records);
        }
        if let Some(table) = self.table {
            job = job.table(table);
        }
        Ok(job)
    }

    /// The filters under the names that the server knows, and whatever else is to be sent.
    pub(super) fn all_parameters(
        &self,
        source: &str,
        endpoint: &Endpoint,
    ) -> Result<Map<String, Value>, Failure> {
        let filters = endpoint
            .filter_parameters(self.filters.clone())
            .map_err(|error| match error {
                fetch::Error::UnknownFilter {
                    endpoint,
                    setting,
                    known,
                } => Failure::usage(
                    format!(
                        "the [[dataset]] `{source}` sets `{setting}`, which endpoint {endpoint} does not know"
                    ),
                    format!("it knows {}; every dataset has {KNOWN}", listed(&known)),
                ),
                error => error.into(),
            })?;
        let mut parameters = self.parameters.clone();
        for (name, value) in filters {
            if parameters.contains_key(&name) {
                return Err(Failure::usage(
                    format!("the [[dataset]] `{source}` sets `{name}` twice"),
                    "keep it, or the one in `parameters`",
                ));
            }
            parameters.insert(name, value);
        }
        Ok(parameters)
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "no filters".to_owned(),
        names => names.join(", "),
    }
}

//! One table to fill: which dataset, from which endpoint, how. The units of it are done in [`run`](crate::run).

use std::collections::BTreeMap;

use korelake_fetch::{Endpoint, PageOptions, PagingStyle, Source};
use korelake_writer::{Identity, Partition, Pin};
use serde_json::{Map, Value};

use crate::dataset::Dataset;
use crate::error::Result;

/// Records up to which a window is read in one go.
const MAX_WINDOW_RECORDS: u64 = 20_000;

/// One table to fill: which dataset from which endpoint.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) dataset: Dataset,
    pub(crate) table: String,
    pub(crate) endpoint: Option<String>,
    pub(crate) partition: Partition,
    pub(crate) page_size: Option<u32>,
    pub(crate) parameters: Map<String, Value>,
    stream_id: Option<String>,
    paging: Option<PagingStyle>,
    max_window_records: u64,
}

impl Job {
    /// Fills the table that has the dataset's name.
    pub fn new(dataset: Dataset) -> Self {
        Self {
            table: dataset.definition().name().to_owned(),
            dataset,
            endpoint: None,
            partition: Partition::default(),
            page_size: None,
            parameters: Map::new(),
            stream_id: None,
            paging: None,
            max_window_records: MAX_WINDOW_RECORDS,
        }
    }

    /// Another table. Default: the dataset's name.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// An endpoint by name. Default: the dataset's first.
    pub fn endpoint(mut self, endpoint: Option<String>) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// How long units are. Default: a day.
    pub fn partition(mut self, partition: Partition) -> Self {
        self.partition = partition;
        self
    }

    /// Records to ask for at a time. Default: what the endpoint says.
    pub fn page_size(mut self, page_size: Option<u32>) -> Self {
        self.page_size = page_size;
        self
    }

    /// Parameters to send with every request, such as filters; they win over those of the endpoint, and both are part
    /// of the table's identity, as a table must not mix records of several filters. Default: none.
    pub fn parameters(mut self, parameters: Map<String, Value>) -> Self {
        self.parameters = parameters;
        self
    }

    /// The stream (bot) to read. Default: that of the source.
    pub fn stream_id(mut self, stream_id: Option<String>) -> Self {
        self.stream_id = stream_id;
        self
    }

    /// How the server pages. Default: found out, and remembered in the lake.
    pub fn paging(mut self, style: Option<PagingStyle>) -> Self {
        self.paging = style;
        self
    }

    /// A window whose total is larger is read in parts. Default: 20,000, as servers that count through what they skip
    /// become slow far down.
    pub fn max_window_records(mut self, records: u64) -> Self {
        self.max_window_records = records;
        self
    }

    /// The endpoint that is asked.
    pub(crate) fn asked(&self) -> Result<&Endpoint> {
        self.dataset.endpoint(self.endpoint.as_deref())
    }

    /// Dataset and endpoint, by which what is known of the server's paging is kept.
    pub(crate) fn endpoint_name(&self) -> Result<String> {
        Ok(format!(
            "{}/{}",
            self.dataset.definition().name(),
            self.asked()?.name()
        ))
    }

    /// The bot that is read, of an account that `source` names.
    pub(crate) fn source(&self, source: &Source) -> Source {
        let stream_id = self.stream_id.clone().unwrap_or_else(|| source.stream_id.clone());
        Source {
            stream_id,
            ..source.clone()
        }
    }

    /// What the job's table belongs to once something is committed to it, filled from `server`.
    pub(crate) fn pin(&self, server: &str, source: &Source) -> Result<Pin> {
        let endpoint = self.asked()?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // What is sent in the end: the job's parameters over those of the endpoint.
        let parameters = endpoint.parameters().iter().chain(&self.parameters);
        let identity = Identity {
            host: server.to_owned(),
            account: source.account_id.clone(),
            stream: Some(self.source(source).stream_id).filter(|stream| !stream.is_empty()),
            endpoint: endpoint.name().to_owned(),
            filters: parameters
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            privacy: BTreeMap::new(),
            partition: self.partition,
        };
        Ok(Pin::new(&self.table, self.dataset.definition().name(), identity))
    }

    pub(crate) fn page_options(&self) -> PageOptions {
        PageOptions::default()
            .page_size(self.page_size)
            .style(self.paging)
            .max_window_records(Some(self.max_window_records))
    }
}

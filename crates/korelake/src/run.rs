//! A run over the units of several tables, one after the other. What happens to one unit is in [`unit`](crate::unit).

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use korelake_fetch::{Client, Page, PageOptions, Source};
use korelake_writer::{FileOptions, Identity, Lake, Ledger, Partition, Pin, Unit, units};
use serde_json::{Map, Value};

use crate::dataset::Dataset;
use crate::error::{Error, Kind, Result};
use crate::report::{Outcome, Report, UnitReport};
use crate::unit::Table;

/// A window that has not ended is asked for up to this long ago: the newest records are still being written.
const LAG: TimeDelta = TimeDelta::minutes(5);

/// One table to fill: which dataset from which endpoint.
#[derive(Debug, Clone)]
pub struct Job {
    dataset: Dataset,
    table: String,
    endpoint: Option<String>,
    partition: Partition,
    page_size: Option<u32>,
    parameters: Map<String, Value>,
    stream_id: Option<String>,
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

    fn page_options(&self) -> PageOptions {
        let options = PageOptions::default().parameters(self.parameters.clone());
        match self.page_size {
            Some(size) => options.page_size(size),
            None => options,
        }
    }
}

/// Something that happened in a run, for those who watch.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The units that the run will do.
    Planned {
        /// How many.
        units: usize,
    },
    /// A unit is begun.
    Started {
        /// The unit.
        unit: &'a Unit,
    },
    /// A page came.
    Page {
        /// Its records and the server's claims.
        page: &'a Page,
    },
    /// A unit is done.
    Finished {
        /// What became of it.
        report: &'a UnitReport,
    },
}

/// Copies a range of time into a lake.
#[derive(Debug, Clone)]
pub struct Export {
    client: Client,
    source: Source,
    lake: Lake,
    files: FileOptions,
    allow_shrink: bool,
    server: String,
}

impl Export {
    /// From a source, into a lake.
    pub fn new(client: Client, source: Source, lake: Lake) -> Self {
        let server = source.host.to_string();
        Self {
            client,
            source,
            lake,
            files: FileOptions::default(),
            allow_shrink: false,
            server,
        }
    }

    /// How files are written; key column and metadata are added for each table. Default: those of [`FileOptions`].
    pub fn files(mut self, files: FileOptions) -> Self {
        self.files = files;
        self
    }

    /// The server's name in the ledger, which keeps two servers out of one table. Default: its address, which has
    /// to be replaced where one server is reached under changing ones.
    pub fn server(mut self, name: impl Into<String>) -> Self {
        self.server = name.into();
        self
    }

    /// Accepts units that have less than half of their rows left. Default: no, as a server that lost its records
    /// looks the same.
    pub fn allow_shrink(mut self, allow: bool) -> Self {
        self.allow_shrink = allow;
        self
    }

    /// Fetches all units that cover `[from, to)` and have begun, whole, and commits each one that is complete. A unit
    /// that fails is as it was before. The others go on, unless the failure would repeat with each of them:
    /// credentials and settings end their table, a server or a lake out of reach ends the run.
    ///
    /// Dropping the future ends the run cleanly: the unit at hand is left as it was.
    ///
    /// # Errors
    ///
    /// What keeps a run from starting: [`Error::EmptyRange`], [`Error::UnknownEndpoint`], [`Error::OtherTable`], a
    /// lake that cannot be written. What fails later is in the report.
    pub async fn run(
        &self,
        jobs: &[Job],
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        mut observe: impl FnMut(Event<'_>) + Send,
    ) -> Result<Report> {
        // Whole seconds, as the servers take no finer ones.
        let read_until = (Utc::now() - LAG).trunc_subsecs(0);
        let mut tasks = Vec::new();
        for (number, job) in jobs.iter().enumerate() {
            if jobs[..number].iter().any(|other| other.table == job.table) {
                return Err(Error::SameTable {
                    table: job.table.clone(),
                });
            }
            job.dataset.endpoint(job.endpoint.as_deref())?;
            let units = units(&job.table, from, to, job.partition)?;
            tasks.extend(
                units
                    .into_iter()
                    .filter(|unit| unit.start() < read_until)
                    .map(|unit| (job, unit)),
            );
        }
        if tasks.is_empty() {
            return Err(Error::EmptyRange {
                from: from.to_rfc3339(),
                to: to.to_rfc3339(),
            });
        }
        self.lake.sweep_staging().await?;
        for job in jobs {
            let pin = self.pin(job)?;
            if let Some(existing) = self.lake.pinned(&job.table).await?
                && let Some(setting) = existing.difference(&pin)
            {
                return Err(Error::other_table(&setting, &existing, &pin));
            }
        }
        observe(Event::Planned { units: tasks.len() });
        let writer_id = writer_id(read_until);
        let mut report = Report::default();
        let mut given_up: Vec<&str> = Vec::new();
        let mut stopped = false;
        for (job, unit) in tasks {
            if stopped || given_up.contains(&job.table.as_str()) {
                report.not_tried += 1;
                continue;
            }
            observe(Event::Started { unit: &unit });
            let source = self.source(job);
            let table = self.table(job, &source, &writer_id, read_until)?;
            let done = table.unit(unit, &mut |page| observe(Event::Page { page })).await;
            observe(Event::Finished { report: &done });
            if let Outcome::Failed(error) = &done.outcome {
                stopped = error.stops_the_run();
                // A scope or a setting of one dataset says nothing about the next.
                if error.kind() != Kind::Data {
                    given_up.push(&job.table);
                }
            }
            report.units.push(done);
        }
        Ok(report)
    }

    fn source(&self, job: &Job) -> Source {
        Source {
            stream_id: job
                .stream_id
                .clone()
                .unwrap_or_else(|| self.source.stream_id.clone()),
            ..self.source.clone()
        }
    }

    /// What the job's table belongs to once something is committed to it.
    fn pin(&self, job: &Job) -> Result<Pin> {
        let endpoint = job.dataset.endpoint(job.endpoint.as_deref())?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // What is sent in the end: the job's parameters over those of the endpoint.
        let parameters = endpoint.parameters().iter().chain(&job.parameters);
        let identity = Identity {
            host: self.server.clone(),
            account: self.source.account_id.clone(),
            stream: Some(self.source(job).stream_id).filter(|stream| !stream.is_empty()),
            endpoint: endpoint.name().to_owned(),
            filters: parameters
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            privacy: BTreeMap::new(),
            partition: job.partition,
        };
        Ok(Pin::new(&job.table, job.dataset.definition().name(), identity))
    }

    fn table<'a>(
        &'a self,
        job: &'a Job,
        source: &'a Source,
        writer_id: &'a str,
        read_until: DateTime<Utc>,
    ) -> Result<Table<'a>> {
        Ok(Table {
            dataset: &job.dataset,
            endpoint: job.dataset.endpoint(job.endpoint.as_deref())?,
            client: &self.client,
            source,
            pages: job.page_options(),
            pin: self.pin(job)?,
            lake: &self.lake,
            ledger: Ledger::new(&self.lake, &job.table)?,
            file: job.dataset.file_options(self.files.clone()),
            allow_shrink: self.allow_shrink,
            writer_id,
            read_until,
        })
    }
}

/// Tells this run's writes from those of any other: time, process and a number of this process's own.
fn writer_id(now: DateTime<Utc>) -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(std::process::id());
    format!("{}-{:016x}", now.format("%Y%m%dT%H%M%S%3fZ"), random)
}

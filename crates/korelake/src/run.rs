//! A run over the units of several tables, several at a time. What happens to one unit is in [`unit`](crate::unit).

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures::{StreamExt, stream};
use korelake_fetch::{Client, Page, Paging, Position, Query, Readahead, Source, Window};
use korelake_writer::{FileOptions, Lake, Ledger, Probe, Unit, units};
use tokio::sync::Semaphore;

use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::lanes::Lanes;
use crate::report::{Outcome, Report, UnitReport};
use crate::unit::Table;

/// A window that has not ended is asked for up to this long ago: the newest records are still being written.
const LAG: TimeDelta = TimeDelta::minutes(5);

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
        /// The unit that it belongs to.
        unit: &'a Unit,
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
    memory_bytes: usize,
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
            memory_bytes: 256 << 20,
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

    /// Memory for rows that are being written. So many units may have a row group open as fit into half of it; others
    /// that are read beside them wait once they have gathered some 2,048 rows. Default: 256 MiB.
    pub fn memory_bytes(mut self, bytes: usize) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Fetches all units that cover `[from, to)` and have begun, whole, and commits each one that is complete. A unit
    /// that fails is as it was before. The others go on, unless the failure would repeat with each of them:
    /// credentials and settings end their table, a server or a lake out of reach ends the run.
    ///
    /// Units that are being read when the run ends are left as they were, also where the future is dropped.
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
        observe: impl FnMut(Event<'_>) + Send,
    ) -> Result<Report> {
        // Whole seconds, as the servers take no finer ones.
        let read_until = (Utc::now() - LAG).trunc_subsecs(0);
        let tasks = plan(jobs, from, to, read_until)?;
        self.check_requests(jobs, &tasks, read_until)?;
        self.lake.sweep_staging().await?;
        for job in jobs {
            let pin = job.pin(&self.server, &self.source)?;
            if let Some(existing) = self.lake.pinned(&job.table).await?
                && let Some(setting) = existing.difference(&pin)
            {
                return Err(Error::other_table(&setting, &existing, &pin));
            }
        }
        let known = self.lake.probes().await?;
        let abreast = (self.client.concurrency() as usize).min(tasks.len());
        let row_groups = Arc::new(Semaphore::new(self.row_groups()));
        let undone = Arc::new(AtomicUsize::new(tasks.len()));
        let writer_id = writer_id(read_until);
        let readahead = Readahead::pages(4 * self.client.concurrency() as usize);
        let tables = jobs.iter().map(|job| {
            let endpoint = job.asked()?;
            let subject = self.subject(job)?;
            let paging = known.iter().find(|probe| probe.is_about(&subject));
            let paging = Paging::known(paging.and_then(|probe| probe.paging.as_deref()?.parse().ok()));
            let page_size = job.page_options().page_size_of(endpoint);
            Ok(Table {
                dataset: &job.dataset,
                endpoint,
                client: &self.client,
                source: job.source(&self.source),
                // Where requests are not counted, one in a hundred may go for certainty.
                pages: job
                    .page_options()
                    .anchored(self.client.useful_concurrency().is_none())
                    .readahead(readahead.clone())
                    .paging(paging.clone()),
                paging,
                parameters: &job.parameters,
                lanes: Lanes::new(Arc::clone(&undone), abreast, page_size),
                pin: job.pin(&self.server, &self.source)?,
                lake: &self.lake,
                ledger: Ledger::new(&self.lake, &job.table)?,
                file: job.dataset.file_options(self.files.clone()),
                row_groups: Arc::clone(&row_groups),
                allow_shrink: self.allow_shrink,
                writer_id: &writer_id,
                read_until,
            })
        });
        let tables: Vec<Table<'_>> = tables.collect::<Result<_>>()?;

        let observe = Mutex::new(observe);
        let event = |event: Event<'_>| (observe.lock().unwrap_or_else(PoisonError::into_inner))(event);
        let planned = tasks.len();
        event(Event::Planned { units: planned });
        let stops = Stops::default();
        let units = tasks.into_iter().enumerate().map(|(place, (number, unit))| {
            let (table, event, stops, undone) = (&tables[number], &event, &stops, &undone);
            async move {
                if stops.skips(number) {
                    undone.fetch_sub(1, Ordering::Relaxed);
                    return None;
                }
                event(Event::Started { unit: &unit });
                let on_page = |page: &Page| event(Event::Page { unit: &unit, page });
                let done = table.unit(&unit, &on_page).await;
                undone.fetch_sub(1, Ordering::Relaxed);
                // Units that were in flight when another failed may fail of the same; once is enough to know.
                if let Outcome::Failed(error) = &done.outcome
                    && !stops.is_news(number, error)
                {
                    return None;
                }
                event(Event::Finished { report: &done });
                Some((place, done))
            }
        });
        let mut report = Report::default();
        let mut units = stream::iter(units).buffer_unordered(abreast).boxed();
        let mut done = Vec::new();
        while !stops.run()
            && let Some(unit) = units.next().await
        {
            done.extend(unit);
        }
        drop(units); // and with it what is still being read
        for (job, table) in jobs.iter().zip(&tables) {
            self.keep_paging(job, &table.paging, &known).await;
        }
        report.not_tried = planned - done.len();
        done.sort_by_key(|(place, _)| *place);
        report.units = done.into_iter().map(|(_, unit)| unit).collect();
        Ok(report)
    }

    /// What no request can be made of is said once, before anything is sent.
    fn check_requests(&self, jobs: &[Job], tasks: &[(usize, Unit)], read_until: DateTime<Utc>) -> Result<()> {
        for (number, job) in jobs.iter().enumerate() {
            if let Some((_, unit)) = tasks.iter().find(|(of, _)| *of == number) {
                let window = Window::new(unit.start(), unit.end().min(read_until))?;
                let (endpoint, source) = (job.asked()?, job.source(&self.source));
                let query = Query::with_parameters(endpoint, &source, window, job.parameters.clone());
                query.request(Position::first(endpoint))?;
            }
        }
        Ok(())
    }

    /// Whose paging it is that a job learns.
    fn subject(&self, job: &Job) -> Result<Probe> {
        let source = job.source(&self.source);
        Ok(Probe {
            host: self.server.clone(),
            account: source.account_id,
            stream: source.stream_id,
            endpoint: job.endpoint_name()?,
            ..Probe::default()
        })
    }

    /// Remembers for the next run how the server pages. That this fails is no reason for a run to fail.
    async fn keep_paging(&self, job: &Job, paging: &Paging, known: &[Probe]) {
        let Ok(subject) = self.subject(job) else { return };
        let known = known.iter().find(|probe| probe.is_about(&subject));
        let Some(style) = paging.style().map(|style| style.to_string()) else {
            return;
        };
        if known.is_some_and(|known| known.paging.as_deref() == Some(style.as_str())) {
            return;
        }
        let found = Probe {
            evidence: vec![format!("a second page by {style} was not the first one again")],
            found_at: Utc::now().trunc_subsecs(0),
            paging: Some(style),
            ..known.cloned().unwrap_or(subject)
        };
        let _ = self.lake.keep_probe(&found).await;
    }

    /// Row groups that may be open: those that fit into half of the memory. The other half is for pages, and for what
    /// is being encoded.
    fn row_groups(&self) -> usize {
        (self.memory_bytes / 2 / self.files.row_group_size().max(1)).clamp(1, Semaphore::MAX_PERMITS)
    }
}

/// The units to do, each with the number of its job.
fn plan(
    jobs: &[Job],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    read_until: DateTime<Utc>,
) -> Result<Vec<(usize, Unit)>> {
    let mut tasks = Vec::new();
    for (number, job) in jobs.iter().enumerate() {
        if jobs[..number].iter().any(|other| other.table == job.table) {
            return Err(Error::SameTable {
                table: job.table.clone(),
            });
        }
        job.asked()?;
        let units = units(&job.table, from, to, job.partition)?;
        let begun = units.into_iter().filter(|unit| unit.start() < read_until);
        tasks.extend(begun.map(|unit| (number, unit)));
    }
    if tasks.is_empty() {
        return Err(Error::EmptyRange {
            from: from.to_rfc3339(),
            to: to.to_rfc3339(),
        });
    }
    Ok(tasks)
}

/// What failures have ended: jobs, by their number, or the run.
#[derive(Default)]
struct Stops(Mutex<(bool, HashSet<usize>)>);

impl Stops {
    fn run(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn skips(&self, job: usize) -> bool {
        let stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stops.0 || stops.1.contains(&job)
    }

    /// Takes the failure of a unit. `false` if it says no more than one before it.
    fn is_news(&self, job: usize, error: &Error) -> bool {
        let mut stops = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stops.0 |= error.stops_the_run();
        // A scope or a setting of one dataset says nothing about the next.
        error.kind() == Kind::Data || stops.1.insert(job)
    }
}

/// Tells this run's writes from those of any other: time, process and a number of this process's own.
fn writer_id(now: DateTime<Utc>) -> String {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(std::process::id());
    format!("{}-{:016x}", now.format("%Y%m%dT%H%M%S%3fZ"), random)
}

//! Copies what a Kore.ai account knows about its conversations into a data lake, a day at a time, and proves each
//! day complete before it counts.
//!
//! The three crates below do one step each and do not know each other: `korelake-fetch` asks for pages,
//! `korelake-schema` turns their records into Arrow record batches, `korelake-writer` puts these into Parquet files
//! and keeps the ledger. This crate is where they meet:
//!
//! ```text
//!  Job ─► units ─► pages ─► decoder ─► census ─► files ─► proof ─► ledger entry
//!  run     run     fetch    schema     census    writer   unit     writer
//! ```
//!
//! * [`Export`] fills tables of a lake from a server, a [`Job`] each, and answers with a [`Report`].
//! * [`convert`](fn@convert) turns response bodies on disk into one Parquet file, without any server.
//! * [`infer`] and [`unknown`] look at bodies on disk: which dataset file fits them, and what one does not know.
//! * [`Dataset`] finds definitions, compiled in or in files of one's own.
//!
//! ```no_run
//! use korelake::{Dataset, Export, Job};
//! use korelake::fetch::{Client, ClientOptions, Credentials, Source};
//! use korelake::writer::Lake;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::app("cs-1234", std::env::var("KORE_CLIENT_SECRET")?);
//! let client = Client::new(ClientOptions::new(credentials).requests_per_minute(Some(60)))?;
//! let source = Source {
//!     host: "platform.kore.ai".parse()?,
//!     account_id: "0123456789abcdef01234567".to_owned(),
//!     org_id: Some("o-1234".to_owned()),
//!     stream_id: "st-1234".to_owned(),
//! };
//! let lake = Lake::open("lake", &Default::default())?;
//! let jobs = [Job::new(Dataset::load("raw_data")?)];
//! let (from, to) = ("2026-03-23T00:00:00Z".parse()?, "2026-03-30T00:00:00Z".parse()?);
//! let report = Export::new(client, source, lake).run(&jobs, from, to, |_event| {}).await?;
//! for unit in &report.units {
//!     println!("{} {}: {} rows", unit.table, unit.unit, unit.rows);
//! }
//! # Ok(())
//! # }
//! ```

mod attempt;
mod census;
mod convert;
mod dataset;
mod error;
mod handover;
mod input;
mod job;
mod lanes;
mod probe;
mod proof;
mod read;
mod report;
mod run;
mod seen;
mod stretch;
mod survey;
mod unit;

pub use convert::{Converted, convert};
pub use dataset::Dataset;
pub use error::{Error, Kind, Result};
pub use input::Input;
pub use job::Job;
pub use probe::probe;
pub use report::{Outcome, Report, UnitReport};
pub use run::{Event, Export};
pub use survey::{infer, unknown};

pub use korelake_fetch as fetch;
pub use korelake_schema as schema;
pub use korelake_writer as writer;

//! What was typed. What it means is decided in [`settings`](crate::settings).

mod connection;
mod simulate;

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use korelake::writer::Partition;

pub(crate) use self::connection::Connection;
pub(crate) use self::simulate::{RawDataKeys, Simulate, World};

/// Copies what a Kore.ai account knows about its conversations into a data lake of nested Parquet.
///
/// Every day is proved complete before it is committed, and replaced as a whole when it is fetched again.
#[derive(Parser, Debug)]
#[command(
    name = "korelake",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(
    after_help = "Exit codes: 0 all done, 1 usage or configuration, 2 some units failed, 3 credentials, \
                        4 lake unreachable, 130 interrupted."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print nothing but errors and results
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Fill a lake from a simulated server on this machine, and show queries to try
    Demo(Demo),
    /// Run the simulated server alone, until Ctrl-C
    Simulate(Simulate),
    /// Copy a range of days from the server into a lake
    Export(Box<Export>),
    /// Find out how a server pages, and remember it in the lake
    Probe(Box<Probe>),
    /// Turn response bodies on disk into one Parquet file, without any server
    Convert(Convert),
    /// Look at datasets, propose one for records, compare two
    #[command(subcommand)]
    Schema(Schema),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// Folder of the lake
    #[arg(long, default_value = "lake", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: String,

    /// Days to export
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=366))]
    pub(crate) days: u32,

    #[command(flatten)]
    pub(crate) world: World,
}

#[derive(Args, Debug)]
pub(crate) struct Export {
    /// Datasets: names (see `korelake schema list`) or paths of files of your own
    #[arg(required = true, value_name = "DATASET")]
    pub(crate) datasets: Vec<String>,

    /// First day or time, UTC: 2026-03-23 or 2026-03-23T00:00:00Z
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) from: DateTime<Utc>,

    /// Day or time after the last, UTC; units are exported whole
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    pub(crate) to: DateTime<Utc>,

    #[command(flatten)]
    pub(crate) connection: Connection,

    /// Length of a unit: day, hour or month [default: day]
    #[arg(long)]
    pub(crate) partition: Option<Partition>,

    /// Commit units also where the server has less than half of the lake's records left
    #[arg(long)]
    pub(crate) allow_shrink: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Probe {
    /// Datasets: names or paths of files of your own [default: those of the configuration, or else raw_data]
    #[arg(value_name = "DATASET")]
    pub(crate) datasets: Vec<String>,

    /// First day or time, UTC, of a range with more than a page of records [default: yesterday]
    #[arg(long, value_parser = parse_time, value_name = "TIME", requires = "to")]
    pub(crate) from: Option<DateTime<Utc>>,

    /// Day or time after the last, UTC
    #[arg(long, value_parser = parse_time, value_name = "TIME", requires = "from")]
    pub(crate) to: Option<DateTime<Utc>>,

    /// Keep nothing; no lake is needed
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print what was found as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) connection: Connection,
}

#[derive(Args, Debug)]
pub(crate) struct Convert {
    /// Response bodies, arrays, single records or NDJSON, also gzip; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// Dataset: a name (see `korelake schema list`) or the path of a file of your own
    #[arg(long, short)]
    pub(crate) dataset: String,

    /// Folder to write to: <DIR>/<dataset>/part-00000.parquet
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: String,

    /// Level of the Zstandard compression
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=22), value_name = "LEVEL")]
    pub(crate) zstd_level: i32,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Schema {
    /// List the datasets
    List,
    /// Show the columns of a dataset
    Show {
        /// A name or the path of a file of your own
        dataset: String,

        /// Print the definition file itself, to start one of your own from
        #[arg(long)]
        json: bool,
    },
    /// Propose a dataset file for records, or show what a dataset does not know of them
    Infer(Infer),
    /// Show what changes in the table from one dataset to another
    Diff {
        /// A name or the path of a file of your own
        #[arg(value_name = "A")]
        from: String,

        /// A name or the path of a file of your own
        #[arg(value_name = "B")]
        to: String,

        /// Print the differences as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Infer {
    /// Response bodies, arrays, single records or NDJSON, also gzip; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// Name of the proposed dataset [default: the first file's, without its extensions]
    #[arg(long, conflicts_with = "against")]
    pub(crate) name: Option<String>,

    /// Key that holds the records of a response body; '' if every object is a record [default: results or data]
    #[arg(long, value_name = "KEY", conflicts_with = "against")]
    pub(crate) records: Option<String>,

    /// Show what this dataset, a name or the path of a file, does not know, with examples of the values
    #[arg(long, value_name = "DATASET")]
    pub(crate) against: Option<String>,

    /// Print that as JSON
    #[arg(long, requires = "against")]
    pub(crate) json: bool,
}

/// A day or a time, in UTC.
fn parse_time(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    let time = DateTime::parse_from_rfc3339(text);
    time.map(|time| time.to_utc())
        .map_err(|_| "not a day like 2026-03-23 or a time like 2026-03-23T00:00:00Z".to_owned())
}

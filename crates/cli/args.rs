//! What was typed. What it means is decided in [`settings`](crate::settings).

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use korelake::writer::Partition;
use korelake_simulator::{Fault, KnownFault};

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

/// What the simulated server holds.
#[derive(Args, Debug)]
pub(crate) struct World {
    /// Seed of the simulated conversations: the same seed gives the same lake
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Conversations a day, more or less
    #[arg(long, default_value_t = 400, value_name = "N")]
    pub(crate) conversations_per_day: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    #[command(flatten)]
    pub(crate) world: World,

    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,

    /// Records a page at most, whatever is asked for
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) max_limit: u32,

    /// Spelling of the raw data's keys: the vendor's pages show both
    #[arg(long, value_enum, default_value_t = RawDataKeys::TitleCase, value_name = "CASE")]
    pub(crate) raw_data_keys: RawDataKeys,

    /// Milliseconds before each answer
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency_ms: u64,

    /// Ways in which the server misbehaves
    #[arg(long = "fault", value_name = "NAME[=VALUE]", help = fault_names(), long_help = fault_table())]
    pub(crate) faults: Vec<Fault>,
}

/// How the simulated server spells the keys of raw data.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawDataKeys {
    /// `Conversation ID`
    TitleCase,
    /// `conversationId`
    CamelCase,
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

    /// Lake to write to: a folder or a URL [default: `lake.url` of the configuration]
    #[arg(long, value_name = "URL")]
    pub(crate) out: Option<String>,

    /// Configuration file [default: korelake.toml, if there is one]
    #[arg(long, env = "KORELAKE_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Server, such as platform.kore.ai
    #[arg(long)]
    pub(crate) host: Option<String>,

    /// Account
    #[arg(long)]
    pub(crate) account_id: Option<String>,

    /// Organisation
    #[arg(long)]
    pub(crate) org_id: Option<String>,

    /// Stream (bot, app)
    #[arg(long)]
    pub(crate) stream_id: Option<String>,

    /// Client id of the JWT app. The secret comes from the configuration or the environment only
    #[arg(long)]
    pub(crate) client_id: Option<String>,

    /// Requests a minute, all datasets together; 0 is no limit [default: 60]
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<u32>,

    /// Endpoint of the dataset, such as legacy_app [default: the dataset's first]
    #[arg(long)]
    pub(crate) endpoint: Option<String>,

    /// Table of the lake, for a single dataset [default: the dataset's name]
    #[arg(long)]
    pub(crate) table: Option<String>,

    /// Length of a unit: day, hour or month [default: day]
    #[arg(long)]
    pub(crate) partition: Option<Partition>,

    /// Records to ask for at a time [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page_size: Option<u32>,

    /// Commit units also where the server has less than half of the lake's records left
    #[arg(long)]
    pub(crate) allow_shrink: bool,
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

/// For `-h`: the names alone.
fn fault_names() -> String {
    let names: Vec<&str> = Fault::known().iter().map(KnownFault::name).collect();
    format!(
        "Misbehave, may be repeated (--help says how): {}",
        names.join(", ")
    )
}

/// For `--help`: what each of them does, in lines short enough that clap does not break them once more.
fn fault_table() -> String {
    const WIDTH: usize = 64;
    let mut table = "Misbehave in a way that the seed decides, may be repeated:\n".to_owned();
    for fault in Fault::known() {
        table.push_str(&format!("\n{fault}"));
        let mut room = 0;
        for word in fault.about().split_whitespace() {
            let (gap, left) = match room {
                room if word.len() < room => (" ", room),
                _ => ("\n    ", WIDTH),
            };
            table.push_str(gap);
            table.push_str(word);
            room = left.saturating_sub(word.len() + 1);
        }
    }
    table
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

#[cfg(test)]
mod tests {
    use super::*;

    fn simulate(arguments: &[&str]) -> Result<Vec<Fault>, String> {
        let all = ["korelake", "simulate"].iter().chain(arguments);
        match Cli::try_parse_from(all)
            .map_err(|error| error.to_string())?
            .command
        {
            Command::Simulate(simulate) => Ok(simulate.faults),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn faults_of_the_simulator_add_up() {
        let faults = simulate(&["--fault", "reset=30", "--fault=gzip", "--fault=hang"]);
        assert_eq!(faults, Ok(vec![Fault::Reset(30), Fault::Gzip, Fault::Hang(20)]));
        assert_eq!(simulate(&[]), Ok(vec![]));
    }

    #[test]
    fn an_unknown_fault_is_answered_with_the_known_ones() {
        let message = simulate(&["--fault", "terrors"]).unwrap_err();
        assert!(message.contains("there is no fault \"terrors\""), "{message}");
        let help = simulate(&["--help"]).unwrap_err();
        for fault in Fault::known() {
            assert!(message.contains(&fault.to_string()), "{fault} in {message}");
            assert!(help.contains(&fault.to_string()), "{fault} in {help}");
            assert!(fault_names().contains(fault.name()), "{fault}");
        }
    }
}

//! What can go wrong in a run, and what kind of failure it is: programs choose their exit code by it.

use std::path::PathBuf;

use korelake_writer::Pin;

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Something that was asked for or configured cannot be.
    Usage,
    /// The server's answer or an input file is at fault. Other units may still succeed.
    Data,
    /// The server refuses the credentials, or their scope.
    Credentials,
    /// The lake cannot be reached, read or written.
    Lake,
}

/// One failure, with the facts as fields.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither the name of a dataset nor a file.
    #[error("there is no dataset `{name}`, and no file of that name")]
    UnknownDataset {
        /// As given.
        name: String,
    },

    /// An endpoint that the dataset does not have.
    #[error("dataset `{dataset}` has no endpoint `{endpoint}`")]
    UnknownEndpoint {
        /// The dataset.
        dataset: String,
        /// As given.
        endpoint: String,
        /// Those that it has.
        known: Vec<String>,
    },

    /// A dataset's definition that cannot be used.
    #[error("dataset file {path} cannot be used")]
    Definition {
        /// The file, or the name of the dataset.
        path: String,
        /// What is wrong.
        source: korelake_schema::Error,
    },

    /// The endpoint part of a definition that cannot be used.
    #[error("dataset file {path} is wrong at {place}")]
    Endpoint {
        /// The file, or the name of the dataset.
        path: String,
        /// Path in the file.
        place: String,
        /// What is wrong.
        source: serde_json::Error,
    },

    /// A file that cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },

    /// An input that broke off while it was read, such as a damaged gzip file.
    #[error("{input} cannot be read to its end")]
    Read {
        /// The file, or `standard input`.
        input: String,
        /// What the operating system or the decompression says.
        source: std::io::Error,
    },

    /// An input without a single byte of JSON.
    #[error("{input} is empty")]
    EmptyInput {
        /// The file, or `standard input`.
        input: String,
    },

    /// Inputs of JSON without a single record.
    #[error("{inputs} holds no records")]
    NoRecords {
        /// The file, or `standard input`; of several the first, and how many more there are.
        inputs: String,
    },

    /// A file, or standard input, that holds no records.
    #[error("{input} cannot be decoded")]
    Input {
        /// The file, or `standard input`.
        input: String,
        /// What is wrong and where.
        source: korelake_schema::Error,
    },

    /// A record, or what stands between two of them, that does not fit into memory.
    #[error("{input} has no end of a record within {limit} bytes from byte {offset} on")]
    RecordTooLarge {
        /// The file, or `standard input`.
        input: String,
        /// Where the search began.
        offset: u64,
        /// Bytes that were looked at, twice the [limit of a record](korelake_schema::RECORD_LIMIT).
        limit: usize,
    },

    /// Records of a page that cannot be decoded.
    #[error("page {page} of {unit} cannot be decoded")]
    Page {
        /// The unit.
        unit: String,
        /// Counted from 1.
        page: u64,
        /// What is wrong and where, counted from the start of the records.
        source: korelake_schema::Error,
    },

    /// Records of a page that cannot be told apart, to keep one of them as it was sent.
    #[error("the records of page {page} of {unit} cannot be told apart")]
    Split {
        /// The unit.
        unit: String,
        /// Counted from 1.
        page: u64,
        /// What is wrong and where, counted from the start of the records.
        source: serde_json::Error,
    },

    /// What was read is not what the server says that there is.
    #[error("{unit} is incomplete after {attempts} reads: {disagreement}")]
    Incomplete {
        /// The unit.
        unit: String,
        /// How often it was read.
        attempts: u32,
        /// By how much the server and the records disagree.
        disagreement: String,
    },

    /// A unit lost most of its records.
    #[error("{unit} has {found} records now and had {committed}")]
    Vanished {
        /// The unit.
        unit: String,
        /// Records read.
        found: u64,
        /// Rows in the lake.
        committed: u64,
    },

    /// A table of the lake was filled with other settings.
    #[error("table `{table}` of the lake belongs to {setting} `{existing}`, and this is `{wanted}`")]
    OtherTable {
        /// The table.
        table: String,
        /// The setting that differs, such as `host` or `filters.contact_direction`.
        setting: String,
        /// Its value in the lake.
        existing: String,
        /// Its value now.
        wanted: String,
    },

    /// Two jobs of one run fill the same table.
    #[error("table `{table}` is to be filled twice")]
    SameTable {
        /// The table.
        table: String,
    },

    /// A conversion into a lake that an export fills.
    #[error("table `{table}` in {address} is filled by exports")]
    TableOfExports {
        /// The table.
        table: String,
        /// The lake.
        address: String,
    },

    /// Another run committed the unit first.
    #[error("another run committed {unit} in the meantime")]
    Conflict {
        /// The unit.
        unit: String,
    },

    /// A window that should show how a server pages, and holds no records.
    #[error("{endpoint} has no records in {window}, and so nothing to find out from")]
    NothingToProbe {
        /// Dataset and endpoint.
        endpoint: String,
        /// The window.
        window: String,
    },

    /// A range that ends before it starts, or lies ahead.
    #[error("the range from {from} to {to} holds no time that has passed")]
    EmptyRange {
        /// Start, RFC 3339.
        from: String,
        /// End, RFC 3339.
        to: String,
    },

    /// The server's side.
    #[error(transparent)]
    Fetch(#[from] korelake_fetch::Error),

    /// The lake's side.
    #[error(transparent)]
    Lake(#[from] korelake_writer::Error),

    /// Rows that do not make a batch. A defect below this crate.
    #[error(transparent)]
    Schema(#[from] korelake_schema::Error),

    /// A batch that could not be filtered. A defect of this crate.
    #[error("a record batch could not be filtered")]
    Batch {
        /// What Arrow says.
        source: arrow::error::ArrowError,
    },

    /// The thread that reads input stopped without a result. A defect of this crate.
    #[error("the reading thread stopped")]
    Reader {
        /// What the runtime says.
        source: tokio::task::JoinError,
    },
}

impl Error {
    /// The setting in which two pins of a table differ, with its values.
    pub(crate) fn other_table(setting: &str, existing: &Pin, wanted: &Pin) -> Self {
        let value = |pin: &Pin| {
            let json = serde_json::to_value(pin).unwrap_or_default();
            let path = setting.replace('.', "/");
            let value = json
                .pointer(&format!("/identity/{path}"))
                .or_else(|| json.pointer(&format!("/{path}")));
            match value {
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => "none".to_owned(),
            }
        };
        Self::OtherTable {
            table: wanted.table.clone(),
            setting: setting.to_owned(),
            existing: value(existing),
            wanted: value(wanted),
        }
    }

    /// Whether every other request to the same server would fail as well.
    pub(crate) fn stops_the_run(&self) -> bool {
        match self {
            Self::Fetch(error) if error.is_credentials() => !error.is_scope(),
            Self::Fetch(error) => matches!(
                error.root(),
                korelake_fetch::Error::Connect { .. }
                    | korelake_fetch::Error::Setup { .. }
                    // Only after pauses that did not help, or where the pause is hours.
                    | korelake_fetch::Error::Throttled { .. }
            ),
            error => error.kind() == Kind::Lake,
        }
    }

    /// Whether a page was the one before it again.
    pub(crate) fn is_paging_ignored(&self) -> bool {
        matches!(self, Self::Fetch(error) if matches!(error.root(), korelake_fetch::Error::PagingIgnored { .. }))
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::UnknownDataset { .. }
            | Self::UnknownEndpoint { .. }
            | Self::Definition { .. }
            | Self::Endpoint { .. }
            | Self::OtherTable { .. }
            | Self::SameTable { .. }
            | Self::TableOfExports { .. }
            | Self::NothingToProbe { .. }
            | Self::EmptyRange { .. } => Kind::Usage,
            // Asked for by name and not there: the command line is at fault.
            Self::File { .. } => Kind::Usage,
            Self::Fetch(error) if error.is_credentials() => Kind::Credentials,
            Self::Fetch(error) if error.is_configuration() => Kind::Usage,
            Self::Lake(error) if error.is_unreachable() => Kind::Lake,
            Self::Lake(error) if error.is_configuration() => Kind::Usage,
            _ => Kind::Data,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownDataset { .. } => Some(format!(
                "known are {}; a file of your own is named by its path",
                korelake_schema::Definition::builtin_names()
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
            Self::UnknownEndpoint { known, .. } if known.is_empty() => Some(
                "the file describes no endpoint; `korelake schema show raw_data --json` shows how".to_owned(),
            ),
            Self::UnknownEndpoint { known, .. } => Some(format!("it has {}", known.join(", "))),
            Self::Definition { source, .. } | Self::Input { source, .. } | Self::Page { source, .. } => {
                source.hint().map(str::to_owned)
            }
            Self::Endpoint { .. } => {
                Some("`korelake schema show raw_data --json` prints a definition to start from".to_owned())
            }
            Self::File { .. } => Some("check the path and who may read it".to_owned()),
            Self::RecordTooLarge { .. } => Some("is it really JSON records, one an object?".to_owned()),
            Self::Incomplete { .. } => Some(
                "the lake keeps what it had; run again later, when the server no longer changes this window"
                    .to_owned(),
            ),
            Self::Vanished { .. } => {
                Some("if the server really has fewer now, repeat with `--allow-shrink`".to_owned())
            }
            Self::OtherTable { .. } => {
                Some("use another `table` or another lake, or the settings as they were".to_owned())
            }
            Self::SameTable { .. } => {
                Some("name each dataset once; several streams of one dataset need a `table` each".to_owned())
            }
            Self::TableOfExports { .. } => Some("convert into another folder".to_owned()),
            Self::Read { .. } => {
                Some("if it is a gzip file, it is cut off or damaged: fetch or copy it again".to_owned())
            }
            Self::EmptyInput { .. } => {
                Some("did the command before it fail? `[]` is an empty list of records".to_owned())
            }
            Self::NoRecords { .. } => Some(
                "a record is a JSON object; those of a response body stand in a list under its key, such as `results`"
                    .to_owned(),
            ),
            Self::Conflict { .. } => {
                Some("one of the two runs' files is in the lake; run again to settle it".to_owned())
            }
            Self::NothingToProbe { .. } => {
                Some("name a range that has some, a page or more, with `--from` and `--to`".to_owned())
            }
            Self::EmptyRange { .. } => {
                Some("`--from` is the first day, `--to` the day after the last, both UTC".to_owned())
            }
            Self::Fetch(error) => error.hint(),
            Self::Lake(error) => error.hint(),
            Self::Split { .. } | Self::Schema(_) | Self::Batch { .. } | Self::Reader { .. } => None,
        }
    }
}

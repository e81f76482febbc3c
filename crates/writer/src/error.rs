//! What can go wrong between a record batch and the lake. Which store answers what is decided in
//! [`store`](crate::Lake).

use arrow::datatypes::DataType;
use parquet::errors::ParquetError;

/// Result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One failure, with the facts as fields.
///
/// Ask it ([`Error::is_unreachable`], [`Error::hint`]) instead of matching its text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A table name that could not be a folder of the lake.
    #[error("`{name}` is not a table name")]
    TableName {
        /// The name as given.
        name: String,
    },

    /// Not one of the kinds of partition.
    #[error("`{value}` is not a partition")]
    Partition {
        /// The value as given.
        value: String,
    },

    /// Not the name of a day, an hour or a month.
    #[error("`{name}` is not the name of a unit")]
    UnitName {
        /// The name as given.
        name: String,
    },

    /// A time outside the years 1 to 9999, which four digits cannot name.
    #[error("{time} is outside the years 0001 to 9999")]
    UnitTime {
        /// The time as given.
        time: String,
    },

    /// An address with a scheme, but not a URL.
    #[error("lake address `{address}` is not a URL")]
    Address {
        /// The address, without its user information.
        address: String,
        /// What is wrong with it.
        source: url::ParseError,
    },

    /// A URL of a kind that this build cannot write to.
    #[error("this build has no object store for `{address}`")]
    NoStore {
        /// The address, without its user information.
        address: String,
    },

    /// A store that could not be set up: options missing or wrong.
    #[error("the object store of `{address}` cannot be opened")]
    Open {
        /// The address, without its user information.
        address: String,
        /// What the store says.
        source: object_store::Error,
    },

    /// A folder of a lake on local disk that cannot be created, read or written.
    #[error("folder {path} of the lake cannot be {action}")]
    Folder {
        /// `created`, `opened`, `locked`, …
        action: &'static str,
        /// The folder on this machine.
        path: String,
        /// What the operating system says.
        source: std::io::Error,
    },

    /// The store refused or lost an operation.
    #[error("{path} cannot be {action}")]
    Store {
        /// `written`, `read`, `listed`, `deleted`, …
        action: &'static str,
        /// The object, relative to the lake.
        path: String,
        /// What the store says.
        source: object_store::Error,
    },

    /// A batch whose columns are not those of the file.
    #[error("a record batch for {path} has other columns than the file: {difference}")]
    Columns {
        /// The file, relative to the lake.
        path: String,
        /// The first column that differs.
        difference: String,
    },

    /// The key column is not a column of the schema.
    #[error("key column `{column}` is not in the schema of {path}")]
    KeyColumn {
        /// The column as given.
        column: String,
        /// The file, relative to the lake.
        path: String,
    },

    /// A compression level that the codec does not have.
    #[error("zstd has no level {level}")]
    Compression {
        /// The level as given.
        level: i32,
        /// What the codec says.
        source: ParquetError,
    },

    /// Parquet could not encode the rows.
    #[error("the rows of {path} cannot be encoded")]
    Encode {
        /// The file, relative to the lake.
        path: String,
        /// What the encoder says.
        source: ParquetError,
    },

    /// A write after one that failed or was dropped half way.
    #[error("the writer of {path} has stopped at an earlier failure")]
    Stopped {
        /// The file, relative to the lake.
        path: String,
    },

    /// A column of a type that the digest does not know.
    #[error("column `{column}` has type {data_type}, which rows cannot be hashed over")]
    Unhashable {
        /// The column, with its path from the top.
        column: String,
        /// Its type.
        data_type: DataType,
    },

    /// Not the text of a digest.
    #[error("`{text}` is not a digest")]
    Digest {
        /// The text as given.
        text: String,
    },

    /// A file of the lake's own state that is not what it should be.
    #[error("{path} is not a valid state file")]
    State {
        /// The file, relative to the lake.
        path: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },

    /// A file of the lake's own state that a newer version wrote.
    #[error("{path} has format {found}, this version reads {known}")]
    Format {
        /// The file, relative to the lake.
        path: String,
        /// The format in the file.
        found: u64,
        /// The newest format that this version knows.
        known: u64,
    },

    /// An entry handed to the ledger of another table, or under generation 0.
    #[error("the entry of {entry} does not belong into the ledger of {table}")]
    Misplaced {
        /// Table, unit and generation of the entry.
        entry: String,
        /// The table of the ledger.
        table: String,
    },
}

impl Error {
    /// Whether the lake itself cannot be reached or written, as opposed to one object or setting being wrong.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Folder { .. } => true,
            Self::Store { source, .. } => matches!(
                source,
                object_store::Error::Generic { .. }
                    | object_store::Error::PermissionDenied { .. }
                    | object_store::Error::Unauthenticated { .. }
            ),
            _ => false,
        }
    }

    /// Whether an address, a name or an option is at fault, so that trying again cannot help.
    pub fn is_configuration(&self) -> bool {
        matches!(
            self,
            Self::TableName { .. }
                | Self::Partition { .. }
                | Self::UnitName { .. }
                | Self::UnitTime { .. }
                | Self::Address { .. }
                | Self::NoStore { .. }
                | Self::Open { .. }
                | Self::KeyColumn { .. }
                | Self::Compression { .. }
        )
    }

    /// What to do next, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::TableName { .. } => {
                "use lower-case letters, digits and underscores, and start with a letter or digit"
            }
            Self::Partition { .. } => "use `day`, `hour` or `month`",
            Self::Digest { .. } => {
                "a digest looks like `xxh3-128-sum:` followed by 32 hex digits, `x` and a count"
            }
            Self::UnitName { .. } => "use `2026-03-23`, `2026-03-23T05` or `2026-03`",
            Self::Address { .. } => "use a path, or a URL such as `s3://bucket/prefix`",
            Self::NoStore { .. } => "use a path on local disk, or a build with the feature of that store",
            Self::Open { .. } => "check the options of the lake: region, endpoint, credentials",
            Self::Folder { .. } => "check that the folder exists and that this user may write to it",
            Self::Compression { .. } => "use a level from 1 to 22",
            Self::Format { .. } => "use the version of korelake that wrote the lake, or a newer one",
            Self::State { .. } => {
                "restore the file from a backup; if there is none, delete it and fetch the unit again"
            }
            Self::Store { source, .. } => match source {
                object_store::Error::PermissionDenied { .. } => {
                    "the credentials of the lake lack this permission"
                }
                object_store::Error::Unauthenticated { .. } => "check the credentials of the lake",
                object_store::Error::Generic { .. } => {
                    "check that the lake can be reached and written, then run again"
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// For `map_err` on an operation of the store.
    pub(crate) fn store<'a>(
        action: &'static str,
        path: &'a object_store::path::Path,
    ) -> impl FnOnce(object_store::Error) -> Self + 'a {
        move |source| Self::Store {
            action,
            path: path.to_string(),
            source,
        }
    }

    /// For `map_err` on an operation of the file system.
    pub(crate) fn folder<'a>(
        action: &'static str,
        path: &'a std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::Folder {
            action,
            path: path.display().to_string(),
            source,
        }
    }

    pub(crate) fn encode(path: &str, source: ParquetError) -> Self {
        Self::Encode {
            path: path.to_owned(),
            source,
        }
    }
}

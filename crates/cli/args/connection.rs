//! Which server, which lake, and how fast: flags of every command that asks a server. What they win over is decided in
//! [`settings`](crate::settings).

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// The flags of a connection. None has a default here: the configuration is under them.
#[derive(Args, Debug)]
pub(crate) struct Connection {
    /// Lake: a folder or a URL [default: `lake.url` of the configuration]
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

    /// Requests in flight at a time, 1 to 64 [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) concurrency: Option<u32>,

    /// Endpoint of the dataset, such as legacy_app [default: the dataset's first]
    #[arg(long)]
    pub(crate) endpoint: Option<String>,

    /// Table of the lake, for a single dataset [default: the dataset's name]
    #[arg(long)]
    pub(crate) table: Option<String>,

    /// Records to ask for at a time [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page_size: Option<u32>,
}

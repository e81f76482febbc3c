//! One file a topic.

mod cli;
mod convert;
mod export;
mod fixtures;
mod probe;
mod schema_work;
mod schemas;

//! One file a topic.

mod cli;
mod convert;
mod export;
mod fetching;
mod fixtures;
mod matrix;
mod probe;
mod schema_work;
mod schemas;

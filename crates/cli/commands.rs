//! One file a command.

mod completions;
mod convert;
mod demo;
mod export;
mod pace;
mod probe;
mod schema;
mod simulate;

pub(crate) use completions::completions;
pub(crate) use convert::convert;
pub(crate) use demo::demo;
pub(crate) use export::export;
pub(crate) use probe::probe;
pub(crate) use schema::schema;
pub(crate) use simulate::simulate;

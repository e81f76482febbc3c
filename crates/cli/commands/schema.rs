//! `korelake schema`: what the datasets hold, and work on dataset files. One file a command.

mod diff;
mod infer;
mod list;
mod show;
mod unknown;

use crate::args::Schema;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn schema(args: &Schema, output: &Output) -> Result<Exit, Failure> {
    match args {
        Schema::List => list::list(output),
        Schema::Show { dataset, json } => show::show(dataset, *json, output),
        Schema::Infer(args) => match &args.against {
            Some(dataset) => unknown::unknown(args, dataset, output),
            None => infer::infer(args, output),
        },
        Schema::Diff { from, to, json } => diff::diff(from, to, *json, output),
    }
}

/// JSON for programs.
fn as_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Failure::other("the result cannot be written as JSON")(error.into()))
}

/// Text for one cell of a table.
fn cut(text: &str) -> String {
    const LENGTH: usize = 60;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

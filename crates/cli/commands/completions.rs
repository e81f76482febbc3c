//! `korelake completions`: a script for a shell, on standard output.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::{Exit, Failure};
use crate::output::Output;

pub(crate) fn completions(shell: Shell, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "korelake", &mut script);
    output.result(String::from_utf8_lossy(&script).trim_end())?;
    Ok(Exit::Done)
}

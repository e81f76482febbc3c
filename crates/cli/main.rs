//! The binary `korelake`.
//!
//! ```text
//!  Args ─► Settings::resolve(args, environment, file) ─► commands::export(&settings, &output) ─► exit code
//! ```

mod args;
mod commands;
mod exit;
mod notices;
mod output;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::output::Output;

fn main() -> ExitCode {
    let parsed = Cli::try_parse();
    let output = Output::new(parsed.as_ref().is_ok_and(|cli| cli.quiet));
    let done = match parsed {
        Ok(cli) => run(cli.command, &output),
        Err(said) => {
            // clap's own code for wrong usage is 2, which means "some units failed" here.
            let exit = if said.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            output.clap(&said).map(|()| exit)
        }
    };
    let exit = done.unwrap_or_else(|failure| {
        output.failure(&failure);
        failure.exit()
    });
    exit.into()
}

fn run(command: Command, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Demo(demo) => block_on(unless_interrupted(commands::demo(&demo, output), output)),
        Command::Simulate(simulate) => block_on(commands::simulate(&simulate, output, interrupted())),
        Command::Export(export) => block_on(unless_interrupted(commands::export(&export, output), output)),
        Command::Probe(probe) => block_on(unless_interrupted(commands::probe(&probe, output), output)),
        Command::Convert(convert) => {
            block_on(unless_interrupted(commands::convert(&convert, output), output))
        }
        Command::Schema(schema) => commands::schema(&schema, output),
        Command::Completions { shell } => commands::completions(shell, output),
    }
}

fn block_on(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::other("the runtime cannot start"))?;
    let done = runtime.block_on(command);
    // A thread that waits for standard input must not hold the process back.
    runtime.shutdown_background();
    done
}

/// A command that an interruption ends. Dropping it at any point leaves the lake as it was.
async fn unless_interrupted(
    command: impl Future<Output = Result<Exit, Failure>>,
    output: &Output,
) -> Result<Exit, Failure> {
    tokio::select! {
        done = command => done,
        () = interrupted() => {
            output.note("interrupted: what was committed stays, the rest is as it was");
            Ok(Exit::Interrupted)
        }
    }
}

/// Waits for Ctrl-C, or for the signal with which schedulers end a job.
async fn interrupted() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = ctrl_c => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = ctrl_c.await;
}

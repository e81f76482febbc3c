//! `korelake simulate`: the simulated server alone.

use std::future::pending;
use std::io;
use std::time::Duration;

use korelake_simulator::{Options, RawDataShape, Simulator};

use crate::args::{RawDataKeys, Simulate};
use crate::exit::{Exit, Failure};
use crate::output::{Output, grouped};

/// Serves until `stopped`, which is its regular end.
pub(crate) async fn simulate(
    args: &Simulate,
    output: &Output,
    stopped: impl Future<Output = ()>,
) -> Result<Exit, Failure> {
    let simulator = Simulator::start(options(args))
        .await
        .map_err(|source| cannot_start(args.port, source))?;
    let serving = async {
        output.result(&configuration(&simulator))?;
        pending::<Result<Exit, Failure>>().await
    };
    tokio::select! {
        // Listens for the signal before it says that it serves.
        biased;
        () = stopped => {}
        done = serving => return done,
    }
    let requests = simulator.requests();
    let noun = if requests == 1 { "request" } else { "requests" };
    output.note(&format!("stopped after {} {noun}", grouped(requests)));
    Ok(Exit::Done)
}

fn options(args: &Simulate) -> Options {
    let options = Options::default()
        .seed(args.world.seed)
        .conversations_per_day(args.world.conversations_per_day)
        .port(args.port)
        .max_limit(args.max_limit)
        .raw_data_shape(match args.raw_data_keys {
            RawDataKeys::TitleCase => RawDataShape::TitleCase,
            RawDataKeys::CamelCase => RawDataShape::CamelCase,
        })
        .latency(Duration::from_millis(args.latency_ms));
    args.faults
        .iter()
        .fold(options, |options, fault| options.fault(*fault))
}

fn cannot_start(port: u16, source: io::Error) -> Failure {
    if port == 0 {
        return Failure::other("the simulated server cannot start")(source);
    }
    Failure::usage(
        format!("the simulated server cannot have port {port}: {source}"),
        "`--port 0` takes a free one",
    )
}

/// A korelake.toml for this server. All of its values are made up, the secret too.
fn configuration(simulator: &Simulator) -> String {
    let known = simulator.options();
    format!(
        r#"# A simulated Kore.ai server answers on {url}, until Ctrl-C. Its korelake.toml:
[source]
host = "{url}"
account_id = "{}"
org_id = "{}"
stream_id = "{}"
requests_per_minute = 0

[source.auth]
client_id = "{}"
client_secret = "{}"

[lake]
url = "lake""#,
        known.account_id,
        known.org_id,
        known.stream_id,
        known.client_id,
        known.client_secret,
        url = simulator.url(),
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use korelake_simulator::Fault;

    use super::*;
    use crate::args::{Cli, Command};

    #[test]
    fn the_server_misbehaves_as_it_was_asked_to() {
        let typed = ["korelake", "simulate", "--fault=reset=30", "--fault", "gzip"];
        let Command::Simulate(args) = Cli::parse_from(typed).command else {
            panic!("another command");
        };
        assert_eq!(options(&args).faults, [Fault::Reset(30), Fault::Gzip]);
    }
}

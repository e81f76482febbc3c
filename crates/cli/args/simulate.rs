//! What was typed for the simulated server, which `korelake demo` runs as well.

use clap::{Args, ValueEnum};
use korelake_simulator::{Fault, KnownFault};

/// What the simulated server holds.
#[derive(Args, Debug)]
pub(crate) struct World {
    /// Seed of the simulated conversations: the same seed gives the same lake
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Conversations a day, more or less
    #[arg(long, default_value_t = 400, value_name = "N")]
    pub(crate) conversations_per_day: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    #[command(flatten)]
    pub(crate) world: World,

    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,

    /// Records a page at most, whatever is asked for
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) max_limit: u32,

    /// Spelling of the raw data's keys: the vendor's pages show both
    #[arg(long, value_enum, default_value_t = RawDataKeys::TitleCase, value_name = "CASE")]
    pub(crate) raw_data_keys: RawDataKeys,

    /// Milliseconds before each answer
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency_ms: u64,

    /// Ways in which the server misbehaves
    #[arg(long = "fault", value_name = "NAME[=VALUE]", help = fault_names(), long_help = fault_table())]
    pub(crate) faults: Vec<Fault>,
}

/// How the simulated server spells the keys of raw data.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawDataKeys {
    /// `Conversation ID`
    TitleCase,
    /// `conversationId`
    CamelCase,
}

/// For `-h`: the names alone.
fn fault_names() -> String {
    let names: Vec<&str> = Fault::known().iter().map(KnownFault::name).collect();
    format!(
        "Misbehave, may be repeated (--help says how): {}",
        names.join(", ")
    )
}

/// For `--help`: what each of them does, in lines short enough that clap does not break them once more.
fn fault_table() -> String {
    const WIDTH: usize = 64;
    let mut table = "Misbehave in a way that the seed decides, may be repeated:\n".to_owned();
    for fault in Fault::known() {
        table.push_str(&format!("\n{fault}"));
        let mut room = 0;
        for word in fault.about().split_whitespace() {
            let (gap, left) = match room {
                room if word.len() < room => (" ", room),
                _ => ("\n    ", WIDTH),
            };
            table.push_str(gap);
            table.push_str(word);
            room = left.saturating_sub(word.len() + 1);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn simulate(arguments: &[&str]) -> Result<Vec<Fault>, String> {
        let all = ["korelake", "simulate"].iter().chain(arguments);
        match Cli::try_parse_from(all)
            .map_err(|error| error.to_string())?
            .command
        {
            Command::Simulate(simulate) => Ok(simulate.faults),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn faults_of_the_simulator_add_up() {
        let faults = simulate(&["--fault", "reset=30", "--fault=gzip", "--fault=hang"]);
        assert_eq!(faults, Ok(vec![Fault::Reset(30), Fault::Gzip, Fault::Hang(20)]));
        assert_eq!(simulate(&[]), Ok(vec![]));
    }

    #[test]
    fn an_unknown_fault_is_answered_with_the_known_ones() {
        let message = simulate(&["--fault", "terrors"]).unwrap_err();
        assert!(message.contains("there is no fault \"terrors\""), "{message}");
        let help = simulate(&["--help"]).unwrap_err();
        for fault in Fault::known() {
            assert!(message.contains(&fault.to_string()), "{fault} in {message}");
            assert!(help.contains(&fault.to_string()), "{fault} in {help}");
            assert!(fault_names().contains(fault.name()), "{fault}");
        }
    }
}

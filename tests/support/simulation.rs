//! A simulated server that runs while a test waits for the program. Servers that misbehave are in
//! [`scripted`](super::scripted).

use chrono::{DateTime, Utc};
use korelake_simulator::{Options, Shape, Simulator};
use tokio::runtime::Runtime;

use super::program::Program;

/// A simulator with the runtime that it runs in; it stops when it is dropped.
pub(crate) struct Simulation {
    simulator: Simulator,
    _runtime: Runtime,
}

impl Simulation {
    pub(crate) fn start(options: Options) -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(Simulator::start(options)).unwrap();
        Self {
            simulator,
            _runtime: runtime,
        }
    }

    pub(crate) fn url(&self) -> String {
        self.simulator.url()
    }

    /// A program whose `korelake.toml` names this server.
    pub(crate) fn program(&self) -> Program {
        let program = Program::new();
        program.write("korelake.toml", configuration(&self.url()));
        program
    }

    /// What the server holds of `[from, to)`, in its order.
    pub(crate) fn records(&self, shape: Shape, from: &str, to: &str) -> Vec<String> {
        self.simulator.records(shape, time(from), time(to))
    }

    /// Requests that have arrived.
    pub(crate) fn requests(&self) -> u64 {
        self.simulator.requests()
    }
}

/// A configuration for a server with the ids and the secret of a simulator's defaults, and retries that follow at once.
pub(crate) fn configuration(url: &str) -> String {
    let known = Options::default();
    format!(
        r#"
[source]
host = "{url}"
account_id = "{}"
org_id = "{}"
stream_id = "{}"
requests_per_minute = 0
[source.auth]
client_id = "{}"
client_secret = "{}"
[source.retry]
first_wait_ms = 1
longest_wait_seconds = 1
[lake]
url = "lake"
"#,
        known.account_id, known.org_id, known.stream_id, known.client_id, known.client_secret
    )
}

fn time(text: &str) -> DateTime<Utc> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    whole.parse().unwrap()
}

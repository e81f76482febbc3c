//! One combination: a server with its faults, a client in front of it, and a run of the library over two days. What
//! has to come of it is in the [`table`](super::table); whether it has is told by the [`audit`](super::audit).

use std::fmt;
use std::time::Duration;

use korelake::fetch::{Client, ClientOptions, Credentials, Retry, Source};
use korelake::writer;
use korelake::{Export, Job, Report};
use korelake_simulator::{Fault, Options, Simulator};
use tempfile::TempDir;

use super::endpoint::{Endpoint, Style};
use crate::support::lake::Lake;

pub(super) const DAYS: [&str; 2] = ["2026-03-23", "2026-03-24"];
const END: &str = "2026-03-25";

/// Conversations a day: three full pages and a half one.
pub(super) const PER_DAY: u32 = 35;
/// Records that the server gives at most, whatever it is asked for.
const MAX_LIMIT: u32 = 10;

/// An endpoint, a paging style, faults.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    pub(super) endpoint: Endpoint,
    pub(super) style: Style,
    pub(super) faults: Vec<Fault>,
    /// Records to ask for at a time; the server gives fewer where they are more than it gives at most.
    pub(super) page_size: u32,
}

impl fmt::Display for Trial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            endpoint,
            style,
            faults,
            page_size,
        } = self;
        let faults: Vec<String> = faults.iter().map(Fault::to_string).collect();
        let faults = faults.join(" + ");
        write!(formatter, "{endpoint:?} × {style:?} × {faults}, by {page_size}")
    }
}

/// What has come of it.
pub(super) struct Ran {
    pub(super) simulator: Simulator,
    pub(super) report: Report,
    pub(super) lake: Lake,
    _folder: TempDir,
}

impl Trial {
    pub(super) fn has(&self, name: &str) -> bool {
        self.faults
            .iter()
            .any(|fault| fault.to_string().split('=').next() == Some(name))
    }

    pub(super) async fn run(&self) -> Ran {
        let options = Options::default()
            .conversations_per_day(PER_DAY)
            .max_limit(MAX_LIMIT);
        let options = self
            .style
            .fault()
            .into_iter()
            .chain(self.faults.iter().copied())
            .fold(options, Options::fault);
        let simulator = Simulator::start(options).await.unwrap();
        let jobs = [self.endpoint.job().page_size(Some(self.page_size))];
        let folder = tempfile::tempdir().unwrap();
        let report = export(self.client(), &simulator, folder.path(), &jobs, DAYS[0], END).await;
        Ran {
            simulator,
            report: report.unwrap(),
            lake: Lake(folder.path().to_owned()),
            _folder: folder,
        }
    }

    /// Short waits, as the server's troubles are over at once.
    fn client(&self) -> Client {
        let retry = Retry::default()
            .first_wait(Duration::from_millis(1))
            .longest_wait(Duration::from_millis(10));
        let mut options = client_options(self.has("enforce-jti")).retry(retry);
        if self.has("hang") || self.has("hang-above") {
            options = options.timeout(Duration::from_millis(500));
        }
        if self.has("huge-above") {
            options = options.max_body_bytes(1 << 20);
        }
        if self.has("expiring-tokens") {
            // A token is replaced once a page, and others in flight could use up the new one.
            options = options.concurrency(1);
        }
        if self.has("throttle-burst") || self.has("throttle-date") {
            // Without a limit the rate would be measured by the few requests before the first refusal.
            options = options.requests_per_minute(Some(60_000));
        }
        Client::new(options).unwrap()
    }
}

/// The options of a client for a simulator's defaults.
pub(in crate::topics) fn client_options(jti: bool) -> ClientOptions {
    let known = Options::default();
    let mut credentials = Credentials::app(known.client_id, known.client_secret);
    if let Credentials::App { jti: setting, .. } = &mut credentials {
        *setting = jti;
    }
    ClientOptions::new(credentials)
}

/// Runs jobs from a day to another into the lake at `path`.
pub(in crate::topics) async fn export(
    client: Client,
    simulator: &Simulator,
    path: &std::path::Path,
    jobs: &[Job],
    from: &str,
    to: &str,
) -> korelake::Result<Report> {
    let options = simulator.options();
    let source = Source {
        host: simulator.url().parse().unwrap(),
        account_id: options.account_id.clone(),
        org_id: Some(options.org_id.clone()),
        stream_id: options.stream_id.clone(),
    };
    let lake = writer::Lake::open(path.to_str().unwrap(), &Default::default()).unwrap();
    let export = Export::new(client, source, lake).server("simulator");
    export.run(jobs, midnight(from), midnight(to), |_| {}).await
}

pub(in crate::topics) fn midnight(day: &str) -> chrono::DateTime<chrono::Utc> {
    format!("{day}T00:00:00Z").parse().unwrap()
}

//! `korelake demo`: a simulated server, a lake filled from it, and queries to try.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use korelake::fetch::{Client, ClientOptions, Credentials, Host, Source};
use korelake::writer::Lake;
use korelake::{Dataset, Export, Job};
use korelake_simulator::{Options, Simulator};

use super::export::{Watch, summary};
use crate::args::Demo;
use crate::exit::{Exit, Failure};
use crate::output::Output;

const DATASETS: [&str; 3] = ["raw_data", "score_reporting", "agent_assist"];

pub(crate) async fn demo(args: &Demo, output: &Output) -> Result<Exit, Failure> {
    let options = Options::default()
        .seed(args.world.seed)
        .conversations_per_day(args.world.conversations_per_day)
        .port(0);
    let simulator = Simulator::start(options)
        .await
        .map_err(Failure::other("the simulated server cannot start"))?;
    let known = simulator.options();
    output.note(&format!(
        "A simulated Kore.ai server answers on {}.",
        simulator.url()
    ));

    let credentials = Credentials::app(&known.client_id, known.client_secret.as_str());
    // A server of one's own: no budget to spare.
    let client = Client::new(ClientOptions::new(credentials))?;
    let source = Source {
        host: Host::parse(&simulator.url(), false)?,
        account_id: known.account_id.clone(),
        org_id: Some(known.org_id.clone()),
        stream_id: known.stream_id.clone(),
    };
    let lake = Lake::open(&args.out, &BTreeMap::new())?;
    let jobs = DATASETS
        .into_iter()
        .map(|name| Ok(Job::new(Dataset::load(name)?)));
    let jobs = jobs.collect::<Result<Vec<_>, korelake::Error>>()?;
    let from = first_day();
    // The port changes from demo to demo, the server does not.
    let server = format!(
        "simulator seed {} with {} conversations",
        args.world.seed, args.world.conversations_per_day
    );
    let run = Export::new(client, source, lake).server(server);
    let mut watch = Watch::new(output);
    let report = run
        .run(&jobs, from, from + Days::new(args.days.into()), |event| {
            watch.see(event)
        })
        .await?;
    watch.end();
    simulator.stop().await;

    let mut text = summary(&report, "days");
    let failure = report.failure();
    if failure.is_none() {
        text.push('\n');
        text.push_str(&queries(&args.out));
    }
    let shown = output.result(&text);
    let Some(kind) = failure else {
        return shown.map(|()| Exit::Done);
    };
    // What became of the run weighs more than what became of its summary.
    if let Err(failure) = shown {
        output.failure(&failure);
    }
    Ok(kind.into())
}

/// A fixed week, so that every demo gives the same lake.
fn first_day() -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2026, 3, 23)
        .unwrap_or_default()
        .and_time(NaiveTime::MIN)
        .and_utc()
}

fn queries(lake: &str) -> String {
    let lake = lake.trim_end_matches('/');
    format!(
        r#"
Try it in DuckDB:

-- scores by day and region
SELECT date, custom_fields['Region'] AS region, count(*) AS conversations,
       round(avg(kore_evaluation_score), 1) AS score
FROM read_parquet('{lake}/raw_data/**/*.parquet', hive_partitioning = true)
GROUP BY ALL ORDER BY ALL;

-- which metrics fail most often: one row a metric of a conversation
SELECT m.metric_name AS metric, count(*) AS asked, count(*) FILTER (m.qualification = 'NO') AS failed
FROM read_parquet('{lake}/raw_data/**/*.parquet'), unnest(metrics) AS t(m)
GROUP BY ALL ORDER BY failed DESC, metric LIMIT 10;

-- are the suggestions that agents get used? one row a suggestion
SELECT channel, count(*) AS suggestions, count(*) FILTER (len(s.used) > 0) AS used
FROM read_parquet('{lake}/agent_assist/**/*.parquet'), unnest(pro_active_suggestions) AS t(s)
GROUP BY ALL ORDER BY ALL;"#
    )
}

//! `korelake export`: a range of days from the server into a lake.

use std::time::Instant;

use chrono::{DateTime, Utc};
use indicatif::ProgressBar;
use korelake::{Event, Outcome, Report, UnitReport};

use super::pace::Pace;
use crate::args;
use crate::exit::{Exit, Failure, with_causes};
use crate::notices::Notices;
use crate::output::{Output, grouped, seconds, table};
use crate::settings::Settings;

pub(crate) async fn export(args: &args::Export, output: &Output) -> Result<Exit, Failure> {
    in_order(args.from, args.to)?;
    let settings = Settings::resolve(&args.connection)?;
    let jobs = settings.jobs(&args.datasets, &args.connection, args.partition)?;
    let (files, memory) = (settings.files()?, settings.memory_bytes()?);
    let notices = Notices::new(output);
    let (client, source) = (settings.client(notices.observer())?, settings.source()?);
    // Creates the folder, so it comes after everything that could be refused.
    let lake = settings.lake()?;
    let run = korelake::Export::new(client, source, lake)
        .files(files)
        .memory_bytes(memory)
        .allow_shrink(args.allow_shrink);
    let mut watch = Watch::new(output);
    let started = Instant::now();
    let report = run
        .run(&jobs, args.from, args.to, |event| watch.see(event))
        .await?;
    let elapsed = started.elapsed();
    watch.end();
    output.note(&summary(&report, "units"));
    let pace = Pace {
        requests: report.units.iter().map(|unit| unit.requests).sum(),
        repeated: notices.repeated(),
        elapsed,
        budget: settings.budget(),
    };
    output.note(&pace.to_string());
    if report.not_tried > 0 {
        output.note(&format!(
            "{} units were not tried after that, or not to their end",
            grouped(report.not_tried as u64)
        ));
    }
    Ok(report.failure().map_or(Exit::Done, Exit::from))
}

/// Holds that a range goes forward.
pub(super) fn in_order(from: DateTime<Utc>, to: DateTime<Utc>) -> Result<(), Failure> {
    if from < to {
        return Ok(());
    }
    Err(Failure::usage(
        format!(
            "`--to` {} is not after `--from` {}",
            to.to_rfc3339(),
            from.to_rfc3339()
        ),
        "`--from` is the first day, `--to` the day after the last",
    ))
}

/// Follows a run: a bar on a terminal, a line for each unit elsewhere.
pub(crate) struct Watch<'a> {
    output: &'a Output,
    bar: ProgressBar,
    /// Units that are being read, the oldest first.
    units: Vec<String>,
    /// Of all units so far.
    records: u64,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(output: &'a Output) -> Self {
        Self {
            output,
            bar: ProgressBar::hidden(),
            units: Vec::new(),
            records: 0,
        }
    }

    pub(crate) fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Planned { units } => self.bar = self.output.progress(units),
            Event::Started { unit } => self.units.push(unit.to_string()),
            Event::Page { page, .. } => self.records += page.count as u64,
            Event::Finished { report } => {
                let name = format!("{} {}", report.table, report.unit);
                self.units.retain(|unit| *unit != name);
                self.bar.inc(1);
                self.finished(report, &name);
            }
            _ => {}
        }
        self.bar.set_message(self.message());
    }

    /// The oldest unit stands for all that are being read: the one that the others may wait for.
    fn message(&self) -> String {
        let records = grouped(self.records);
        match self.units.as_slice() {
            [] => format!("{records} records"),
            [unit] => format!("{records} records  {unit}"),
            [unit, others @ ..] => format!("{records} records  {unit} and {} more", others.len()),
        }
    }

    fn finished(&self, report: &UnitReport, name: &str) {
        match &report.outcome {
            Outcome::Failed(error) => {
                let message = with_causes(error);
                let message = match message.contains(name) {
                    true => message,
                    false => format!("{name}: {message}"),
                };
                self.output.error(&message, error.hint().as_deref());
            }
            _ if !self.bar.is_hidden() => {}
            outcome => self.output.note(&format!(
                "{name}: {} rows, {} requests, {} s{}",
                grouped(report.rows),
                report.requests,
                seconds(report.elapsed),
                if matches!(outcome, Outcome::Unchanged) {
                    ", unchanged"
                } else {
                    ""
                },
            )),
        }
    }

    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// One line a table: what the run came to. `units` is what its units are called.
pub(crate) fn summary(report: &Report, units: &str) -> String {
    let mut tables: Vec<&str> = Vec::new();
    for unit in &report.units {
        if !tables.contains(&unit.table.as_str()) {
            tables.push(&unit.table);
        }
    }
    let rows = tables.into_iter().map(|name| {
        let of_table: Vec<_> = report.units.iter().filter(|unit| unit.table == name).collect();
        let sum =
            |value: fn(&korelake::UnitReport) -> u64| grouped(of_table.iter().map(|unit| value(unit)).sum());
        vec![
            name.to_owned(),
            grouped(of_table.len() as u64),
            sum(|unit| u64::from(matches!(unit.outcome, Outcome::Unchanged))),
            sum(|unit| u64::from(matches!(unit.outcome, Outcome::Failed(_)))),
            sum(|unit| unit.rows),
            sum(|unit| unit.rescued),
            sum(|unit| unit.quarantined),
            sum(|unit| unit.bytes),
            sum(|unit| unit.requests),
            seconds(of_table.iter().map(|unit| unit.elapsed).sum()),
        ]
    });
    let header = [
        "dataset",
        units,
        "unchanged",
        "failed",
        "rows",
        "rescued",
        "quarantined",
        "bytes",
        "requests",
        "seconds",
    ];
    table(&header, &[1, 2, 3, 4, 5, 6, 7, 8, 9], rows)
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use korelake::writer::{Partition, units};

    use super::*;

    #[test]
    fn the_oldest_unit_stands_for_those_that_are_read() {
        let from = DateTime::UNIX_EPOCH;
        let output = Output::new(true);
        let mut watch = Watch::new(&output);
        let units = units("raw_data", from, from + Days::new(3), Partition::Day).unwrap();
        assert_eq!(watch.message(), "0 records");
        for unit in &units {
            watch.see(Event::Started { unit });
        }
        watch.records += 1200;
        assert_eq!(watch.message(), "1,200 records  raw_data 1970-01-01 and 2 more");
        watch.units.truncate(1);
        assert_eq!(watch.message(), "1,200 records  raw_data 1970-01-01");
    }
}

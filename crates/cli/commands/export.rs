//! `korelake export`: a range of days from the server into a lake.

use indicatif::ProgressBar;
use korelake::{Event, Outcome, Report};

use crate::args;
use crate::exit::{Exit, Failure, with_causes};
use crate::output::{Output, grouped, seconds, table};
use crate::settings::Settings;

pub(crate) async fn export(args: &args::Export, output: &Output) -> Result<Exit, Failure> {
    if args.to <= args.from {
        return Err(Failure::usage(
            format!(
                "`--to` {} is not after `--from` {}",
                args.to.to_rfc3339(),
                args.from.to_rfc3339()
            ),
            "`--from` is the first day, `--to` the day after the last",
        ));
    }
    let settings = Settings::resolve(args)?;
    let jobs = settings.jobs(args)?;
    let files = settings.files()?;
    let (client, source) = (settings.client()?, settings.source()?);
    // Creates the folder, so it comes after everything that could be refused.
    let lake = settings.lake()?;
    let run = korelake::Export::new(client, source, lake)
        .files(files)
        .allow_shrink(args.allow_shrink);
    let mut watch = Watch::new(output);
    let report = run
        .run(&jobs, args.from, args.to, |event| watch.see(event))
        .await?;
    watch.end();
    output.note(&summary(&report, "units"));
    if report.not_tried > 0 {
        output.note(&format!(
            "{} units were not tried after that",
            grouped(report.not_tried as u64)
        ));
    }
    Ok(report.failure().map_or(Exit::Done, Exit::from))
}

/// Follows a run: a bar on a terminal, a line for each unit elsewhere.
pub(crate) struct Watch<'a> {
    output: &'a Output,
    bar: ProgressBar,
    unit: String,
    /// Of this unit.
    records: u64,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(output: &'a Output) -> Self {
        Self {
            output,
            bar: ProgressBar::hidden(),
            unit: String::new(),
            records: 0,
        }
    }

    pub(crate) fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Planned { units } => self.bar = self.output.progress(units),
            Event::Started { unit } => {
                self.unit = unit.to_string();
                self.records = 0;
                self.bar.set_message(self.unit.clone());
            }
            Event::Page { page } => {
                self.records += page.count as u64;
                self.bar
                    .set_message(format!("{}  {} records", self.unit, grouped(self.records)));
            }
            Event::Finished { report } => {
                self.bar.inc(1);
                let hidden = self.bar.is_hidden(); // not inside `suspend`, which holds the bar's lock
                self.bar.suspend(|| match &report.outcome {
                    Outcome::Failed(error) => {
                        let (unit, message) =
                            (format!("{} {}", report.table, report.unit), with_causes(error));
                        let message = match message.contains(&unit) {
                            true => message,
                            false => format!("{unit}: {message}"),
                        };
                        self.output.error(&message, error.hint().as_deref());
                    }
                    _ if !hidden => {}
                    outcome => self.output.note(&format!(
                        "{} {}: {} rows, {} requests, {} s{}",
                        report.table,
                        report.unit,
                        grouped(report.rows),
                        report.requests,
                        seconds(report.elapsed),
                        if matches!(outcome, Outcome::Unchanged) {
                            ", unchanged"
                        } else {
                            ""
                        },
                    )),
                });
            }
            _ => {}
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
    use chrono::{DateTime, Days};
    use korelake::writer::{Partition, units};

    use super::*;

    #[test]
    fn each_unit_counts_its_own_records() {
        let from = DateTime::UNIX_EPOCH;
        let output = Output::new(true);
        let mut watch = Watch::new(&output);
        for unit in units("raw_data", from, from + Days::new(2), Partition::Day).unwrap() {
            watch.see(Event::Started { unit: &unit });
            assert_eq!(
                (watch.unit.as_str(), watch.records),
                (unit.to_string().as_str(), 0)
            );
            watch.records += 100;
        }
    }
}

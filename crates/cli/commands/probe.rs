//! `korelake probe`: how a server pages and reads windows, found out on purpose.

use chrono::{DateTime, Days, NaiveTime, Utc};
use korelake::fetch::{self, Window};
use korelake::writer;

use super::export::in_order;
use crate::args;
use crate::exit::{Exit, Failure};
use crate::notices::Notices;
use crate::output::Output;
use crate::settings::Settings;

pub(crate) async fn probe(args: &args::Probe, output: &Output) -> Result<Exit, Failure> {
    let (from, to) = args.from.zip(args.to).unwrap_or_else(|| day_before(Utc::now()));
    in_order(from, to)?;
    let window = Window::new(from, to)?;
    let settings = Settings::resolve(&args.connection)?;
    let jobs = match args.datasets.as_slice() {
        [] => settings.all_jobs(&args.connection)?,
        names => settings.jobs(names, &args.connection, None)?,
    };
    let (client, source) = (
        settings.client(Notices::new(output).observer())?,
        settings.source()?,
    );
    let lake = match args.dry_run {
        true => None,
        false => Some(settings.lake()?),
    };
    let server = source.host.to_string();
    let mut probes: Vec<writer::Probe> = Vec::new();
    let mut failed = Vec::new();
    for job in &jobs {
        let found = match korelake::probe(&client, &source, &server, job, window).await {
            Ok(found) => found,
            Err(error) => {
                let is_final = would_repeat(&error);
                let failure = Failure::from(error);
                output.failure(&failure);
                failed.push(failure.exit());
                if is_final {
                    break;
                }
                // The next dataset may have a scope of its own, or records where this one has none.
                continue;
            }
        };
        if !args.json {
            output.result(&described(&found))?;
        }
        if let Some(lake) = &lake {
            lake.keep_probe(&found).await?;
        }
        probes.push(found);
    }
    if args.json {
        let json = serde_json::to_string_pretty(&probes).map_err(std::io::Error::other);
        output.result(&json.map_err(Failure::other("the result cannot be written as JSON"))?)?;
    }
    if let Some(lake) = lake.filter(|_| !probes.is_empty()) {
        output.note(&format!(
            "kept in {}/_korelake/probe.json, where exports look for it",
            lake.address().trim_end_matches('/')
        ));
    }
    let severest = [Exit::Credentials, Exit::Usage].into_iter();
    let mut severest = severest.filter(|exit| failed.contains(exit));
    Ok(severest.next().or(failed.first().copied()).unwrap_or(Exit::Done))
}

/// Whether the next dataset would meet the same.
fn would_repeat(error: &korelake::Error) -> bool {
    match error {
        korelake::Error::Fetch(error) if error.is_credentials() => !error.is_scope(),
        korelake::Error::Fetch(error) => matches!(
            error.root(),
            fetch::Error::Connect { .. } | fetch::Error::Setup { .. }
        ),
        _ => false,
    }
}

/// The last day, in UTC, that has ended.
fn day_before(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    (today - Days::new(1), today)
}

/// What was found, and what that rests on.
fn described(found: &writer::Probe) -> String {
    let writer::Probe {
        stream,
        endpoint,
        paging,
        largest_page,
        has_total,
        has_more,
        stable_order,
        inclusive_start,
        inclusive_end,
        evidence,
        ..
    } = found;
    let says = |known: &Option<bool>, yes, no| match known {
        Some(true) => yes,
        Some(false) => no,
        None => "not known",
    };
    let mut text = format!("{endpoint} of {stream}");
    let mut line = |name: &str, value: &str| text.push_str(&format!("\n  {name:<18}{value}"));
    line(
        "paging",
        paging.as_deref().map_or("not known", |style| match style {
            "offset" => "by offset",
            "page" => "by page",
            other => other,
        }),
    );
    let largest = largest_page.map(|records| format!("{records} records, whatever is asked for"));
    line("largest page", largest.as_deref().unwrap_or("no limit found"));
    line("total", says(has_total, "told", "not told"));
    line("has-more", says(has_more, "told", "not told"));
    line("order", says(stable_order, "stable", "another with each request"));
    line("start of a window", says(inclusive_start, "in it", "not in it"));
    line("end of a window", says(inclusive_end, "in it", "not in it"));
    text.push_str("\n  because");
    for one in evidence {
        text.push_str(&format!("\n    {one}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterday_is_the_last_day_that_has_ended() {
        for now in ["2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z"] {
            let (from, to) = day_before(now.parse().unwrap());
            assert_eq!(
                (from.to_rfc3339(), to.to_rfc3339()),
                (
                    "2026-02-28T00:00:00+00:00".to_owned(),
                    "2026-03-01T00:00:00+00:00".to_owned()
                )
            );
        }
    }

    #[test]
    fn what_was_not_found_out_is_said_to_be_unknown() {
        let probe = writer::Probe {
            endpoint: "raw_data/v3".to_owned(),
            stream: "st-1".to_owned(),
            inclusive_end: Some(true),
            evidence: vec!["the window has one record".to_owned()],
            ..writer::Probe::default()
        };
        let text = described(&probe);
        assert_eq!(
            text.lines().map(str::trim_end).collect::<Vec<_>>(),
            [
                "raw_data/v3 of st-1",
                "  paging            not known",
                "  largest page      no limit found",
                "  total             not known",
                "  has-more          not known",
                "  order             not known",
                "  start of a window not known",
                "  end of a window   in it",
                "  because",
                "    the window has one record",
            ]
        );
    }
}

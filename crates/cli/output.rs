//! The only place that writes to the terminal: results on standard output, everything else on standard error.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::exit::Failure;

/// Standard output and standard error of one command. Clones write to the same.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    quiet: bool,
    /// The bar that stands below everything else on standard error; hidden where there is none.
    bar: Arc<Mutex<ProgressBar>>,
}

impl Output {
    pub(crate) fn new(quiet: bool) -> Self {
        let bar = Arc::new(Mutex::new(ProgressBar::hidden()));
        Self { quiet, bar }
    }

    /// A result: text that may be piped on. A reader that has gone away has what it wanted.
    pub(crate) fn result(&self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        written(writeln!(out, "{text}").and_then(|()| out.flush()))
    }

    /// What clap says itself: help and version, which are results, or wrong usage.
    pub(crate) fn clap(&self, said: &clap::Error) -> Result<(), Failure> {
        if !said.use_stderr() {
            return written(said.print());
        }
        let text = said.render().to_string();
        let _ = writeln!(std::io::stderr().lock(), "{}", in_our_form(&text));
        Ok(())
    }

    /// A remark for people, on standard error.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.above_the_bar(|| {
                let _ = writeln!(std::io::stderr().lock(), "{text}");
            });
        }
    }

    fn above_the_bar(&self, write: impl FnOnce()) {
        let bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner).clone();
        bar.suspend(write);
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        self.error(&failure.message(), failure.hint().as_deref());
    }

    pub(crate) fn error(&self, message: &str, hint: Option<&str>) {
        self.above_the_bar(|| {
            let mut err = std::io::stderr().lock();
            let _ = writeln!(err, "error: {message}");
            if let Some(hint) = hint {
                let _ = writeln!(err, "hint: {hint}");
            }
        });
    }

    /// A bar on a terminal, and nothing elsewhere.
    pub(crate) fn progress(&self, units: usize) -> ProgressBar {
        let shown = !self.quiet && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(units as u64), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} units  {elapsed}  {wide_msg}") {
            bar.set_style(style);
        }
        if shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = bar.clone();
        bar
    }
}

/// Nothing can be said to a reader that has gone away, and it is no failure; everything else is.
fn written(result: std::io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::other("standard output cannot be written")),
    }
}

/// Wrong usage as clap says it, with the error in one line and its tips as hints. Help stays as it is.
fn in_our_form(text: &str) -> String {
    let mut lines = Vec::new();
    for paragraph in text.trim_end().split("\n\n") {
        if paragraph.starts_with("error: ") {
            // A list follows a colon, and only there.
            let mut parts = paragraph.lines().map(str::trim);
            let first = parts.next().unwrap_or_default();
            let rest: Vec<&str> = parts.collect();
            let rest = rest.join(if first.ends_with(':') { ", " } else { " " });
            lines.push(format!("{first} {rest}").trim_end().to_owned());
        } else if paragraph.trim_start().starts_with("tip: ") {
            let tips = paragraph.lines().map(str::trim);
            lines.extend(tips.map(|tip| tip.replacen("tip: ", "hint: ", 1)));
        } else {
            lines.push(format!("\n{paragraph}"));
        }
    }
    lines.join("\n").trim_start().to_owned()
}

/// A table of plain columns; those whose number is in `right` are aligned to the right.
pub(crate) fn table(header: &[&str], right: &[usize], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.to_vec());
    for row in rows {
        table.add_row(row);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A number with its thousands apart: 28,412.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Seconds as people read them: 0.42, 12.3.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 10.0 {
        format!("{seconds:.2}")
    } else {
        format!("{seconds:.1}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use clap::Parser;

    use super::*;
    use crate::args::Cli;
    use crate::exit::Exit;

    #[test]
    fn only_a_reader_that_has_gone_away_is_no_failure() {
        assert!(written(Err(Error::from(ErrorKind::BrokenPipe))).is_ok());
        let failure = written(Err(Error::from(ErrorKind::StorageFull))).unwrap_err();
        assert!(
            failure
                .message()
                .starts_with("standard output cannot be written: ")
        );
        assert_eq!(failure.exit(), Exit::Failed);
    }

    #[test]
    fn wrong_usage_is_one_line_with_hints_and_the_usage() {
        let said = |arguments: &[&str]| {
            let error = Cli::try_parse_from(arguments).map(drop).unwrap_err();
            in_our_form(&error.render().to_string())
        };
        let missing = said(&["korelake", "export"]);
        assert!(
            missing.starts_with(
                "error: the following required arguments were not provided: --from <TIME>, --to <TIME>, \
                 <DATASET>...\n\nUsage: korelake export "
            ),
            "{missing}"
        );
        let misspelt = said(&["korelake", "convrt"]);
        assert!(
            misspelt.starts_with(
                "error: unrecognized subcommand 'convrt'\nhint: a similar subcommand exists: 'convert'\n\nUsage: "
            ),
            "{misspelt}"
        );
        let unknown = said(&["korelake", "simulate", "--raw-data-keys", "kebab"]);
        let first = unknown.lines().next().unwrap();
        assert!(
            first.contains("'kebab'") && first.ends_with("[possible values: title-case, camel-case]"),
            "{unknown}"
        );
        let help = said(&["korelake"]);
        assert!(
            help.starts_with("Copies what") && help.contains("Usage: korelake"),
            "{help}"
        );
    }

    #[test]
    fn thousands_stand_apart() {
        let shown: Vec<String> = [0, 999, 1000, 28_412, 1_000_000].map(grouped).into();
        assert_eq!(shown, ["0", "999", "1,000", "28,412", "1,000,000"]);
    }
}

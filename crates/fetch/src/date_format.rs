//! How an instant is written in a request, and the smallest step that the format can write. Which format an endpoint
//! has is said in [`endpoint`](crate::Endpoint).

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, TimeDelta, Utc};

/// The steps that a format may be able to write, the largest first, with as many samples as show it: all values of the
/// part of a date that the step counts up, and for days more than a year.
const STEPS: [(TimeDelta, i32); 5] = [
    (DAY, 400),
    (TimeDelta::hours(1), 24),
    (TimeDelta::minutes(1), 60),
    (TimeDelta::seconds(1), 60),
    (TimeDelta::milliseconds(1), 1000),
];

const DAY: TimeDelta = TimeDelta::days(1);

/// `instant` in UTC, or none where `format` is no format: formatting panics in `to_string` and fails here.
pub(crate) fn write(format: &str, instant: DateTime<Utc>) -> Option<String> {
    let mut text = String::new();
    write!(text, "{}", instant.format(format)).ok()?;
    Some(text)
}

/// The smallest step that `format` writes: instants that far apart are never written alike.
///
/// It is found by writing samples: what a notation means is chrono's business, and a format that a server would
/// misread, as two days or noon and midnight are written alike, shows by that however it is spelt.
///
/// # Errors
///
/// What is wrong with `format`, to be read after it.
pub(crate) fn resolution(format: &str) -> Result<TimeDelta, &'static str> {
    const NONE: &str = "is no format of dates";
    if format.is_empty() || StrftimeItems::new(format).any(|item| item == Item::Error) {
        return Err(NONE);
    }
    let mut resolution = DAY;
    let mut left_out = false;
    for (step, samples) in STEPS {
        let numbers = 0..samples;
        let texts: Option<HashSet<String>> = numbers
            .clone()
            .map(|number| write(format, DateTime::UNIX_EPOCH + step * number))
            .collect();
        let different = texts.ok_or(NONE)?.len();
        let all = different == numbers.len();
        match all {
            false if step == DAY => return Err("writes two days alike"),
            false if different > 1 => return Err("writes two times of a day alike"),
            false => left_out = true,
            true if left_out => return Err("leaves out hours, minutes or seconds, and not what is smaller"),
            true => resolution = step,
        }
    }
    Ok(resolution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolution_is_the_smallest_step_that_is_written() {
        for (format, step) in [
            ("%Y-%m-%dT%H:%M:%S%.3fZ", TimeDelta::milliseconds(1)),
            ("%Y-%m-%dT%H:%M:%S%.f", TimeDelta::milliseconds(1)),
            ("%s%6f", TimeDelta::milliseconds(1)),
            ("%+", TimeDelta::milliseconds(1)),
            ("%Y-%m-%d %H:%M:%S", TimeDelta::seconds(1)),
            ("%Y-%m-%d-%H:%M:%S", TimeDelta::seconds(1)),
            ("%s", TimeDelta::seconds(1)),
            ("%m/%d/%y %I:%M %p", TimeDelta::minutes(1)),
            ("%Y-%j %H", TimeDelta::hours(1)),
            ("%Y-%m-%d %H:00:00", TimeDelta::hours(1)),
            ("%G-W%V-%u", DAY),
            ("%Y-%m-%d", DAY),
        ] {
            assert_eq!(resolution(format), Ok(step), "{format}");
        }
    }

    #[test]
    fn formats_that_a_server_would_misread_are_refused() {
        for (format, reason) in [
            ("", "no format"),
            ("%Y-%Q", "no format"),
            ("%Y-%m-%d %", "no format"),
            ("now", "two days"),
            ("%H:%M:%S", "two days"),
            ("%d %H:%M", "two days"),
            ("%m-%d", "two days"),
            ("%Y-%U", "two days"),
            ("%Y-%m-%d %I:%M", "two times"),
            ("%Y-%m-%d %p", "two times"),
            ("%Y-%m-%d %M", "leaves out"),
            ("%Y-%m-%d %H:%S", "leaves out"),
        ] {
            let refused = resolution(format).unwrap_err();
            assert!(refused.contains(reason), "{format}: {refused}");
        }
    }
}

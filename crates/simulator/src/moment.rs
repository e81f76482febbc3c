//! Dates as requests write them, and the window between two of them. Where they are read from is in
//! [`parameters`](crate::parameters).

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Half-open: `[from, to)`, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
}

impl Window {
    /// The longest window that is answered. The vendor states none for these APIs; this one only keeps a mistyped
    /// year from keeping the simulator busy for minutes.
    pub(crate) const LONGEST: TimeDelta = TimeDelta::days(366);

    /// The window between two request dates, or why there is none.
    ///
    /// A date without time is its midnight. Where both ends are the same date without time the window is that
    /// day, since the vendor's Agent AI sample asks that way and gets records.
    pub(crate) fn parse(from: &str, to: &str) -> Result<Self, &'static str> {
        let start = moment(from).ok_or("the start of the range is not a date")?;
        let end = moment(to).ok_or("the end of the range is not a date")?;
        if start > end {
            return Err("the range ends before it starts");
        }
        if end - start > Self::LONGEST {
            return Err("the range is longer than 366 days");
        }
        let end = if from.trim() == to.trim() && date(from).is_some() {
            end + TimeDelta::days(1)
        } else {
            end
        };
        Ok(Self { from: start, to: end })
    }

    pub(crate) fn contains(&self, moment: DateTime<Utc>) -> bool {
        self.from <= moment && moment < self.to
    }
}

/// All forms in the vendor's pages: blank, `T` or hyphen between date and time, with or without fraction, with or
/// without `Z`, and the date alone. Always UTC.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Some(date) = date(text) {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    let text = text.trim();
    let text = text.strip_suffix('Z').unwrap_or(text);
    // `%.f` also reads nothing at all.
    [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d-%H:%M:%S%.f",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    .map(|moment| moment.and_utc())
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_names_the_same_moment() {
        let expected = moment("2026-03-23T10:17:54Z").unwrap();
        for form in [
            "2026-03-23 10:17:54",
            "2026-03-23T10:17:54",
            "2026-03-23T10:17:54.000Z",
            "2026-03-23 10:17:54.000",
            "2026-03-23-10:17:54",
            " 2026-03-23T10:17:54Z ",
        ] {
            assert_eq!(moment(form), Some(expected), "{form}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for form in [
            "",
            "yesterday",
            "23.03.2026",
            "2026-13-01",
            "2026-02-30",
            "2026-03-23 25:00:00",
            "1774224000",
        ] {
            assert_eq!(moment(form), None, "{form}");
        }
    }

    #[test]
    fn one_date_at_both_ends_is_that_day() {
        let window = Window::parse("2026-02-25", "2026-02-25").unwrap();
        assert_eq!(window.to - window.from, TimeDelta::days(1));
        let window = Window::parse("2026-02-25 00:00:00", "2026-02-25 00:00:00").unwrap();
        assert_eq!(window.to, window.from);
    }

    #[test]
    fn a_range_must_run_forward_and_end() {
        assert!(Window::parse("2026-02-25", "2026-02-24").is_err());
        assert!(Window::parse("1026-02-25", "2026-02-24").is_err());
        assert!(Window::parse("2025-02-25", "2026-02-25").is_ok());
    }
}

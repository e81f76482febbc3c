//! The span of time one request asks for. How it is spelt on the wire is decided by the [`Endpoint`](crate::Endpoint).

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::{Error, Result};

/// A span of time in UTC, `[start, end)`: the end is not part of it, so neighbours share no instant.
///
/// ```
/// # use chrono::{TimeZone, Utc};
/// # use korelake_fetch::Window;
/// let start = Utc.with_ymd_and_hms(2026, 3, 23, 0, 0, 0).unwrap();
/// let end = Utc.with_ymd_and_hms(2026, 3, 24, 0, 0, 0).unwrap();
/// let window = Window::new(start, end)?;
/// assert_eq!(window.to_string(), "2026-03-23T00:00:00Z..2026-03-24T00:00:00Z");
/// # Ok::<(), korelake_fetch::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Window {
    /// The window from `start` up to, but without, `end`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidWindow`] when `end` is not later than `start`.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self> {
        if end <= start {
            return Err(Error::InvalidWindow { start, end });
        }
        Ok(Self { start, end })
    }

    /// The first instant inside.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after it.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }
}

impl fmt::Display for Window {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let end = self.end.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        write!(formatter, "{start}..{end}")
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn window_that_does_not_move_forward_is_refused() {
        let noon = Utc.with_ymd_and_hms(2026, 3, 23, 12, 0, 0).unwrap();
        let later = noon + chrono::TimeDelta::seconds(1);
        assert!(matches!(
            Window::new(noon, noon),
            Err(Error::InvalidWindow { .. })
        ));
        assert!(matches!(
            Window::new(later, noon),
            Err(Error::InvalidWindow { .. })
        ));
        assert_eq!(Window::new(noon, later).unwrap().end(), later);
    }
}

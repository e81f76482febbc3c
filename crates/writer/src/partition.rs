//! Says which unit a time belongs to and where the unit's objects are: pure values, no store. Who writes
//! there is [`UnitWriter`](crate::UnitWriter).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How long a unit is. Times are UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Partition {
    /// One UTC day: the default.
    #[default]
    Day,
    /// One hour.
    Hour,
    /// One calendar month.
    Month,
}

impl Partition {
    /// The name of the partition column: `date`, `hour` or `month`.
    ///
    /// ```
    /// assert_eq!(korelake_writer::Partition::Day.column(), "date");
    /// ```
    pub fn column(self) -> &'static str {
        match self {
            Self::Day => "date",
            Self::Hour => "hour",
            Self::Month => "month",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Month => "month",
        }
    }

    fn truncate(self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let date = time.date_naive();
        let date = if self == Self::Month {
            date.with_day(1)?
        } else {
            date
        };
        let hour = if self == Self::Hour { time.hour() } else { 0 };
        Some(date.and_hms_opt(hour, 0, 0)?.and_utc())
    }

    fn after(self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Hour => start.checked_add_signed(TimeDelta::hours(1)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Partition {
    type Err = Error;

    fn from_str(value: &str) -> Result<Self> {
        [Self::Day, Self::Hour, Self::Month]
            .into_iter()
            .find(|partition| partition.as_str() == value)
            .ok_or_else(|| Error::Partition {
                value: value.to_owned(),
            })
    }
}

/// One table × one partition: what is fetched, proved, replaced and recorded as a whole.
///
/// Units sort by table, then by time.
///
/// ```
/// use korelake_writer::{Partition, Unit};
///
/// let unit = Unit::new("raw_data", Partition::Day, "2026-03-23T17:05:00Z".parse()?)?;
/// assert_eq!(unit.name(), "2026-03-23");
/// assert_eq!(unit.file(0), "raw_data/date=2026-03-23/part-00000.parquet");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit {
    table: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    partition: Partition,
}

impl Unit {
    /// The unit of `table` that holds `time`.
    ///
    /// # Errors
    ///
    /// If the table name is not `[a-z0-9_]+` without a leading underscore (folders with one belong to
    /// korelake and are skipped by Spark), or the time is outside the years 1 to 9999.
    pub fn new(table: impl Into<String>, partition: Partition, time: DateTime<Utc>) -> Result<Self> {
        let table = table.into();
        check_table(&table)?;
        let outside = || Error::UnitTime {
            time: time.to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        if !(1..=9999).contains(&time.year()) {
            return Err(outside());
        }
        let start = partition.truncate(time).ok_or_else(outside)?;
        let end = partition.after(start).ok_or_else(outside)?;
        Ok(Self {
            table,
            start,
            end,
            partition,
        })
    }

    /// The unit of `table` with this [`name`](Self::name); the name's form tells the partition.
    ///
    /// # Errors
    ///
    /// If the name is not the name of a unit, or the table name is not valid.
    pub fn parse(table: impl Into<String>, name: &str) -> Result<Self> {
        let (partition, day, hour) = match name.len() {
            7 => (Partition::Month, format!("{name}-01"), "00"),
            10 => (Partition::Day, name.to_owned(), "00"),
            13 => match name.split_once('T') {
                Some((day, hour)) => (Partition::Hour, day.to_owned(), hour),
                None => {
                    return Err(Error::UnitName {
                        name: name.to_owned(),
                    });
                }
            },
            _ => {
                return Err(Error::UnitName {
                    name: name.to_owned(),
                });
            }
        };
        let time = NaiveDate::parse_from_str(&day, "%Y-%m-%d")
            .ok()
            .zip(hour.parse().ok())
            .and_then(|(day, hour)| day.and_hms_opt(hour, 0, 0))
            .ok_or_else(|| Error::UnitName {
                name: name.to_owned(),
            })?;
        let unit = Self::new(table, partition, time.and_utc())?;
        // `2026-3-023` and the like parse, but are the name of nothing.
        if unit.name() == name {
            Ok(unit)
        } else {
            Err(Error::UnitName {
                name: name.to_owned(),
            })
        }
    }

    /// The table's name, which is also its folder.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// How long the unit is.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The first instant of the unit.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after the unit, which is the next one's start.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }

    /// `2026-03-23`, `2026-03-23T05` or `2026-03`: the unit's name in the ledger, on screen and in reports.
    pub fn name(&self) -> String {
        let format = match self.partition {
            Partition::Day => "%Y-%m-%d",
            Partition::Hour => "%Y-%m-%dT%H",
            Partition::Month => "%Y-%m",
        };
        self.start.format(format).to_string()
    }

    /// The unit's folder, relative to the lake: `raw_data/date=2026-03-23`, `raw_data/hour=2026-03-23-05` or
    /// `raw_data/month=2026-03`.
    ///
    /// DuckDB and Spark read `date` as DATE, and `hour` and `month` as text that sorts by time. An hour's
    /// folder has no `T`: Spark with `spark.sql.legacy.timeParserPolicy=LEGACY` would take `2026-03-23T05`
    /// for a DATE, and with it all hours of a day for one. The form with hyphens is also Iceberg's.
    pub fn directory(&self) -> String {
        let value = match self.partition {
            Partition::Hour => self.start.format("%Y-%m-%d-%H").to_string(),
            Partition::Day | Partition::Month => self.name(),
        };
        format!("{}/{}={value}", self.table, self.partition.column())
    }

    /// The unit's file number `part`, from 0, relative to the lake.
    pub fn file(&self, part: u32) -> String {
        format!("{}/part-{part:05}.parquet", self.directory())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.name())
    }
}

/// The whole units of `table` that cover `[from, to)`: the range is widened to unit borders. Empty if `to` is
/// not after `from`.
///
/// # Errors
///
/// As [`Unit::new`].
pub fn units(table: &str, from: DateTime<Utc>, to: DateTime<Utc>, partition: Partition) -> Result<Vec<Unit>> {
    let mut units = Vec::new();
    let mut time = from;
    while time < to {
        let unit = Unit::new(table, partition, time)?;
        time = unit.end;
        units.push(unit);
    }
    Ok(units)
}

/// A name that is a folder on every store, a Hive table and a SQL identifier that needs no quotes.
pub(crate) fn check_table(name: &str) -> Result<()> {
    let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || name.starts_with('_') || !name.bytes().all(valid) {
        return Err(Error::TableName {
            name: name.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn names(from: &str, to: &str, partition: Partition) -> Vec<String> {
        units("raw_data", time(from), time(to), partition)
            .unwrap()
            .iter()
            .map(Unit::name)
            .collect()
    }

    #[test]
    fn a_unit_is_the_whole_partition_around_a_time() {
        let at = time("2026-12-31T23:59:59.999Z");
        let day = Unit::new("raw_data", Partition::Day, at).unwrap();
        assert_eq!(
            (day.start(), day.end()),
            (time("2026-12-31T00:00:00Z"), time("2027-01-01T00:00:00Z"))
        );
        assert_eq!(day.directory(), "raw_data/date=2026-12-31");
        let hour = Unit::new("raw_data", Partition::Hour, at).unwrap();
        assert_eq!(
            (hour.start(), hour.end()),
            (time("2026-12-31T23:00:00Z"), time("2027-01-01T00:00:00Z"))
        );
        assert_eq!(hour.name(), "2026-12-31T23");
        assert_eq!(hour.file(12), "raw_data/hour=2026-12-31-23/part-00012.parquet");
        let month = Unit::new("raw_data", Partition::Month, time("2026-02-28T05:00:00Z")).unwrap();
        assert_eq!(
            (month.start(), month.end()),
            (time("2026-02-01T00:00:00Z"), time("2026-03-01T00:00:00Z"))
        );
        assert_eq!(month.directory(), "raw_data/month=2026-02");
    }

    #[test]
    fn a_range_is_widened_to_whole_units() {
        assert_eq!(
            names("2026-02-28T12:00:00Z", "2026-03-02T00:00:01Z", Partition::Day),
            ["2026-02-28", "2026-03-01", "2026-03-02"]
        );
        assert_eq!(
            names("2026-02-28T22:59:00Z", "2026-03-01T00:00:00Z", Partition::Hour),
            ["2026-02-28T22", "2026-02-28T23"]
        );
        assert_eq!(
            names("2025-12-31T00:00:00Z", "2026-01-01T00:00:01Z", Partition::Month),
            ["2025-12", "2026-01"]
        );
        assert!(names("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", Partition::Day).is_empty());
    }

    #[test]
    fn every_name_is_read_back_as_its_unit() {
        for partition in [Partition::Day, Partition::Hour, Partition::Month] {
            let unit = Unit::new("raw_data", partition, time("2026-03-23T05:00:00Z")).unwrap();
            assert_eq!(Unit::parse("raw_data", &unit.name()).unwrap(), unit);
            assert_eq!(partition.to_string().parse::<Partition>().unwrap(), partition);
        }
    }

    #[test]
    fn names_of_nothing_are_refused() {
        for name in [
            "",
            "2026",
            "2026-3-023",
            "2026-02-30",
            "2026-03-23T24",
            "2026-03-23 05",
            "2026-03-23T5",
            "+026-03",
        ] {
            assert!(
                matches!(Unit::parse("raw_data", name), Err(Error::UnitName { .. })),
                "{name}"
            );
        }
        for table in ["", "_korelake", "Raw", "raw-data", "a/b", "..", "rückruf"] {
            assert!(
                matches!(Unit::parse(table, "2026-03-23"), Err(Error::TableName { .. })),
                "{table}"
            );
        }
        assert!(matches!(
            "week".parse::<Partition>(),
            Err(Error::Partition { .. })
        ));
        assert!(matches!(
            Unit::new("raw_data", Partition::Day, DateTime::<Utc>::MAX_UTC),
            Err(Error::UnitTime { .. })
        ));
    }

    #[test]
    fn units_sort_by_time() {
        let units = units(
            "t",
            time("2026-03-09T00:00:00Z"),
            time("2026-03-12T00:00:00Z"),
            Partition::Day,
        )
        .unwrap();
        assert!(units.is_sorted());
    }
}

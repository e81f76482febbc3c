//! What is known of the texts, numbers and booleans of one place: how many of them a column of each type reads. The
//! readings themselves are the decoder's, in [`reading`](crate::decoder::reading).

use crate::decoder::cursor::Number;
use crate::decoder::reading;
use crate::definition::Type;

/// Counts of one place's values that are neither null nor made of others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scalars {
    pub(crate) bools: u64,
    pub(crate) numbers: u64,
    pub(crate) texts: u64,
    /// Texts that say that there is no value, in columns of numbers and times.
    nothing: u64,
    /// Texts that are a number and the unit.
    milliseconds: u64,
    /// Texts that are a time.
    times: u64,
    as_bool: u64,
    as_integer: u64,
    as_float: u64,
    as_timestamp: u64,
}

impl Scalars {
    pub(crate) fn total(&self) -> u64 {
        self.bools + self.numbers + self.texts
    }

    pub(crate) fn add_bool(&mut self) {
        self.bools += 1;
        self.as_bool += 1;
    }

    pub(crate) fn add_number(&mut self, number: &Number<'_>) {
        self.numbers += 1;
        self.as_integer += u64::from(reading::integer(number).is_some());
        self.as_float += u64::from(reading::float(number).is_some());
        self.as_timestamp += u64::from(reading::epoch_milliseconds(number).is_some());
    }

    pub(crate) fn add_text(&mut self, text: &[u8]) {
        self.texts += 1;
        if reading::says_nothing(text) {
            self.nothing += 1;
            self.as_integer += 1;
            self.as_float += 1;
            self.as_timestamp += 1;
        } else if let Some(number) = reading::number_in(text) {
            self.as_integer += u64::from(reading::integer(&number).is_some());
            self.as_float += u64::from(reading::float(&number).is_some());
            self.as_timestamp += u64::from(reading::epoch_milliseconds(&number).is_some());
        } else if matches!(text, b"true" | b"false") {
            self.as_bool += 1;
        } else if reading::timestamp(text).is_some() {
            self.times += 1;
            self.as_timestamp += 1;
        } else {
            self.milliseconds += u64::from(reading::milliseconds(text).is_some());
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in [
            (&mut self.bools, other.bools),
            (&mut self.numbers, other.numbers),
            (&mut self.texts, other.texts),
            (&mut self.nothing, other.nothing),
            (&mut self.milliseconds, other.milliseconds),
            (&mut self.times, other.times),
            (&mut self.as_bool, other.as_bool),
            (&mut self.as_integer, other.as_integer),
            (&mut self.as_float, other.as_float),
            (&mut self.as_timestamp, other.as_timestamp),
        ] {
            *count += more;
        }
    }

    /// Whether a column of this type reads all of these values.
    pub(crate) fn fit(&self, data_type: &Type) -> bool {
        let read = match data_type {
            Type::Bool => self.as_bool,
            Type::Int64 { milliseconds: false } => self.as_integer,
            Type::Int64 { milliseconds: true } => self.as_integer + self.milliseconds,
            Type::Float64 => self.as_float,
            Type::Timestamp => self.as_timestamp,
            Type::Utf8 { .. } | Type::Json => self.total(),
            _ => 0,
        };
        read == self.total()
    }

    /// The narrowest type that reads all of these values. Digits that come as text alone stay text, since most of
    /// these are identifiers. `None` if there are no values. `epochs` says whether integers may be times.
    pub(crate) fn data_type(&self, epochs: bool) -> Option<Type> {
        if self.total() == 0 {
            return None;
        }
        let candidates = [
            (self.bools > 0, Type::Bool),
            (self.times > 0 || (epochs && self.numbers > 0), Type::Timestamp),
            (self.numbers > 0, Type::Int64 { milliseconds: false }),
            (self.milliseconds > 0, Type::Int64 { milliseconds: true }),
            (self.numbers > 0, Type::Float64),
        ];
        let found = candidates
            .into_iter()
            .find(|(seen, data_type)| *seen && self.fit(data_type));
        Some(found.map_or(
            Type::Utf8 {
                nested_as_text: false,
            },
            |(_, data_type)| data_type,
        ))
    }

    /// Whether there are numbers, and no text that is a time.
    pub(crate) fn are_integers(&self) -> bool {
        self.numbers > 0 && self.times == 0
    }

    /// Whether these are texts alone, and each of them is a number.
    pub(crate) fn are_digits_as_text(&self) -> bool {
        self.numbers + self.bools == 0 && self.texts > self.nothing && self.as_float == self.texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::cursor::Cursor;

    fn scalars(values: &[&str]) -> Scalars {
        let mut scalars = Scalars::default();
        for value in values {
            let mut cursor = Cursor::new(value.as_bytes(), true);
            match value.as_bytes()[0] {
                b'"' => scalars.add_text(&cursor.string().unwrap().decode()),
                b't' | b'f' => scalars.add_bool(),
                _ => scalars.add_number(&cursor.number().unwrap()),
            }
        }
        scalars
    }

    #[test]
    fn the_narrowest_type_that_reads_all_values_is_proposed() {
        for (values, data_type) in [
            (&["true", "false"][..], "bool"),
            (&["true", r#""false""#], "bool"),
            (&[r#""true""#, r#""false""#], "utf8"),
            (&["true", r#""""#], "utf8"),
            (&["true", "1"], "utf8"),
            (&["1", "-2"], "int64"),
            (&["1", "1.0"], "int64"),
            (&["1", r#""2""#, r#""NA""#, r#""""#], "int64"),
            (&["1", "1.5"], "float64"),
            (&["1", r#""12.5""#], "float64"),
            (&["1", r#""good""#], "utf8"),
            (&["9007199254740993"], "int64"),
            (&["9007199254740993", "0.5"], "utf8"),
            (&["1e400"], "utf8"),
            (&[r#""12""#, r#""13""#], "utf8"),
            (&[r#""NA""#], "utf8"),
            (&[r#""1500 milliseconds""#], "int64"),
            (&[r#""1500 milliseconds""#, "7"], "int64"),
            (&[r#""1500 milliseconds""#, "7.5"], "utf8"),
            (&[r#""1500 milliseconds""#, r#""soon""#], "utf8"),
            (
                &[r#""2026-03-23T10:00:00Z""#, r#""""#, "1775034041000"],
                "timestamp",
            ),
            (&[r#""2026-03-23""#], "timestamp"),
            (&[r#""2026-03-23""#, r#""tomorrow""#], "utf8"),
            (&[r#""2026-03-23""#, "5"], "utf8"),
            (&["1775034041000"], "timestamp"),
            (&["1775034041000", "0"], "int64"),
        ] {
            let found = scalars(values).data_type(true).unwrap();
            assert_eq!(found.to_string(), data_type, "{values:?}");
            assert!(scalars(values).fit(&found));
        }
        let identifiers = scalars(&["1775034041000"]).data_type(false).unwrap();
        assert_eq!(identifiers, Type::Int64 { milliseconds: false });
        assert_eq!(Scalars::default().data_type(true), None);
        assert_eq!(
            scalars(&[r#""5 milliseconds""#]).data_type(true),
            Some(Type::Int64 { milliseconds: true })
        );
    }

    #[test]
    fn digits_as_text_are_told_from_texts_and_numbers() {
        assert!(scalars(&[r#""12""#, r#""NA""#]).are_digits_as_text());
        assert!(!scalars(&[r#""NA""#]).are_digits_as_text());
        assert!(!scalars(&[r#""12""#, "12"]).are_digits_as_text());
        assert!(!scalars(&[r#""12""#, r#""a""#]).are_digits_as_text());
    }
}

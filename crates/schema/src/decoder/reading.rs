//! What a value means for a column of another type: numbers written as text, whole floats, times.
//! Every function is exact or says `None`; what has no reading is rescued by the column that asked.

use super::cursor::{Cursor, Number, Stop};

/// What a value means for a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reading<T> {
    Value(T),
    /// The server's way to say "nothing": `""` and `"NA"` in columns of numbers and times.
    Null,
    /// No reading fits: the value is rescued.
    Unfit,
}

impl<T> From<Option<T>> for Reading<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unfit, Self::Value)
    }
}

/// Whether text in a column of numbers or times says that there is no value.
pub(crate) fn says_nothing(text: &[u8]) -> bool {
    matches!(text, b"" | b"NA")
}

/// The whole of `text` as a JSON number.
pub(crate) fn number_in(text: &[u8]) -> Option<Number<'_>> {
    if !matches!(text.first(), Some(b'-' | b'0'..=b'9')) {
        return None;
    }
    let mut cursor = Cursor::new(text, true);
    let number = cursor.number().ok()?;
    matches!(cursor.peek(), Err(Stop::Incomplete))
        .then_some(number)
        .filter(|n| n.text.len() == text.len())
}

const EXACT_DIGITS: usize = 18; // 10^18 - 1 fits both i64 and u64

/// The integer that `number` is, also where it is written as `1.0` or `1e3`. `None` if it is no integer or does
/// not fit.
pub(crate) fn integer(number: &Number<'_>) -> Option<i64> {
    if number.fraction == 0 && !number.exponent && number.digits <= EXACT_DIGITS {
        let value = number.mantissa as i64;
        return Some(if number.negative { -value } else { value });
    }
    let (mantissa, exponent) = match number.text.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (
            &number.text[..at],
            str::from_utf8(&number.text[at + 1..]).ok()?.parse::<i64>().ok(),
        ),
        None => (number.text, Some(0)),
    };
    let digits: Vec<u8> = mantissa.iter().copied().filter(u8::is_ascii_digit).collect();
    let significant = digits
        .iter()
        .rposition(|digit| *digit != b'0')
        .map_or(0, |last| last + 1);
    if significant == 0 {
        return Some(0);
    }
    // digits × 10^scale is the value; zeros at the end belong to the scale.
    let scale = exponent?
        .checked_sub(number.fraction as i64)?
        .checked_add((digits.len() - significant) as i64)?;
    let scale = u32::try_from(scale).ok().filter(|scale| *scale < 19)?;
    let digits = str::from_utf8(&digits[..significant])
        .ok()?
        .trim_start_matches('0');
    let value = digits
        .parse::<i128>()
        .ok()?
        .checked_mul(10_i128.checked_pow(scale)?)?;
    i64::try_from(if number.negative { -value } else { value }).ok()
}

const POWERS_OF_TEN: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The largest magnitude up to which every integer is a float64.
const EXACT_INTEGERS: f64 = 9_007_199_254_740_992.0; // 2^53

/// The float64 next to `number`. `None` for integers above 2^53, which would change, and for numbers beyond the
/// range at either end.
pub(crate) fn float(number: &Number<'_>) -> Option<f64> {
    if !number.exponent && number.digits <= 15 {
        // Both sides are exact, so one division rounds once: the nearest float64 (Clinger's fast path).
        let value = number.mantissa as f64 / POWERS_OF_TEN[number.fraction];
        return Some(if number.negative { -value } else { value });
    }
    let value: f64 = str::from_utf8(number.text).ok()?.parse().ok()?;
    let changed = value.abs() >= EXACT_INTEGERS
        && match number.exponent {
            // As programs print their float64s: the digits that tell this one from its neighbours.
            true => significant_digits(number.text) != significant_digits(format!("{value:e}").as_bytes()),
            false => value.abs() > EXACT_INTEGERS || integer(number) != Some(value as i64),
        };
    let underflow = value == 0.0
        && number
            .text
            .iter()
            .take_while(|byte| !matches!(byte, b'e' | b'E'))
            .any(|byte| matches!(byte, b'1'..=b'9'));
    (value.is_finite() && !changed && !underflow).then_some(value)
}

/// The digits of a number without its point, its exponent and the zeros at both ends.
fn significant_digits(text: &[u8]) -> Vec<u8> {
    let mantissa = text.iter().take_while(|byte| !matches!(byte, b'e' | b'E'));
    let digits: Vec<u8> = mantissa
        .copied()
        .filter(u8::is_ascii_digit)
        .skip_while(|digit| *digit == b'0')
        .collect();
    let length = digits
        .iter()
        .rposition(|digit| *digit != b'0')
        .map_or(0, |last| last + 1);
    digits[..length].to_vec()
}

/// Milliseconds in `"<n> milliseconds"`.
pub(crate) fn milliseconds(text: &[u8]) -> Option<i64> {
    integer(&number_in(text.strip_suffix(b" milliseconds")?)?)
}

/// Microseconds since 1970 of epoch milliseconds within the years 2000 to 2100.
pub(crate) fn epoch_milliseconds(number: &Number<'_>) -> Option<i64> {
    const YEAR_2000: i64 = 946_684_800_000;
    const YEAR_2101: i64 = 4_133_980_800_000;
    integer(number)
        .filter(|value| (YEAR_2000..YEAR_2101).contains(value))
        .map(|value| value * 1000)
}

/// Microseconds since 1970 UTC of a time in ISO 8601's extended format, with `T` or a space, with or without a
/// zone (none means UTC), or of a date alone (its midnight). `None` too for fractions finer than a microsecond and for
/// instants outside the years 1 to 9999 UTC, which many readers cannot hold.
pub(crate) fn timestamp(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *date else {
        return None;
    };
    let days = days_from_civil(two(y0, y1)? * 100 + two(y2, y3)?, two(m0, m1)?, two(d0, d1)?)?;
    let seconds = days * 86_400;
    let Some((b'T' | b't' | b' ', time)) = rest.split_first() else {
        return rest
            .is_empty()
            .then_some(seconds * 1_000_000)
            .filter(|time| COMMON_YEARS.contains(time));
    };
    let (&[h0, h1, b':', n0, n1], rest) = time.split_first_chunk::<5>()? else {
        return None;
    };
    let (hour, minute) = (
        two(h0, h1).filter(|hour| *hour < 24)?,
        two(n0, n1).filter(|minute| *minute < 60)?,
    );
    let (second, micros, rest) = match rest {
        [b':', s0, s1, rest @ ..] => {
            let second = two(*s0, *s1).filter(|second| *second < 60)?;
            let (micros, rest) = match rest {
                [b'.' | b',', rest @ ..] => fraction(rest)?,
                rest => (0, rest),
            };
            (second, micros, rest)
        }
        // What stands here with a point would be a part of a minute, which nobody sends.
        rest => (0, 0, rest),
    };
    let offset = zone(rest)?;
    let time = (seconds + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + micros;
    Some(time).filter(|time| COMMON_YEARS.contains(time))
}

/// Microseconds from the year 1 to the end of the year 9999.
const COMMON_YEARS: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_300_800_000_000;

/// Microseconds of the digits after the point, and what follows them.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let (kept, finer) = digits.split_at(length.min(6));
    if kept.is_empty() || finer.iter().any(|digit| *digit != b'0') {
        return None;
    }
    let value = kept
        .iter()
        .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'));
    Some((value * 10_i64.pow(6 - kept.len() as u32), rest))
}

/// Seconds east of UTC of `Z`, `+05:30`, `+0530`, `+05` or nothing.
fn zone(text: &[u8]) -> Option<i64> {
    let (sign, digits) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [h0, h1, b':', m0, m1] | [h0, h1, m0, m1] => (two(*h0, *h1)?, two(*m0, *m1)?),
        [h0, h1] => (two(*h0, *h1)?, 0),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar. A date library's types would cost more than the
/// rest of the column here: times are a tenth of all values.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day is the last of a year; eras of 400 years repeat.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_integer(text: &str) -> Option<i64> {
        integer(&number_in(text.as_bytes())?)
    }

    fn as_float(text: &str) -> Option<f64> {
        float(&number_in(text.as_bytes())?)
    }

    #[test]
    fn whole_numbers_are_integers_however_written() {
        for (text, value) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("-12", Some(-12)),
            ("1.0", Some(1)),
            ("1e3", Some(1000)),
            ("1.50e1", Some(15)),
            ("100e-2", Some(1)),
            ("0e999999999999999999999", Some(0)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("9007199254740993.0", Some(9_007_199_254_740_993)),
            ("1.5", None),
            ("1e-1", None),
            ("1e400", None),
            ("1e99999999999999999999", None),
        ] {
            assert_eq!(as_integer(text), value, "{text}");
        }
        assert_eq!(as_integer(&"9".repeat(400)), None);
    }

    #[test]
    fn floats_are_the_nearest_and_never_a_changed_integer() {
        for text in [
            "0.1",
            "-12.5",
            "90.62",
            "123456789.123456",
            "1e22",
            "1.7976931348623157e308",
            "5e-324",
            "0.0",
        ] {
            assert_eq!(as_float(text), Some(text.parse().unwrap()), "{text}");
        }
        assert_eq!(as_float("9007199254740992"), Some(9_007_199_254_740_992.0));
        for text in [
            "9007199254740993",
            "-9007199254740993.0",
            "1e400",
            "1e-400",
            &"9".repeat(400),
        ] {
            assert_eq!(as_float(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_a_number_only_as_a_whole() {
        for text in [
            "", " 1", "1 ", "1x", "--1", "1,5", "0x10", "1 000", "NaN", "Infinity", "007",
        ] {
            assert!(number_in(text.as_bytes()).is_none(), "{text:?}");
        }
    }

    #[test]
    fn times_agree_with_chrono() {
        for (text, rfc3339) in [
            ("2026-03-23T10:17:54.123Z", "2026-03-23T10:17:54.123Z"),
            ("2026-03-23 12:30:00", "2026-03-23T12:30:00Z"),
            ("2026-03-23T10:17:54.123456000", "2026-03-23T10:17:54.123456Z"),
            ("2024-02-29T23:59:59+05:30", "2024-02-29T23:59:59+05:30"),
            ("2024-02-29T23:59:59.5-0800", "2024-02-29T23:59:59.5-08:00"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("1900-03-01T00:00Z", "1900-03-01T00:00:00Z"),
            ("2026-03-23", "2026-03-23T00:00:00Z"),
        ] {
            let expected = chrono::DateTime::parse_from_rfc3339(rfc3339)
                .unwrap()
                .timestamp_micros();
            assert_eq!(timestamp(text.as_bytes()), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-29",
            "2026-03-23T",
            "2026-03-23T24:00:00",
            "2026-03-23T10:60:00",
            "2026-03-23T10:00:60Z",
            "2026-03-23T10:00:00.1234567Z",
            "2026-03-23T10:00:00.Z",
            "2026-03-23T10:00.5Z",
            "2026-03-23T10:00:00 Z",
            "2026-03-23T10:00:00+5",
            "10/20/2020 2:13:12",
            "2026-03-23T10:00:00Zx",
            "２０２６-03-23",
            "0000-12-31T23:59:59Z",
            "0001-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(timestamp(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn epoch_milliseconds_end_with_the_year_2100() {
        let read = |text: &str| epoch_milliseconds(&number_in(text.as_bytes()).unwrap());
        assert_eq!(read("946684800000"), Some(946_684_800_000_000));
        assert_eq!(read("4133980799999"), Some(4_133_980_799_999_000));
        assert_eq!(
            (read("946684799999"), read("4133980800000"), read("0")),
            (None, None, None)
        );
    }

    #[test]
    fn milliseconds_are_read_with_their_unit_only() {
        assert_eq!(milliseconds(b"48250 milliseconds"), Some(48_250));
        for text in [
            "48250",
            "1.5 milliseconds",
            "milliseconds",
            "1 seconds",
            "1  milliseconds",
        ] {
            assert_eq!(milliseconds(text.as_bytes()), None, "{text}");
        }
    }
}

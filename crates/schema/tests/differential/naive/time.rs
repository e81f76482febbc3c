//! What times mean, by `chrono`. Which columns ask is decided in [`naive`](super).

use chrono::{DateTime, Datelike, Utc};

use super::number;

/// Microseconds since 1970 of epoch milliseconds in the years 2000 to 2100.
pub(crate) fn epoch(number: &str) -> Option<i64> {
    let time = DateTime::from_timestamp_millis(number::integer(number)?)?;
    (2000..=2100)
        .contains(&time.year())
        .then(|| time.timestamp_micros())
}

/// Microseconds since 1970 of ISO 8601's extended format. `chrono` reads it in the form of RFC 3339, so what may be
/// left out is put in first.
pub(crate) fn timestamp(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let time = match time {
        "" => "00:00:00Z",
        _ => time.strip_prefix(['T', 't', ' '])?,
    };
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let (clock, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) if is_shape(clock, "00:00:00") => (clock, Some(fraction)),
        Some(_) => return None,
        None => (clock, None),
    };
    let seconds = match clock.len() {
        5 => format!("{clock}:00"),
        _ => clock.to_owned(),
    };
    if !is_shape(date, "0000-00-00") || !is_shape(&seconds, "00:00:00") || seconds.ends_with(":60") {
        return None;
    }
    let micros = match fraction {
        Some("") => return None,
        Some(fraction) => format!("{:0<6}", fraction.trim_end_matches('0')),
        None => "000000".to_owned(),
    };
    if !is_shape(&micros, "000000") {
        return None; // no digits, or more of them than microseconds have
    }
    let zone = match zone {
        "" | "z" => "Z".to_owned(),
        _ if is_shape(&zone[1..], "00") => format!("{zone}:00"),
        _ if is_shape(&zone[1..], "0000") => format!("{}:{}", &zone[..3], &zone[3..]),
        _ => zone.to_owned(),
    };
    let time = DateTime::parse_from_rfc3339(&format!("{date}T{seconds}.{micros}{zone}")).ok()?;
    let time = time.with_timezone(&Utc);
    (1..=9999).contains(&time.year()).then(|| time.timestamp_micros())
}

/// Whether `text` is `shape` with other digits.
fn is_shape(text: &str, shape: &str) -> bool {
    text.is_ascii()
        && text.len() == shape.len()
        && text
            .chars()
            .zip(shape.chars())
            .all(|(char, expected)| match expected {
                '0' => char.is_ascii_digit(),
                _ => char == expected,
            })
}

//! What numbers mean, by moving their decimal digits about. Which columns ask is decided in [`naive`](super).

use serde_json::value::RawValue;

/// Whether the whole of `text` is a number in JSON's grammar.
pub(crate) fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get() == text)
}

/// `digits` × 10^`exponent`, where digits neither begin nor end with zero; none at all are zero.
#[derive(PartialEq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i128,
}

impl Decimal {
    fn new(number: &str) -> Self {
        let number = number.to_lowercase();
        let (mantissa, exponent) = number.split_once('e').unwrap_or((&number, "0"));
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let negative = before.starts_with('-');
        let all = format!("{}{after}", before.trim_start_matches('-'));
        let digits = all.trim_end_matches('0');
        // An exponent of more than 38 digits is as good as one of 30.
        let far = match exponent.starts_with('-') {
            true => -(10_i128.pow(30)),
            false => 10_i128.pow(30),
        };
        let exponent = exponent.parse().unwrap_or(far);
        Self {
            negative,
            exponent: exponent - after.len() as i128 + (all.len() - digits.len()) as i128,
            digits: digits.trim_start_matches('0').to_owned(),
        }
    }
}

/// The integer that a number is, however it is written.
pub(crate) fn integer(number: &str) -> Option<i64> {
    let Decimal {
        negative,
        digits,
        exponent,
    } = Decimal::new(number);
    if digits.is_empty() {
        return Some(0);
    }
    let zeros = usize::try_from(exponent).ok().filter(|zeros| *zeros < 20)?;
    let sign = if negative { "-" } else { "" };
    format!("{sign}{digits}{}", "0".repeat(zeros)).parse().ok()
}

/// The float64 next to a number. An integer above 2^53 would change and is none, unless it is written with the
/// exponent and the digits that programs print a float64 with.
pub(crate) fn float(number: &str) -> Option<f64> {
    let value: f64 = number.parse().ok().filter(|value: &f64| value.is_finite())?;
    let sent = Decimal::new(number);
    let largest = 9_007_199_254_740_992.0;
    let fits = if value == 0.0 {
        sent.digits.is_empty()
    } else if value.abs() < largest {
        true
    } else if number.contains(['e', 'E']) {
        sent == Decimal::new(&format!("{value:e}"))
    } else {
        value.abs() == largest && sent == Decimal::new(&format!("{value}"))
    };
    fits.then_some(value)
}

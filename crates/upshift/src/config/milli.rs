//! Decimal numbers in thousandths, exactly and without floats.

/// The number that `text` writes, in thousandths; none where it is not a plain decimal number with
/// at most three places, or too large.
pub(super) fn parse(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !numeric(whole) || !numeric(places) {
        return None;
    }
    let places = places.trim_end_matches('0');
    if places.len() > 3 {
        return None;
    }
    let thousandths: i64 = format!("{places:0<3}").parse().ok()?;
    let value = whole
        .parse::<i64>()
        .ok()?
        .checked_mul(1000)?
        .checked_add(thousandths)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn thousandths_are_exact() {
        for (text, milli) in [
            ("0.9", 900),
            ("1", 1000),
            ("-2.5", -2500),
            ("1200.125", 1_200_125),
            ("3.1000", 3100),
            ("0.001", 1),
        ] {
            assert_eq!(parse(text), Some(milli), "{text}");
        }
        for text in [
            "",
            "1e3",
            "inf",
            "nan",
            "0.0001",
            ".5",
            "1.",
            "1.2.3",
            "99999999999999999999",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}

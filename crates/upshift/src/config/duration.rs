//! Lengths of time as people write them: `250ms`, `90s`, `15m`, `1h30m`, `7d`.

use upshift_model::span::Millis;

/// Units, longest name first where one starts with another.
const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// The length that `text` says; none where it says none.
pub fn parse(text: &str) -> Option<Millis> {
    let mut rest = text;
    let mut total: u64 = 0;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if *factor >= last {
            return None;
        }
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*factor)?)?;
        last = *factor;
        rest = after;
    }
    (!text.is_empty()).then_some(Millis(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_numbers_with_units_from_long_to_short() {
        for (text, ms) in [
            ("250ms", 250),
            ("90s", 90_000),
            ("15m", 900_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("1w", 604_800_000),
            ("0s", 0),
        ] {
            assert_eq!(parse(text), Some(Millis(ms)), "{text}");
        }
        for text in [
            "",
            "15",
            "m",
            "15 m",
            "1.5h",
            "-1s",
            "30m1h",
            "1m1m",
            "99999999999999999999s",
            "999999999999999d",
            "15min",
            "1s ",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}

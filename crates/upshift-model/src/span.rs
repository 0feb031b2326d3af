//! Lengths of time as they are planned, recorded and printed.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A length of time in whole milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `seconds` as milliseconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1000)
    }

    /// For timers.
    pub const fn as_duration(self) -> Duration {
        Duration::from_millis(self.0)
    }

    /// The time from `earlier` to `later`; zero where the clock went backwards.
    pub fn between(earlier: jiff::Timestamp, later: jiff::Timestamp) -> Self {
        let ms = later.as_millisecond().saturating_sub(earlier.as_millisecond());
        Self(u64::try_from(ms).unwrap_or(0))
    }

    /// The sum, at most the largest value.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Millis {
    /// `97 ms`, `2.1 s`, `15 m 02 s`, `3 h 05 m`, `7 d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0;
        let s = ms / 1000;
        let text = match ms {
            0..1_000 => format!("{ms} ms"),
            1_000..10_000 if !ms.is_multiple_of(1000) => format!("{}.{} s", s, ms % 1000 / 100),
            1_000..120_000 => format!("{s} s"),
            120_000..7_200_000 if s.is_multiple_of(60) => format!("{} m", s / 60),
            120_000..7_200_000 => format!("{} m {:02} s", s / 60, s % 60),
            7_200_000..172_800_000 if s.is_multiple_of(3600) => format!("{} h", s / 3600),
            7_200_000..172_800_000 => format!("{} h {:02} m", s / 3600, s % 3600 / 60),
            _ if s.is_multiple_of(86_400) => format!("{} d", s / 86_400),
            _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3600),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::Millis;

    #[test]
    fn lengths_read_as_people_say_them() {
        let said = |ms| Millis(ms).to_string();
        assert_eq!(said(97), "97 ms");
        assert_eq!(said(2_100), "2.1 s");
        assert_eq!(said(60_000), "60 s");
        assert_eq!(said(902_000), "15 m 02 s");
        assert_eq!(said(900_000), "15 m");
        assert_eq!(said(7 * 86_400_000), "7 d");
        assert_eq!(said(11_100_000), "3 h 05 m");
    }
}

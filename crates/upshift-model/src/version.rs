//! Systems, versions and their order.
//!
//! Versions are dotted numbers with an optional tail (`1.20.5`, `2.3-SNAPSHOT`, `4.2.18.14`), engines of Realtime
//! Compute with the name of their line before (`vvr-8.0.11-flink-1.17`). This module knows nothing of what is
//! compatible with what.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The kinds of system upshift knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemKind {
    /// Apache Flink.
    Flink,
    /// Apache Fluss.
    Fluss,
    /// WEKA.
    Weka,
    /// Realtime Compute for Apache Flink.
    RealtimeCompute,
    /// Alluxio.
    Alluxio,
}

impl SystemKind {
    /// The word used in files and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flink => "flink",
            Self::Fluss => "fluss",
            Self::Weka => "weka",
            Self::RealtimeCompute => "realtime-compute",
            Self::Alluxio => "alluxio",
        }
    }
}

impl fmt::Display for SystemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Flink => "Flink",
            Self::Fluss => "Fluss",
            Self::Weka => "WEKA",
            Self::RealtimeCompute => "Realtime Compute",
            Self::Alluxio => "Alluxio",
        })
    }
}

/// A version: dotted numbers, then an optional tail. Ordered by the numbers (missing ones count as
/// zero), then a version without a tail comes after the same with one (`2.3-SNAPSHOT` < `2.3`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    text: String,
    numbers: Vec<u32>,
    tail: String,
}

/// Text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is not a version: expected dotted numbers such as 1.20.5")]
pub struct NotAVersion {
    /// The text as found.
    pub found: String,
}

impl Version {
    /// The first number.
    pub fn major(&self) -> u32 {
        self.number(0)
    }

    /// The second number, zero where there is none.
    pub fn minor(&self) -> u32 {
        self.number(1)
    }

    /// The third number; none for a version such as `1.20` that names a whole line.
    pub fn patch(&self) -> Option<u32> {
        self.numbers.get(2).copied()
    }

    /// What follows the numbers, without its hyphen.
    pub fn tail(&self) -> &str {
        &self.tail
    }

    /// `1.20` of `1.20.5`.
    pub fn line(&self) -> Self {
        let text = format!("{}.{}", self.major(), self.minor());
        Self {
            numbers: vec![self.major(), self.minor()],
            text,
            tail: String::new(),
        }
    }

    /// Whether both have the same first and second number.
    pub fn same_line(&self, other: &Self) -> bool {
        (self.major(), self.minor()) == (other.major(), other.minor())
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn number(&self, at: usize) -> u32 {
        self.numbers.get(at).copied().unwrap_or(0)
    }

    fn trimmed(&self) -> &[u32] {
        let end = self.numbers.iter().rposition(|n| *n != 0).map_or(0, |at| at + 1);
        &self.numbers[..end]
    }
}

/// What follows the name of a line of engines, where there is one.
fn after_line(text: &str) -> &str {
    let of = |line: &&str| {
        text.get(..line.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(line))
    };
    ["vvr-", "vera-"]
        .iter()
        .find(|line| of(line))
        .map_or(text, |line| &text[line.len()..])
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let bad = || NotAVersion {
            found: text.to_owned(),
        };
        let (numbers, tail) = match after_line(text).split_once('-') {
            Some((_, "")) => return Err(bad()),
            Some((numbers, tail)) => (numbers, tail),
            None => (after_line(text), ""),
        };
        let numbers: Vec<u32> = numbers
            .split('.')
            .map(|part| match part.bytes().all(|b| b.is_ascii_digit()) {
                true => part.parse().map_err(|_| bad()),
                false => Err(bad()),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            numbers,
            tail: tail.to_owned(),
        })
    }
}

impl TryFrom<String> for Version {
    type Error = NotAVersion;

    fn try_from(text: String) -> Result<Self, NotAVersion> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.trimmed()
            .cmp(other.trimmed())
            .then_with(|| match (self.tail.as_str(), other.tail.as_str()) {
                ("", "") => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                (a, b) => a.cmp(b),
            })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn versions_order_by_number_and_not_by_text() {
        let ordered = [
            "1.9.3",
            "1.10.0",
            "1.18-SNAPSHOT",
            "1.18",
            "1.18.1",
            "1.20.5",
            "2.0.0",
            "2.3-rc1",
            "2.3",
        ];
        for pair in ordered.windows(2) {
            assert!(v(pair[0]) < v(pair[1]), "{} < {}", pair[0], pair[1]);
        }
        assert_eq!(v("1.18"), v("1.18.0"));
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        assert!(v("vvr-8.0.11-flink-1.17") > v("VVR-8.0.9-flink-1.17"));
        assert_eq!(
            v("vvr-11.7-jdk11-flink-1.20").as_str(),
            "vvr-11.7-jdk11-flink-1.20"
        );
        for text in [
            "",
            "vvr-",
            "vvr-flink",
            "1..2",
            "v1.2",
            "1.x",
            "1.2-",
            "latest",
            "1.+2",
        ] {
            assert_eq!(
                text.parse::<Version>(),
                Err(NotAVersion {
                    found: text.to_owned()
                })
            );
        }
    }
}

//! What every row has: the versions it is about, where it was read, and how sure that is.
//!
//! What a row says is the business of the module of its system.

use serde::Deserialize;
use upshift_model::version::Version;

/// How sure a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The vendor says so.
    Vendor,
    /// Read in the vendor's code or in the classes that it ships.
    ReadInCode,
    /// Tried with the real software.
    Measured,
    /// Concluded from other facts.
    Inferred,
}

impl Confidence {
    /// The word in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::ReadInCode => "read-in-code",
            Self::Measured => "measured",
            Self::Inferred => "inferred",
        }
    }
}

/// Where a row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Document and section, class, or experiment.
    pub source: String,
    /// How sure that makes it.
    pub confidence: Confidence,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.source, self.confidence.word())
    }
}

/// A range of versions, both ends included, either end open. An end that names a line (`1.20`)
/// covers all of its patch releases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub since: Option<Version>,
    /// The last.
    pub until: Option<Version>,
}

impl Range {
    /// Whether `version` lies in it.
    pub fn contains(&self, version: &Version) -> bool {
        let since = self
            .since
            .as_ref()
            .is_none_or(|bound| on_the_scale_of(bound, version) >= *bound);
        let until = self
            .until
            .as_ref()
            .is_none_or(|bound| on_the_scale_of(bound, version) <= *bound);
        since && until
    }

    /// Whether nothing can lie in it.
    pub fn is_impossible(&self) -> bool {
        match (&self.since, &self.until) {
            (Some(since), Some(until)) => on_the_scale_of(until, since) > *until,
            _ => false,
        }
    }

    /// Whether some version may lie in both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let ends_before = |a: &Self, b: &Self| match (&a.until, &b.since) {
            (Some(until), Some(since)) => on_the_scale_of(until, since) > *until,
            _ => false,
        };
        !ends_before(self, other) && !ends_before(other, self)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.since, &self.until) {
            (None, None) => f.write_str("every version"),
            (Some(since), None) => write!(f, "{since} and later"),
            (None, Some(until)) => write!(f, "up to {until}"),
            (Some(since), Some(until)) if since == until => write!(f, "{since}"),
            (Some(since), Some(until)) => write!(f, "{since} to {until}"),
        }
    }
}

/// `version` as precise as `bound`: a bound that names a line is compared with lines.
fn on_the_scale_of(bound: &Version, version: &Version) -> Version {
    match bound.patch() {
        None => version.line(),
        Some(_) => version.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(since: &str, until: &str) -> Range {
        let end = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a version"));
        Range {
            since: end(since),
            until: end(until),
        }
    }

    #[test]
    fn a_line_covers_its_patch_releases_and_a_patch_only_itself() {
        let cases = [
            ("1.18", "1.20", "1.20.5", true),
            ("1.18", "1.20", "1.17.2", false),
            ("1.18", "1.20", "2.0.0", false),
            ("1.3.0", "1.3.0", "1.3.1", false),
            ("1.3.0", "1.3.0", "1.3.0", true),
            ("1.6.0", "1.6.2", "1.6.2", true),
            ("1.6.0", "1.6.2", "1.6.3", false),
            ("", "1.1", "1.1.5", true),
            ("2.0", "", "2.3-SNAPSHOT", true),
            ("2.3", "", "2.3-SNAPSHOT", true),
        ];
        for (since, until, version, expected) in cases {
            let version: Version = version.parse().expect("a version");
            assert_eq!(
                range(since, until).contains(&version),
                expected,
                "{since}..{until} {version}"
            );
        }
    }

    #[test]
    fn ranges_that_hold_nothing_are_known_for_it() {
        assert!(range("1.20", "1.18").is_impossible());
        assert!(range("1.4.1", "1.4.0").is_impossible());
        assert!(!range("1.20", "1.20").is_impossible());
        assert!(!range("1.20.3", "1.20").is_impossible());
        assert!(range("1.16", "1.18").overlaps(&range("1.18", "2.0")));
        assert!(!range("1.16", "1.17").overlaps(&range("1.18", "2.0")));
    }
}

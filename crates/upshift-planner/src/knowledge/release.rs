//! Versions as each system writes them, and their order.
//!
//! Within one system the order is total. What is compatible with what is not decided here.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

use super::system::Known;

/// A version of one system.
#[derive(Debug, Clone)]
pub struct Release {
    text: String,
    system: Known,
    key: Key,
    given: usize,
    mark: Option<String>,
    jdk: Option<u32>,
}

/// What the order looks at, in this sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    product: Product,
    /// Without zeros at the end: `4.2` and `4.2.0` are one version.
    numbers: Vec<u32>,
    stage: Stage,
    respin: u32,
    built_on: (u32, u32),
}

/// Lines of engines that do not continue one another; every other system has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// The only one of its system; `vvr` for Realtime Compute.
    Main,
    /// `vera` of Realtime Compute's vendor.
    Vera,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before(String),
    Released,
}

/// Text that is no version of the system.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is no version of {system}: expected {expected}")]
pub struct NotARelease {
    /// The system.
    pub system: Known,
    /// The text.
    pub found: String,
    /// What a version of it looks like.
    pub expected: &'static str,
}

impl Release {
    /// Reads a version as the system writes it.
    pub fn parse(system: Known, text: &str) -> Result<Self, NotARelease> {
        let parsed = match system {
            Known::Flink => flink(text),
            Known::Fluss => fluss(text),
            Known::RealtimeCompute => engine(text),
            Known::Alluxio => alluxio(text),
            Known::Weka => weka(text),
        };
        let parts = parsed.ok_or_else(|| NotARelease {
            system,
            found: text.to_owned(),
            expected: system.form(),
        })?;
        Ok(parts.of(system, text))
    }

    /// Reads the end of a range: for Realtime Compute the engine's own number (`8.0.3`), for the
    /// others a version.
    pub fn bound(system: Known, text: &str) -> Result<Self, NotARelease> {
        match (system, dotted(text, 1, 3)) {
            (Known::RealtimeCompute, Some(numbers)) => Ok(Parts::plain(numbers).of(system, text)),
            _ => Self::parse(system, text),
        }
    }

    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whose version it is.
    pub fn system(&self) -> Known {
        self.system
    }

    /// The number at a place, zero where there is none.
    pub fn number(&self, at: usize) -> u32 {
        self.key.numbers.get(at).copied().unwrap_or(0)
    }

    /// How many numbers were given.
    pub fn given(&self) -> usize {
        self.given
    }

    /// The first two numbers.
    pub fn line(&self) -> (u32, u32) {
        (self.number(0), self.number(1))
    }

    /// Which line of engines.
    pub fn product(&self) -> Product {
        self.key.product
    }

    /// The Flink that an engine is built on.
    pub fn built_on(&self) -> (u32, u32) {
        self.key.built_on
    }

    /// The Java that an engine's name speaks of.
    pub fn jdk(&self) -> Option<u32> {
        self.jdk
    }

    /// A word behind the numbers that marks a build of its own (a hotfix, a test build), which the
    /// order does not look at.
    pub fn mark(&self) -> Option<&str> {
        self.mark.as_deref()
    }

    /// Compares only as many numbers as the other names: `1.20.5` is at `1.20`.
    fn at_scale_of(&self, bound: &Self) -> Ordering {
        let numbers = |r: &Self| -> Vec<u32> { (0..bound.given).map(|at| r.number(at)).collect() };
        let coarse = self
            .key
            .product
            .cmp(&bound.key.product)
            .then_with(|| numbers(self).cmp(&numbers(bound)));
        match bound.given < self.given {
            true => coarse,
            false => coarse
                .then_with(|| self.key.stage.cmp(&bound.key.stage))
                .then_with(|| self.key.respin.cmp(&bound.key.respin)),
        }
    }
}

/// A range of releases, both ends included, either end open. An end that names a line covers what
/// lies in it.
#[derive(Debug, Clone, Default)]
pub struct Span {
    /// The first.
    pub since: Option<Release>,
    /// The last.
    pub until: Option<Release>,
}

impl Span {
    /// Whether the release lies in it.
    pub fn contains(&self, release: &Release) -> bool {
        let since = self.since.as_ref().is_none_or(|b| release.at_scale_of(b).is_ge());
        let until = self.until.as_ref().is_none_or(|b| release.at_scale_of(b).is_le());
        since && until
    }

    /// Whether nothing can lie in it.
    pub fn is_impossible(&self) -> bool {
        match (&self.since, &self.until) {
            (Some(since), Some(until)) => since.at_scale_of(until).is_gt(),
            _ => false,
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.since, &self.until) {
            (None, None) => f.write_str("every version"),
            (Some(since), None) => write!(f, "{since} and later"),
            (None, Some(until)) => write!(f, "up to {until}"),
            (Some(since), Some(until)) => write!(f, "{since} to {until}"),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Ord for Release {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.system, &self.key, self.jdk).cmp(&(other.system, &other.key, other.jdk))
    }
}

impl PartialOrd for Release {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Release {}

struct Parts {
    product: Product,
    numbers: Vec<u32>,
    stage: Stage,
    respin: u32,
    built_on: (u32, u32),
    jdk: Option<u32>,
    mark: Option<String>,
}

impl Parts {
    fn plain(numbers: Vec<u32>) -> Self {
        Self {
            product: Product::Main,
            numbers,
            stage: Stage::Released,
            respin: 0,
            built_on: (0, 0),
            jdk: None,
            mark: None,
        }
    }

    fn before(numbers: Vec<u32>, tail: &str) -> Self {
        Self {
            stage: Stage::Before(tail.to_ascii_lowercase()),
            ..Self::plain(numbers)
        }
    }

    fn of(self, system: Known, text: &str) -> Release {
        let end = self.numbers.iter().rposition(|n| *n != 0).map_or(0, |at| at + 1);
        Release {
            text: text.to_owned(),
            system,
            given: self.numbers.len(),
            mark: self.mark,
            jdk: self.jdk,
            key: Key {
                product: self.product,
                numbers: self.numbers[..end].to_vec(),
                stage: self.stage,
                respin: self.respin,
                built_on: self.built_on,
            },
        }
    }
}

fn dotted(text: &str, fewest: usize, most: usize) -> Option<Vec<u32>> {
    let numbers: Vec<u32> = text
        .split('.')
        .map(|part| match part.bytes().all(|b| b.is_ascii_digit()) {
            true => part.parse().ok(),
            false => None,
        })
        .collect::<Option<_>>()?;
    (fewest..=most).contains(&numbers.len()).then_some(numbers)
}

fn split(text: &str) -> Option<(&str, &str)> {
    match text.split_once('-') {
        Some((_, "")) => None,
        Some(parts) => Some(parts),
        None => Some((text, "")),
    }
}

fn flink(text: &str) -> Option<Parts> {
    let (numbers, tail) = split(text)?;
    let numbers = dotted(numbers, 2, 4)?;
    Some(match tail {
        "" => Parts::plain(numbers),
        tail => Parts::before(numbers, tail),
    })
}

/// Releases of the incubator bear its name; it says nothing of their order.
fn fluss(text: &str) -> Option<Parts> {
    let (numbers, tail) = split(text.strip_prefix('v').unwrap_or(text))?;
    let numbers = dotted(numbers, 2, 3)?;
    let tail = tail
        .strip_prefix("incubating")
        .map_or(tail, |rest| rest.trim_start_matches('-'));
    let lower = tail.to_ascii_lowercase();
    match lower.as_str() {
        "" => Some(Parts::plain(numbers)),
        tail if tail == "snapshot" || tail.starts_with("rc") => Some(Parts::before(numbers, tail)),
        _ => None,
    }
}

/// The 2.x line has dotted numbers, the one after it whole numbers from 300.
fn alluxio(text: &str) -> Option<Parts> {
    let (numbers, tail) = split(text.strip_prefix('v').unwrap_or(text))?;
    let numbers = dotted(numbers, 1, 3)?;
    if numbers.len() == 1 && numbers[0] < 300 {
        return None;
    }
    let lower = tail.to_ascii_lowercase();
    match lower.as_str() {
        "" => Some(Parts::plain(numbers)),
        tail if tail == "snapshot" || tail.starts_with("rc") => Some(Parts::before(numbers, tail)),
        _ => None,
    }
}

/// An image's name may stand before it; a number behind the hyphen is a later spin of the same build.
fn weka(text: &str) -> Option<Parts> {
    let tag = text.rsplit_once(':').map_or(text, |(_, tag)| tag);
    let (numbers, tail) = split(tag.strip_prefix('v').unwrap_or(tag))?;
    let mut parts = Parts::plain(dotted(numbers, 2, 4)?);
    let digits = !tail.is_empty() && tail.bytes().all(|b| b.is_ascii_digit());
    if digits {
        parts.respin = tail.parse().ok()?;
    } else if !tail.is_empty() && tail != "hcfs" {
        let known = tail
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        parts.mark = Some(known.then(|| tail.to_owned())?);
    }
    Some(parts)
}

fn engine(text: &str) -> Option<Parts> {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split('-').collect();
    let (product, number, jdk, base) = match words.as_slice() {
        [product, number, "flink", base] => (*product, *number, None, *base),
        [product, number, jdk, "flink", base] => (*product, *number, Some(*jdk), *base),
        _ => return None,
    };
    let product = match product {
        "vvr" => Product::Main,
        "vera" => Product::Vera,
        _ => return None,
    };
    let jdk = match jdk {
        None => None,
        Some(word) => Some(word.strip_prefix("jdk")?.parse().ok()?),
    };
    let base = dotted(base, 2, 2)?;
    Some(Parts {
        product,
        built_on: (base[0], base[1]),
        jdk,
        ..Parts::plain(dotted(number, 2, 3)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_ascends(system: Known, texts: &[&str]) {
        let all: Vec<Release> = texts
            .iter()
            .map(|text| Release::parse(system, text).unwrap_or_else(|e| panic!("{e}")))
            .collect();
        for (a, low) in all.iter().enumerate() {
            for (b, high) in all.iter().enumerate() {
                assert_eq!(low.cmp(high), a.cmp(&b), "{low} against {high}");
            }
        }
    }

    #[test]
    fn versions_ascend_as_their_vendors_number_them() {
        check_ascends(
            Known::Flink,
            &[
                "1.9.3",
                "1.10.0",
                "1.18-SNAPSHOT",
                "1.18",
                "1.18.1",
                "2.0-rc1",
                "2.0.0",
            ],
        );
        check_ascends(
            Known::Fluss,
            &[
                "0.6.0",
                "0.7.0",
                "0.8.0-incubating",
                "0.9.0-incubating-rc1",
                "0.9.0",
                "0.9.1-incubating",
                "1.0.0",
            ],
        );
        check_ascends(
            Known::Alluxio,
            &["1.8.1", "2.0.0-RC1", "2.0.0", "2.9.6", "2.10.0", "300", "v313"],
        );
        check_ascends(
            Known::Weka,
            &[
                "4.2.9",
                "4.2.9-1",
                "4.2.9.28",
                "4.2.11-3",
                "4.4.6",
                "4.4.6.114",
                "4.4.6.122",
                "4.4.10.202",
                "5.0.1.101",
                "5.1.25",
            ],
        );
        check_ascends(
            Known::RealtimeCompute,
            &[
                "vvr-4.0.18-flink-1.13",
                "vvr-8.0.9-flink-1.17",
                "vvr-8.0.11-flink-1.17",
                "vvr-11.1-jdk11-flink-1.20",
                "VVR-11.7-JDK11-Flink-1.20",
                "vera-4.5-jdk11-flink-1.20",
            ],
        );
    }

    #[test]
    fn what_is_no_version_of_the_system_is_refused() {
        for (system, texts) in [
            (Known::Flink, &["", "1", "1.x", "latest"][..]),
            (Known::Fluss, &["0.9.1-foo", "1"]),
            (Known::Alluxio, &["2", "299", "2.9.6-x"]),
            (Known::Weka, &["5", "4.4.6.1.2", "5.0-"]),
            (
                Known::RealtimeCompute,
                &[
                    "vvr-8.0-flink-1.17-x",
                    "8.0.11",
                    "vvr-8.0.11",
                    "vvr-8.0.11-flink-1.17.2",
                ],
            ),
        ] {
            for text in texts {
                assert!(Release::parse(system, text).is_err(), "{system} {text:?}");
            }
        }
    }

    #[test]
    fn names_that_stand_around_a_build_change_nothing_of_its_place() {
        let weka = |text| Release::parse(Known::Weka, text).expect("a version");
        assert_eq!(
            weka("quay.io/weka.io/weka-in-container:4.4.2.157-k8s.2"),
            weka("4.4.2.157")
        );
        assert_eq!(weka("v5.0.4-hcfs"), weka("5.0.4"));
        assert_eq!(weka("5.1.0.461-qa-alpha").mark(), Some("qa-alpha"));
        assert_eq!(weka("5.0.4-hcfs").mark(), None);
    }

    #[test]
    fn a_bound_that_names_a_line_covers_its_releases() {
        let span = |since: &str, until: &str| Span {
            since: Some(Release::bound(Known::Weka, since).expect("a bound")),
            until: Some(Release::bound(Known::Weka, until).expect("a bound")),
        };
        let weka = |text| Release::parse(Known::Weka, text).expect("a version");
        assert!(span("4.2", "4.4").contains(&weka("4.4.33")));
        assert!(!span("4.2", "4.3").contains(&weka("4.4.0")));
        assert!(span("4.4", "4.2").is_impossible());
        let engines = Span {
            since: Some(Release::bound(Known::RealtimeCompute, "8.0.1").expect("a bound")),
            until: Some(Release::bound(Known::RealtimeCompute, "8.0.3").expect("a bound")),
        };
        let engine = |text| Release::parse(Known::RealtimeCompute, text).expect("a version");
        assert!(engines.contains(&engine("vvr-8.0.3-flink-1.17")));
        assert!(!engines.contains(&engine("vvr-8.0.4-flink-1.17")));
        assert!(!engines.contains(&engine("vera-8.0.3-flink-1.17")));
    }
}

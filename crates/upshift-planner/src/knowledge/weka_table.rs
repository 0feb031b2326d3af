//! The vendor's published table of WEKA upgrade paths, turned into rows of an overlay.
//!
//! The table names, per target, the first and last sources (`{"5.1.25": {"min": […], "max": […]}}`).
//! Each last source belongs to the first source below it, or else to its own line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;
use thiserror::Error;

use super::release::{NotARelease, Release};
use super::system::Known;

/// A table that cannot be used.
#[derive(Debug, Error)]
pub enum TableError {
    /// Not JSON, or of another shape.
    #[error("it is not the vendor's table: expected targets with min and max")]
    Shape(#[source] serde_json::Error),
    /// A text that is no version.
    #[error("it names a version that is none")]
    Version(#[source] NotARelease),
    /// A target without a first source.
    #[error("{target} has no first source")]
    NoSource {
        /// The target.
        target: String,
    },
    /// No target at all.
    #[error("it names no target")]
    Empty,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    min: Vec<String>,
    max: Vec<String>,
}

/// The overlay's `weka/releases.toml` for a table, whose origin is told by `source`.
pub fn imported(table: &str, source: &str) -> Result<String, TableError> {
    let targets: BTreeMap<String, Target> = serde_json::from_str(table).map_err(TableError::Shape)?;
    if targets.is_empty() {
        return Err(TableError::Empty);
    }
    let mut rows: Vec<(Release, String)> = Vec::new();
    for (target, sources) in &targets {
        let release = read(target)?;
        let ranges = ranges(target, sources)?;
        rows.push((release, ranges));
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let mut text =
        "# Builds of WEKA with the sources that each takes, out of the vendor's table.\n".to_owned();
    let source = toml::Value::String(source.to_owned());
    for (release, ranges) in rows {
        write!(
            text,
            "\n[[release]]\nversion = \"{release}\"\nranges = [{ranges}]\nwaived = \"the vendor's own table\"\n\
             source = {source}\nconfidence = \"vendor\"\n"
        )
        .expect("a text can always be written to");
    }
    Ok(text)
}

fn read(text: &str) -> Result<Release, TableError> {
    Release::parse(Known::Weka, text).map_err(TableError::Version)
}

fn ranges(target: &str, sources: &Target) -> Result<String, TableError> {
    let sorted = |texts: &[String]| -> Result<Vec<Release>, TableError> {
        let mut all: Vec<Release> = texts.iter().map(|text| read(text)).collect::<Result<_, _>>()?;
        all.sort();
        Ok(all)
    };
    let (first, last) = (sorted(&sources.min)?, sorted(&sources.max)?);
    let lowest = first.first().ok_or_else(|| TableError::NoSource {
        target: target.to_owned(),
    })?;
    if last.is_empty() {
        return Ok(format!("{{ min = \"{lowest}\" }}"));
    }
    let mut ranges = Vec::new();
    let mut before: Option<&Release> = None;
    for max in &last {
        let fits = |min: &&Release| *min <= max && before.is_none_or(|before| *min > before);
        let min = first.iter().find(fits).map(ToString::to_string);
        let (major, minor) = max.line();
        let min = min.unwrap_or_else(|| format!("{major}.{minor}"));
        ranges.push(format!("{{ min = \"{min}\", max = \"{max}\" }}"));
        before = Some(max);
    }
    Ok(ranges.join(", "))
}

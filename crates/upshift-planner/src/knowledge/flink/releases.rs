//! What one release writes, reads and runs on.
//!
//! Whether state of one release fits another is next door, in `pairs`.

use serde::Deserialize;
use upshift_model::observed::Observed;
use upshift_model::version::Version;

use crate::knowledge::load::{LoadError, Row, TomlFile};
use crate::knowledge::row::Origin;

use super::Flink;

/// Whether upshift acts upon a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActedUpon {
    /// It does.
    Yes,
    /// Older than the oldest that it does.
    TooOld {
        /// The oldest line.
        lowest: Version,
    },
    /// Newer than the newest that it knows.
    TooNew {
        /// The newest line.
        highest: Version,
    },
}

/// What is known of a Java under a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JavaSupport {
    /// How far the vendor stands by it.
    pub support: Support,
    /// Where that was read.
    pub origin: Origin,
}

/// How far the vendor stands by something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Support {
    /// Supported.
    Supported,
    /// Offered as beta or experimental.
    Beta,
    /// It was seen to work; the vendor never said so.
    Undeclared,
    /// Refused.
    Unsupported,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    written: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reads {
    lowest: u32,
    highest: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    version: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Java {
    feature: u32,
    support: Support,
}

/// Rows of `releases.toml`, and the range acted upon.
#[derive(Debug, Clone)]
pub struct Releases {
    acted_upon: Vec<Row<Nothing>>,
    written: Vec<Row<Written>>,
    reads: Vec<Row<Reads>>,
    operator_header: Vec<Row<Header>>,
    keyed_header: Vec<Row<Header>>,
    java: Vec<Row<Java>>,
}

impl Releases {
    pub(in crate::knowledge) fn load(
        catalogue: &mut TomlFile,
        mut file: TomlFile,
    ) -> Result<Self, LoadError> {
        let this = Self {
            acted_upon: catalogue.rows("acted_upon")?,
            written: file.distinct("metadata", |_| ())?,
            reads: file.distinct("metadata_read", |_| ())?,
            operator_header: file.distinct("operator_header", |_| ())?,
            keyed_header: file.distinct("keyed_header", |_| ())?,
            java: file.distinct("java", |row: &Java| row.feature)?,
        };
        file.finish()?;
        Ok(this)
    }
}

/// The row that speaks of `version`; loading made sure that there is at most one.
pub(super) fn speaking_of<'a, T>(rows: &'a [Row<T>], version: &Version) -> Option<&'a Row<T>> {
    rows.iter().find(|row| row.range.contains(version))
}

impl Flink {
    /// Whether upshift acts upon this release.
    pub fn acted_upon(&self, version: &Version) -> ActedUpon {
        for row in &self.releases.acted_upon {
            match (&row.range.since, &row.range.until) {
                (Some(lowest), _) if version.line() < *lowest => {
                    return ActedUpon::TooOld {
                        lowest: lowest.clone(),
                    };
                }
                (_, Some(highest)) if version.line() > *highest => {
                    return ActedUpon::TooNew {
                        highest: highest.clone(),
                    };
                }
                _ => {}
            }
        }
        ActedUpon::Yes
    }

    /// The lowest and highest version of `_metadata` that this release reads; none where no row
    /// says.
    pub fn metadata_versions_read(&self, version: &Version) -> Option<(u32, u32)> {
        self.metadata_reads(version)
            .map(|(lowest, highest, _)| (lowest, highest))
    }

    pub(super) fn metadata_reads(&self, version: &Version) -> Option<(u32, u32, &Origin)> {
        let row = speaking_of(&self.releases.reads, version)?;
        Some((row.what.lowest, row.what.highest, &row.origin))
    }

    /// The version of `_metadata` that this release writes; none where no row says.
    pub fn metadata_version_written(&self, version: &Version) -> Option<u32> {
        speaking_of(&self.releases.written, version).map(|row| row.what.written)
    }

    /// The version of the operator state's header that this release writes, and the highest that it
    /// reads; none where no row says.
    pub fn operator_header(&self, version: &Version) -> Option<u32> {
        speaking_of(&self.releases.operator_header, version).map(|row| row.what.version)
    }

    pub(super) fn operator_header_origin(&self, version: &Version) -> Option<&Origin> {
        speaking_of(&self.releases.operator_header, version).map(|row| &row.origin)
    }

    /// The version of the keyed state's header that this release writes; none where no row says.
    pub fn keyed_header(&self, version: &Version) -> Option<u32> {
        speaking_of(&self.releases.keyed_header, version).map(|row| row.what.version)
    }

    /// How far this release is supported on a Java of this feature number (8, 11, 17, 21).
    pub fn java_supported(&self, version: &Version, feature: u32) -> Observed<JavaSupport> {
        let row = self
            .releases
            .java
            .iter()
            .find(|row| row.what.feature == feature && row.range.contains(version));
        match row {
            Some(row) => Observed::Known(JavaSupport {
                support: row.what.support,
                origin: row.origin.clone(),
            }),
            None => Observed::unknown(
                format!("whether Flink {version} runs on Java {feature}"),
                "no source that upshift knows says so",
            ),
        }
    }
}

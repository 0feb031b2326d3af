//! What a job's jar refers to and brings along, held against the classes of a release. Facts only: how
//! bad a missing class is, the planner says.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The references of a jar, resolved the way Flink's class loader would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JarReferences {
    /// `FLINK_HOME` of the release that they were resolved against.
    pub against: PathBuf,
    /// `FLINK_HOME` of the release that runs, whose own gaps are left out; none where it is not at
    /// hand: then only gaps in Flink's own classes are told.
    pub compared_with: Option<PathBuf>,
    /// Classes of the jar that were looked through.
    pub classes: u64,
    /// Class files that could not be read, with why; a few of them.
    pub unreadable: Vec<String>,
    /// What the upgrade takes away, sorted; the first so many.
    pub missing: Vec<MissingReference>,
    /// How many more there are.
    pub more_missing: u64,
    /// Flink's own artifacts that the jar was packed with, by their Maven properties.
    pub artifacts: Vec<FlinkArtifact>,
    /// Classes of the jar that the release has, too, in Flink's own packages.
    pub bundled: u64,
    /// Flink's classes that the jar refers to or brings along, whatever has them, as in source text.
    pub of_flink: BTreeSet<String>,
    /// Members of Flink's classes that it refers to: `org.apache.flink.A#method`.
    pub members_of_flink: BTreeSet<String>,
}

/// Something that the jar refers to and the release does not have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissingReference {
    /// Whether classes of the job itself refer to it, or only libraries in its jar.
    pub by_job: bool,
    /// The class, as in source text: `org.apache.flink.api.java.ExecutionEnvironment`.
    pub class: String,
    /// The method or field that the class does not have; none where the class itself is missing.
    pub member: Option<String>,
    /// Who refers to it: some of the classes.
    pub by: Vec<String>,
    /// How many classes do.
    pub by_all: u64,
    /// A jar of the release's `opt` that has the class.
    pub in_opt: Option<String>,
}

/// One of Flink's own artifacts in a jar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FlinkArtifact {
    /// `flink-connector-kafka`.
    pub name: String,
    /// `3.2.0-1.19`.
    pub version: String,
}

impl fmt::Display for FlinkArtifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl FlinkArtifact {
    /// The release line that it was made for: `1.19` of `3.2.0-1.19`, and of `1.19.3`.
    pub fn line(&self) -> Option<(u32, u32)> {
        let line = self
            .version
            .split_once('-')
            .map_or(self.version.as_str(), |(own, line)| {
                match line.starts_with(|c: char| c.is_ascii_digit()) {
                    true => line,
                    false => own,
                }
            });
        let mut numbers = line.split(['.', '-']);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }

    /// Whether it is a connector, a format or a file system: something that a job may well bring along.
    pub fn is_add_on(&self) -> bool {
        const OWN: [&str; 12] = [
            "flink-annotations",
            "flink-clients",
            "flink-core",
            "flink-core-api",
            "flink-dist",
            "flink-java",
            "flink-metrics-core",
            "flink-optimizer",
            "flink-rpc-core",
            "flink-runtime",
            "flink-scala",
            "flink-streaming",
        ];
        !OWN.iter().any(|own| {
            self.name == *own
                || (self.name.starts_with(own) && matches!(*own, "flink-streaming" | "flink-scala"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_behind_the_connectors_own_version() {
        let line = |version: &str| {
            FlinkArtifact {
                name: "flink-connector-kafka".into(),
                version: version.into(),
            }
            .line()
        };
        assert_eq!(line("3.2.0-1.19"), Some((1, 19)));
        assert_eq!(line("1.16.3"), Some((1, 16)));
        assert_eq!(line("4.0.0-2.0"), Some((2, 0)));
        assert_eq!(line("1.17-SNAPSHOT"), Some((1, 17)));
        assert_eq!(line("odd"), None);
    }
}

//! The account of a job's jar: what it was made for, what it brings along, and which of its references a release
//! does not have. The same readers as a check uses; no class is loaded.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use upshift_drivers::flink::inspect::codes;
use upshift_drivers::flink::jar::{JarError, jar};
use upshift_drivers::flink::references::{Asked, JarContents, ReferencesError, contents, references};
use upshift_model::flink::{FlinkArtifact, JarFacts, JarReferences, MissingReference};

use crate::exit::Exit;
use crate::trouble::{Stop, Trouble};

/// A class file of Java N has the version N + 44.
const CLASS_FILE_OFFSET: u16 = 44;

/// A jar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JarAccount {
    /// Where it is.
    pub jar: String,
    /// Its size.
    pub bytes: u64,
    /// Its digest.
    pub sha256: String,
    /// Its classes.
    pub classes: u64,
    /// The class that Flink starts, as its manifest names it.
    pub entry_class: Option<String>,
    /// Classes with a `main`, those of Flink left out.
    pub mains: Vec<String>,
    /// The highest version of its class files: 55 is Java 11.
    pub class_version: Option<u16>,
    /// The Java that it needs.
    pub java: Option<u16>,
    /// Flink itself, where the jar brings it along.
    pub bundled: Bundled,
    /// Connectors, formats and file systems that it brings along.
    pub connectors: Vec<Connector>,
    /// Class files that could not be read, with why; a few of them.
    pub unreadable: Vec<String>,
    /// What a release does not have, where one was named.
    pub references: Option<References>,
}

/// Flink's own classes in a jar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bundled {
    /// Whether its runtime or its API is there, not only connectors.
    pub flink: bool,
    /// Classes in Flink's packages, those of connectors among them.
    pub classes: u64,
    /// Artifacts of Flink itself, as they were packed.
    pub artifacts: Vec<String>,
}

/// A connector, a format or a file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Connector {
    /// Its artifact.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The release line that it was made for, where its version says.
    pub line: Option<String>,
}

/// References held against a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct References {
    /// The release's home, or its archive.
    pub against: String,
    /// Classes that were looked through.
    pub classes: u64,
    /// What does not resolve: in Flink's own classes, the job's own code first.
    pub missing: Vec<MissingReference>,
    /// How many more there are.
    pub more_missing: u64,
}

impl JarAccount {
    /// Blocked where the job's own code refers to what the release does not have.
    pub fn exit(&self) -> Exit {
        let mut missing = self.references.iter().flat_map(|references| &references.missing);
        match missing.any(|gap| gap.by_job) {
            true => Exit::Blocked,
            false => Exit::Done,
        }
    }
}

/// Looks at a jar and, where `target` names a release (its home or its archive), at what that one lacks.
///
/// # Errors
/// When the jar or the release cannot be read.
pub fn jar_account(path: &Path, target: Option<&Path>) -> Result<JarAccount, Stop> {
    let facts = jar(path, &BTreeSet::new()).map_err(|error| no_jar(path, &error))?;
    let held = contents(path).map_err(|error| unread(&error, path))?;
    let entry = facts.main_class.clone().or_else(|| only(&held.mains));
    let references = match target {
        None => None,
        Some(target) => {
            let asked = Asked {
                jar: path,
                entry_class: entry.as_deref(),
                runs_now: false,
            };
            let found = references(asked, target, None);
            Some(found.map_err(|error| no_release(target, &error))?)
        }
    };
    Ok(account(path, facts, held, references))
}

/// Where nothing names the class to start and only one can be started, its code is the job's own.
fn only(mains: &[String]) -> Option<String> {
    match mains {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn account(path: &Path, facts: JarFacts, held: JarContents, references: Option<JarReferences>) -> JarAccount {
    let (connectors, own): (Vec<_>, Vec<_>) =
        held.artifacts.iter().partition(|artifact| artifact.is_add_on());
    JarAccount {
        jar: path.display().to_string(),
        bytes: facts.bytes,
        sha256: facts.sha256.to_string(),
        classes: held.classes,
        entry_class: facts.main_class,
        mains: held.mains,
        class_version: facts.class_version,
        java: facts
            .class_version
            .map(|version| version.saturating_sub(CLASS_FILE_OFFSET)),
        bundled: Bundled {
            flink: facts.bundles_flink || !own.is_empty(),
            classes: held.of_flink,
            artifacts: own.into_iter().map(FlinkArtifact::to_string).collect(),
        },
        connectors: connectors
            .into_iter()
            .map(|artifact| Connector {
                name: artifact.name.clone(),
                version: artifact.version.clone(),
                line: artifact.line().map(|(major, minor)| format!("{major}.{minor}")),
            })
            .collect(),
        unreadable: held.unreadable,
        references: references.map(|found| References {
            against: found.against.display().to_string(),
            classes: found.classes,
            missing: found.missing,
            more_missing: found.more_missing,
        }),
    }
}

fn no_jar(path: &Path, error: &JarError) -> Stop {
    let trouble = Trouble::usage(codes::NO_JAR, error.to_string()).at(path.display().to_string());
    trouble.expected("the jar of a job").into()
}

fn unread(error: &ReferencesError, path: &Path) -> Stop {
    let trouble = Trouble::usage(codes::NO_JAR, error.to_string()).at(path.display().to_string());
    trouble.expected("the jar of a job").into()
}

fn no_release(target: &Path, error: &ReferencesError) -> Stop {
    let trouble = Trouble::usage(codes::NO_RELEASE, error.to_string()).at(target.display().to_string());
    trouble
        .expected(
            "the home of a Flink release, with its lib, or its archive: flink-VERSION-bin-scala_2.12.tgz",
        )
        .into()
}

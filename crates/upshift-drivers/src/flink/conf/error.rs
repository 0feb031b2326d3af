//! What can go wrong with configuration files and directories.

use std::io;
use std::path::PathBuf;

use thiserror::Error;
use upshift_model::digest::Digest;
use upshift_model::record::Failure;

use crate::flink::codes;

/// Why a configuration file could not be read.
#[derive(Debug, Error)]
pub enum ConfError {
    /// It is no YAML.
    #[error("line {line}: not YAML: {what}")]
    NotYaml {
        /// Where.
        line: u32,
        /// What the reader said.
        what: String,
    },
    /// It is YAML of a kind that is not read here, or not by Flink.
    #[error("line {line}: expected {expected}, found {found}")]
    Unexpected {
        /// Where.
        line: u32,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// No main file is there.
    #[error("{} holds neither {}", .dir.display(), .expected.join(" nor "))]
    NoMainFile {
        /// The directory.
        dir: PathBuf,
        /// The files looked for.
        expected: Vec<String>,
    },
    /// A file or directory could not be read.
    #[error("{} could not be read", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ConfError {
    /// One line with the reason.
    pub fn reason(&self) -> String {
        match self {
            Self::Io { source, .. } => format!("{self}: {source}"),
            Self::NotYaml { .. } | Self::Unexpected { .. } | Self::NotText | Self::NoMainFile { .. } => {
                self.to_string()
            }
        }
    }
}

/// Why a configuration directory could not be carried over.
#[derive(Debug, Error)]
pub enum CarryOverError {
    /// The source could not be read.
    #[error("the configuration to carry over could not be read")]
    Source(#[source] ConfError),
    /// The source is not the one the plan was made with.
    #[error("the configuration to carry over changed: expected digest {expected}, found {found}")]
    SourceChanged {
        /// Digest in the plan.
        expected: Digest,
        /// Digest of the file.
        found: Digest,
    },
    /// The main file has a name that Flink does not read.
    #[error("{found:?} is no name of a configuration file: expected flink-conf.yaml or config.yaml")]
    FileName {
        /// The name.
        found: String,
    },
    /// The directory holds what is not ours.
    #[error("{} is neither absent nor empty nor written by upshift; it holds {}", .dir.display(), .found.join(", "))]
    NotOurs {
        /// The directory.
        dir: PathBuf,
        /// What lies in it.
        found: Vec<String>,
    },
    /// The value of a key has no form in the target's file.
    #[error("the value of {key} cannot be written in {file}: {why}")]
    NotExpressible {
        /// The key.
        key: String,
        /// The target's file.
        file: &'static str,
        /// Why.
        why: &'static str,
    },
    /// A file could not be written or copied.
    #[error("{} could not be written", .path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl CarryOverError {
    /// As a failure of a step, with the reason in its one line.
    pub fn failure(&self) -> Failure {
        let what = match self {
            Self::Source(source) => format!("{self}: {}", source.reason()),
            Self::Write { source, .. } => format!("{self}: {source}"),
            Self::SourceChanged { .. }
            | Self::FileName { .. }
            | Self::NotOurs { .. }
            | Self::NotExpressible { .. } => self.to_string(),
        };
        Failure {
            code: codes::CONFIGURATION,
            what,
            far_side: None,
        }
    }
}

//! The systems that upshift knows things about, which are more than those whose upgrades it carries
//! out.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;
use upshift_model::version::SystemKind;

/// A system with a folder of its own below `knowledge/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// Apache Flink.
    Flink,
    /// Apache Fluss.
    Fluss,
    /// Realtime Compute for Apache Flink, and the engine lines of its vendor.
    RealtimeCompute,
    /// Alluxio.
    Alluxio,
    /// WEKA.
    Weka,
}

/// A word that names no system.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found:?} is no system that upshift knows")]
pub struct NoSuchSystem {
    /// The word.
    pub found: String,
}

impl From<SystemKind> for Known {
    fn from(kind: SystemKind) -> Self {
        match kind {
            SystemKind::Flink => Self::Flink,
            SystemKind::Fluss => Self::Fluss,
            SystemKind::Weka => Self::Weka,
            SystemKind::Alluxio => Self::Alluxio,
            SystemKind::RealtimeCompute => Self::RealtimeCompute,
        }
    }
}

impl Known {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Flink,
        Self::Fluss,
        Self::RealtimeCompute,
        Self::Alluxio,
        Self::Weka,
    ];

    /// The word on the command line, and the name of its folder.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Flink => "flink",
            Self::Fluss => "fluss",
            Self::RealtimeCompute => "realtime-compute",
            Self::Alluxio => "alluxio",
            Self::Weka => "weka",
        }
    }

    /// What a version of it looks like.
    pub const fn form(self) -> &'static str {
        match self {
            Self::Flink => "dotted numbers such as 1.20.5",
            Self::Fluss => "dotted numbers such as 0.9.1-incubating",
            Self::RealtimeCompute => {
                "an engine version such as vvr-8.0.11-flink-1.17 or vvr-11.7-jdk11-flink-1.20"
            }
            Self::Alluxio => "dotted numbers such as 2.9.6, or a whole number such as 313",
            Self::Weka => "two to four numbers such as 5.0.4 or 4.4.6.122",
        }
    }
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Flink => "Flink",
            Self::Fluss => "Fluss",
            Self::RealtimeCompute => "Realtime Compute",
            Self::Alluxio => "Alluxio",
            Self::Weka => "WEKA",
        })
    }
}

impl FromStr for Known {
    type Err = NoSuchSystem;

    fn from_str(text: &str) -> Result<Self, NoSuchSystem> {
        Self::ALL
            .into_iter()
            .find(|system| system.word() == text)
            .ok_or_else(|| NoSuchSystem {
                found: text.to_owned(),
            })
    }
}

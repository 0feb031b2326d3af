//! The plan: everything that would be done, sealed by a digest, made to be read and approved.
//!
//! A plan holds all that is needed to carry it out. The file it was made from is not read again,
//! and secrets are in it only as references.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::alluxio;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::flink;
use crate::fluss;
use crate::ids::{StepId, SystemName};
use crate::policy::{Policy, Strategy};
use crate::realtime_compute;
use crate::step::{Step, Wave};
use crate::version::{SystemKind, Version};
use crate::waiver::Waiver;
use crate::weka;

/// The version of the plan document that this build writes.
pub const PLAN_FORMAT: u32 = 1;

/// A plan as it is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Version of this document.
    pub format: u32,
    /// Which way it leads.
    pub direction: Direction,
    /// The system it is for.
    pub system: SystemName,
    /// What kind of system that is.
    pub kind: SystemKind,
    /// The release that was seen.
    pub from: Version,
    /// The release that is wanted.
    pub to: Version,
    /// How.
    pub strategy: Strategy,
    /// Why this strategy, one reason a line.
    pub strategy_why: Vec<String>,
    /// When it was made.
    pub made_at: jiff::Timestamp,
    /// What the planner knew.
    pub knowledge: KnowledgeStamp,
    /// When the world was looked at, and the digest of what was seen.
    pub inventory: InventoryStamp,
    /// Where everything lies and answers.
    pub site: Site,
    /// What was decided beforehand.
    pub policy: Policy,
    /// Waivers that took effect.
    pub waivers: Vec<Waiver>,
    /// Every finding that is not plainly green, as the approver must see it.
    pub findings: Vec<Finding>,
    /// How many checks were plainly green.
    pub green: u32,
    /// What the plan needs of the machines, one need a line.
    pub needs: Vec<String>,
    /// What is done.
    pub waves: Vec<Wave>,
    /// The way back from each wave, in the order of `waves`: the steps that a return begun while
    /// that wave is under way, or right after it, would take. Used as it stands when the world is
    /// too dark to plan again.
    pub ways_back: Vec<Vec<Wave>>,
}

/// Which way a plan leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// To the wanted release.
    Forward,
    /// Back to where a run of another plan started.
    Back {
        /// The plan whose run is undone.
        of: Digest,
    },
}

/// Which knowledge the planner used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeStamp {
    /// The catalogue's date.
    pub date: jiff::civil::Date,
    /// Digest over all its files.
    pub digest: Digest,
}

/// Which inventory the planner used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryStamp {
    /// When the look began.
    pub taken_at: jiff::Timestamp,
    /// Digest of the inventory document.
    pub digest: Digest,
}

/// Where everything of the system lies and answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// An Apache Flink site.
    Flink(flink::Site),
    /// An Apache Fluss site.
    Fluss(fluss::Site),
    /// An Alluxio site.
    Alluxio(Box<alluxio::Site>),
    /// A WEKA cluster.
    Weka(weka::Site),
    /// A namespace of Realtime Compute.
    RealtimeCompute(realtime_compute::Site),
}

impl Site {
    /// The site, where it is of Flink.
    pub fn flink(&self) -> Option<&flink::Site> {
        match self {
            Self::Flink(site) => Some(site),
            Self::Fluss(_) | Self::Alluxio(_) | Self::Weka(_) | Self::RealtimeCompute(_) => None,
        }
    }

    /// The site, where it is of Fluss.
    pub fn fluss(&self) -> Option<&fluss::Site> {
        match self {
            Self::Fluss(site) => Some(site),
            Self::Flink(_) | Self::Alluxio(_) | Self::Weka(_) | Self::RealtimeCompute(_) => None,
        }
    }

    /// The site, where it is of Realtime Compute.
    pub fn realtime_compute(&self) -> Option<&realtime_compute::Site> {
        match self {
            Self::RealtimeCompute(site) => Some(site),
            Self::Flink(_) | Self::Fluss(_) | Self::Alluxio(_) | Self::Weka(_) => None,
        }
    }
}

/// A plan with the digest that seals it: what a plan file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Digest of `plan`.
    pub digest: Digest,
    /// The plan.
    pub plan: Plan,
}

/// Why a plan file is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanFileError {
    /// Not a plan file at all, or damaged.
    #[error("not a plan file: {what}")]
    NotAPlan {
        /// What the JSON reader said, with line and column.
        what: String,
    },
    /// Written by another build.
    #[error("plan of format {found}; this upshift reads format {expected}")]
    Format {
        /// The format this build reads.
        expected: u32,
        /// The format of the file.
        found: u64,
    },
    /// The content does not match the seal.
    #[error("the plan was changed after it was sealed: digest {found}, sealed as {expected}")]
    Edited {
        /// The seal.
        expected: Digest,
        /// The digest of the content as it is.
        found: Digest,
    },
}

impl Plan {
    /// Seals the plan.
    pub fn seal(self) -> Sealed {
        Sealed {
            digest: Digest::of_document(&self),
            plan: self,
        }
    }

    /// All steps in the order of the plan.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.waves
            .iter()
            .flat_map(|wave| wave.lanes.iter().flat_map(|lane| lane.steps.iter()))
    }

    /// The step at a position.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps().find(|step| step.id == *id)
    }
}

impl Sealed {
    /// The text of a plan file.
    ///
    /// # Panics
    /// Never: a plan always serializes.
    pub fn to_file(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plans always serialize");
        text.push('\n');
        text
    }

    /// Reads a plan file and checks its seal.
    ///
    /// # Errors
    /// When the text is not a plan, is of another format, or was changed after it was sealed.
    pub fn from_file(text: &str) -> Result<Self, PlanFileError> {
        let not = |e: serde_json::Error| PlanFileError::NotAPlan { what: e.to_string() };
        let raw: serde_json::Value = serde_json::from_str(text).map_err(not)?;
        let format = raw.pointer("/plan/format").and_then(serde_json::Value::as_u64);
        match format {
            None => {
                return Err(PlanFileError::NotAPlan {
                    what: "no plan.format in it".to_owned(),
                });
            }
            Some(found) if found != u64::from(PLAN_FORMAT) => {
                return Err(PlanFileError::Format {
                    expected: PLAN_FORMAT,
                    found,
                });
            }
            Some(_) => {}
        }
        // The seal is held against the file's own content, so that a key this build would ignore
        // counts as an edit, too.
        let sealed: Self = serde_json::from_value(raw.clone()).map_err(not)?;
        let found = Digest::of_document(&sealed.plan);
        let same_content = serde_json::to_value(&sealed).map_err(not)? == raw;
        match found == sealed.digest && same_content {
            true => Ok(sealed),
            false => Err(PlanFileError::Edited {
                expected: sealed.digest,
                found,
            }),
        }
    }
}

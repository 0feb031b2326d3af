//! Which deployments a plan moves, and how each is known: the part of a plan that a driver is built from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::program::Program;
use super::service::Service;
use crate::flink::Probe;
use crate::ids::ComponentId;
use crate::objects::ObjectAccess;
use crate::span::Millis;
use crate::version::Version;

/// A namespace, as far as a plan goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Where it answers.
    pub service: Service,
    /// How long lists of the service may lag behind what was done: so long is looked for something whose answer was
    /// lost, before it is asked for again.
    pub lists_lag: Millis,
    /// The most calls that are sent to the service in a second, over all lanes; none for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls_per_second: Option<u32>,
    /// How the store is reached that savepoints and jars lie in.
    #[serde(default, skip_serializing_if = "is_standard")]
    pub objects: Box<ObjectAccess>,
    /// Probes, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probes: BTreeMap<String, Probe>,
    /// The deployments that are moved, by name.
    pub deployments: BTreeMap<ComponentId, Deployed>,
}

fn is_standard(access: &ObjectAccess) -> bool {
    access.is_standard()
}

/// A deployment that is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// Its id.
    pub id: String,
    /// What it runs: `JAR`, `SQLSCRIPT`, …
    pub kind: String,
    /// The job that was seen to run.
    pub job: String,
    /// The engine that it runs on.
    pub old: Version,
    /// The engine that is wanted.
    pub new: Version,
    /// What its copy is called; none where it is changed in place.
    pub clone: Option<ComponentId>,
    /// Whether savepoints that are asked for are in native form; none for an engine that has one form and no word for
    /// it.
    pub native: Option<bool>,
    /// Where its sources begin when it starts from nothing, in milliseconds since 1970; none: where they always do.
    pub start_at: Option<i64>,
    /// Whether somebody said that what it writes may come twice.
    pub may_double: bool,
    /// The draft that its copy is made by way of; none where the deployment itself is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Drafted>,
    /// What its copy runs in place of what it does; none for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
}

/// A draft that is saved as another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafted {
    /// Its id.
    pub id: String,
    /// The folder that the new one lies in; none for the one of the original.
    pub folder: Option<String>,
    /// The queue that it is validated for and deployed into.
    pub queue: String,
}

/// One place that a job can run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// The deployment that was there before.
    Original(&'a Deployed),
    /// Its copy.
    Clone(&'a Deployed),
}

impl Site {
    /// The place of this name; none when the plan has none.
    pub fn place(&self, name: &ComponentId) -> Option<Place<'_>> {
        if let Some(original) = self.deployments.get(name) {
            return Some(Place::Original(original));
        }
        let mut all = self.deployments.values();
        all.find(|one| one.clone.as_ref() == Some(name)).map(Place::Clone)
    }
}

impl<'a> Place<'a> {
    /// What is known of the deployment that is moved.
    pub const fn deployed(self) -> &'a Deployed {
        match self {
            Self::Original(of) | Self::Clone(of) => of,
        }
    }
}

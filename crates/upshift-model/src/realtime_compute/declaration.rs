//! What a person wants of a namespace, as the system file says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::program::Program;
use super::service::Service;
use crate::flink::Probe;
use crate::ids::SystemName;
use crate::objects::ObjectAccess;
use crate::policy::{Policy, Strategy};
use crate::span::Millis;
use crate::waiver::Waiver;

/// A system file of Realtime Compute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: SystemName,
    /// The namespace.
    pub service: Service,
    /// The engine version that is wanted.
    pub target: String,
    /// Which deployments.
    pub select: Select,
    /// What stands behind the name of a clone.
    pub clone_suffix: String,
    /// The id of the folder that copies of drafts are saved in; none for that of the original.
    pub clone_folder: Option<String>,
    /// How each is moved.
    pub strategy: Strategy,
    /// Those that hold no state, by name.
    pub stateless: Vec<String>,
    /// Where sources begin that start from nothing, in milliseconds since 1970.
    pub start_at: Option<i64>,
    /// What copies run in place of what their originals do, by the deployment's name.
    pub programs: BTreeMap<String, Program>,
    /// By which installation of Flink the operators of jars may be read; none where no code of them is run.
    pub graph: Option<GraphHome>,
    /// So many are moved at a time.
    pub width: usize,
    /// The most calls that are sent to the service in a second, over all lanes.
    pub calls_per_second: u32,
    /// `[[probe]]`, by name and in order.
    pub probes: Vec<(String, Probe)>,
    /// How the store is reached that savepoints and jars lie in.
    pub objects: ObjectAccess,
    /// How long the first checkpoint on the new engine is waited for.
    pub first_checkpoint: Millis,
    /// How long everything must hold before a person is asked to accept.
    pub soak: Millis,
    /// How long lists of the service may lag behind.
    pub lists_lag: Millis,
    /// Whether originals are deleted once somebody has accepted.
    pub delete_originals: bool,
    /// Whether savepoints of the run are.
    pub delete_savepoints: bool,
    /// What was decided beforehand.
    pub policy: Policy,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}

/// An installation of Flink on this machine, by whose libraries the operators of a jar are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphHome {
    /// `FLINK_HOME`, of the line that the wanted engine is built on.
    pub home: PathBuf,
    /// The Java it is run with; none for what the installation or the environment names.
    pub java_home: Option<PathBuf>,
    /// Whether the jar's `main` may reach the network meanwhile.
    pub online: bool,
}

/// Which deployments are meant: those that fit everything that is said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Select {
    /// Of these names; empty for any.
    pub names: Vec<String>,
    /// With this label.
    pub label: Option<(String, String)>,
    /// In this queue.
    pub queue: Option<String>,
}

//! What a person wants of a namespace, as the system file says it.

use super::service::Service;
use crate::ids::SystemName;
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
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
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

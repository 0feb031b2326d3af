//! Where a WEKA cluster is reached, and from where its upgrade is carried out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::declaration::{ClientWay, Declaration, Source};
use crate::ids::SystemName;
use crate::span::Millis;
use crate::version::Version;
use crate::waiver::Waiver;

/// The port that commands of an upgrade take by themselves.
pub const USUAL_PORT: u16 = 14000;

/// A cluster, for a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The cluster's own id.
    pub guid: String,
    /// Backends to ask about the cluster.
    pub entry: Vec<String>,
    /// Another file than `~/.ssh/config`.
    pub ssh_config: Option<PathBuf>,
    /// Whom to log in as.
    pub ssh_user: Option<String>,
    /// All that is asked of one server may take so long.
    pub server_deadline: Millis,
    /// The backend that commands of the upgrade run on.
    pub runner: Runner,
    /// Where packages come from.
    pub source: Source,
    /// Without any progress for so long, people are told.
    pub no_progress: Millis,
    /// Addresses of backends, by name.
    pub backends: BTreeMap<String, String>,
    /// Clients that are upgraded.
    pub clients: Vec<SiteClient>,
    /// Whether clients are looked at.
    pub look_at_clients: bool,
    /// `client-target-version` of other clusters that have clients in common with this one.
    pub other_client_targets: Vec<String>,
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SiteClient {
    /// The number of its container in the cluster.
    pub id: u64,
    /// Its name.
    pub host: String,
    /// Its address.
    pub address: String,
}

/// A backend and one of its containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runner {
    /// Its name.
    pub host: String,
    /// The container that commands of the upgrade run in, by the inventory.
    pub container: String,
    /// The port of that container, where it is not the usual one.
    pub port: Option<u16>,
}

impl Site {
    /// What a look at the cluster takes.
    pub fn declaration(
        &self,
        name: &SystemName,
        (from, to): (&Version, &Version),
        waivers: Vec<Waiver>,
    ) -> Declaration {
        Declaration {
            name: name.clone(),
            entry: self.entry.clone(),
            ssh_config: self.ssh_config.clone(),
            ssh_user: self.ssh_user.clone(),
            rest: None,
            server_deadline: self.server_deadline,
            current: from.clone(),
            target: to.clone(),
            clients: self.look_at_clients,
            client_batch: 1,
            client_way: ClientWay::Batches,
            leave_clients: Vec::new(),
            client_window: None,
            source: self.source.clone(),
            distribute: false,
            tasks: Vec::new(),
            hold: Millis::ZERO,
            no_progress: self.no_progress,
            other_client_targets: self.other_client_targets.clone(),
            waivers,
        }
    }
}

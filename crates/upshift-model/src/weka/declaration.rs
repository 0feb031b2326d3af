//! What a person wants of a WEKA cluster, as the system file says it.

use std::path::PathBuf;

use crate::ids::SystemName;
use crate::span::Millis;
use crate::version::Version;
use crate::waiver::Waiver;

/// A system file of a WEKA cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: SystemName,
    /// Backends to ask about the cluster; the first that answers is believed.
    pub entry: Vec<String>,
    /// Another file than `~/.ssh/config`.
    pub ssh_config: Option<PathBuf>,
    /// Whom to log in as.
    pub ssh_user: Option<String>,
    /// All that is asked of one server may take so long.
    pub server_deadline: Millis,
    /// The release that runs, as a person says; the cluster's answer is compared with it.
    pub current: Version,
    /// The release that is wanted.
    pub target: Version,
    /// Whether clients are looked at, too.
    pub clients: bool,
    /// `client-target-version` of other clusters that have clients in common with this one.
    pub other_client_targets: Vec<String>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}

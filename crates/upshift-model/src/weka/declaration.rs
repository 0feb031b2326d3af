//! What a person wants of a WEKA cluster, as the system file says it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::act::{Fate, Window};
use crate::endpoint::{Endpoint, SecretRef};
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
    /// The REST interface, where lists are to be read over it.
    pub rest: Option<Rest>,
    /// All that is asked of one server may take so long.
    pub server_deadline: Millis,
    /// The release that runs, as a person says; the cluster's answer is compared with it.
    pub current: Version,
    /// The release that is wanted.
    pub target: Version,
    /// Whether clients are looked at, too, and upgraded.
    pub clients: bool,
    /// So many clients are upgraded at a time.
    pub client_batch: u32,
    /// Whether clients go in batches or one by one, by commands on each.
    pub client_way: ClientWay,
    /// Clients that are left alone, by name.
    pub leave_clients: Vec<String>,
    /// Clients are begun within it only.
    pub client_window: Option<Window>,
    /// Where packages come from.
    pub source: Source,
    /// Whether the package goes to all backends ahead of the upgrade.
    pub distribute: bool,
    /// What becomes of background tasks that an upgrade does not start beside.
    pub tasks: Vec<TaskRule>,
    /// So long everything must hold before the next phase.
    pub hold: Millis,
    /// Without any progress for so long, people are told.
    pub no_progress: Millis,
    /// `client-target-version` of other clusters that have clients in common with this one.
    pub other_client_targets: Vec<String>,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
}

/// How clients are upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientWay {
    /// From a backend, in batches of the vendor's command.
    Batches,
    /// One by one, by commands on each.
    Locally,
}

/// Where packages come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A distribution server.
    Server {
        /// As `weka version get --from` takes it; none asks where the cluster was told to ask.
        from: Option<String>,
    },
    /// The vendor's own site, which asks for a token.
    Vendor {
        /// The site, without the token.
        site: String,
        /// Where the token is.
        token: SecretRef,
    },
    /// A file for each release, on the machine that upshift runs on.
    Tar {
        /// The folder of `weka-RELEASE.tar`.
        folder: PathBuf,
    },
}

/// What becomes of background tasks of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRule {
    /// The type.
    pub kind: String,
    /// What becomes of them.
    pub fate: Fate,
}

/// The REST interface of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// Where it answers, without the path of the interface.
    pub endpoint: Endpoint,
    /// Who logs in.
    pub user: String,
    /// Where the password is.
    pub password: SecretRef,
    /// The organization that is logged in to; none is the root one.
    pub organization: Option<String>,
}

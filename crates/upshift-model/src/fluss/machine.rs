//! What was seen of the hosts and of the servers' processes on them. Nothing is judged here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::release::Role;
use crate::digest::Digest;
use crate::observed::Observed;

/// The name of the one host of a system file that names none.
pub const THIS_MACHINE: &str = "this machine";

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Its name in the system file, or [`THIS_MACHINE`].
    pub name: String,
    /// How many servers of the cluster run there; a gap where it could not be looked at.
    pub servers: Observed<usize>,
    /// Feature number of the Java that the wanted release would run on there (17).
    pub java: Observed<u32>,
    /// The same of each other home of Java that a server's own start names there: they win over the one above.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub java_homes: BTreeMap<PathBuf, Observed<u32>>,
    /// The wanted release's home there, where one is named.
    pub target_home: Option<Observed<Home>>,
    /// Whether each folder that a start of the wanted release reads has a `log4j.properties`, which scripts log by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target_confs: BTreeMap<PathBuf, Observed<bool>>,
    /// Processes with a client of Fluss on their command lines.
    pub clients: Observed<Vec<ClientProcess>>,
}

/// A release on a disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The version in the name of its one server jar.
    pub server_jar: Observed<String>,
    /// SHA-256 of each jar below `lib` and `plugins`, by its path there.
    pub jars: BTreeMap<String, String>,
    /// How many jars each folder of `plugins` holds.
    pub plugins: BTreeMap<String, usize>,
}

/// A process that has a client's jar on its command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientProcess {
    /// Its pid.
    pub pid: u32,
    /// The jar's name.
    pub jar: String,
    /// The version in it.
    pub version: String,
}

/// A server's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerProcess {
    /// The host it runs on.
    pub host: String,
    /// Its pid.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot: with the pid it names one process for ever.
    pub started_ticks: u64,
    /// What it is.
    pub role: Role,
    /// Its `--configDir`.
    pub conf: PathBuf,
    /// The version in the name of its server jar, where the command line names one jar or one folder of them.
    pub jar: Observed<String>,
    /// Its `server.yaml`, values of sensitive keys left out.
    pub options: Observed<BTreeMap<String, OptionLine>>,
    /// Digest of that file, as it is on the disk.
    pub file_digest: Observed<Digest>,
    /// Feature number of the Java that it runs on.
    pub java: Observed<u32>,
    /// Those of its variables that decide where it keeps its pid file, plugins and logs.
    pub variables: Observed<BTreeMap<String, String>>,
    /// How many jars each folder of its plugins holds.
    pub plugins: Observed<BTreeMap<String, usize>>,
    /// Where its data lies; none of a coordinator.
    pub data: Vec<DataFolder>,
    /// Whose it is.
    #[serde(default = "no_owner")]
    pub owner: Observed<Owner>,
    /// Where it keeps what is tiered, and snapshots of key-value stores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remote: Vec<RemoteFolder>,
}

/// Of a look that did not ask for it yet.
fn no_owner() -> Observed<Owner> {
    Observed::unknown("whose process it is", "it was not looked at")
}

/// Whose a process is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The user's name there.
    pub user: String,
    /// Whether upshift logs in as the same user.
    pub is_login: bool,
    /// Whether upshift's login may send it a signal.
    pub may_signal: bool,
}

/// A place of `remote.data.dir`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteFolder {
    /// As the option names it.
    pub place: String,
    /// The folder, where it is one; none where it is not there.
    pub state: Observed<Option<RemoteState>>,
}

/// A folder that servers share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteState {
    /// Size of the file system, in KiB.
    pub size_kib: u64,
    /// Of it in use.
    pub used_kib: u64,
    /// What kind of file system it is: `nfs4`, `ext4`.
    pub kind: String,
    /// Whether the server's user may write there.
    pub writable: Observed<bool>,
}

/// An option in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionLine {
    /// Its value.
    pub value: String,
    /// Line, from 1; 0 where it stands on the command line.
    pub line: u32,
}

/// A folder of a tablet server's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFolder {
    /// Where.
    pub path: PathBuf,
    /// What is in it.
    pub state: Observed<DataState>,
}

/// What lies in a folder of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataState {
    /// Whether the mark of an orderly stop lies there; while the server runs it does not.
    pub clean_marker: bool,
    /// Size of the file system, in KiB.
    pub size_kib: u64,
    /// Of it in use.
    pub used_kib: u64,
    /// Folders of tables that hold a log: path below the folder, and the table's number in its name.
    pub tables: BTreeMap<String, i64>,
}

impl DataState {
    /// How full the file system is, in hundredths.
    pub fn used_percent(&self) -> u64 {
        match self.size_kib {
            0 => 0,
            size => self.used_kib.saturating_mul(100) / size,
        }
    }
}

impl RemoteState {
    /// How full the file system is, in hundredths.
    pub fn used_percent(&self) -> u64 {
        match self.size_kib {
            0 => 0,
            size => self.used_kib.saturating_mul(100) / size,
        }
    }
}

impl ServerProcess {
    /// The value of an option.
    pub fn option(&self, key: &str) -> Option<&str> {
        let options = self.options.known()?;
        options.get(key).map(|option| option.value.as_str())
    }

    /// Where an option stands: `/srv/ts-0/conf/server.yaml:12`, or on the command line.
    pub fn place(&self, option: &OptionLine) -> String {
        match (option.line, self.host == THIS_MACHINE) {
            (0, true) => format!("command line of pid {}", self.pid),
            (0, false) => format!("command line of pid {} on {}", self.pid, self.host),
            (line, _) => format!("{}:{line}", self.file()),
        }
    }

    /// Where its `server.yaml` lies, with the host where that is another than this machine.
    pub fn file(&self) -> String {
        let file = self.conf.join("server.yaml");
        match self.host == THIS_MACHINE {
            true => file.display().to_string(),
            false => format!("{}:{}", self.host, file.display()),
        }
    }
}

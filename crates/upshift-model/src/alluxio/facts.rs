//! All that one look at an Alluxio cluster sees: what its masters answer, and what lies and runs on its hosts. No
//! judgement.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::journal::JournalKind;
use crate::digest::Digest;
use crate::observed::Observed;

/// The name of the one host of a system file that names none.
pub const THIS_MACHINE: &str = "this machine";

/// A worker that was not heard of for so many seconds does not count as one in service: it tells of itself every second.
pub const SILENT_SECS: u64 = 15;

/// An Alluxio cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What every master of the system file answers; one that does not lead answers nothing before 2.8.
    pub masters: Vec<MasterAnswer>,
    /// The hosts that were looked at.
    pub hosts: Vec<HostFacts>,
    /// The members of the masters' quorum, where the journal is embedded; none where nobody asked.
    pub quorum: Option<Observed<Vec<Member>>>,
    /// Complete files that are in workers only, as the shell lists them; none where nobody asked.
    pub unpersisted: Option<Observed<Vec<UnpersistedFile>>>,
    /// Mounted stores that are no folders, by path of the mount: whether something is there.
    pub stores: BTreeMap<String, Observed<bool>>,
}

/// A member of the masters' quorum, as the leader tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its address, of the port of the journal.
    pub address: String,
    /// `AVAILABLE`, or another word of the leader's.
    pub state: String,
}

/// What one master answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterAnswer {
    /// Where it was asked.
    pub address: String,
    /// What it says.
    pub told: Observed<Master>,
}

/// A master that leads, as it tells itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Master {
    /// Its release.
    pub version: String,
    /// When it started, in milliseconds of its clock.
    pub started_ms: i64,
    /// What is mounted, by path; the root among them.
    pub mounts: BTreeMap<String, MountedStore>,
    /// Workers that it hears of.
    pub workers: Vec<Worker>,
    /// Workers that it does not hear of any more.
    pub lost_workers: Vec<String>,
    /// Files and directories.
    pub paths: Observed<u64>,
    /// Calls that change the tree since it started, by name.
    pub writes: BTreeMap<String, u64>,
    /// Entries that it restored from a backup at its start; none where it restored nothing, or does not say.
    pub restored: Option<u64>,
    /// Options that matter for an upgrade, as it resolved them.
    pub options: BTreeMap<String, String>,
}

/// A store that is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountedStore {
    /// Its address, without a user part.
    pub ufs: String,
    /// `local`, `hdfs`, `s3`, …
    pub kind: String,
    /// Whether it is read only.
    pub read_only: bool,
    /// Whether everybody may use it.
    pub shared: bool,
    /// Bytes that it says that it has; below zero where it does not tell.
    pub capacity: i64,
    /// Its options by their digests: credentials are among them. Without one where the master hides the value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, Option<Digest>>,
}

/// A worker, as the master tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// Its host.
    pub host: String,
    /// Its port for calls.
    pub port: u32,
    /// `In Service`, or another word of the master's.
    pub state: String,
    /// Seconds since the master heard of it, where it tells. One that is gone is in service for five minutes by default.
    #[serde(default)]
    pub silent_secs: Option<u64>,
    /// Bytes in use and bytes there are, by the medium of the tier.
    pub tiers: BTreeMap<String, (u64, u64)>,
    /// Blocks, where the master tells.
    pub blocks: Option<u64>,
}

/// A file that exists in workers only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnpersistedFile {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    /// Its name in the system file, or [`THIS_MACHINE`].
    pub name: String,
    /// Alluxio's processes there.
    pub processes: Observed<Vec<Process>>,
    /// Processes with a client's jar open, or on their command line.
    pub clients: Observed<Vec<ClientProcess>>,
    /// The release that lies in the home of the one that runs.
    pub home: Observed<String>,
    /// The release that lies in the home of the wanted one.
    pub target_home: Observed<String>,
    /// Feature number of the Java that the wanted release would run on.
    pub java: Observed<u32>,
    /// `alluxio-site.properties` of the release that runs, values of sensitive keys left out.
    pub site: Observed<BTreeMap<String, OptionLine>>,
    /// That of the wanted release; empty where there is no such file yet.
    pub target_site: Observed<BTreeMap<String, OptionLine>>,
    /// Options whose values are shown to nobody and differ between the two files; an option of the root mount is held
    /// against the same option of all mounts where the running release has only that.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub other_secrets: BTreeSet<String>,
    /// The digest of the file that the wanted release's configuration is made of: its own, else that of the release
    /// that runs.
    pub site_sha256: Observed<Digest>,
    /// Of which kind the journal is there, told from the names in its folder.
    pub journal: Observed<JournalKind>,
    /// KiB of the journal folder.
    pub journal_kib: Observed<u64>,
    /// Whether the journal folder can be moved, and copied beside itself.
    pub journal_place: Observed<JournalPlace>,
    /// Files beside `alluxio-site.properties` in the configuration of the release that runs, templates left out; without
    /// a digest where one may not be read.
    pub conf: Observed<BTreeMap<String, Option<Digest>>>,
    /// The same of the wanted release.
    pub target_conf: Observed<BTreeMap<String, Option<Digest>>>,
    /// Free KiB where backups are to lie.
    pub room_kib: Observed<u64>,
    /// The folders of the workers' tiers that are there.
    pub tiers: Observed<Vec<TierFolder>>,
    /// The folder that is mounted as the root, where it is one of a local file system.
    pub root_store: Option<Observed<RootStore>>,
    /// The folders of other mounts, as they are seen from here.
    pub stores: Observed<Vec<StoreFolder>>,
}

/// What the journal folder lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalPlace {
    /// Something is mounted right there: it cannot be moved.
    pub is_mount: bool,
    /// Whoever looks may make and move folders beside it.
    pub is_writable: bool,
    /// Free KiB beside it.
    pub free_kib: u64,
}

/// One of Alluxio's processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot: with the pid it names one process for ever.
    pub started_ticks: u64,
    /// What it is.
    pub role: Role,
    /// Its `alluxio.home`.
    pub home: Option<PathBuf>,
    /// The releases of Alluxio's own jars that it has open, by their names; none where they cannot be seen. Files that were
    /// replaced under it are another matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<String>,
}

/// What a process of Alluxio is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Keeps the tree.
    Master,
    /// Keeps blocks.
    Worker,
    /// Gives out jobs.
    JobMaster,
    /// Does jobs.
    JobWorker,
    /// Answers REST and S3 for clients.
    Proxy,
}

/// A process that has a client's jar open, or on its command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientProcess {
    /// Its pid.
    pub pid: u32,
    /// The jar's name.
    pub jar: String,
    /// The version in it.
    pub version: String,
    /// What the process runs: its main class, or its archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
}

/// An option in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionLine {
    /// Its value.
    pub value: String,
    /// Line, from 1.
    pub line: u32,
}

/// A folder of a worker's tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierFolder {
    /// Where.
    pub path: PathBuf,
    /// Files in it.
    pub blocks: u64,
    /// KiB of them.
    pub kib: u64,
    /// The kind of its file system: `tmpfs`, `ramfs`, `ext2/ext3`, …, or `absent` where there is no such
    /// folder.
    pub file_system: String,
}

/// The file system of a folder that is not there.
const ABSENT: &str = "absent";

impl TierFolder {
    /// Whether there is no such folder.
    pub fn is_absent(&self) -> bool {
        self.file_system == ABSENT
    }
}

/// The folder that is mounted as the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootStore {
    /// Where.
    pub path: PathBuf,
    /// The device that it is on.
    pub device: u64,
    /// Names in it.
    pub names: u64,
}

/// A folder that is mounted beside the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreFolder {
    /// Where.
    pub path: PathBuf,
    /// Names in it; none where there is no such folder.
    pub names: Option<u64>,
}

impl MountedStore {
    /// Its folder, where it is one of a local file system.
    pub fn folder(&self) -> Option<PathBuf> {
        let text = self.ufs.strip_prefix("file://").unwrap_or(&self.ufs);
        text.starts_with('/')
            .then(|| PathBuf::from(text.trim_end_matches('/')))
    }
}

impl Worker {
    /// Whether its master counts on it, and has heard of it lately.
    pub fn serves(&self) -> bool {
        let is_known = ["In Service", "ACTIVE"].contains(&self.state.as_str());
        is_known && self.silent_secs.is_none_or(|secs| secs < SILENT_SECS)
    }
}

impl Role {
    /// All, in the order in which they are stopped.
    pub const STOPPED: [Self; 5] = [
        Self::Proxy,
        Self::JobWorker,
        Self::Worker,
        Self::JobMaster,
        Self::Master,
    ];

    /// The word of the release's own scripts.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Worker => "worker",
            Self::JobMaster => "job_master",
            Self::JobWorker => "job_worker",
            Self::Proxy => "proxy",
        }
    }

    /// The words used in sentences.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Worker => "worker",
            Self::JobMaster => "job master",
            Self::JobWorker => "job worker",
            Self::Proxy => "proxy",
        }
    }
}

/// An option of a host: of its own file where it stands there as it is used, else as the leading master resolved it.
pub fn own_or<'a>(
    site: Option<&'a BTreeMap<String, OptionLine>>,
    leader: Option<&'a Master>,
    key: &str,
) -> Option<&'a str> {
    let own = site.and_then(|site| site.get(key)).map(|line| line.value.trim());
    // What names another option is resolved by the master.
    let own = own.filter(|value| !value.contains("${"));
    own.or_else(|| leader?.options.get(key).map(String::as_str))
}

impl Facts {
    /// The option as it counts on a host.
    pub fn option_on<'a>(&'a self, host: &'a HostFacts, key: &str) -> Option<&'a str> {
        own_or(host.site.known(), self.leader(), key)
    }

    /// Where the master answered that leads.
    pub fn leader_address(&self) -> Option<&str> {
        let leads = self.masters.iter().find(|master| master.told.known().is_some());
        leads.map(|master| master.address.as_str())
    }

    /// The master that leads: the first that answers.
    pub fn leader(&self) -> Option<&Master> {
        self.masters.iter().find_map(|master| master.told.known())
    }

    /// The option as the leading master resolved it.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.leader()?.options.get(key).map(String::as_str)
    }
}

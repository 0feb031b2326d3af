//! The machine under a Flink installation, for the direct face: homes, configuration directories,
//! processes and ports. The wire face has a real machine instead and needs none of this.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use upshift_model::endpoint::Endpoint;

use super::cluster::Role;
use super::trigger::Contents;
use super::world::World;

/// Where a job manager listens of which nothing else is said.
const DEFAULT_PORT: u16 = 8081;

/// One process that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// What it is.
    pub role: Role,
    /// Its configuration directory.
    pub conf: PathBuf,
    /// Its release.
    pub release: String,
    /// When it is up.
    pub up_at: i64,
    /// When it is gone, once it was told to end.
    pub gone_at: Option<i64>,
    up: bool,
}

/// A configuration directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conf {
    /// Name of its main file.
    pub file: String,
    /// Its entries.
    pub entries: BTreeMap<String, String>,
    /// Whether everything that belongs there is there.
    pub is_whole: bool,
}

/// A machine with its world of clusters.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// What REST callers see.
    pub world: World,
    /// Releases by their homes.
    pub homes: BTreeMap<PathBuf, String>,
    /// Configuration directories.
    pub confs: BTreeMap<PathBuf, Conf>,
    /// Whether the disk is full until then.
    pub full_until: i64,
    /// How long a process takes to come up, and to go.
    pub process_takes: (i64, i64),
    /// Clusters on other machines: their configuration directories, by their addresses.
    pub elsewhere: BTreeMap<String, PathBuf>,
    /// Roles of a release that die right after they start, how often they still will.
    pub stillborn: BTreeMap<(String, Role), u32>,
    processes: Vec<Process>,
    started: BTreeMap<(PathBuf, Role), u32>,
    next_pid: u32,
}

impl Machine {
    /// Lets the time pass.
    pub fn advance(&mut self, now: i64) {
        let mut at = 0;
        while at < self.processes.len() {
            let process = self.processes[at].clone();
            if !process.up && now >= process.up_at {
                self.comes_up(at, now);
            }
            match process.gone_at {
                Some(gone) if now >= gone => self.goes(at, gone),
                _ => at += 1,
            }
        }
        if now < self.full_until {
            self.world.disk_is_full(true);
            self.world.advance(now);
            return;
        }
        self.world.disk_is_full(false);
        self.world.advance(now);
    }

    fn comes_up(&mut self, at: usize, now: i64) {
        let process = self.processes[at].clone();
        let port = self.port_of(&process.conf);
        let taken =
            process.role == Role::JobManager && port.is_some_and(|port| self.listener(port).is_some());
        let doomed = self
            .stillborn
            .get_mut(&(process.release.clone(), process.role))
            .filter(|left| **left > 0);
        if let Some(left) = doomed {
            *left -= 1;
            self.processes[at].gone_at = Some(now);
        } else if taken {
            self.processes[at].gone_at = Some(now);
        } else {
            self.processes[at].up = true;
            let config = self.confs.get(&process.conf).map(|conf| conf.entries.clone());
            let conf = process.conf.display().to_string();
            let config = config.unwrap_or_default();
            self.world
                .came_up(process.role, &conf, &process.release, process.pid, config);
        }
    }

    fn goes(&mut self, at: usize, when: i64) {
        let process = self.processes.remove(at);
        if process.up {
            let conf = process.conf.display().to_string();
            self.world.went_down(process.role, &conf, process.pid, when);
        }
    }

    /// Starts a process; it is up a little later.
    pub fn start(&mut self, role: Role, conf: &Path, release: &str, now: i64) {
        self.next_pid += 1;
        *self.started.entry((conf.to_owned(), role)).or_default() += 1;
        self.processes.push(Process {
            pid: 4_000 + self.next_pid,
            role,
            conf: conf.to_owned(),
            release: release.to_owned(),
            up_at: now + self.process_takes.0,
            gone_at: None,
            up: false,
        });
    }

    /// Tells a process to end; it is gone a little later.
    pub fn terminate(&mut self, pid: u32, now: i64) {
        let gone = now + self.process_takes.1;
        if let Some(process) = self.processes.iter_mut().find(|p| p.pid == pid) {
            process.gone_at.get_or_insert(gone);
        }
    }

    /// A process is killed by somebody else.
    pub fn kill(&mut self, pid: u32, now: i64) {
        if let Some(at) = self.processes.iter().position(|p| p.pid == pid) {
            self.goes(at, now);
        }
    }

    /// The processes of a configuration directory.
    pub fn processes<'a>(&'a self, conf: &'a Path) -> impl Iterator<Item = &'a Process> {
        self.processes.iter().filter(move |p| p.conf == conf)
    }

    /// All processes.
    pub fn all_processes(&self) -> &[Process] {
        &self.processes
    }

    /// How many processes of the role were ever started from the directory: what its log folder shows.
    pub fn outputs(&self, conf: &Path, role: Role) -> u32 {
        self.started.get(&(conf.to_owned(), role)).copied().unwrap_or(0)
    }

    /// The configuration directory of the job manager that listens on the port.
    pub fn listener(&self, port: u16) -> Option<&Path> {
        let manager = |p: &&Process| p.role == Role::JobManager && p.up;
        let mut up = self.processes.iter().filter(manager);
        up.find(|p| self.port_of(&p.conf) == Some(port))
            .map(|p| p.conf.as_path())
    }

    /// The configuration directory of the job manager that answers at the address.
    pub fn answering(&self, rest: &Endpoint) -> Option<&Path> {
        match self.elsewhere.get(rest.authority()) {
            Some(conf) => {
                let mut managers = self.processes(conf).filter(|p| p.role == Role::JobManager);
                managers.any(|p| p.up).then_some(conf)
            }
            None => self.listener(rest.port()?),
        }
    }

    /// The port of this machine that a job manager with this configuration listens on.
    fn port_of(&self, conf: &Path) -> Option<u16> {
        if self.elsewhere.values().any(|other| other == conf) {
            return None;
        }
        match self.confs.get(conf)?.entries.get("rest.port") {
            Some(port) => port.parse().ok(),
            None => Some(DEFAULT_PORT),
        }
    }

    /// Whether the disk takes nothing now.
    pub const fn is_full(&self, now: i64) -> bool {
        now < self.full_until
    }

    /// Whether a whole snapshot of the job lies on disk, with nothing of its state missing; the newest.
    pub fn newest_whole(&self, job: &str) -> Option<(&String, &super::Snapshot)> {
        let whole = |(_, s): &(&String, &super::Snapshot)| {
            matches!(s.contents, Contents::Stop | Contents::Snapshot) && s.state.is_whole_of(job)
        };
        let all = self.world.snapshots().iter().filter(whole);
        all.max_by_key(|(_, s)| s.state.until)
    }
}

//! One standalone session cluster on the loopback interface, started through the release's own scripts.
//!
//! Each cluster has its own configuration, log, pid and temporary folder. It is stopped by the numbers in its own pid
//! files, never by a script's idea of the last process. It upgrades nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::conf;
use super::home::Home;
use crate::error::{ClusterError, RestError};
use crate::java::Java;
use crate::ports::Ports;
use crate::process;
use crate::python::tail;
use crate::rest::Rest;
use crate::wait::until;

/// Ten seconds on a quiet machine; two loaded cores have been seen to take 90.
const START_LIMIT: Duration = Duration::from_secs(180);
/// A task manager takes up to 13 s to say goodbye on a loaded machine.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// What may differ between clusters of the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The ports; `None` takes three that are free.
    pub ports: Option<Ports>,
    /// Task slots of the one task manager.
    pub slots: u16,
    /// Options of the virtual machines. The default halves start-up time; give none when measuring.
    pub java: Vec<String>,
    /// Further configuration keys; they win over the lab's own.
    pub configuration: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ports: None,
            slots: 4,
            java: ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
                .map(str::to_owned)
                .to_vec(),
            configuration: BTreeMap::new(),
        }
    }
}

/// A running cluster; killed when dropped.
#[derive(Debug)]
pub struct Cluster {
    home: Home,
    dir: PathBuf,
    ports: Ports,
    java: Java,
}

impl Cluster {
    /// Starts a job manager and a task manager below `dir` and waits for a free slot.
    pub fn start(home: &Home, java: &Java, dir: &Path, options: &Options) -> Result<Self, ClusterError> {
        let cluster = Self::prepare(home, java, dir, options)?;
        cluster.start_processes()?;
        Ok(cluster)
    }

    /// Makes the folders and the configuration below `dir` and starts nothing.
    pub fn prepare(home: &Home, java: &Java, dir: &Path, options: &Options) -> Result<Self, ClusterError> {
        for folder in ["log", "pid", "tmp", "checkpoints", "savepoints"] {
            fs::create_dir_all(dir.join(folder)).map_err(ClusterError::io("make", dir.join(folder)))?;
        }
        let dir = dir.canonicalize().map_err(ClusterError::io("resolve", dir))?;
        let ports = match options.ports {
            Some(ports) => ports,
            None => Ports::free().map_err(ClusterError::io("find free ports for", &dir))?,
        };
        conf::write(home, &dir, ports, options)?;
        Ok(Self {
            home: home.clone(),
            dir,
            ports,
            java: java.clone(),
        })
    }

    /// Starts both processes, the first time or again, and waits for a free slot.
    pub fn start_processes(&self) -> Result<(), ClusterError> {
        let rest = self.ports.rest.to_string();
        // Side by side: the task manager looks for its job manager until it is there.
        let job_manager = self.script("jobmanager.sh", &["start", "127.0.0.1", &rest])?;
        let task_manager = self.script("taskmanager.sh", &["start"])?;
        for (script, child) in [("jobmanager.sh", job_manager), ("taskmanager.sh", task_manager)] {
            let output = child
                .wait_with_output()
                .map_err(ClusterError::io("wait for", script))?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
                return Err(ClusterError::Script {
                    script: script.to_owned(),
                    status: output.status.to_string(),
                    said,
                });
            }
        }
        self.wait_for_slot()
    }

    /// Asks both processes to end and waits until they have.
    pub fn stop_processes(&self) -> Result<(), ClusterError> {
        self.end(process::terminate)
    }

    /// Kills both processes, as a power cut would.
    pub fn kill_processes(&self) -> Result<(), ClusterError> {
        self.end(process::kill)
    }

    /// The release it runs.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Its directory, with `conf`, `log`, `pid`, `tmp`, `checkpoints` and `savepoints` below.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Its ports.
    pub fn ports(&self) -> Ports {
        self.ports
    }

    /// Its REST endpoint.
    pub fn rest(&self) -> Rest {
        Rest::at(self.ports.rest)
    }

    /// The variables under which a script of the release speaks of this cluster.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let below = |name: &str| self.dir.join(name).display().to_string();
        vec![
            ("JAVA_HOME", self.java.home().display().to_string()),
            ("FLINK_CONF_DIR", below("conf")),
            ("FLINK_LOG_DIR", below("log")),
            ("FLINK_PID_DIR", below("pid")),
            ("FLINK_IDENT_STRING", "lab".to_owned()),
        ]
    }

    /// The numbers of its processes that are there: those in its pid files whose command line names its directory.
    pub fn pids(&self) -> Result<Vec<u32>, ClusterError> {
        let dir = self.dir.join("pid");
        let mut pids = Vec::new();
        for entry in fs::read_dir(&dir).map_err(ClusterError::io("list", &dir))? {
            let path = entry.map_err(ClusterError::io("list", &dir))?.path();
            if path.extension().is_some_and(|e| e == "pid") {
                let text = fs::read_to_string(&path).map_err(ClusterError::io("read", &path))?;
                pids.extend(text.lines().filter_map(|l| l.trim().parse::<u32>().ok()));
            }
        }
        pids.sort_unstable();
        pids.dedup();
        // A number outlives its process and may be given to another one.
        pids.retain(|p| process::alive(*p) && process::names(*p, &self.dir));
        Ok(pids)
    }

    /// The last lines of its logs, for a test that failed.
    pub fn log_tail(&self, lines: usize) -> String {
        let dir = self.dir.join("log");
        let Ok(entries) = fs::read_dir(&dir) else {
            return format!("no logs in {}", dir.display());
        };
        let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        paths.sort();
        let read =
            |p: &PathBuf| fs::read_to_string(p).map(|t| format!("{}:\n{}\n", p.display(), tail(&t, lines)));
        paths.iter().flat_map(read).collect()
    }

    fn script(&self, name: &str, args: &[&str]) -> Result<std::process::Child, ClusterError> {
        let script = self.home.path().join("bin").join(name);
        let mut command = Command::new(&script);
        command
            .args(args)
            .env_remove("FLINK_HOME")
            .env_remove("FLINK_LIB_DIR")
            .envs(self.environment());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().map_err(ClusterError::io("run", &script))
    }

    fn wait_for_slot(&self) -> Result<(), ClusterError> {
        let up = until(START_LIMIT, || match self.rest().get("/overview") {
            Ok(o) if o["slots-available"].as_u64().is_some_and(|n| n > 0) => Ok(Some(())),
            Ok(_)
            | Err(RestError::NoAnswer { .. } | RestError::Refused { .. } | RestError::Malformed { .. }) => {
                Ok(None)
            }
            Err(e) => Err(e),
        });
        match up {
            Ok(Some(())) => Ok(()),
            Ok(None) | Err(_) => Err(ClusterError::NotUp {
                url: self.rest().url(),
                after: START_LIMIT,
                logs: self.dir.join("log"),
                tail: self.log_tail(15),
            }),
        }
    }

    fn end(&self, how: fn(u32)) -> Result<(), ClusterError> {
        let pids = self.pids()?;
        pids.iter().copied().for_each(how);
        if process::gone(&pids, STOP_LIMIT).is_some() {
            pids.iter().copied().for_each(process::kill);
            if let Some(pid) = process::gone(&pids, STOP_LIMIT) {
                return Err(ClusterError::Undead { pid });
            }
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nothing to be done about an error here; the sandbox looks once more.
        self.kill_processes().ok();
    }
}

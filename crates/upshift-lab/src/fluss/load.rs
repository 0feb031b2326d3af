//! The self-checking load on a cluster: a process of its own that appends, upserts, looks up and follows a log while
//! servers come and go, and reads everything back when it is stopped.
//!
//! What it saw is judged in `ledger`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use super::client::FlussClient;
use super::cluster::FlussCluster;
use super::conf;
use super::ledger::{LoadAccount, judge};
use crate::cache::Cache;
use crate::error::LoadError;
use crate::java::Java;
use crate::process;
use crate::python::tail;
use crate::wait::until;

/// Tables are made and led within seconds; two loaded cores take their time.
const START_LIMIT: Duration = Duration::from_secs(180);
/// What is open gets 30 s, the tail as long, reading back a minute and each key 30 s.
const STOP_LIMIT: Duration = Duration::from_secs(300);

/// How much it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadOptions {
    /// Appends, upserts and lookups, each so many a second.
    pub rate: u32,
    /// Keys of the table that has one.
    pub keys: u32,
    /// Buckets of each table.
    pub buckets: u32,
    /// Replicas of each bucket.
    pub replicas: u32,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            rate: 50,
            keys: 100,
            buckets: 3,
            replicas: 3,
        }
    }
}

/// The running load; killed when dropped.
#[derive(Debug)]
pub struct FlussLoad {
    child: Child,
    dir: PathBuf,
}

impl FlussLoad {
    /// Makes the tables `load.log` and `load.keyed` and loads them; returns when an operation of each kind succeeded.
    /// Below `dir` it keeps what it saw.
    pub fn start(
        cache: &Cache,
        java: &Java,
        cluster: &FlussCluster,
        dir: &Path,
        options: LoadOptions,
    ) -> Result<Self, LoadError> {
        let class_path = FlussClient::ready(cache)?.load(cache, java)?;
        fs::create_dir_all(dir).map_err(LoadError::io("make", dir))?;
        let logging = dir.join("log4j2.properties");
        process::put(&logging, conf::LOGGING.as_bytes()).map_err(LoadError::io("write", &logging))?;
        let open = |name: &str| {
            let path = dir.join(name);
            File::create(&path).map_err(LoadError::io("make", &path))
        };
        let numbers = [options.rate, options.keys, options.buckets, options.replicas];
        let child = Command::new(java.home().join("bin/java"))
            .args(["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
            .arg("--add-opens=java.base/java.nio=ALL-UNNAMED")
            .arg(format!("-Dlog.file={}", dir.join("client.log").display()))
            .arg(format!("-Dlog4j.configurationFile=file:{}", logging.display()))
            .args(["-cp", &class_path, "upshift.lab.fluss.Load"])
            .arg(dir)
            .arg(cluster.bootstrap())
            .args(numbers.map(|number| number.to_string()))
            .stdin(Stdio::piped())
            .stdout(open("said")?)
            .stderr(open("stderr.log")?)
            .spawn()
            .map_err(LoadError::io("run java in", dir))?;
        let mut load = Self {
            child,
            dir: dir.to_path_buf(),
        };
        load.wait_for("ready", START_LIMIT)?;
        Ok(load)
    }

    /// The moment by the clock that its operations are measured with.
    #[expect(
        clippy::disallowed_methods,
        reason = "the lab is outside the engine; the load is another process and shares only this clock"
    )]
    pub fn now() -> SystemTime {
        SystemTime::now()
    }

    /// Ends the writing, waits until everything is read back, and judges.
    pub fn stop(mut self) -> Result<LoadAccount, LoadError> {
        drop(self.child.stdin.take());
        self.wait_for("done", STOP_LIMIT)?;
        let read = |name: &str| {
            let path = self.dir.join(name);
            fs::read_to_string(&path).map_err(LoadError::io("read", &path))
        };
        judge(&read("operations.csv")?, &read("read-back.csv")?)
    }

    fn wait_for(&mut self, word: &'static str, limit: Duration) -> Result<(), LoadError> {
        let said = self.dir.join("said");
        let child = &mut self.child;
        let spoke = until(limit, || {
            if fs::read_to_string(&said)?.lines().any(|line| line == word) {
                return Ok(Some(true));
            }
            child.try_wait().map(|status| status.map(|_| false))
        });
        match spoke.map_err(LoadError::io("wait for", &said))? {
            Some(true) => Ok(()),
            Some(false) | None => {
                let read = |name: &str| fs::read_to_string(self.dir.join(name)).unwrap_or_default();
                Err(LoadError::Silent {
                    word,
                    dir: self.dir.clone(),
                    tail: ["stderr.log", "client.log"]
                        .map(|name| tail(&read(name), 15))
                        .join("\n"),
                })
            }
        }
    }
}

impl Drop for FlussLoad {
    fn drop(&mut self) {
        // Nothing to be done about an error here; the sandbox looks once more.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

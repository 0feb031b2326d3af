//! One Java process of a Fluss cluster in a directory of its own, known by its number.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::conf;
use super::home::FlussHome;
use crate::error::ClusterError;
use crate::java::Java;
use crate::process;
use crate::python::tail;
use crate::wait::until;

/// Seven seconds on a quiet machine with two cores.
const START_LIMIT: Duration = Duration::from_secs(180);
/// An orderly stop takes 4 to 7 s with little data.
const STOP_LIMIT: Duration = Duration::from_secs(120);

/// A process; killed when dropped.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    dir: PathBuf,
    version: String,
    port: u16,
}

/// What is to be run.
pub(super) struct Launch<'a> {
    pub(super) home: &'a FlussHome,
    pub(super) java: &'a Java,
    /// Its directory.
    pub(super) dir: &'a Path,
    /// Its class below the package.
    pub(super) main: &'a str,
    /// Further arguments of Java itself.
    pub(super) further: &'a [String],
    pub(super) args: &'a [String],
    /// Where it will listen.
    pub(super) port: u16,
}

impl Launch<'_> {
    fn logging(&self) -> PathBuf {
        self.dir.join("log4j2.properties")
    }

    fn args(&self) -> Vec<String> {
        let own = [
            "-Xmx384m".to_owned(),
            "-XX:+UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            "--add-opens=java.base/java.nio=ALL-UNNAMED".to_owned(),
            "--add-opens=java.base/java.util=ALL-UNNAMED".to_owned(),
            format!("-Dlog.file={}", self.dir.join("server.log").display()),
            format!("-Dlog4j.configurationFile=file:{}", self.logging().display()),
            "-Dlog4j.shutdownHookEnabled=false".to_owned(),
            "-cp".to_owned(),
            format!("{}/*", self.home.path().join("lib").display()),
            format!("{}.{}", self.home.package(), self.main),
        ];
        let all = self.further.iter().cloned().chain(own);
        all.chain(self.args.iter().cloned()).collect()
    }

    fn variables(&self) -> [(&'static str, PathBuf); 2] {
        [
            ("FLUSS_PLUGINS_DIR", self.home.path().join("plugins")),
            ("FLUSS_CONF_DIR", self.dir.join("conf")),
        ]
    }

    /// The same as words for somebody else who starts it.
    pub(super) fn words(&self) -> Vec<String> {
        let variables = self.variables();
        let variables = variables
            .iter()
            .map(|(name, value)| format!("{name}={}", value.display()));
        let java = self.java.home().join("bin/java").display().to_string();
        let env = std::iter::once("env".to_owned()).chain(variables);
        env.chain([java]).chain(self.args()).collect()
    }
}

impl Server {
    /// Starts it and waits until it listens.
    pub(super) fn start(launch: &Launch<'_>) -> Result<Self, ClusterError> {
        let mut server = Self::spawn(launch)?;
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// Starts it.
    pub(super) fn spawn(launch: &Launch<'_>) -> Result<Self, ClusterError> {
        let Launch { home, java, dir, .. } = launch;
        let logging = launch.logging();
        process::put(&logging, conf::LOGGING.as_bytes()).map_err(ClusterError::io("write", &logging))?;
        let out = dir.join("stdout.log");
        let out = File::create(&out).map_err(ClusterError::io("make", &out))?;
        let err = out
            .try_clone()
            .map_err(ClusterError::io("share the output of", *dir))?;
        let program = java.home().join("bin/java");
        let mut command = Command::new(&program);
        command
            .args(launch.args())
            .envs(launch.variables())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        let child = command.spawn().map_err(ClusterError::io("run", &program))?;
        Ok(Self {
            child,
            dir: dir.to_path_buf(),
            version: home.version().to_owned(),
            port: launch.port,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Asks it to end and waits; never kills.
    pub(super) fn stop(&mut self) -> Result<(), ClusterError> {
        process::terminate(self.pid());
        self.wait(STOP_LIMIT)
    }

    /// Kills it, as a power cut would.
    pub(super) fn kill(&mut self) -> Result<(), ClusterError> {
        process::kill(self.pid());
        self.wait(STOP_LIMIT)
    }

    fn wait(&mut self, limit: Duration) -> Result<(), ClusterError> {
        let pid = self.pid();
        let dir = &self.dir;
        let child = &mut self.child;
        let ended = until(limit, || child.try_wait().map(|status| status.map(drop)));
        match ended.map_err(ClusterError::io("wait for the server in", dir))? {
            Some(()) => Ok(()),
            None => Err(ClusterError::Undead { pid }),
        }
    }

    /// Waits until it listens.
    pub(super) fn wait_until_it_listens(&mut self) -> Result<(), ClusterError> {
        let (dir, port) = (self.dir.clone(), self.port);
        let child = &mut self.child;
        let up = until(START_LIMIT, || {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(Some(true));
            }
            child.try_wait().map(|status| status.map(|_| false))
        });
        match up.map_err(ClusterError::io("wait for the server in", &dir))? {
            Some(true) => Ok(()),
            Some(false) | None => Err(ClusterError::NotListening {
                port,
                after: START_LIMIT,
                tail: logs(&dir),
                logs: dir,
            }),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing to be done about an error here; the sandbox looks once more.
        self.kill().ok();
    }
}

fn logs(dir: &Path) -> String {
    let read = |name: &str| fs::read_to_string(dir.join(name)).unwrap_or_default();
    ["stdout.log", "server.log"]
        .map(|name| tail(&read(name), 15))
        .join("\n")
}

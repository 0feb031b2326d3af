//! A whole arrangement: two stand-in installations, a cluster of the first with its jobs running, and
//! the system file that a person would write about them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::installation::{self, Program, put};
use super::ports::free_port;
use super::server::Server;
use crate::flink::JobManner;

/// A job of the scene.
#[derive(Debug, Clone, Default)]
pub struct JobEntry {
    /// Its name.
    pub name: String,
    /// How it behaves on the old release, if otherwise than usual.
    pub before: JobManner,
    /// How it behaves on the new one.
    pub after: JobManner,
    /// More keys of its `[[job]]`, one a line.
    pub keys: String,
}

impl JobEntry {
    /// A job that behaves.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

/// What to arrange.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The system's name.
    pub name: String,
    /// The release that runs.
    pub from: String,
    /// The release that is wanted.
    pub to: String,
    /// Jobs.
    pub jobs: Vec<JobEntry>,
    /// `[policy]`: keys with their values as TOML.
    pub policy: BTreeMap<String, String>,
    /// Text at the end of the system file.
    pub more: String,
}

impl Scene {
    /// One job called `orders`, 1.18.1 to 1.20.5 in place, a soak of 300 ms.
    pub fn new() -> Self {
        let policy = [("strategy", "\"in-place\""), ("soak", "\"300ms\"")];
        Self {
            name: "orders".to_owned(),
            from: "1.18.1".to_owned(),
            to: "1.20.5".to_owned(),
            jobs: vec![JobEntry::named("orders")],
            policy: policy.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            more: String::new(),
        }
    }

    /// The same with a key of `[policy]`.
    #[must_use]
    pub fn policy(mut self, key: &str, value: &str) -> Self {
        self.policy.insert(key.to_owned(), value.to_owned());
        self
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a stage could not be set.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Files, sockets, processes.
    #[error("setting the stage: {0}")]
    Io(#[from] io::Error),
    /// The cluster does not come up.
    #[error("the old cluster did not come up within {0:?}")]
    NotUp(Duration),
}

/// See the module. Everything that runs in it ends with it.
pub struct Stage {
    /// The world and its server.
    pub server: Server,
    dir: PathBuf,
    rest: u16,
}

/// A stand-in comes up in some milliseconds; a loaded machine is given ten seconds.
const PATIENCE: Duration = Duration::from_secs(10);

impl Stage {
    /// Sets the stage in an existing, empty directory.
    ///
    /// # Errors
    /// When something cannot be made or started.
    pub fn set(scene: &Scene, dir: &Path, program: &Program) -> Result<Self, StageError> {
        let server = Server::start()?;
        let stage = Self {
            server,
            dir: dir.to_owned(),
            rest: free_port()?,
        };
        for release in [&scene.from, &scene.to] {
            let home = stage.path(&format!("flink-{release}"));
            installation::home(&home, release, program, stage.server.port())?;
        }
        installation::java(&stage.path("java"))?;
        super::jar::jar(&stage.path("jars/job.jar"), "com.example.Job")?;
        std::fs::create_dir_all(stage.path("sp"))?;
        put(
            &stage.path("conf/flink-conf.yaml"),
            stage.configuration().as_bytes(),
        )?;
        put(&stage.path("system.toml"), stage.system(scene).as_bytes())?;
        stage.start_old(scene)?;
        Ok(stage)
    }

    /// A path of the stage.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The port of the cluster, old and new.
    pub const fn rest(&self) -> u16 {
        self.rest
    }

    /// The configuration directory of the old cluster: its name in the world.
    pub fn old_conf(&self) -> String {
        self.path("conf").display().to_string()
    }

    /// That of the new one.
    pub fn new_conf(&self) -> String {
        self.path("conf-new").display().to_string()
    }

    /// The id under which job number `n` of the scene was submitted.
    pub fn job_id(n: usize) -> String {
        format!("5eed{n:02}00000000000000000000000000")
    }

    fn configuration(&self) -> String {
        let (port, dir) = (self.rest, self.dir.display());
        format!(
            "jobmanager.rpc.address: 127.0.0.1\njobmanager.bind-host: 127.0.0.1\nrest.address: 127.0.0.1\n\
             rest.bind-address: 127.0.0.1\nrest.port: {port}\ntaskmanager.numberOfTaskSlots: 4\n\
             taskmanager.host: 127.0.0.1\nstate.backend: hashmap\nstate.checkpoints.dir: file://{dir}/ck\n\
             state.savepoints.dir: file://{dir}/sp\n"
        )
    }

    fn system(&self, scene: &Scene) -> String {
        let (port, from, to, name) = (self.rest, &scene.from, &scene.to, &scene.name);
        let mut text = format!(
            "kind = \"flink\"\nname = \"{name}\"\nrest = \"http://127.0.0.1:{port}\"\n\n[installation]\n\
             current = {{ version = \"{from}\", home = \"flink-{from}\" }}\n\
             target = {{ version = \"{to}\", home = \"flink-{to}\" }}\n\
             config = {{ current = \"conf\", target = \"conf-new\" }}\n\
             logs = {{ current = \"log\", target = \"log-new\" }}\npids = {{ current = \"pid\", target = \"pid-new\" }}\n\
             java_home = \"java\"\n\n[state]\nsavepoints = \"sp\"\n"
        );
        for JobEntry { name, keys, .. } in &scene.jobs {
            text += &format!(
                "\n[[job]]\nname = \"{name}\"\njar = \"jars/job.jar\"\nargs = [\"--name\", \"{name}\"]\n\
                 uids = [\"source\", \"counter\", \"tally\", \"writer\"]\nsink = \"idempotent\"\n\
                 source_retention = \"7d\"\n{keys}\n"
            );
        }
        text += "\n[policy]\n";
        for (key, value) in &scene.policy {
            text += &format!("{key} = {value}\n");
        }
        text + "\n" + &scene.more
    }

    /// As a person would: the release's scripts, then the jobs, then a look until all of it runs.
    fn start_old(&self, scene: &Scene) -> Result<(), StageError> {
        for script in ["jobmanager.sh", "taskmanager.sh"] {
            let home = self.path(&format!("flink-{}", scene.from));
            let status = Command::new(home.join("bin").join(script))
                .arg("start")
                .env("FLINK_CONF_DIR", self.path("conf"))
                .env("FLINK_LOG_DIR", self.path("log"))
                .stdin(Stdio::null())
                .status()?;
            if !status.success() {
                return Err(io::Error::other(format!("{script} ended with {status}")).into());
            }
        }
        let conf = self.old_conf();
        self.wait_for(|stage| {
            let world = stage.server.world();
            world
                .clusters()
                .get(&conf)
                .is_some_and(|c| c.slots() > 0 && !c.release.is_empty())
        })?;
        let mut world = self.server.world();
        let earlier = self.server.now() - 60_000;
        for (n, job) in scene.jobs.iter().enumerate() {
            world.behave(&scene.from, &job.name, job.before.clone());
            world.behave(&scene.to, &job.name, job.after.clone());
            world.submit(&conf, &Self::job_id(n), &job.name, earlier);
        }
        world.count_from_here();
        Ok(())
    }

    /// Looks until it holds.
    ///
    /// # Errors
    /// When it does not within ten seconds.
    pub fn wait_for(&self, holds: impl Fn(&Self) -> bool) -> Result<(), StageError> {
        let begun = Instant::now();
        while !holds(self) {
            if begun.elapsed() > PATIENCE {
                return Err(StageError::NotUp(PATIENCE));
            }
            std::thread::park_timeout(Duration::from_millis(2));
        }
        Ok(())
    }
}

//! A whole arrangement for a story about an upgrade: an old cluster with the lab's job running on it, the system file
//! that a person would write about it, and the upshift program pointed at it.
//!
//! It carries out no step of the upgrade; what upshift did is judged from the outside, by REST and by the job's output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::Cache;
use crate::error::StageError;
use crate::flink::{Cluster, Home, Options};
use crate::java::Java;
use crate::job::{Job, Variant, job_jar};
use crate::output::{Report, Writing, check_output};
use crate::ports::Ports;
use crate::process;
use crate::rest::{Format, Rest, Submit};
use crate::sandbox::Sandbox;

/// How the upgrade is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// Stop the old cluster, start the new one on the same ports.
    InPlace,
    /// Start the new cluster beside the old one.
    Shadow,
}

/// What to arrange.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Names the sandbox, the system and the job.
    pub name: String,
    /// The release that runs.
    pub from: String,
    /// The release that is wanted.
    pub to: String,
    /// How.
    pub strategy: Strategy,
    /// Keys of `[policy]` beside the strategy, as TOML: `("soak", "\"3s\"")`.
    pub policy: Vec<(String, String)>,
    /// Keys of `[state]` beside the savepoint directory, as TOML: `("format", "\"native\"")`.
    pub state: Vec<(String, String)>,
    /// Text put at the end of the system file: probes, waivers, a notification.
    pub more: String,
    /// Take the target from an archive that is unpacked in the sandbox, not from the cache's own home.
    pub from_archive: bool,
    /// The job that is started on the target, where it is to be another than what runs.
    pub target_variant: Variant,
    /// Changes the job's size before it is submitted.
    pub tune: fn(&mut Job),
    /// The old cluster; the ports are chosen here.
    pub cluster: Options,
}

impl Scene {
    /// A small job, a soak of three seconds, nothing special.
    pub fn new(name: &str, from: &str, to: &str, strategy: Strategy) -> Self {
        Self {
            name: name.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            strategy,
            policy: vec![("soak".to_owned(), "\"3s\"".to_owned())],
            state: Vec::new(),
            more: String::new(),
            from_archive: false,
            target_variant: Variant::Base,
            tune: |_| {},
            cluster: Options::default(),
        }
    }
}

/// See the module. Everything it started, and everything upshift started in it, ends with it.
#[derive(Debug)]
pub struct Stage {
    // Dropped in this order: the cluster, then the sandbox with all that is left.
    old: Cluster,
    job: Job,
    job_id: String,
    jar: PathBuf,
    ports: (Ports, Ports),
    java: Java,
    sandbox: Sandbox,
}

impl Stage {
    /// Starts the old cluster, starts the job, waits for two checkpoints, writes the system file.
    pub fn set(cache: &Cache, scene: &Scene) -> Result<Self, StageError> {
        let java = Java::ready(cache)?;
        let (from, to) = (Home::ready(cache, &scene.from)?, Home::ready(cache, &scene.to)?);
        let jar = job_jar(cache, &java)?;
        let sandbox = Sandbox::new(cache, &scene.name)?;
        let ports = || Ports::free().map_err(StageError::io("find free ports for", sandbox.dir()));
        let ports = (ports()?, ports()?);
        let options = Options {
            ports: Some(ports.0),
            ..scene.cluster.clone()
        };
        let old = Cluster::start(&from, &java, &sandbox.path("old"), &options)?;

        let mut job = Job::new(&scene.name, sandbox.path("out"));
        (scene.tune)(&mut job);
        let at = old.rest();
        let job_id = at.submit(
            &at.upload(&jar)?,
            &Submit {
                args: job.args(),
                ..Submit::default()
            },
        )?;
        at.wait_for_tasks(&job_id)?;
        at.wait_for_checkpoints(&job_id, 2)?;

        let stage = Self {
            old,
            job,
            job_id,
            jar,
            ports,
            java,
            sandbox,
        };
        stage.write_system_file(cache, scene, &to)?;
        Ok(stage)
    }

    /// The system file.
    pub fn system_file(&self) -> PathBuf {
        self.sandbox.path("system.toml")
    }

    /// Where upshift keeps its runs.
    pub fn state_dir(&self) -> PathBuf {
        self.sandbox.path("state")
    }

    /// The sandbox.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The old cluster as the lab started it.
    pub fn old(&self) -> &Cluster {
        &self.old
    }

    /// Where the new cluster answers once it is there: the old one's address when the upgrade is in place.
    pub fn new_rest(&self, strategy: Strategy) -> Rest {
        match strategy {
            Strategy::InPlace => Rest::at(self.ports.0.rest),
            Strategy::Shadow => Rest::at(self.ports.1.rest),
        }
    }

    /// The ports for a cluster beside the old one.
    pub fn shadow_ports(&self) -> Ports {
        self.ports.1
    }

    /// The job as it was submitted.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Its id on the old cluster.
    pub fn job_id(&self) -> &str {
        &self.job_id
    }

    /// Its jar.
    pub fn jar(&self) -> &Path {
        &self.jar
    }

    /// The Java that the clusters run on.
    pub fn java(&self) -> &Java {
        &self.java
    }

    /// The upshift program with this stage's runs and Java; arguments are the caller's.
    pub fn upshift(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.arg("--state-dir").arg(self.state_dir());
        command
            .current_dir(self.sandbox.dir())
            .env("JAVA_HOME", self.java.home())
            .env("NO_COLOR", "1");
        command
    }

    /// Stops the one running job of this stage's name with a savepoint and reads the whole output.
    pub fn finish(&self, at: Rest) -> Result<Report, StageError> {
        let running = at.running(&self.job.name)?;
        let [id] = running.as_slice() else {
            return Err(StageError::NotOneJob {
                name: self.job.name.clone(),
                url: at.url(),
                running,
            });
        };
        at.stop_with_savepoint(id, &file_url(&self.sandbox.path("final")), Format::Canonical)?;
        at.wait_for_status(id, "FINISHED")?;
        Ok(check_output(&self.job.out, Writing::No)?)
    }

    fn write_system_file(&self, cache: &Cache, scene: &Scene, to: &Home) -> Result<(), StageError> {
        let target = if scene.from_archive {
            let archive = to.archive(cache)?;
            let home = self.sandbox.path(&format!("unpacked/flink-{}", to.version()));
            let url = file_url(&archive.path);
            format!(
                "home = {}, archive = {url:?}, sha512 = {:?}",
                quoted(&home),
                archive.sha512
            )
        } else {
            format!("home = {}", quoted(to.path()))
        };
        let text = self.render(scene, &target);
        let path = self.system_file();
        process::put(&path, text.as_bytes()).map_err(StageError::io("write", &path))?;
        let savepoints = self.sandbox.path("savepoints");
        fs::create_dir_all(&savepoints).map_err(StageError::io("make", &savepoints))
    }

    fn render(&self, scene: &Scene, target: &str) -> String {
        let both = |current: &Path, target: &str| {
            format!(
                "{{ current = {}, target = {} }}",
                quoted(current),
                quoted(&self.sandbox.path(target))
            )
        };
        let old = self.old.dir();
        let args = |job: &Job| format!("{:?}", job.args());
        let new_job = Job {
            variant: scene.target_variant,
            ..self.job.clone()
        };
        let strategy = match scene.strategy {
            Strategy::InPlace => "in-place",
            Strategy::Shadow => "shadow",
        };
        let mut text = format!(
            r#"kind = "flink"
name = {name:?}
rest = {rest:?}

[installation]
current = {{ version = {from:?}, home = {home} }}
target = {{ version = {to:?}, {target} }}
config = {config}
logs = {logs}
pids = {pids}
java_home = {java}

[state]
savepoints = {savepoints:?}
{state}
[[job]]
name = {name:?}
jar = {jar}
args = {{ current = {args_now}, target = {args_then} }}
uids = {uids:?}
sink = "append"

[policy]
strategy = {strategy:?}
"#,
            name = scene.name,
            rest = self.old.rest().url(),
            from = scene.from,
            to = scene.to,
            home = quoted(self.old.home().path()),
            config = both(&old.join("conf"), "new/conf"),
            logs = both(&old.join("log"), "new/log"),
            pids = both(&old.join("pid"), "new/pid"),
            java = quoted(self.java.home()),
            state = lines(&scene.state),
            savepoints = file_url(&self.sandbox.path("savepoints")),
            jar = quoted(&self.jar),
            args_now = args(&self.job),
            args_then = args(&new_job),
            uids = crate::job::UIDS,
        );
        text += &lines(&scene.policy);
        if scene.strategy == Strategy::Shadow {
            let ports = self.ports.1;
            let url = Rest::at(ports.rest).url();
            text += &format!(
                "\n[shadow]\nrest = {url:?}\nrpc_port = {}\nblob_port = {}\n",
                ports.rpc, ports.blob
            );
        }
        text + "\n" + &scene.more
    }
}

fn lines(keys: &[(String, String)]) -> String {
    keys.iter()
        .map(|(key, value)| format!("{key} = {value}\n"))
        .collect()
}

fn quoted(path: &Path) -> String {
    format!("{:?}", path.display().to_string())
}

fn file_url(path: &Path) -> String {
    format!("file://{}", path.display())
}

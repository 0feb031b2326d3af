//! A made-up WEKA cluster on real hosts: an sshd for every server, at an address and with a host key of its own,
//! whose forced environment plays the programs of that server.
//!
//! What the programs answer is the business of `weka-host`, which is built from the checkout when it is needed. What
//! such a cluster cannot prove: anything of the real product.

use std::ffi::OsString;
use std::fs;
use std::io::BufRead as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::cargo::cargo;
use crate::error::FetchError;
use crate::process::put;
use crate::sshd::Fabric;

/// Programs that are played; `weka-host` answers to each name.
const PROGRAMS: [&str; 20] = [
    "weka",
    "wekactl",
    "cat",
    "ls",
    "df",
    "du",
    "free",
    "systemctl",
    "service",
    "ss",
    "mount",
    "mountpoint",
    "lsmod",
    "curl",
    "uname",
    "date",
    "sudo",
    "fallocate",
    "openssl",
    "weka-forced",
];

/// What the cluster is to be like.
#[derive(Debug, Clone)]
pub struct WekaOptions {
    /// Its backends.
    pub backends: usize,
    /// Its clients.
    pub clients: usize,
    /// The release that runs.
    pub version: String,
    /// The release whose package is on all servers, too.
    pub target: String,
    /// What is wrong, by name: `weka-host faults` lists them.
    pub faults: Vec<String>,
    /// Varies what no document tells.
    pub seed: u64,
    /// How long a call of `weka` takes.
    pub delay_ms: u64,
    /// How long one step of an upgrade takes.
    pub step_ms: u64,
    /// How long metadata is converted after an upgrade.
    pub conversion_ms: u64,
}

impl WekaOptions {
    /// A healthy cluster without clients.
    pub fn healthy(backends: usize, version: &str, target: &str) -> Self {
        Self {
            backends,
            clients: 0,
            version: version.to_owned(),
            target: target.to_owned(),
            faults: Vec::new(),
            seed: 0,
            delay_ms: 0,
            step_ms: 0,
            conversion_ms: 0,
        }
    }
}

/// A cluster that stands.
#[derive(Debug)]
pub struct WekaCluster {
    fabric: Fabric,
    options: WekaOptions,
    host_program: PathBuf,
    rest: Option<Child>,
}

impl Drop for WekaCluster {
    fn drop(&mut self) {
        if let Some(child) = &mut self.rest {
            // One that is gone already is what is wanted.
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl WekaCluster {
    /// Starts its servers.
    pub fn start(options: WekaOptions) -> Result<Self, FetchError> {
        Self::played_by(&built()?, options)
    }

    /// The same, played by a `weka-host` that was built before: an optimized one, where time is measured.
    pub fn played_by(made: &Path, options: WekaOptions) -> Result<Self, FetchError> {
        let forced = |_| {
            // The fabric's own folder, which every session of it knows.
            "ForceCommand WEKA_WORLD=\"$UPSHIFT_FABRIC/world.json\" PATH=\"$UPSHIFT_FABRIC/programs:$PATH\" exec \
             \"$UPSHIFT_FABRIC/programs/weka-forced\""
                .to_owned()
        };
        let fabric = Fabric::start(options.backends + options.clients, forced)?;
        let programs = fabric.dir().join("programs");
        fs::create_dir(&programs).map_err(FetchError::io("make", &programs))?;
        // A copy: the cluster stays what it began as when the checkout is built again.
        let host_program = fabric.dir().join("weka-host");
        fs::copy(made, &host_program).map_err(FetchError::io("copy", made))?;
        for name in PROGRAMS {
            let link = programs.join(name);
            symlink(&host_program, &link).map_err(FetchError::io("make", &link))?;
        }
        let mut cluster = Self {
            fabric,
            options,
            host_program,
            rest: None,
        };
        cluster.write_client()?;
        cluster.write_world()?;
        Ok(cluster)
    }

    /// The same servers with other faults.
    pub fn with_faults(&mut self, faults: &[&str]) -> Result<(), FetchError> {
        self.options.faults = faults.iter().map(|&fault| fault.to_owned()).collect();
        self.write_world()
    }

    /// What upgrades have made of it, as the programs that are played keep it.
    pub fn state(&self) -> Result<serde_json::Value, FetchError> {
        let file = self.dir().join("state.json");
        let text = fs::read_to_string(&file).map_err(FetchError::io("read", &file))?;
        serde_json::from_str(&text)
            .map_err(|error| FetchError::io("read", &file)(std::io::Error::other(error)))
    }

    /// The same servers with other options, of which the number of servers does not count.
    pub fn become_like(&mut self, options: WekaOptions) -> Result<(), FetchError> {
        self.options = WekaOptions {
            backends: self.options.backends,
            clients: self.options.clients,
            ..options
        };
        self.write_world()
    }

    /// Its hosts: backends first, then clients.
    pub fn fabric(&mut self) -> &mut Fabric {
        &mut self.fabric
    }

    /// Homes of its servers: what upshift leaves on them is there.
    pub fn homes(&self) -> impl Iterator<Item = &Path> {
        self.fabric.hosts().iter().map(|host| host.home.as_path())
    }

    /// Where everything of it is.
    pub fn dir(&self) -> &Path {
        self.fabric.dir()
    }

    /// An `ssh_config` that reaches its servers by alias and by address.
    pub fn ssh_config(&self) -> PathBuf {
        self.dir().join("weka_ssh_config")
    }

    /// A system file of it, for an upgrade to the wanted release.
    pub fn system_file(&self) -> Result<PathBuf, FetchError> {
        self.system_file_with("")
    }

    /// The same with more lines at its end.
    pub fn system_file_with(&self, more: &str) -> Result<PathBuf, FetchError> {
        let file = self.dir().join("system.toml");
        let text = format!(
            "kind = \"weka\"\nname = \"emulated\"\nentry = [\"{}\", \"{}\"]\nssh_config = \"{}\"\ncurrent = \"{}\"\n\
             target = \"{}\"\nclients = {}\n{more}",
            self.fabric.host(0).address,
            self.fabric.host(1.min(self.options.backends - 1)).address,
            self.ssh_config().display(),
            self.options.version,
            self.options.target,
            self.options.clients > 0,
        );
        put(&file, text.as_bytes()).map_err(FetchError::io("write", &file))?;
        Ok(file)
    }

    /// Lines for a system file that name its REST interface, which is started for that. The password is in a file.
    pub fn rest_lines(&mut self) -> Result<String, FetchError> {
        let program = self.host_program.clone();
        let mut child = Command::new(&program)
            .arg("rest")
            .arg(self.dir())
            .env("UPSHIFT_FABRIC", self.dir())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(FetchError::io("start", &program))?;
        let mut port = String::new();
        if let Some(out) = child.stdout.take() {
            let mut out = std::io::BufReader::new(out);
            out.read_line(&mut port)
                .map_err(FetchError::io("hear", &program))?;
        }
        if let Some(mut earlier) = self.rest.replace(child) {
            earlier.kill().ok();
            earlier.wait().ok();
        }
        let secret = self.dir().join("rest-password");
        put(&secret, b"canary-rest-password\n").map_err(FetchError::io("write", &secret))?;
        Ok(format!(
            "[rest]\nurl = \"http://127.0.0.1:{}\"\nuser = \"observer\"\npassword = \"file:{}\"\n",
            port.trim(),
            secret.display()
        ))
    }

    /// Variables for a program that is to believe that it runs on the first backend.
    ///
    /// `first` is a folder whose programs come before all others: that of another Python, for one.
    pub fn on_first_backend(&self, first: Option<&Path>) -> Result<Vec<(String, OsString)>, FetchError> {
        let bin = self.dir().join("peer");
        fs::create_dir_all(&bin).map_err(FetchError::io("make", &bin))?;
        let ssh = bin.join("ssh");
        let text = format!(
            "#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n",
            self.ssh_config().display()
        );
        crate::sshd::program_file(&ssh, &text)?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut all = OsString::new();
        if let Some(first) = first {
            all.push(first);
            all.push(":");
        }
        all.push(bin);
        all.push(":");
        all.push(self.dir().join("programs"));
        all.push(":");
        all.push(path);
        Ok(vec![
            ("PATH".to_owned(), all),
            (
                "WEKA_WORLD".to_owned(),
                self.dir().join("world.json").into_os_string(),
            ),
            ("UPSHIFT_HOST".to_owned(), "h0".into()),
        ])
    }

    /// Names of all faults.
    pub fn faults() -> Result<Vec<String>, FetchError> {
        let said = output(Command::new(built()?).arg("faults"), "weka-host faults")?;
        Ok(said.lines().map(str::to_owned).collect())
    }

    fn write_client(&self) -> Result<(), FetchError> {
        let own = fs::read_to_string(self.fabric.config()).map_err(FetchError::io("read", self.dir()))?;
        // Addresses of the fabric only, so that nothing else is reached with its key.
        let port = self.fabric.host(0).port;
        let text = format!("Host 127.*\n  Port {port}\n{own}");
        let file = self.ssh_config();
        put(&file, text.as_bytes()).map_err(FetchError::io("write", &file))
    }

    fn write_world(&mut self) -> Result<(), FetchError> {
        let nodes = |from: usize, count: usize| -> Vec<serde_json::Value> {
            let hosts = self.fabric.hosts().iter().skip(from).take(count);
            hosts
                .map(|host| json!({"name": host.name, "address": host.address}))
                .collect()
        };
        let WekaOptions {
            backends,
            clients,
            version,
            target,
            faults,
            seed,
            delay_ms,
            step_ms,
            conversion_ms,
        } = &self.options;
        let world = json!({"version": version, "target": target, "backends": nodes(0, *backends),
            "clients": nodes(*backends, *clients), "faults": faults, "seed": seed, "delay_ms": delay_ms,
            "step_ms": step_ms, "conversion_ms": conversion_ms});
        let file = self.dir().join("world.json");
        put(&file, world.to_string().as_bytes()).map_err(FetchError::io("write", &file))?;
        let mut prepare = Command::new(&self.host_program);
        prepare.arg("prepare").arg(self.dir());
        output(&mut prepare, "weka-host prepare").map(|_| ())
    }
}

/// Builds the program that plays the servers.
fn built() -> Result<PathBuf, FetchError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut build = cargo();
    build
        .args([
            "build",
            "--quiet",
            // With the features that everything else is built with: nothing is built twice.
            "--workspace",
            "--bin",
            "weka-host",
            "--message-format",
            "json",
        ])
        .current_dir(&root);
    let said = output(&mut build, "cargo build --workspace --bin weka-host")?;
    let built = said.lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let program = line["executable"].as_str()?.to_owned();
        program.ends_with("weka-host").then(|| PathBuf::from(program))
    });
    built.ok_or_else(|| FetchError::Command {
        command: "cargo build --workspace --bin weka-host".to_owned(),
        status: "0".to_owned(),
        said: "it names no program".to_owned(),
    })
}

fn output(command: &mut Command, said_as: &str) -> Result<String, FetchError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| FetchError::NoProgram {
            program: said_as.to_owned(),
            advice: "it is built from the checkout with cargo".to_owned(),
            source,
        })?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(FetchError::Command {
            command: said_as.to_owned(),
            status: output.status.to_string(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
    }
}

//! Many hosts on one machine: real OpenSSH servers at addresses of 127.0.0.0/8, each with a host key, a home and an
//! environment of its own, run by whoever runs the test, and the client's side of it: a user key, an `ssh_config` with
//! an alias for each host, and known_hosts.
//!
//! What runs on a host is this machine's; only environment and commands that the caller forces make hosts different.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::error::FetchError;
use crate::ports::free_port;
use crate::process::{self, put};
use crate::wait::until;

/// What it takes to have one.
const ADVICE: &str = "the tests of hosts need OpenSSH's client and server, and BusyBox; Debian: apt-get install \
                      openssh-client openssh-server busybox";

/// Ends the servers when the process that started them is gone, killed by hand or not, and whatever still runs with
/// their environment.
const REAPER: &str = r#"
while kill -0 "$WATCHED" 2>/dev/null; do sleep 0.2; done
for file in "$FABRIC"/*/pid; do
  pid=$(cat "$file" 2>/dev/null) && kill -KILL "$pid" $(cat "/proc/$pid/task/$pid/children") 2>/dev/null
done
for environ in /proc/[0-9]*/environ; do
  grep -qz "^UPSHIFT_FABRIC=$FABRIC$" "$environ" 2>/dev/null || continue
  pid=${environ#/proc/}; pid=${pid%/environ}
  [ "$pid" = "$$" ] || kill -KILL "$pid" 2>/dev/null
done
rm -rf "$FABRIC"
"#;

/// The hosts and what a client needs to reach them.
#[derive(Debug)]
pub struct Fabric {
    dir: PathBuf,
    hosts: Vec<FabricHost>,
}

/// One host.
#[derive(Debug)]
pub struct FabricHost {
    /// Its alias in the client's configuration: `h0`, `h1`, …
    pub name: String,
    /// `127.x.y.z`.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// `HOME` of what runs there.
    pub home: PathBuf,
    dir: PathBuf,
    server: Option<Child>,
}

impl Fabric {
    /// Starts `count` hosts. `extra` gives further lines of each one's `sshd_config`.
    pub fn start(count: usize, extra: impl Fn(usize) -> String) -> Result<Self, FetchError> {
        let sshd = program()?;
        let port = free_port().map_err(FetchError::io("find a port for", "sshd"))?;
        let dir = std::env::temp_dir().join(format!("upshift-fabric-{}-{port}", std::process::id()));
        fs::create_dir(&dir).map_err(FetchError::io("make", &dir))?;
        let mut fabric = Self {
            dir,
            hosts: Vec::new(),
        };
        watch_over(&fabric.dir)?;
        privileges()?;
        fabric.key("user")?;
        for index in 0..count {
            // Three bytes of the number and the port make addresses that no other fabric is likely to use.
            let [high, low] = port.to_be_bytes();
            let address = format!(
                "127.{}.{}.{}",
                64 + (high >> 3),
                (low & 0xfc) | u8::try_from(index / 250).unwrap_or(3),
                1 + index % 250
            );
            let host = fabric.prepare(index, address, port, &extra(index))?;
            fabric.hosts.push(host);
        }
        fabric.write_client()?;
        for index in 0..count {
            fabric.launch(index, &sshd)?;
        }
        fabric.hosts.iter().try_for_each(FabricHost::listens)?;
        Ok(fabric)
    }

    /// The host of this number.
    pub fn host(&self, index: usize) -> &FabricHost {
        &self.hosts[index]
    }

    /// All of them.
    pub fn hosts(&self) -> &[FabricHost] {
        &self.hosts
    }

    /// The client's `ssh_config`: one alias for each host.
    pub fn config(&self) -> PathBuf {
        self.dir.join("ssh_config")
    }

    /// The client's known_hosts, with all keys.
    pub fn known_hosts(&self) -> PathBuf {
        self.dir.join("known_hosts")
    }

    /// The user's private key, which lets in everywhere.
    pub fn user_key(&self) -> PathBuf {
        self.dir.join("user")
    }

    /// Where it is; a place for further files of a test.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A new key pair in the fabric's folder; its private half.
    pub fn key(&self, name: &str) -> Result<PathBuf, FetchError> {
        keygen(&self.dir.join(name))
    }

    /// Ends a host's server and all its connections at once, as a crash would. Programs that run there live on.
    pub fn crash(&mut self, index: usize) -> Result<(), FetchError> {
        let host = &mut self.hosts[index];
        host.end().map_err(FetchError::io("end the server of", &host.dir))
    }

    /// Starts a host's server again.
    pub fn revive(&mut self, index: usize) -> Result<(), FetchError> {
        self.launch(index, &program()?)?;
        self.hosts[index].listens()
    }

    /// Gives a host another key, as a machine that was set up anew has; it must be revived.
    pub fn change_key(&mut self, index: usize) -> Result<(), FetchError> {
        let key = self.hosts[index].dir.join("key");
        fs::remove_file(&key).map_err(FetchError::io("remove", &key))?;
        keygen(&key).map(|_| ())
    }

    /// A host's line of known_hosts, from the key that it has now.
    pub fn known_line(&self, index: usize) -> Result<String, FetchError> {
        self.hosts[index].known_line()
    }

    fn prepare(
        &self,
        index: usize,
        address: String,
        port: u16,
        extra: &str,
    ) -> Result<FabricHost, FetchError> {
        let name = format!("h{index}");
        let dir = self.dir.join(&name);
        let home = dir.join("home");
        fs::create_dir_all(&home).map_err(FetchError::io("make", &home))?;
        keygen(&dir.join("key"))?;
        let at = |name: &str| dir.join(name).display().to_string();
        let config = format!(
            "ListenAddress {address}:{port}\nHostKey {}\nPidFile {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
             UseDNS no\nMaxStartups 200\nSetEnv HOME={} UPSHIFT_FABRIC={} UPSHIFT_HOST={name}\n{extra}\n",
            at("key"),
            at("pid"),
            self.dir.join("user.pub").display(),
            home.display(),
            self.dir.display(),
        );
        let file = dir.join("sshd_config");
        put(&file, config.as_bytes()).map_err(FetchError::io("write", &file))?;
        Ok(FabricHost {
            name,
            address,
            port,
            home,
            dir,
            server: None,
        })
    }

    fn write_client(&self) -> Result<(), FetchError> {
        let mut config = String::new();
        let mut known = String::new();
        for host in &self.hosts {
            writeln!(config, "Host {}\n  HostName {}", host.name, host.address)
                .expect("a string takes everything");
            known.push_str(&host.known_line()?);
            // A port for all: the alias and the bare address lead to the same place.
            writeln!(config, "  Port {}", host.port).expect("a string takes everything");
        }
        writeln!(
            config,
            "Host *\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile none",
            self.user_key().display(),
            self.known_hosts().display()
        )
        .expect("a string takes everything");
        for (file, text) in [(self.config(), config), (self.known_hosts(), known)] {
            put(&file, text.as_bytes()).map_err(FetchError::io("write", &file))?;
        }
        Ok(())
    }

    fn launch(&mut self, index: usize, sshd: &Path) -> Result<(), FetchError> {
        let host = &mut self.hosts[index];
        let child = Command::new(sshd)
            .arg("-D")
            .arg("-f")
            .arg(host.dir.join("sshd_config"))
            .arg("-E")
            .arg(host.dir.join("log"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        host.server = Some(child.map_err(FetchError::io("start", sshd))?);
        Ok(())
    }
}

impl FabricHost {
    /// What its server logged.
    pub fn log(&self) -> Result<String, FetchError> {
        let file = self.dir.join("log");
        fs::read_to_string(&file).map_err(FetchError::io("read", &file))
    }

    fn known_line(&self) -> Result<String, FetchError> {
        let file = self.dir.join("key.pub");
        let key = fs::read_to_string(&file).map_err(FetchError::io("read", &file))?;
        let mut words = key.split_whitespace();
        let (kind, key) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Ok(format!("[{}]:{} {kind} {key}\n", self.address, self.port))
    }

    fn listens(&self) -> Result<(), FetchError> {
        let address = (self.address.as_str(), self.port);
        let up = until(Duration::from_secs(30), || {
            Ok(std::net::TcpStream::connect(address).is_ok().then_some(()))
        });
        match up.map_err(FetchError::io("reach", &self.dir))? {
            Some(()) => Ok(()),
            None => {
                let said = self.log()?;
                Err(FetchError::io("start the server in", &self.dir)(
                    io::Error::other(said),
                ))
            }
        }
    }

    /// The server, and the process of each connection: those are its children.
    fn end(&mut self) -> io::Result<()> {
        let Some(mut server) = self.server.take() else {
            return Ok(());
        };
        let connections = process::children(server.id())?;
        server.kill()?;
        connections.into_iter().for_each(process::kill);
        server.wait().map(|_| ())
    }
}

impl Drop for Fabric {
    fn drop(&mut self) {
        // What fails here, the reaper does again when this process has ended.
        for host in &mut self.hosts {
            host.end().ok();
        }
        let ours = process::with_variable(&format!("UPSHIFT_FABRIC={}", self.dir.display()));
        ours.into_iter().for_each(process::kill);
        fs::remove_dir_all(&self.dir).ok();
    }
}

/// Says what is missing for the tests of hosts, before they fail one by one.
pub fn needed() -> Result<(), FetchError> {
    program()?;
    // Each says something about itself and ends.
    for (tool, word) in [("ssh", "-V"), ("busybox", "--list")] {
        let tried = Command::new(tool).arg(word).stdin(Stdio::null()).output();
        tried.map_err(|source| FetchError::NoProgram {
            program: tool.to_owned(),
            advice: ADVICE.to_owned(),
            source,
        })?;
    }
    Ok(())
}

/// `sshd` wants to be called by its whole path, and is not on every user's path.
fn program() -> Result<PathBuf, FetchError> {
    let places = [
        "/usr/sbin/sshd",
        "/usr/local/sbin/sshd",
        "/usr/bin/sshd",
        "/usr/local/bin/sshd",
    ];
    let found = places.into_iter().map(PathBuf::from).find(|path| path.exists());
    found.ok_or_else(|| FetchError::NoProgram {
        program: "sshd".to_owned(),
        advice: ADVICE.to_owned(),
        source: io::Error::from(io::ErrorKind::NotFound),
    })
}

/// A server that root starts wants the folder that the system's own service would make.
fn privileges() -> Result<(), FetchError> {
    let dir = Path::new("/run/sshd");
    if !rustix::process::geteuid().is_root() || dir.exists() {
        return Ok(());
    }
    fs::create_dir(dir)
        .and_then(|()| fs::set_permissions(dir, fs::Permissions::from_mode(0o755)))
        .map_err(FetchError::io("make", dir))
}

fn keygen(path: &Path) -> Result<PathBuf, FetchError> {
    let output = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f"])
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| FetchError::NoProgram {
            program: "ssh-keygen".to_owned(),
            advice: ADVICE.to_owned(),
            source,
        })?;
    match output.status.success() {
        true => Ok(path.to_owned()),
        false => Err(FetchError::Command {
            command: format!("ssh-keygen -f {}", path.display()),
            status: output.status.to_string(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
    }
}

fn watch_over(dir: &Path) -> Result<(), FetchError> {
    let log = File::create(dir.join("reaper")).map_err(FetchError::io("make", dir))?;
    let reaper = Command::new("bash")
        .args(["-c", REAPER])
        .env("WATCHED", std::process::id().to_string())
        .env("FABRIC", dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .process_group(0)
        .spawn();
    reaper.map(|_| ()).map_err(FetchError::io("watch over", dir))
}

/// Writes a small file of a test, such as a stand-in program or a configuration, that may be run.
pub fn program_file(path: &Path, text: &str) -> Result<(), FetchError> {
    put(path, text.as_bytes())
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o700)))
        .map_err(FetchError::io("write", path))
}

//! A real PostgreSQL for tests: a server of its own below a temporary directory, on a loopback port, run by an
//! unprivileged user, ended by its process number; or one that somebody names.
//!
//! It knows nothing of upshift's tables.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::cache::variable;
use crate::error::FetchError;
use crate::ports::free_port;
use crate::process;
use crate::wait::until;

/// What it takes to have one.
const ADVICE: &str = "Debian: apt-get install postgresql; elsewhere name a server of yours, whose user may make \
                      databases: UPSHIFT_TEST_POSTGRES=postgres://USER@HOST:PORT/postgres";

/// Ends the server when the test that started it is gone, killed by hand or not.
const REAPER: &str = r#"
while kill -0 "$WATCHED" 2>/dev/null; do sleep 0.2; done
pid=$(head -n 1 "$DIR/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$DIR"
"#;

/// Certificate and key of a server that speaks TLS.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// In PEM.
    pub certificate: &'a str,
    /// In PEM.
    pub key: &'a str,
}

/// How a server is started.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings<'a> {
    /// No file of the server may grow beyond so many KiB, as on a disk that is full.
    pub file_limit: Option<u32>,
    /// Its user needs this password.
    pub password: Option<&'a str>,
    /// It speaks TLS, and refuses who does not.
    pub tls: Option<Identity<'a>>,
}

/// A server. It is stopped when the process that started it is gone.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    dir: Option<PathBuf>,
    at: String,
    password: Option<String>,
    databases: AtomicU32,
}

impl Postgres {
    /// The server that `UPSHIFT_TEST_POSTGRES` names, or one of its own.
    pub fn any() -> Result<Self, FetchError> {
        match variable("UPSHIFT_TEST_POSTGRES") {
            None => Self::start(&Settings::default()),
            Some(address) => {
                let at = address
                    .rsplit_once('/')
                    .map_or(address.as_str(), |(at, _)| at)
                    .to_owned();
                Ok(Self {
                    bin: programs()?,
                    dir: None,
                    at,
                    password: None,
                    databases: AtomicU32::new(0),
                })
            }
        }
    }

    /// Starts a server.
    pub fn start(settings: &Settings<'_>) -> Result<Self, FetchError> {
        let bin = programs()?;
        let user = user()?;
        let port = free_port().map_err(FetchError::io("find a port for", "postgres"))?;
        let dir = std::env::temp_dir().join(format!("upshift-postgres-{}-{port}", std::process::id()));
        fs::create_dir(&dir).map_err(FetchError::io("make", &dir))?;
        let started = Self {
            bin,
            at: format!("postgres://upshift@127.0.0.1:{port}"),
            dir: Some(dir.clone()),
            password: settings.password.map(str::to_owned),
            databases: AtomicU32::new(0),
        };
        if let Some((uid, gid)) = user {
            chown(&dir, Some(uid), Some(gid)).map_err(FetchError::io("hand over", &dir))?;
        }
        watch_over(&dir)?;
        started.init(&dir, user, settings)?;
        started.run(&dir, user, port, settings)?;
        Ok(started)
    }

    /// A new, empty database; its address.
    pub fn database(&self) -> Result<String, FetchError> {
        let n = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("upshift_{}_{n}", std::process::id());
        let admin = format!("{}/postgres", self.at);
        let sql = format!("CREATE DATABASE {name}");
        self.psql(&admin, &sql)?;
        Ok(format!("{}/{name}", self.at))
    }

    /// Says something to a database, as its owner may; what came back.
    pub fn psql(&self, address: &str, sql: &str) -> Result<String, FetchError> {
        let mut psql = Command::new(self.bin.join("psql"));
        psql.args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            address,
            "-c",
            sql,
        ]);
        psql.envs(self.password.iter().map(|password| ("PGPASSWORD", password)));
        let output = finished(&mut psql)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Stops the server at once and without a last word to its files, as a crash would, and starts it again.
    pub fn crash(&self, settings: &Settings<'_>) -> Result<(), FetchError> {
        let (Some(dir), Some(pid)) = (&self.dir, self.pid()) else {
            return Err(FetchError::io("crash", &self.at)(io::Error::other(
                "it is not the lab's own",
            )));
        };
        process::quit(pid);
        if process::gone(&[pid], Duration::from_secs(20)).is_some() {
            return Err(FetchError::io("crash", &self.at)(io::Error::other(
                "it does not end",
            )));
        }
        let port = self.at.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        self.run(
            dir,
            user()?,
            port.expect("the address ends in the port"),
            settings,
        )
    }

    fn pid(&self) -> Option<u32> {
        let file = self.dir.as_ref()?.join("data/postmaster.pid");
        fs::read_to_string(file).ok()?.lines().next()?.parse().ok()
    }

    fn init(&self, dir: &Path, user: Option<(u32, u32)>, settings: &Settings<'_>) -> Result<(), FetchError> {
        let put = |name: &str, text: &str| {
            let path = dir.join(name);
            File::create(&path)
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .and_then(|()| {
                    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
                })
                .and_then(|()| user.map_or(Ok(()), |(uid, gid)| chown(&path, Some(uid), Some(gid))))
                .map_err(FetchError::io("write", &path))
        };
        let mut initdb = self.command("initdb", user);
        initdb.arg("-D").arg(dir.join("data"));
        initdb.args(["-U", "upshift", "-E", "UTF8", "--no-locale", "--wal-segsize=1"]);
        if let Some(password) = settings.password {
            put("password", password)?;
            initdb
                .args(["-A", "scram-sha-256", "--pwfile"])
                .arg(dir.join("password"));
        }
        if let Some(identity) = settings.tls {
            put("server.crt", identity.certificate)?;
            put("server.key", identity.key)?;
        }
        finished(&mut initdb)?;
        if settings.tls.is_some() {
            let hba = dir.join("data/pg_hba.conf");
            let text = fs::read_to_string(&hba).map_err(FetchError::io("read", &hba))?;
            put("data/pg_hba.conf", &text.replace("host ", "hostssl "))?;
        }
        Ok(())
    }

    fn run(
        &self,
        dir: &Path,
        user: Option<(u32, u32)>,
        port: u16,
        settings: &Settings<'_>,
    ) -> Result<(), FetchError> {
        let log = dir.join("log");
        let file = || File::options().create(true).append(true).open(&log);
        let open = || file().map_err(FetchError::io("open", &log));
        let mut server = Command::new("bash");
        as_user(&mut server, user);
        server.args([
            "-c",
            "[ -z \"$LIMIT\" ] || ulimit -f \"$LIMIT\"; exec \"$0\" \"$@\"",
        ]);
        server
            .arg(self.bin.join("postgres"))
            .arg("-D")
            .arg(dir.join("data"));
        server.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""]);
        server.args([
            "-c",
            "max_connections=60",
            "-c",
            "shared_buffers=16MB",
            "-c",
            "max_wal_size=32MB",
        ]);
        if settings.tls.is_some() {
            let file = |name: &str| dir.join(name).display().to_string();
            server.args([
                "-c",
                "ssl=on",
                "-c",
                &format!("ssl_cert_file={}", file("server.crt")),
            ]);
            server.args(["-c", &format!("ssl_key_file={}", file("server.key"))]);
        }
        server
            .env(
                "LIMIT",
                settings
                    .file_limit
                    .map_or_else(String::new, |kib| kib.to_string()),
            )
            .stdin(Stdio::null())
            .stdout(open()?)
            .stderr(open()?)
            .process_group(0);
        let mut child = server.spawn().map_err(FetchError::io("start", "postgres"))?;
        // It says where it stands in the last line of its file of its number.
        let ready = || match child.try_wait()? {
            Some(status) => Err(io::Error::other(format!("postgres ended: {status}"))),
            None => {
                let said = fs::read_to_string(dir.join("data/postmaster.pid")).unwrap_or_default();
                Ok(said
                    .lines()
                    .last()
                    .is_some_and(|l| l.trim() == "ready")
                    .then_some(()))
            }
        };
        let up = until(Duration::from_secs(60), ready).and_then(|up| {
            up.ok_or_else(|| io::Error::new(io::ErrorKind::TimedOut, "postgres was not ready in time"))
        });
        up.map_err(|e| {
            let said = fs::read_to_string(&log).unwrap_or_default();
            FetchError::io("start", "postgres")(io::Error::other(format!("{e}; it said:\n{said}")))
        })?;
        // Reaped when it ends, so that it is not taken for alive.
        std::thread::spawn(move || child.wait());
        Ok(())
    }

    fn command(&self, program: &str, user: Option<(u32, u32)>) -> Command {
        let mut command = Command::new(self.bin.join(program));
        as_user(&mut command, user);
        command
    }
}

fn as_user(command: &mut Command, user: Option<(u32, u32)>) {
    if let Some((uid, gid)) = user {
        command.gid(gid).uid(uid);
    }
    command.current_dir("/");
}

/// Where the newest PostgreSQL of this machine has its programs; `initdb` is not on the path on Debian.
fn programs() -> Result<PathBuf, FetchError> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let debian =
        versions.filter_map(|v| Some((v.file_name().to_str()?.parse::<u32>().ok()?, v.path().join("bin"))));
    let mut all: Vec<_> = debian.filter(|(_, bin)| bin.join("initdb").exists()).collect();
    all.sort();
    let elsewhere = [
        "/usr/pgsql/bin",
        "/usr/local/pgsql/bin",
        "/usr/local/bin",
        "/usr/bin",
    ]
    .map(PathBuf::from);
    let found = all.pop().map(|(_, bin)| bin);
    found
        .or_else(|| elsewhere.into_iter().find(|bin| bin.join("initdb").exists()))
        .ok_or_else(|| FetchError::NoProgram {
            program: "initdb".to_owned(),
            advice: ADVICE.to_owned(),
            source: io::Error::from(io::ErrorKind::NotFound),
        })
}

/// Whom the server runs as: PostgreSQL refuses to run as root.
fn user() -> Result<Option<(u32, u32)>, FetchError> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let file = "/etc/passwd";
    let all = fs::read_to_string(file).map_err(FetchError::io("read", file))?;
    let named = |name: &str| {
        let line = all.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    let found = named("postgres").or_else(|| named("nobody"));
    found.map(Some).ok_or_else(|| {
        FetchError::io("find a user for", "postgres")(io::Error::from(io::ErrorKind::NotFound))
    })
}

fn watch_over(dir: &Path) -> Result<(), FetchError> {
    let reaper = Command::new("bash")
        .args(["-c", REAPER])
        .env("WATCHED", std::process::id().to_string())
        .env("DIR", dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Out of the terminal's reach, or the interrupt that ends the test would end the reaper, too.
        .process_group(0)
        .spawn();
    reaper.map(|_| ()).map_err(FetchError::io("watch over", dir))
}

fn finished(command: &mut Command) -> Result<Output, FetchError> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|source| FetchError::NoProgram {
        program: shown.clone(),
        advice: ADVICE.to_owned(),
        source,
    })?;
    match output.status.success() {
        true => Ok(output),
        false => Err(FetchError::Command {
            command: shown,
            status: output.status.to_string(),
            said: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
        }),
    }
}

//! The played cluster: two homes with scripts, a journal, a tier, a root store, and a master that answers while its process
//! is there.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;
use upshift_formats::alluxio::{BackupLimits, read_backup_with};

use crate::damage::{borders, inflated};
use crate::pause;

pub(crate) const FROM: &str = "2.7.3";
pub(crate) const TO: &str = "2.9.6";
const ALLUXIO: &str = include_str!("alluxio.sh");
const START: &str = include_str!("alluxio-start.sh");

pub(crate) fn put(path: &Path, bytes: &[u8]) {
    let made = path.parent().map(fs::create_dir_all);
    made.expect("a folder").expect("a folder");
    fs::File::create(path)
        .and_then(|mut file| file.write_all(bytes))
        .expect("written");
}

/// A backup that a real master of the old release wrote.
pub(crate) fn backup() -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/alluxio/backups/2.7.3-UFS");
    let mut files = fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    files
        .find(|path| path.extension().is_some_and(|end| end == "gz"))
        .expect("a backup")
}

/// See the module. What it does to a play that is told to lie is in its scripts.
pub(crate) struct Played {
    dir: TempDir,
    port: u16,
    over: Arc<AtomicBool>,
    answers: Option<JoinHandle<()>>,
}

impl Played {
    pub(crate) fn start() -> Self {
        let dir = TempDir::new().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        let port = upshift_lab::free_port().expect("a port");
        for release in [FROM, TO] {
            home(dir.path(), release, port);
        }
        put(
            &at("java/bin/java"),
            b"#!/bin/sh\necho 'openjdk version \"11.0.13\" 2021-10-19' >&2\n",
        );
        executable(&at("java/bin/java"));
        for store in ["ufs", "ufs-mnt", "ufs-ro"] {
            put(&at(store).join("a"), b"persisted");
        }
        put(&at("journal/BlockMaster/v1/_format_1"), b"");
        put(
            &at("journal/FileSystemMaster/v1/logs/0x0-0x7fffffffffffffff"),
            b"",
        );
        put(
            &at("listing"),
            b"drwxr-xr-x  root root 1 PERSISTED 11-20-2026 23:35:16:839  DIR /a\n",
        );
        let whole = fs::read(backup()).expect("a backup");
        put(&at("tree.gz"), &whole);
        put(
            &at("entries"),
            borders(&inflated(&backup())).len().to_string().as_bytes(),
        );
        let read = read_backup_with(whole.as_slice(), &BackupLimits::default(), |inode| {
            for block in inode.blocks() {
                put(&at(&format!("tier/alluxioworker/{block}")), b"block");
            }
        });
        assert!(read.expect("it can be read").whole);
        let over = Arc::new(AtomicBool::new(false));
        let answers = answering(dir.path(), port, &over);
        let played = Self {
            dir,
            port,
            over,
            answers: Some(answers),
        };
        for server in ["master", "worker"] {
            let script = played.home(FROM).join("bin/alluxio-start.sh");
            let status = Command::new(script)
                .arg(server)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .status();
            assert!(status.expect("it starts").success());
        }
        played
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn home(&self, release: &str) -> PathBuf {
        self.at(&format!("alluxio-{release}"))
    }

    pub(crate) fn rest(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The next time, this program says that it did what it did not.
    pub(crate) fn lies(&self, what: &str) {
        put(&self.at(&format!("lies/{what}")), b"");
    }

    /// The disk is full for this program.
    pub(crate) fn full(&self, what: &str) {
        put(&self.at(&format!("full/{what}")), b"");
    }

    /// From now on the master writes this into backups.
    pub(crate) fn tree(&self, bytes: &[u8]) {
        put(&self.at("tree.gz"), bytes);
    }

    /// The process of a server and its release, if it is there.
    pub(crate) fn runs(&self, server: &str) -> Option<(i32, String)> {
        running(self.dir.path(), server)
    }

    /// Names and bytes of all that lies in the journal folder.
    pub(crate) fn journal(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut folders, mut all) = (vec![self.at("journal")], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => all.push((path.clone(), fs::read(&path).expect("a file"))),
                }
            }
        }
        all.sort();
        all
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(answers) = self.answers.take() {
            answers.join().ok();
        }
        for server in ["master", "worker"] {
            let pid = self.runs(server).and_then(|(pid, _)| Pid::from_raw(pid));
            // One that ended by itself is what is wanted.
            pid.map(|pid| kill_process(pid, Signal::KILL).ok());
        }
    }
}

fn executable(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("executable");
}

fn home(dir: &Path, release: &str, port: u16) {
    let home = dir.join(format!("alluxio-{release}"));
    let shared = format!(
        "D='{}'\nH='{}'\nV={release}\nTEST={}\nlies() {{ [ -e \"$D/lies/$1\" ] && rm \"$D/lies/$1\"; }}\n\
         full() {{ [ -e \"$D/full/$1\" ]; }}\n",
        dir.display(),
        home.display(),
        std::process::id(),
    );
    put(&home.join("bin/played.sh"), shared.as_bytes());
    for (name, text) in [("alluxio", ALLUXIO), ("alluxio-start.sh", START)] {
        let path = home.join("bin").join(name);
        put(&path, text.as_bytes());
        executable(&path);
    }
    put(&home.join("logs/master.out"), b"");
    put(
        &home.join("conf/alluxio-env.sh"),
        format!("JAVA_HOME='{}'\n", dir.join("java").display()).as_bytes(),
    );
    let site: Vec<String> = options(dir, port)
        .iter()
        .map(|(key, value)| format!("{key}={value}\n"))
        .collect();
    put(
        &home.join("conf/alluxio-site.properties"),
        site.concat().as_bytes(),
    );
}

/// What both releases are configured with.
fn options(dir: &Path, port: u16) -> Vec<(&'static str, String)> {
    let at = |name: &str| dir.join(name).display().to_string();
    vec![
        ("alluxio.master.hostname", "localhost".to_owned()),
        ("alluxio.master.web.port", port.to_string()),
        ("alluxio.master.backup.directory", at("daily")),
        ("alluxio.master.journal.type", "UFS".to_owned()),
        ("alluxio.master.journal.folder", at("journal")),
        ("alluxio.master.mount.table.root.ufs", at("ufs")),
        ("alluxio.worker.tieredstore.levels", "1".to_owned()),
        ("alluxio.worker.tieredstore.level0.alias", "MEM".to_owned()),
        ("alluxio.worker.tieredstore.level0.dirs.path", at("tier")),
    ]
}

fn running(dir: &Path, server: &str) -> Option<(i32, String)> {
    let text = fs::read_to_string(dir.join(format!("{server}.runs"))).ok()?;
    let (pid, release) = text.trim().split_once(' ')?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    (!stat.contains(") Z ")).then_some((pid.parse().ok()?, release.to_owned()))
}

/// Listens while the master's process is there, and answers what was recorded of its release.
fn answering(dir: &Path, port: u16, over: &Arc<AtomicBool>) -> JoinHandle<()> {
    let (dir, over) = (dir.to_owned(), Arc::clone(over));
    std::thread::spawn(move || {
        let mut listener: Option<TcpListener> = None;
        while !over.load(Ordering::Relaxed) {
            let Some((_, release)) = running(&dir, "master") else {
                listener = None;
                pause(Duration::from_millis(20));
                continue;
            };
            let open = listener.get_or_insert_with(|| {
                let open = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
                open.set_nonblocking(true).expect("it can be asked");
                open
            });
            match open.accept() {
                Ok((stream, _)) => {
                    // Whoever went away meanwhile is told nothing.
                    answer(stream, &dir, port, &release).ok();
                }
                Err(_) => pause(Duration::from_millis(10)),
            }
        }
    })
}

fn answer(mut stream: TcpStream, dir: &Path, port: u16, release: &str) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let body = match first.contains("/metrics") {
        true => metrics(dir, release),
        false => information(dir, port, release),
    };
    let text = body.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(text.as_bytes())
}

fn recorded(release: &str, name: &str) -> Value {
    let file = format!("../../fixtures/alluxio/rest/{release}-master-{name}.json");
    let text = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a fixture");
    serde_json::from_slice::<Value>(&text).expect("JSON")["body"].clone()
}

fn information(dir: &Path, port: u16, release: &str) -> Value {
    let mut info = recorded(release, "info");
    for (key, value) in options(dir, port) {
        info["configuration"][key] = json!(value);
    }
    info["configuration"]["alluxio.home"] = json!(dir.join(format!("alluxio-{release}")));
    let mounts = info["mountPoints"].as_object_mut().expect("mounts");
    for (path, mount) in mounts {
        let store = format!("ufs{}", path.trim_end_matches('/').replace('/', "-"));
        mount["ufsUri"] = json!(dir.join(store));
    }
    let started = fs::metadata(dir.join("master.runs")).and_then(|of| of.modified());
    let since = started
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    info["startTimeMs"] = json!(since.map_or(0, |since| since.as_millis() as i64));
    if running(dir, "worker").is_none_or(|(_, of)| of != release) {
        info["workers"] = json!([]);
    }
    info
}

fn metrics(dir: &Path, release: &str) -> Value {
    let mut metrics = recorded(release, "metrics");
    let restored = fs::read_to_string(dir.join("restored"));
    let count = restored.ok().and_then(|text| text.trim().parse::<i64>().ok());
    metrics["gauges"]["Master.LastBackupRestoreCount"]["value"] = json!(count.unwrap_or(-1));
    metrics
}

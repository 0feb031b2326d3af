//! One host with a master, a worker and a small tree with a little of everything.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use upshift_lab::alluxio::batch_classes;
use upshift_lab::{AlluxioHome, AlluxioHost, Cache, Java, Sandbox};

pub(crate) struct Stage {
    pub(crate) host: AlluxioHost,
    shared: bool,
    /// Further masters beside that of the host.
    pub(crate) others: Vec<AlluxioHost>,
    cache: Cache,
    // Ends what still runs.
    _sandbox: Sandbox,
}

const MANY_BYTES: usize = 3_500_000;

impl Stage {
    pub(crate) fn set(name: &str) -> Self {
        Self::with_masters(name, 1)
    }

    /// So many masters, each on a host of its own, with an embedded journal where they are several.
    pub(crate) fn with_masters(name: &str, count: usize) -> Self {
        Self::of(name, |_, java, classes, dir| {
            let hosts = match count {
                1 => vec![AlluxioHost::new(java, classes, dir).expect("a host")],
                several => AlluxioHost::several(java, classes, dir, several).expect("hosts"),
            };
            (hosts, false)
        })
    }

    /// So many masters that share a journal, and ask ZooKeeper who leads.
    pub(crate) fn with_zookeeper(name: &str, version: &str, count: usize) -> Self {
        Self::of(name, |cache, java, classes, dir| {
            let home = AlluxioHome::ready(cache, version).expect("a release");
            let hosts = AlluxioHost::by_zookeeper(java, classes, dir, count, &home);
            (hosts.expect("hosts"), true)
        })
    }

    fn of(name: &str, hosts: impl FnOnce(&Cache, &Java, &Path, &Path) -> (Vec<AlluxioHost>, bool)) -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::ready_eleven(&cache).expect("Java 11");
        let classes = batch_classes(&cache, &Java::ready(&cache).expect("a Java"))
            .expect("the class for many commands");
        let sandbox = Sandbox::new(&cache, name).expect("a sandbox");
        let (mut others, shared) = hosts(&cache, &java, &classes, sandbox.dir());
        Self {
            host: others.remove(0),
            shared,
            others,
            cache,
            _sandbox: sandbox,
        }
    }

    /// Whether all masters have one journal.
    pub(crate) fn shares_its_journal(&self) -> bool {
        self.shared
    }

    /// An installation of this release.
    pub(crate) fn install(&self, version: &str) -> PathBuf {
        let home = AlluxioHome::ready(&self.cache, version).expect("a release");
        for other in &self.others {
            other.install(&home).expect("an installation");
        }
        self.host.install(&home).expect("an installation")
    }

    /// Runs a script and looks at what it said: its exit code says little.
    pub(crate) fn script(&self, at: &Path, name: &str, words: &[&str], says: &str) {
        let ran = self.host.script(at, name, words).expect("it runs");
        assert_eq!(ran.code, Some(0), "{name} {words:?}: {}", ran.out);
        assert!(ran.out.contains(says), "{name} {words:?}: {}", ran.out);
    }

    /// Starts master and worker on a fresh journal, and makes the tree.
    pub(crate) fn seed(&self, at: &Path, is_2x: bool) {
        self.script(at, "alluxio", &["format"], "");
        self.script(at, "alluxio-start.sh", &["all"], "worker is healthy");
        self.plant(at, is_2x);
    }

    /// Makes the tree.
    pub(crate) fn plant(&self, at: &Path, is_2x: bool) {
        let dir = self.host.dir();
        put(&dir.join("src/small"), b"hello");
        put(&dir.join("src/empty"), b"");
        put(&dir.join("ufs2/inmount"), b"x");
        put(&dir.join("src/big"), &bytes());
        let [small, empty, big, mounted] =
            ["src/small", "src/empty", "src/big", "ufs2"].map(|name| dir.join(name).display().to_string());
        let mut all: Vec<Vec<&str>> = vec![
            vec!["fs", "mkdir", "/a/b/c"],
            vec!["fs", "copyFromLocal", &small, "/a/small"],
            vec!["fs", "copyFromLocal", &big, "/a/b/big"],
            vec!["fs", "copyFromLocal", &empty, "/a/b/c/empty file é"],
            vec!["fs", "chmod", "750", "/a/b"],
            vec!["fs", "chmod", "600", "/a/small"],
            vec!["fs", "mount", "/mnt", &mounted],
            vec!["fs", "setTtl", "/a/small", "86400000"],
            vec!["fs", "pin", "/a/b/big"],
        ];
        if is_2x {
            all.push(vec!["fs", "setfacl", "-m", "user:bob:rwx,group:ops:r-x", "/a/b"]);
            all.push(vec!["fs", "setfacl", "-m", "default:user:bob:r-x", "/a/b/c"]);
        }
        all.push(vec!["fs", "ls", "-R", "/"]);
        let all: Vec<&[&str]> = all.iter().map(Vec::as_slice).collect();
        self.host.shell(at, &all).expect("the tree is made");
    }

    /// Writes a file into a worker only.
    pub(crate) fn cache(&self, at: &Path, path: &str) {
        let site = at.join("conf/alluxio-site.properties");
        let own = std::fs::read_to_string(&site).expect("a configuration");
        put(&site, own.replace("CACHE_THROUGH", "MUST_CACHE").as_bytes());
        let from = self.host.dir().join("src/cached");
        put(&from, b"cached");
        let from = from.display().to_string();
        let written = self.host.shell(at, &[&["fs", "copyFromLocal", &from, path]]);
        put(&site, own.as_bytes());
        written.expect("a file in the worker");
    }

    /// Takes a backup as people do, and gives its file and the number of entries that the command told.
    pub(crate) fn backup(&self, at: &Path) -> (PathBuf, Option<u64>) {
        let backups = self.host.dir().join("backups").display().to_string();
        let said = self
            .host
            .shell(at, &[&["fsadmin", "backup", &backups, "--local"]]);
        let said = said.expect("a backup").concat();
        let file = said.split(['\r', '\n', ' ']).find_map(|word| {
            let word = word.trim_start_matches("file://");
            word.ends_with(".gz").then(|| PathBuf::from(word))
        });
        let count = said.split("Backup Entry Count :").nth(1);
        let count = count.map(|rest| rest.trim().parse().expect("a count"));
        (file.unwrap_or_else(|| panic!("no file in {said}")), count)
    }

    /// What upshift says of a backup.
    pub(crate) fn inspect(&self, file: &Path, words: &[&str], exit: impl Into<Option<i32>>) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_upshift"))
            .args(["inspect", "backup"])
            .arg(file)
            .args(words)
            .arg("--json")
            .output()
            .expect("it starts");
        let out = String::from_utf8(output.stdout).expect("text");
        if let Some(exit) = exit.into() {
            assert_eq!(output.status.code(), Some(exit), "{out}");
        }
        serde_json::from_str(&out).expect("JSON")
    }

    /// Moves the journal of a release aside, and puts an empty folder in its place.
    pub(crate) fn fresh_journal(&self, of: &str) {
        let dir = self.host.dir();
        std::fs::rename(dir.join("journal"), dir.join(format!("journal-{of}"))).expect("moved aside");
        std::fs::create_dir(dir.join("journal")).expect("a fresh folder");
    }

    /// The log of the master of an installation.
    pub(crate) fn master_log(&self, at: &Path) -> String {
        std::fs::read_to_string(at.join("logs/master.out")).expect("a log")
    }
}

/// The same bytes every time, which no compressor makes small.
fn bytes() -> Vec<u8> {
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64;
    let mut all = Vec::with_capacity(MANY_BYTES + 8);
    while all.len() < MANY_BYTES {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        all.extend(dice.to_le_bytes());
    }
    all.truncate(MANY_BYTES);
    all
}

pub(crate) fn put(path: &Path, bytes: &[u8]) {
    let file = std::fs::File::create(path);
    file.and_then(|mut file| file.write_all(bytes))
        .expect("a file is written");
}

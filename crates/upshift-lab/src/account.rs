//! What a release of Flink itself reads from a snapshot, as JSON: the account that upshift's reader is compared with.
//!
//! Built from `lab/snapshots/account`, against the release that is asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::flink::Home;
use crate::java::Java;
use crate::pip::hex;
use crate::{process, python};

const SOURCES: [(&str, &str); 5] = [
    (
        "Account.java",
        include_str!("../../../lab/snapshots/account/Account.java"),
    ),
    (
        "Ask.java",
        include_str!("../../../lab/snapshots/account/Ask.java"),
    ),
    (
        "Handles.java",
        include_str!("../../../lab/snapshots/account/Handles.java"),
    ),
    (
        "Headers.java",
        include_str!("../../../lab/snapshots/account/Headers.java"),
    ),
    (
        "Json.java",
        include_str!("../../../lab/snapshots/account/Json.java"),
    ),
];

/// The program that gives the account, compiled against one release.
#[derive(Debug, Clone)]
pub struct Account {
    java: PathBuf,
    class_path: String,
}

impl Account {
    /// Compiles it, when the cache holds none of these very sources. `job` is the jar whose classes the snapshots name.
    pub fn build(cache: &Cache, java: &Java, home: &Home, job: &Path) -> Result<Self, FetchError> {
        let _lock = cache.lock("account")?;
        let digest = hex(&Sha256::digest(SOURCES.map(|(_, text)| text).concat().as_bytes()));
        let dir = cache.path("account");
        let classes = dir.join(format!(
            "{}-{}",
            home.version(),
            digest.get(..12).unwrap_or(&digest)
        ));
        if !classes.is_dir() {
            fs::create_dir_all(&dir).map_err(FetchError::io("make", &dir))?;
            build_beside(&classes, |to| {
                let mut sources = Vec::new();
                for (name, text) in SOURCES {
                    let path = to.join(name);
                    process::put(&path, text.as_bytes()).map_err(FetchError::io("write", &path))?;
                    sources.push(path);
                }
                java.compile(cache, &sources, &home.class_path()?, to)
            })?;
        }
        let libraries = home.jars(&["flink", "log4j"])?;
        Ok(Self {
            java: java.home().join("bin/java"),
            class_path: format!("{}:{libraries}:{}", classes.display(), job.display()),
        })
    }

    /// The account of the snapshot in a directory, where its files lie as they were written.
    pub fn of(&self, snapshot: &Path) -> Result<String, FetchError> {
        let mut java = Command::new(&self.java);
        java.args([
            "-XX:TieredStopAtLevel=1",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
        ])
        .args(["-cp", &self.class_path, "upshift.lab.snapshots.Account"])
        .arg(snapshot);
        python::run(&mut java)
    }
}

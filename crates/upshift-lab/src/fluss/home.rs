//! A Fluss server on disk: its published jar, which holds everything and ZooKeeper too, and a logging back end.
//!
//! Jars come through the developer's own Maven, which knows his repository, mirror and proxy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::pins::{Jar, Pins};
use crate::{pip, process, python};

/// The releases that are pinned: those whose servers are published.
pub const FLUSS_RELEASES: [&str; 3] = ["0.6.0", "0.7.0", "0.9.1-incubating"];

/// Raised when the way a home is put together changes.
const RECIPE: u32 = 1;
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";
const MARK: &str = ".lab";

/// A server on disk: `lib` with its jars, and `plugins`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlussHome {
    version: String,
    path: PathBuf,
}

impl FlussHome {
    /// The release in the cache, fetched first when it is not there.
    pub fn fetch(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let _lock = cache.lock(&format!("fluss-{version}"))?;
        let pins = Pins::load()?;
        let server = pins.fluss(version)?.server.clone();
        let jars: Vec<Jar> = std::iter::once(server).chain(pins.fluss_logging).collect();
        let digests: Vec<&str> = jars.iter().map(|jar| jar.sha256.as_str()).collect();
        let mark = format!("{RECIPE} {}\n", digests.join(" "));
        let path = cache.path(format!("fluss/{version}"));
        if fs::read_to_string(path.join(MARK)).is_ok_and(|text| text == mark) {
            return Ok(Self::at(version, path));
        }
        let parent = cache.path("fluss");
        fs::create_dir_all(&parent).map_err(FetchError::io("make", &parent))?;
        build_beside(&path, |to| {
            jars.iter().try_for_each(|jar| copy(jar, &to.join("lib")))?;
            let plugins = to.join("plugins");
            fs::create_dir_all(&plugins).map_err(FetchError::io("make", &plugins))?;
            let at = to.join(MARK);
            process::put(&at, mark.as_bytes()).map_err(FetchError::io("write", &at))
        })?;
        Ok(Self::at(version, path))
    }

    /// The release in the cache; without it an error that says how to get it. Never uses the network.
    pub fn ready(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let path = cache.path(format!("fluss/{version}"));
        match path.join(MARK).exists() {
            true => Ok(Self::at(version, path)),
            false => Err(FetchError::Missing {
                what: format!("Fluss {version}"),
                cache: cache.root().to_owned(),
                get: format!("cargo xtask fetch fluss {version}"),
            }),
        }
    }

    fn at(version: &str, path: PathBuf) -> Self {
        Self {
            version: version.to_owned(),
            path,
        }
    }

    /// The version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The directory with `lib` and `plugins`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Major and minor version.
    pub fn line(&self) -> (u32, u32) {
        let mut parts = self.version.split('.').map_while(|part| part.parse().ok());
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    }

    /// The package of its classes, which changed with 0.8.
    pub(super) fn package(&self) -> &'static str {
        match self.line() {
            (0, ..=7) => "com.alibaba.fluss",
            _ => "org.apache.fluss",
        }
    }
}

fn copy(jar: &Jar, to: &Path) -> Result<(), FetchError> {
    let mut maven = Command::new("mvn");
    maven
        .args(["-B", "-q", COPY, "-Dmdep.useBaseVersion=true"])
        .arg(format!("-Dartifact={}", jar.artifact))
        .arg(format!("-DoutputDirectory={}", to.display()));
    python::run(&mut maven)?;
    let file = to.join(jar.file());
    let found = pip::sha256(&file)?;
    match found == jar.sha256 {
        true => Ok(()),
        false => Err(FetchError::Digest {
            file,
            expected: jar.sha256.clone(),
            found,
        }),
    }
}

//! A Fluss server on disk: its published jar, which holds everything and ZooKeeper too, and a logging back end.
//!
//! Jars come through the developer's own Maven, which knows his repository, mirror and proxy.

use std::fs;
use std::path::{Path, PathBuf};

use super::jars::{self, Set};
use crate::cache::Cache;
use crate::error::FetchError;
use crate::pins::Pins;

/// The releases that are pinned: those whose servers are published.
pub const FLUSS_RELEASES: [&str; 3] = ["0.6.0", "0.7.0", "0.9.1-incubating"];

/// A server on disk: `lib` with its jars, and `plugins`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlussHome {
    version: String,
    path: PathBuf,
}

impl FlussHome {
    /// The release in the cache, fetched first when it is not there.
    pub fn fetch(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let pins = Pins::load()?;
        let server = pins.fluss(version)?.server.clone();
        let jars = std::iter::once(server).chain(pins.fluss_logging).collect();
        let set = Set {
            kind: "fluss",
            version,
            jars,
        };
        let path = set.fetch(cache)?;
        let plugins = path.join("plugins");
        fs::create_dir_all(&plugins).map_err(FetchError::io("make", &plugins))?;
        Ok(Self::at(version, path))
    }

    /// The release in the cache; without it an error that says how to get it. Never uses the network.
    pub fn ready(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let path = jars::ready(cache, "fluss", version).ok_or_else(|| FetchError::Missing {
            what: format!("Fluss {version}"),
            cache: cache.root().to_owned(),
            get: format!("cargo xtask fetch fluss {version}"),
        })?;
        Ok(Self::at(version, path))
    }

    /// The same release in another place, where somebody else brings it.
    #[must_use]
    pub fn moved_to(&self, path: PathBuf) -> Self {
        Self::at(&self.version, path)
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

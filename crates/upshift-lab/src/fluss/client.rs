//! The published client of Fluss and the load that is compiled against it, from `lab/fluss-load`.
//!
//! One release of the client drives servers of all releases: the one that does not hang after a server's restart.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::jars::{self, Set};
use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::java::Java;
use crate::pins::Pins;
use crate::{pip, process};

const KIND: &str = "fluss-client";

const SOURCES: [(&str, &str); 4] = [
    (
        "Load.java",
        include_str!("../../../../lab/fluss-load/src/upshift/lab/fluss/Load.java"),
    ),
    (
        "Journal.java",
        include_str!("../../../../lab/fluss-load/src/upshift/lab/fluss/Journal.java"),
    ),
    (
        "ReadBack.java",
        include_str!("../../../../lab/fluss-load/src/upshift/lab/fluss/ReadBack.java"),
    ),
    (
        "Tables.java",
        include_str!("../../../../lab/fluss-load/src/upshift/lab/fluss/Tables.java"),
    ),
];

/// The client's jars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlussClient {
    path: PathBuf,
}

impl FlussClient {
    /// The pinned client in the cache, fetched first when it is not there.
    pub fn fetch(cache: &Cache) -> Result<Self, FetchError> {
        let Pins {
            fluss_client: client,
            fluss_logging: logging,
            ..
        } = Pins::load()?;
        let set = Set {
            kind: KIND,
            version: &client.version,
            jars: std::iter::once(client.client).chain(logging).collect(),
        };
        Ok(Self {
            path: set.fetch(cache)?,
        })
    }

    /// The pinned client in the cache; without it an error that says how to get it. Never uses the network.
    pub fn ready(cache: &Cache) -> Result<Self, FetchError> {
        let version = Pins::load()?.fluss_client.version;
        let path = jars::ready(cache, KIND, &version).ok_or_else(|| FetchError::Missing {
            what: format!("the client of Fluss {version}"),
            cache: cache.root().to_owned(),
            get: "cargo xtask fetch fluss client".to_owned(),
        })?;
        Ok(Self { path })
    }

    /// The class path of the load, compiled when the cache holds none of these very sources.
    pub(super) fn load(&self, cache: &Cache, java: &Java) -> Result<String, FetchError> {
        let _lock = cache.lock("fluss-load")?;
        let libraries = format!("{}/*", self.path.join("lib").display());
        let text = SOURCES.map(|(_, text)| text).concat();
        let digest = pip::hex(&Sha256::digest(text.as_bytes()));
        let dir = cache.path("fluss-load");
        let classes = dir.join(digest.get(..12).unwrap_or(&digest));
        if !classes.is_dir() {
            fs::create_dir_all(&dir).map_err(FetchError::io("make", &dir))?;
            build_beside(&classes, |to| {
                let mut sources = Vec::new();
                for (name, text) in SOURCES {
                    let path = to.join(name);
                    process::put(&path, text.as_bytes()).map_err(FetchError::io("write", &path))?;
                    sources.push(path);
                }
                java.compile(cache, &sources, &libraries, to)
            })?;
        }
        Ok(format!("{}:{libraries}", classes.display()))
    }
}

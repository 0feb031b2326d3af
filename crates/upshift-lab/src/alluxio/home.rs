//! A release of Alluxio on disk: the jars of its modules and what they need, resolved by the developer's own Maven.
//!
//! No release with its scripts is published, only the modules are. What their POMs get wrong is put right in
//! `lab/alluxio/pom.xml`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::pins::{AlluxioPin, Pins};
use crate::{pip, process, python};

/// The releases that tests use.
pub const ALLUXIO_RELEASES: [&str; 5] = ["1.8.1", "2.3.0", "2.5.0", "2.7.3", "2.9.6"];

/// Raised when the way a home is put together changes.
const RECIPE: u32 = 1;
const MARK: &str = ".lab";
const POM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lab/alluxio/pom.xml");

/// A release: `lib` with its jars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlluxioHome {
    version: String,
    path: PathBuf,
}

impl AlluxioHome {
    /// The release in the cache, fetched first when it is not there.
    pub fn fetch(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let _lock = cache.lock(&format!("alluxio-{version}"))?;
        let pins = Pins::load()?;
        let pin = pins.alluxio(version)?;
        let mark = format!("{RECIPE} {}\n", pin.jars_sha256);
        let path = cache.path(format!("alluxio/{version}"));
        if fs::read_to_string(path.join(MARK)).is_ok_and(|text| text == mark) {
            return Ok(Self::at(version, path));
        }
        let parent = cache.path("alluxio");
        fs::create_dir_all(&parent).map_err(FetchError::io("make", &parent))?;
        build_beside(&path, |to| {
            resolve(pin, &to.join("lib"))?;
            let at = to.join(MARK);
            process::put(&at, mark.as_bytes()).map_err(FetchError::io("write", &at))
        })?;
        Ok(Self::at(version, path))
    }

    /// The release in the cache; without it an error that says how to get it. Never uses the network.
    pub fn ready(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let path = cache.path(format!("alluxio/{version}"));
        match path.join(MARK).exists() {
            true => Ok(Self::at(version, path)),
            false => Err(FetchError::Missing {
                what: format!("Alluxio {version}"),
                cache: cache.root().to_owned(),
                get: format!("cargo xtask fetch alluxio {version}"),
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

    /// The folder of its jars.
    pub fn jars(&self) -> PathBuf {
        self.path.join("lib")
    }

    /// Whether it is of 2.0 or later.
    pub fn is_2x(&self) -> bool {
        !self.version.starts_with("1.")
    }
}

fn resolve(pin: &AlluxioPin, to: &Path) -> Result<(), FetchError> {
    let mut maven = Command::new("mvn");
    let profiles = [&["full".to_owned()][..], &pin.profiles].concat().join(",");
    maven
        .args(["-B", "-q", "-P", &profiles, "-f", POM])
        .arg(format!("-Dalluxio.version={}", pin.version))
        .arg(format!("-Djersey.version={}", pin.jersey))
        .arg(format!("-Djackson.core.version={}", pin.jackson))
        .arg(format!("-Dout={}", to.display()))
        .arg("dependency:copy-dependencies");
    python::run(&mut maven)?;
    let mut lines = Vec::new();
    for entry in fs::read_dir(to).map_err(FetchError::io("list", to))? {
        let path = entry.map_err(FetchError::io("list", to))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.expect("an entry of a folder has a name");
        // Table modules of 2.9 bring a second binding, which would swallow every line of the log.
        if name.starts_with("log4j-slf4j-impl-") {
            fs::remove_file(&path).map_err(FetchError::io("remove", &path))?;
            continue;
        }
        lines.push(format!("{name} {}\n", pip::sha256(&path)?));
    }
    lines.sort();
    let found = pip::hex(&<sha2::Sha256 as sha2::Digest>::digest(lines.concat().as_bytes()));
    match found == pin.jars_sha256 {
        true => Ok(()),
        false => Err(FetchError::Digest {
            file: to.to_owned(),
            expected: pin.jars_sha256.clone(),
            found,
        }),
    }
}

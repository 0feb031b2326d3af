//! A Flink release on disk, put together from two packages of the Python index, and the same as an archive.
//!
//! The result is what the project's own binary distribution holds, less the examples, the state processor and the file
//! systems other than local, which no test here needs. It starts nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::pins::Pins;
use crate::{pip, process, python};

/// The releases that are pinned.
pub const RELEASES: [&str; 9] = [
    "1.16.3", "1.17.2", "1.18.1", "1.19.3", "1.20.5", "2.0.2", "2.1.3", "2.2.1", "2.3.0",
];

/// Raised when the way a home is put together changes, so that homes of an earlier make are built anew.
const RECIPE: u32 = 1;

/// A release on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    version: String,
    path: PathBuf,
}

/// A release as one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// A gzipped tar with the release in a folder `flink-VERSION`.
    pub path: PathBuf,
    /// Its SHA-512, in hexadecimal.
    pub sha512: String,
}

impl Home {
    /// The release in the cache, fetched first when it is not there.
    pub fn fetch(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let _lock = cache.lock(&format!("flink-{version}"))?;
        let pin = Pins::load()?.flink(version)?.clone();
        let path = cache.path(format!("flink/{version}"));
        let mark = format!("{RECIPE} {} {}\n", pin.libraries.sha256, pin.scripts.sha256);
        if !is_marked(&path, &mark) {
            let libraries = pip::download(cache, &pin.libraries)?;
            let scripts = pip::download(cache, &pin.scripts)?;
            build_beside(&path, |to| {
                // The libraries come as a source distribution up to 2.1 and as a wheel from 2.2.
                python::unpack(&libraries, to, r"(?:[^/]+/deps|pyflink)/(.+)")?;
                python::unpack(&scripts, to, r"pyflink/((?:bin|conf)/.+)")?;
                make_runnable(&to.join("bin"))?;
                for empty in ["log", "plugins", "opt"] {
                    fs::create_dir_all(to.join(empty)).map_err(FetchError::io("make", to.join(empty)))?;
                }
                process::put(&mark_of(to), mark.as_bytes()).map_err(FetchError::io("write", mark_of(to)))
            })?;
            for file in [libraries, scripts] {
                fs::remove_file(&file).map_err(FetchError::io("remove the unpacked", &file))?;
            }
        }
        Ok(Self {
            version: version.to_owned(),
            path,
        })
    }

    /// The release in the cache; without it an error that says how to get it. Never uses the network.
    pub fn ready(cache: &Cache, version: &str) -> Result<Self, FetchError> {
        let path = cache.path(format!("flink/{version}"));
        if mark_of(&path).exists() {
            return Ok(Self {
                version: version.to_owned(),
                path,
            });
        }
        Err(FetchError::Missing {
            what: format!("Flink {version}"),
            cache: cache.root().to_owned(),
            get: format!("cargo xtask fetch flink {version}"),
        })
    }

    /// The version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The directory that Flink calls `FLINK_HOME`.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Major and minor version.
    pub fn minor(&self) -> (u32, u32) {
        let mut parts = self.version.split('.').map_while(|p| p.parse().ok());
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    }

    /// The release as an archive, packed when it is not there yet.
    pub fn archive(&self, cache: &Cache) -> Result<Archive, FetchError> {
        let _lock = cache.lock(&format!("flink-{}-archive", self.version))?;
        let path = cache.path(format!("flink/flink-{}.tgz", self.version));
        let digest = path.with_extension("tgz.sha512");
        if !(path.exists() && digest.exists()) {
            let partial = path.with_extension("tgz.partial");
            let sha512 = python::tgz(&self.path, &format!("flink-{}", self.version), &partial)?;
            // The digest last: an archive without one is packed again.
            fs::rename(&partial, &path).map_err(FetchError::io("rename into place", &path))?;
            process::put(&digest, sha512.as_bytes()).map_err(FetchError::io("write", &digest))?;
        }
        let sha512 = fs::read_to_string(&digest).map_err(FetchError::io("read", &digest))?;
        Ok(Archive { path, sha512 })
    }

    /// Jars to compile a program against.
    pub(crate) fn class_path(&self) -> Result<String, FetchError> {
        self.jars(&["flink-dist", "log4j-api"])
    }

    /// Its libraries whose names begin so, as a class path.
    pub(crate) fn jars(&self, prefixes: &[&str]) -> Result<String, FetchError> {
        let lib = self.path.join("lib");
        let mut jars = Vec::new();
        for entry in fs::read_dir(&lib).map_err(FetchError::io("list", &lib))? {
            let path = entry.map_err(FetchError::io("list", &lib))?.path();
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                jars.push(path.to_string_lossy().into_owned());
            }
        }
        jars.sort();
        Ok(jars.join(":"))
    }
}

fn mark_of(home: &Path) -> PathBuf {
    home.join(".upshift-lab")
}

fn is_marked(home: &Path, mark: &str) -> bool {
    fs::read_to_string(mark_of(home)).is_ok_and(|found| found == mark)
}

/// Wheels need not carry the permission to execute; everything in `bin` but the jar is a script.
fn make_runnable(bin: &Path) -> Result<(), FetchError> {
    for entry in fs::read_dir(bin).map_err(FetchError::io("list", bin))? {
        let path = entry.map_err(FetchError::io("list", bin))?.path();
        if path.is_file() && path.extension().is_none_or(|e| e != "jar") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
                .map_err(FetchError::io("make runnable", &path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::RELEASES;
    use crate::pins::Pins;

    #[test]
    fn every_release_named_here_is_pinned_and_no_other() {
        let pinned: Vec<_> = Pins::load()
            .unwrap()
            .flink
            .into_iter()
            .map(|p| p.version)
            .collect();
        assert_eq!(pinned, RELEASES);
    }
}

//! Pinned jars in a folder `lib` of the cache, fetched through the developer's own Maven and checked by digest.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::pins::Jar;
use crate::{pip, process, python};

/// Raised when the way a folder is put together changes.
const RECIPE: u32 = 1;
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy";
const MARK: &str = ".lab";

/// What lies together in a folder `KIND/VERSION`.
pub(super) struct Set<'a> {
    pub(super) kind: &'a str,
    pub(super) version: &'a str,
    pub(super) jars: Vec<Jar>,
}

impl Set<'_> {
    /// The folder, filled first when it does not hold these very jars.
    pub(super) fn fetch(&self, cache: &Cache) -> Result<PathBuf, FetchError> {
        let Self { kind, version, jars } = self;
        let _lock = cache.lock(&format!("{kind}-{version}"))?;
        let digests: Vec<&str> = jars.iter().map(|jar| jar.sha256.as_str()).collect();
        let mark = format!("{RECIPE} {}\n", digests.join(" "));
        let path = cache.path(format!("{kind}/{version}"));
        if fs::read_to_string(path.join(MARK)).is_ok_and(|text| text == mark) {
            return Ok(path);
        }
        let parent = cache.path(kind);
        fs::create_dir_all(&parent).map_err(FetchError::io("make", &parent))?;
        build_beside(&path, |to| {
            jars.iter().try_for_each(|jar| copy(jar, &to.join("lib")))?;
            let at = to.join(MARK);
            process::put(&at, mark.as_bytes()).map_err(FetchError::io("write", &at))
        })?;
        Ok(path)
    }
}

/// The folder, when it was fetched.
pub(super) fn ready(cache: &Cache, kind: &str, version: &str) -> Option<PathBuf> {
    let path = cache.path(format!("{kind}/{version}"));
    path.join(MARK).exists().then_some(path)
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

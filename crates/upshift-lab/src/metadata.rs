//! Big snapshot metadata by Flink's own serializer, Flink's own loader on it, and what a process takes.
//!
//! Built from `lab/metadata`. It judges nothing.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::flink::Home;
use crate::java::Java;
use crate::pip::hex;
use crate::python;

const SOURCES: [(&str, &str); 2] = [
    (
        "Write.java",
        include_str!("../../../lab/metadata/src/upshift/lab/metadata/Write.java"),
    ),
    (
        "Load.java",
        include_str!("../../../lab/metadata/src/upshift/lab/metadata/Load.java"),
    ),
];
const MEASURE: &str = include_str!("../../../lab/measure.py");
/// What both programs may take; the loader needs 1.4 GB for the largest file.
const HEAP: &str = "-Xmx8g";

/// The two programs, compiled against one release.
#[derive(Debug, Clone)]
pub struct MetadataLab {
    java: PathBuf,
    class_path: String,
    version: String,
    files: PathBuf,
}

/// What one run of a process took.
#[derive(Debug, Clone, Deserialize)]
pub struct Took {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of processors.
    pub cpu: f64,
    /// Most memory at any moment, in bytes.
    pub peak: u64,
    /// Its exit code.
    pub status: i32,
    /// The start of its output.
    pub said: String,
}

impl MetadataLab {
    /// Compiles them, when the cache holds none of these very sources.
    pub fn build(cache: &Cache, java: &Java, home: &Home) -> Result<Self, FetchError> {
        let _lock = cache.lock("metadata")?;
        let version = home.version().to_owned();
        let digest = hex(&Sha256::digest(SOURCES.map(|(_, text)| text).concat().as_bytes()));
        let dir = cache.path("metadata");
        let classes = dir.join(format!(
            "classes-{version}-{}",
            digest.get(..12).unwrap_or(&digest)
        ));
        let libraries = home.class_path()?;
        if !classes.is_dir() {
            fs::create_dir_all(&dir).map_err(FetchError::io("make", &dir))?;
            build_beside(&classes, |to| {
                let mut sources = Vec::new();
                for (name, text) in SOURCES {
                    let path = to.join(name);
                    crate::process::put(&path, text.as_bytes()).map_err(FetchError::io("write", &path))?;
                    sources.push(path);
                }
                java.compile(cache, &sources, &libraries, to)
            })?;
        }
        let logging = jars(&home.path().join("lib"), "log4j")?;
        Ok(Self {
            java: java.home().join("bin/java"),
            class_path: [&[classes.display().to_string(), libraries][..], &logging]
                .concat()
                .join(":"),
            version,
            files: dir,
        })
    }

    /// The release whose serializer and loader these are.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A directory with metadata of this shape, written when it is not there.
    pub fn metadata(&self, shape: &str, operators: u32, subtasks: u32) -> Result<PathBuf, FetchError> {
        let name = format!("{}-{shape}-{operators}x{subtasks}", self.version);
        let dir = self.files.join(name);
        if dir.is_dir() {
            return Ok(dir);
        }
        build_beside(&dir, |to| {
            let mut java = Command::new(&self.java);
            java.args([HEAP, "-cp", &self.class_path, "upshift.lab.metadata.Write"])
                .arg(to)
                .args([shape, &operators.to_string(), &subtasks.to_string()]);
            python::run(&mut java).map(drop)
        })?;
        Ok(dir)
    }

    /// One load by Flink in a process of its own.
    pub fn load(&self, dir: &Path) -> Result<Took, FetchError> {
        let words = ["-Xmx8g", "-cp", &self.class_path, "upshift.lab.metadata.Load"].map(OsString::from);
        measure(&self.java, &[&words[..], &[dir.into()]].concat())
    }
}

/// One run of a program in a process of its own.
pub fn measure(program: &Path, args: &[OsString]) -> Result<Took, FetchError> {
    let mut python = python::command()?;
    python.args(["-c", MEASURE]).arg(program).args(args);
    let said = python::run(&mut python)?;
    serde_json::from_str(&said).map_err(|e| FetchError::io("measure", program)(std::io::Error::other(e)))
}

fn jars(lib: &Path, prefix: &str) -> Result<Vec<String>, FetchError> {
    let mut all = Vec::new();
    for entry in fs::read_dir(lib).map_err(FetchError::io("list", lib))? {
        let path = entry.map_err(FetchError::io("list", lib))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if name.is_some_and(|name| name.starts_with(prefix)) {
            all.push(path.display().to_string());
        }
    }
    all.sort();
    Ok(all)
}

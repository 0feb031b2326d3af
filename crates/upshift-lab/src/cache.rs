//! The cache directory outside the checkout: where it is, and one writer at a time for each thing in it.
//!
//! It knows nothing of what is put there, and never deletes what it did not make.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::error::FetchError;

/// The cache directory.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// Holds a lock of the cache until dropped; the kernel lets go of it when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Cache {
    /// The user's cache: `$UPSHIFT_CACHE`, else `$XDG_CACHE_HOME/upshift`, else `~/.cache/upshift`.
    pub fn open() -> Result<Self, FetchError> {
        let root = variable("UPSHIFT_CACHE")
            .map(PathBuf::from)
            .or_else(|| variable("XDG_CACHE_HOME").map(|d| Path::new(&d).join("upshift")))
            .or_else(|| variable("HOME").map(|d| Path::new(&d).join(".cache/upshift")))
            .ok_or(FetchError::NoCache)?;
        Self::at(root)
    }

    /// A cache in a directory of the caller's choice, made if it is not there.
    pub fn at(root: impl Into<PathBuf>) -> Result<Self, FetchError> {
        let root = root.into();
        fs::create_dir_all(root.join("locks")).map_err(FetchError::io("make the cache directory", &root))?;
        let root = root.canonicalize().map_err(FetchError::io("resolve", &root))?;
        Ok(Self { root })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.root.join(below)
    }

    /// Waits until nobody else holds the lock of this name, in this process or another.
    pub fn lock(&self, name: &str) -> Result<Lock, FetchError> {
        let path = self.root.join("locks").join(format!("{name}.lock"));
        let file = File::create(&path).map_err(FetchError::io("open the lock file", &path))?;
        file.lock().map_err(FetchError::io("lock", &path))?;
        Ok(Lock { _file: file })
    }
}

/// Makes a directory under another name and renames it into place when `fill` is done, so that what stands under the
/// final name is always whole. Whatever an earlier try left is removed first; the caller holds the lock.
pub(crate) fn build_beside(
    dest: &Path,
    fill: impl FnOnce(&Path) -> Result<(), FetchError>,
) -> Result<(), FetchError> {
    let name = dest
        .file_name()
        .expect("the destination is a name below the cache")
        .to_string_lossy();
    let beside = dest.with_file_name(format!("{name}.partial"));
    remove(&beside)?;
    fs::create_dir_all(&beside).map_err(FetchError::io("make", &beside))?;
    fill(&beside)?;
    remove(dest)?;
    fs::rename(&beside, dest).map_err(FetchError::io("rename into place", dest))
}

fn remove(path: &Path) -> Result<(), FetchError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(FetchError::io("remove", path)(e)),
        _ => Ok(()),
    }
}

/// The lab's only look at the environment: where the cache is, and which Java and Python the developer has.
#[expect(
    clippy::disallowed_methods,
    reason = "a development tool finds its cache and its JDK by the usual variables"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|v| !v.is_empty())
}

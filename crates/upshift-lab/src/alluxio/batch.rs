//! The class that runs many shell commands in one process: every command alone starts a machine, which takes seconds.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::{Cache, build_beside};
use crate::error::FetchError;
use crate::java::Java;

/// Raised when the source changes.
const RECIPE: u32 = 1;
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lab/alluxio/Batch.java");

/// The folder of the compiled class, compiled where it is not there.
pub fn batch_classes(cache: &Cache, java: &Java) -> Result<PathBuf, FetchError> {
    let _lock = cache.lock("alluxio-batch")?;
    let dir = cache.path(format!("alluxio/batch-{RECIPE}"));
    if dir.join("Batch.class").is_file() {
        return Ok(dir);
    }
    let parent = cache.path("alluxio");
    fs::create_dir_all(&parent).map_err(FetchError::io("make", &parent))?;
    build_beside(&dir, |to| {
        java.compile(cache, &[Path::new(SOURCE).to_owned()], ".", to)
    })?;
    Ok(dir)
}

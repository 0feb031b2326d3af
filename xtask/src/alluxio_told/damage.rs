//! A backup with its damages: one that a master ends on, and one that it swallows.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::put;

/// The first half of the file.
pub(super) fn cut_stream(backup: &Path) -> Result<PathBuf> {
    let bytes = std::fs::read(backup).with_context(|| format!("reading {}", backup.display()))?;
    let to = backup.with_extension("cut.gz");
    let half = bytes.get(..bytes.len() / 2).context("it is empty")?;
    put(&to, half)?;
    Ok(to)
}

/// A whole stream whose last entry is cut off.
pub(super) fn cut_entry(backup: &Path) -> Result<PathBuf> {
    let to = backup.with_extension("entry.gz");
    let script = "set -o pipefail; gzip -dc \"$1\" | head -c -3 | gzip > \"$2\"";
    let status = Command::new("bash")
        .args(["-c", script, "bash"])
        .args([backup, &to])
        .status()
        .context("running gzip")?;
    ensure!(status.success(), "gzip: {status}");
    Ok(to)
}

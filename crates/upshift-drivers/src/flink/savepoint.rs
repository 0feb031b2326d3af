//! Restore points as this machine sees them: whether they are complete, what their metadata says, and
//! which directories appeared beside those that were there before. Asks no server, and judges nothing
//! but completeness.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use upshift_formats::Limits;
use upshift_formats::flink::{Snapshot, read_metadata};
use upshift_model::digest::Digest;
use upshift_model::record::Failure;

use super::codes;

/// Flink's name for the file without which a directory is no snapshot.
const METADATA: &str = "_metadata";

/// What can be said of a restore point from here.
#[derive(Debug)]
pub(super) enum OnDisk {
    /// It lies where this machine can read it, and is complete.
    Here(Box<Contents>),
    /// It may be there, but this machine cannot see the place.
    OutOfSight {
        /// Why not.
        why: String,
    },
}

/// A complete restore point.
#[derive(Debug)]
pub(super) struct Contents {
    /// Size of all its files.
    pub(super) bytes: u64,
    /// How many there are.
    pub(super) files: u64,
    /// Digest of the metadata.
    pub(super) digest: Digest,
    /// What the metadata says.
    pub(super) snapshot: Snapshot,
}

/// The path of a `file:` URI, or of a bare path; none for other file systems.
pub(super) fn local_path(uri: &str) -> Option<PathBuf> {
    let path = match uri.split_once(':') {
        Some(("file", rest)) if rest.starts_with("///") => &rest[2..],
        Some(("file", rest)) if rest.starts_with("//") => return None,
        Some(("file", rest)) => rest,
        Some(_) => return None,
        None => uri,
    };
    path.starts_with('/')
        .then(|| PathBuf::from(path.trim_end_matches('/')))
}

/// Whether two URIs name the same place: Flink writes `file:/x` where it was given `file:///x`.
pub(super) fn same_location(a: &str, b: &str) -> bool {
    match (local_path(a), local_path(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a.trim_end_matches('/') == b.trim_end_matches('/'),
    }
}

/// Reads the restore point at `location`.
///
/// # Errors
/// A [`Failure`] when this machine sees the place and no complete restore point is there.
pub(super) async fn read(location: &str) -> Result<OnDisk, Failure> {
    let Some(path) = local_path(location) else {
        let why = format!("{location} is not on a file system of this machine");
        return Ok(OnDisk::OutOfSight { why });
    };
    let shown = location.to_owned();
    let read = tokio::task::spawn_blocking(move || read_directory(&shown, &path)).await;
    read.unwrap_or_else(|lost| Err(unreadable(location, &lost.to_string())))
}

/// The digest of a restore point's metadata, after it has been read whole; none where this machine
/// cannot see the place.
///
/// # Errors
/// A [`Failure`] when this machine sees the place and no complete restore point is there.
pub async fn savepoint_digest(location: &str) -> Result<Option<Digest>, Failure> {
    Ok(match read(location).await? {
        OnDisk::Here(contents) => Some(contents.digest),
        OnDisk::OutOfSight { .. } => None,
    })
}

fn read_directory(location: &str, path: &Path) -> Result<OnDisk, Failure> {
    let parent = path.parent().unwrap_or(path);
    match (path.try_exists(), parent.try_exists()) {
        (Ok(true), _) => {}
        (Ok(false), Ok(true)) => return Err(unreadable(location, "there is no such directory")),
        (Err(e), _) | (_, Err(e)) => {
            return Ok(OnDisk::OutOfSight {
                why: format!("{location} cannot be looked at from here: {e}"),
            });
        }
        (Ok(false), Ok(false)) => {
            let why = format!("{} is not on this machine", parent.display());
            return Ok(OnDisk::OutOfSight { why });
        }
    }
    let file = path.join(METADATA);
    let bytes = std::fs::read(&file).map_err(|e| unreadable(location, &format!("{METADATA}: {e}")))?;
    let snapshot = read_metadata(&bytes, &Limits::default())
        .map_err(|e| unreadable(location, &format!("{METADATA} is damaged: {e}")))?;
    let (files, total) = size_of(path).map_err(|e| unreadable(location, &e.to_string()))?;
    let digest = Digest::of_bytes(&bytes);
    Ok(OnDisk::Here(Box::new(Contents {
        bytes: total,
        files,
        digest,
        snapshot,
    })))
}

fn unreadable(location: &str, why: &str) -> Failure {
    Failure {
        code: codes::RESTORE_POINT_UNREADABLE,
        what: format!("no complete restore point at {location}: {why}"),
        far_side: None,
    }
}

fn size_of(directory: &Path) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            let (inner_files, inner_bytes) = size_of(&entry.path())?;
            files += inner_files;
            bytes += inner_bytes;
        } else {
            files += 1;
            bytes += entry.metadata()?.len();
        }
    }
    Ok((files, bytes))
}

impl Contents {
    /// Whether it was written as the last act of a job that stopped; none where the metadata does not
    /// say (before Flink 1.16).
    pub(super) fn is_of_a_stop(&self) -> Option<bool> {
        let properties = self.snapshot.properties.as_ref()?;
        let action = properties
            .constants
            .iter()
            .find(|c| c.class.ends_with("PostCheckpointAction"))?;
        Some(action.name != "NONE")
    }
}

/// Names of the savepoint directories of a job below `root`; none where there is no such root here: it
/// may lie on another machine, or be made with the first savepoint. Flink names the directories after
/// the first 6 digits of the job id.
pub(super) fn directories_of(job: &str, root: &str) -> Option<BTreeSet<String>> {
    let root = local_path(root)?;
    let prefix = format!("savepoint-{}-", job.get(..6)?);
    let names = std::fs::read_dir(root)
        .ok()?
        .map(|entry| entry.map(|e| e.file_name().to_string_lossy().into_owned()));
    let names: BTreeSet<String> = names.collect::<io::Result<_>>().ok()?;
    Some(
        names
            .into_iter()
            .filter(|name| name.starts_with(&prefix))
            .collect(),
    )
}

/// Whether the directory `name` below `root` has metadata: Flink writes it last.
pub(super) fn has_metadata(root: &str, name: &str) -> bool {
    local_path(root).is_some_and(|root| root.join(name).join(METADATA).is_file())
}

/// The URI of `name` below `root`, as Flink writes it.
pub(super) fn below(root: &str, name: &str) -> String {
    match local_path(root) {
        Some(path) => format!("file:{}", path.join(name).display()),
        None => format!("{}/{name}", root.trim_end_matches('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_a_local_place_are_one_place() {
        for other in ["file:/sp/a", "file:///sp/a", "file:///sp/a/", "/sp/a"] {
            assert!(same_location("file:/sp/a", other), "{other}");
        }
        assert!(!same_location("file:/sp/a", "file:/sp/ab"));
        assert!(!same_location("file:/sp/a", "s3://sp/a"));
        assert!(same_location("s3://b/sp/a", "s3://b/sp/a/"));
        assert_eq!(local_path("file://host/sp"), None);
        assert_eq!(local_path("hdfs:/sp"), None);
    }
}

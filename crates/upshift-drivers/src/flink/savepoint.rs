//! Restore points as this machine sees them: whether they are complete, what their metadata says, and
//! which directories appeared beside those that were there before. Asks no server, and judges nothing
//! but completeness.

use std::collections::BTreeSet;
use std::path::PathBuf;

use upshift_formats::Limits;
use upshift_formats::flink::Snapshot;
use upshift_model::digest::Digest;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

use super::codes;
use super::inspect::{METADATA, SnapshotError, read_with_digest};
use crate::wire::objects::{ObjectError, Objects, Place, Presence, Why};

/// What can be said of a restore point from here.
#[derive(Debug)]
pub(super) enum OnDisk {
    /// It lies where this machine can read it, and is complete.
    Here(Box<Contents>),
    /// It may be there, but this machine cannot see the place.
    OutOfSight {
        /// Why not.
        why: String,
        /// Where no waiting will change that: the page that says why.
        for_good: Option<Code>,
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
        _ => match (Place::parse(a), Place::parse(b)) {
            (Ok(a @ Place::S3 { .. }), Ok(b)) => a.is(&b),
            _ => a.trim_end_matches('/') == b.trim_end_matches('/'),
        },
    }
}

/// Reads the restore point at `location`.
///
/// # Errors
/// A [`Failure`] when this machine sees the place and no complete restore point is there.
pub(super) async fn read(objects: &Objects, location: &str) -> Result<OnDisk, Failure> {
    let place = match Place::parse(location) {
        Ok(place) => place,
        Err(error) => return Ok(out_of_sight(&error)),
    };
    let (read, digest) = match read_with_digest(objects, place, &Limits::default()).await {
        Ok(read) => read,
        Err(SnapshotError::Bytes(error)) => return no_bytes(objects, location, &error).await,
        Err(SnapshotError::NoMetadata { .. }) => {
            return Err(unreadable(location, &format!("it holds no {METADATA}")));
        }
        Err(SnapshotError::Format { defect, .. }) => {
            return Err(unreadable(location, &format!("{METADATA} is damaged: {defect}")));
        }
    };
    let extent = match objects.extent(&read.directory).await {
        Ok(extent) => extent,
        Err(error) => return no_bytes(objects, location, &error).await,
    };
    Ok(OnDisk::Here(Box::new(Contents {
        bytes: extent.bytes,
        files: extent.files,
        digest,
        snapshot: read.snapshot,
    })))
}

fn out_of_sight(error: &ObjectError) -> OnDisk {
    let lasting = matches!(error.why, Why::NotProven { .. } | Why::NotAPlace(_) | Why::Setup);
    OnDisk::OutOfSight {
        why: error.to_string(),
        for_good: lasting.then(|| error.code()),
    }
}

/// Nothing there is a failure where the place around it is seen; elsewhere it may lie on another machine.
async fn no_bytes(objects: &Objects, location: &str, error: &ObjectError) -> Result<OnDisk, Failure> {
    if error.why != Why::Absent {
        return Ok(out_of_sight(error));
    }
    let nothing = || Err(unreadable(location, "there is no such directory"));
    match Place::parse(location) {
        Ok(place @ Place::Local(_)) => match objects.presence(&place.parent()).await {
            Ok(Presence::Directory) => nothing(),
            Ok(Presence::File(_) | Presence::Nothing) => Ok(OnDisk::OutOfSight {
                why: format!("{} is not on this machine", place.parent()),
                for_good: None,
            }),
            Err(error) => Ok(out_of_sight(&error)),
        },
        // A store is the same one from everywhere.
        Ok(Place::S3 { .. }) | Err(_) => nothing(),
    }
}

/// The digest of a restore point's metadata, after it has been read whole; the reason where it cannot be
/// seen from here.
///
/// # Errors
/// A [`Failure`] when the place is seen and no complete restore point is there.
pub async fn savepoint_digest(objects: &Objects, location: &str) -> Result<Result<Digest, String>, Failure> {
    Ok(match read(objects, location).await? {
        OnDisk::Here(contents) => Ok(contents.digest),
        OnDisk::OutOfSight { why, .. } => Err(why),
    })
}

fn unreadable(location: &str, why: &str) -> Failure {
    Failure {
        code: codes::RESTORE_POINT_UNREADABLE,
        what: format!("no complete restore point at {location}: {why}"),
        far_side: None,
    }
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

/// Names of the savepoint directories of a job below `root`; none where no such root is seen: it may lie
/// on another machine, or be made with the first savepoint. Flink names the directories after the first 6
/// digits of the job id.
pub(super) async fn directories_of(objects: &Objects, job: &str, root: &str) -> Option<BTreeSet<String>> {
    let root = Place::parse(root).ok()?;
    if let Place::Local(path) = &root {
        path.try_exists().ok().filter(|there| *there)?;
    }
    let prefix = format!("savepoint-{}-", job.get(..6)?);
    // Not to be seen is what none stands for: the caller then asks for no second savepoint.
    let names = objects.children(&root).await.ok()?;
    Some(
        names
            .into_iter()
            .filter(|name| name.starts_with(&prefix))
            .collect(),
    )
}

/// Whether the directory `name` below `root` has metadata: Flink writes it last.
pub(super) async fn has_metadata(objects: &Objects, root: &str, name: &str) -> Result<bool, ObjectError> {
    let metadata = Place::parse(root)?.join(name).join(METADATA);
    Ok(matches!(objects.presence(&metadata).await?, Presence::File(_)))
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
        assert!(same_location("s3://b/sp/a", "s3a://b/sp/a"));
        assert!(!same_location("hdfs:/sp/a", "hdfs:/sp/b"));
        assert_eq!(local_path("file://host/sp"), None);
        assert_eq!(local_path("hdfs:/sp"), None);
    }
}

//! Deletes the files of a restore point on this machine, and nothing else: only a directory whose
//! metadata is still the one that the journal knows. Asks no server.

use std::io;
use std::path::{Path, PathBuf};

use upshift_engine::driver::{Fault, Standing};
use upshift_model::digest::Digest;
use upshift_model::flink::fit::codes::NEEDS_ANOTHER;
use upshift_model::ids::Slot;
use upshift_model::proof::{Bindings, Proof};
use upshift_model::record::{Baseline, Failure};

use super::codes;
use super::savepoint::{self, OnDisk};
use super::snapshot::{beside, referring};
use super::standing::refused;
use crate::wire::objects::Objects;

/// Where a directory is moved first, so that half-deleted files are never taken for a savepoint.
fn aside(path: &Path) -> PathBuf {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    path.with_file_name(format!(".upshift-disposing-{name}"))
}

fn local(location: &str) -> Result<PathBuf, Fault> {
    savepoint::local_path(location).ok_or_else(|| {
        let what = format!(
            "{location} is not on a file system of this machine; dispose of it with `flink savepoint -d`"
        );
        refused(codes::NOT_IN_THE_PLAN, what)
    })
}

/// Whether the files are gone.
pub(super) async fn standing(objects: &Objects, location: &str, sha256: &Digest) -> Result<Standing, Fault> {
    let path = local(location)?;
    let there = |path: &Path| {
        path.try_exists()
            .map_err(|e| Fault::Transient(format!("{}: {e}", path.display())))
    };
    match (there(&path)?, there(&aside(&path))?) {
        (false, false) => Ok(Standing::Done(Proof::of([format!(
            "nothing is left at {location}"
        )]))),
        (false, true) => Ok(Standing::Ready(Baseline::default())),
        (true, _) => match savepoint::read(objects, location).await {
            Ok(OnDisk::Here(contents)) if contents.digest == *sha256 => Ok(needed(location)
                .await
                .map_or_else(|| Standing::Ready(Baseline::default()), Standing::Contradicted)),
            Ok(OnDisk::Here(_)) => Ok(Standing::Contradicted(Failure {
                code: codes::RESTORE_POINT_UNREADABLE,
                what: format!("another restore point than the journal knows lies at {location}"),
                far_side: None,
            })),
            Ok(OnDisk::OutOfSight { why, .. }) => Err(Fault::Transient(why)),
            Err(failure) => Ok(Standing::Contradicted(failure)),
        },
    }
}

/// Why the files must stay: a snapshot beside this one refers to them, or may.
async fn needed(location: &str) -> Option<Failure> {
    let at = location.to_owned();
    let looked = tokio::task::spawn_blocking(move || referring(&at, beside(&at))).await;
    let what = match looked {
        Ok(seen) if !seen.found.is_empty() => {
            format!("{location} stays: {} needs files of it", seen.found.join(", "))
        }
        Ok(seen) if !seen.unread.is_empty() => {
            let unread = seen.unread.join(", ");
            format!("{location} stays: whether others need files of it cannot be told: {unread}")
        }
        Ok(_) => return None,
        Err(lost) => format!("{location} stays: whether others need it was not learned: {lost}"),
    };
    Some(Failure {
        code: NEEDS_ANOTHER,
        what,
        far_side: None,
    })
}

/// The same for what fills a slot of this run.
pub(super) async fn standing_of_slot(
    objects: &Objects,
    slot: &Slot,
    bound: &Bindings,
) -> Result<Standing, Fault> {
    let Some(point) = bound.slot(slot) else {
        return Ok(Standing::Done(Proof::of([format!("nothing fills {slot}")])));
    };
    match &point.metadata_digest {
        Some(sha256) => standing(objects, &point.location, sha256).await,
        None => Err(refused(
            codes::NOT_IN_THE_PLAN,
            format!(
                "{} was never read, so it cannot be told from another one",
                point.location
            ),
        )),
    }
}

/// Deletes what fills a slot of this run.
pub(super) fn attempt_slot(slot: &Slot, bound: &Bindings) -> Result<(), Fault> {
    bound.slot(slot).map_or(Ok(()), |point| attempt(&point.location))
}

/// Moves the directory aside and deletes it.
pub(super) fn attempt(location: &str) -> Result<(), Fault> {
    let path = local(location)?;
    let away = aside(&path);
    let done = match path.try_exists() {
        Ok(true) => std::fs::rename(&path, &away).and_then(|()| std::fs::remove_dir_all(&away)),
        Ok(false) => std::fs::remove_dir_all(&away),
        Err(e) => Err(e),
    };
    match done {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Fault::Refused(Failure {
            code: codes::RESTORE_POINT_UNREADABLE,
            what: format!("{location} could not be deleted: {e}"),
            far_side: None,
        })),
        _ => Ok(()),
    }
}

//! From a place on the command line to a snapshot that was read, or to what a person is told.

use std::path::Path;

use upshift_drivers::flink::inspect::{
    FileCheck, HeadersWanted, ReadSnapshot, SnapshotError, check_files, read_snapshot,
};
use upshift_drivers::wire::objects::Objects;
use upshift_formats::Limits;
use upshift_model::objects::ObjectAccess;

use super::report::Named;
use super::told::trouble;
use crate::trouble::Stop;
use crate::{config, secret};

/// What a look into snapshots needs.
#[derive(Debug)]
pub struct Opened {
    /// The stores.
    pub objects: Objects,
    /// The uids that operators are looked up by.
    pub named: Named,
}

/// The stores as a system file says, or as the environment does where there is none; and the uids that the
/// file declares beside `uids`.
///
/// # Errors
/// When the file cannot be used, or a secret that it names is not there.
pub fn open(system: Option<&Path>, uids: &[String]) -> Result<Opened, Stop> {
    let mut uids = uids.to_vec();
    let access = match system {
        Some(file) => {
            let declared = config::load(file)?;
            uids.extend(declared.jobs.into_iter().flat_map(|job| job.uids));
            declared.objects
        }
        None => ObjectAccess::default(),
    };
    for reference in access.secrets() {
        secret::read(reference)?;
    }
    Ok(Opened {
        objects: Objects::new(access, secret::secrets()),
        named: Named::of(&uids),
    })
}

/// Reads the snapshot at a path or URI.
///
/// # Errors
/// When there is none, or it is not whole, or could not be seen.
pub async fn snapshot(
    objects: &Objects,
    location: &str,
    headers: HeadersWanted,
) -> Result<ReadSnapshot, Stop> {
    let read = read_snapshot(objects, location, headers, &Limits::default()).await;
    read.map_err(|error| told(location, &error))
}

/// Looks at every file that a snapshot refers to; `progress` hears how many of how many.
///
/// # Errors
/// When the metadata cannot be read a second time.
pub async fn files(
    objects: &Objects,
    read: &ReadSnapshot,
    progress: impl FnMut(usize, usize),
) -> Result<Vec<FileCheck>, Stop> {
    let looked = check_files(objects, read, &Limits::default(), progress).await;
    looked.map_err(|error| told(&read.metadata.to_string(), &error))
}

fn told(location: &str, error: &SnapshotError) -> Stop {
    trouble(location, error).into()
}

//! Which snapshots need files of another: asked before the files of one are deleted.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use upshift_formats::flink::view::{Storage, visit_files_of};
use upshift_formats::{FormatError, Limits, ReadError};

use super::super::savepoint::local_path;

/// What could be learned of the snapshots that might need another's files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Referring {
    /// Those that do.
    pub found: Vec<String>,
    /// Those that are there and could not be read, with why: they may.
    pub unread: Vec<String>,
}

/// Those of `others` that refer to files in the directory of `location`. What is not on this machine,
/// or not there any more, needs nothing.
pub fn referring(location: &str, others: impl IntoIterator<Item = String>) -> Referring {
    let mut seen = Referring::default();
    let Some(directory) = local_path(location) else {
        return seen;
    };
    for other in others {
        let Some(path) = local_path(&other).filter(|path| *path != directory) else {
            continue;
        };
        match refers(&path, &directory) {
            Ok(true) => seen.found.push(other),
            Ok(false) => {}
            Err(ReadError::Io(e)) if e.kind() == std::io::ErrorKind::NotFound => {}
            // Nobody can restore a damaged one; one of a later format somebody may.
            Err(ReadError::Format(e)) if !matches!(e, FormatError::Version { .. }) => {}
            Err(e) => seen.unread.push(format!("{other}: {e}")),
        }
    }
    seen
}

/// The other snapshots beside one: in the same directory, as Flink lays savepoints down.
pub(in crate::flink) fn beside(location: &str) -> Vec<String> {
    let path = local_path(location);
    let entries = path.as_deref().and_then(Path::parent).map(std::fs::read_dir);
    let entries = entries.into_iter().flatten().flatten().flatten();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths
        .into_iter()
        .filter(|path| path.join("_metadata").is_file())
        .map(|path| format!("file:{}", path.display()))
        .collect()
}

fn refers(snapshot: &Path, to: &Path) -> Result<bool, ReadError> {
    let file = File::open(snapshot.join("_metadata")).map_err(ReadError::Io)?;
    let mut refers = false;
    visit_files_of(BufReader::new(file), &Limits::default(), |found| {
        let absolute = found.storage != Storage::Relative;
        refers |= absolute && local_path(&found.path).is_some_and(|path| path.starts_with(to));
    })?;
    Ok(refers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_needs_the_directory_of_its_shared_files() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures/flink-savepoints/1.20.5-rocksdb-checkpoint-files/job");
        let mut entries = std::fs::read_dir(&fixture)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let checkpoint = entries.find(|path| path.join("_metadata").is_file()).unwrap();
        let mut shared = None;
        let file = File::open(checkpoint.join("_metadata")).unwrap();
        visit_files_of(file, &Limits::default(), |found| {
            if found.storage == Storage::Absolute {
                shared = local_path(&found.path);
            }
        })
        .unwrap();
        let job = shared
            .unwrap()
            .parent()
            .unwrap()
            .parent()
            .unwrap()
            .display()
            .to_string();
        let others = [checkpoint.display().to_string(), "/no/such/snapshot".to_owned()];
        let seen = referring(&job, others.clone());
        assert_eq!(seen.found, [others[0].clone()]);
        assert_eq!(referring("/some/where/else", others), Referring::default());
    }
}

//! One snapshot by its location, as far as this machine sees it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use upshift_formats::flink::read_metadata_from;
use upshift_formats::{FormatError, Limits, ReadError};
use upshift_model::flink::{SnapshotContents, SnapshotFound};
use upshift_model::observed::Gap;

use super::super::savepoint::local_path;
use super::{describe, files, headers};

/// Flink's name for the file without which a directory is no snapshot.
const METADATA: &str = "_metadata";

/// Reads the snapshot at a location: a URI or a path, of its directory or of its metadata.
pub(in crate::flink) fn read_location(location: &str, names: &BTreeSet<String>) -> SnapshotFound {
    let unseen = |reason: String| {
        SnapshotFound::Unseen(Gap {
            what: format!("snapshot {}", crate::wire::redact_url(location)),
            reason,
        })
    };
    let Some(path) = local_path(location) else {
        return unseen("it is not on a file system of this machine".to_owned());
    };
    let directory = match path.file_name().is_some_and(|name| name == METADATA) {
        true => path.parent().unwrap_or(&path),
        false => &path,
    };
    match directory.join(METADATA).try_exists() {
        Ok(true) => {}
        Ok(false) if directory.is_dir() => {
            return SnapshotFound::Spoiled {
                what: format!(
                    "{} holds no {METADATA}: it was never completed, or it was deleted",
                    directory.display()
                ),
            };
        }
        Ok(false) => return unseen("there is no such directory on this machine".to_owned()),
        Err(e) => return unseen(e.to_string()),
    }
    match read_local(directory, names) {
        Ok(contents) => SnapshotFound::Read(Box::new(contents)),
        Err(ReadError::Io(e)) => unseen(e.to_string()),
        Err(ReadError::Format(e @ FormatError::Version { .. })) => unseen(e.to_string()),
        Err(ReadError::Format(e)) => SnapshotFound::Spoiled {
            what: format!("{METADATA} is damaged: {e}"),
        },
    }
}

/// Reads the snapshot in a directory of this machine.
///
/// # Errors
/// [`ReadError`] where the metadata cannot be read to its end.
fn read_local(directory: &Path, names: &BTreeSet<String>) -> Result<SnapshotContents, ReadError> {
    let metadata = directory.join(METADATA);
    let file = File::open(&metadata).map_err(ReadError::Io)?;
    let snapshot = read_metadata_from(BufReader::new(file), &Limits::default())?;
    let (files, found) = files::look(directory, &metadata)?;
    Ok(describe(&snapshot, names, headers::read(found), files))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use upshift_model::flink::{KeyedForm, SerializerKind, TakenAs};

    use super::*;

    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flink-savepoints")
    }

    /// The snapshot of a fixture: checkpoints lie where Flink wrote them, below the job's directory.
    fn snapshot_of(fixture: &Path) -> PathBuf {
        let job = fixture.join("job");
        let checkpoint = std::fs::read_dir(&job).ok().and_then(|entries| {
            let paths = entries.map(|entry| entry.unwrap().path());
            paths.into_iter().find(|path| path.join(METADATA).is_file())
        });
        checkpoint.unwrap_or_else(|| fixture.to_owned())
    }

    fn read(path: &Path, names: &[&str]) -> SnapshotContents {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        match read_location(&path.display().to_string(), &names) {
            SnapshotFound::Read(contents) => *contents,
            other => panic!("{}: {other:?}", path.display()),
        }
    }

    #[test]
    fn every_fixture_is_read_to_its_last_state() {
        let mut count = 0;
        for entry in std::fs::read_dir(fixtures()).unwrap() {
            let fixture = entry.unwrap().path();
            if !fixture.is_dir() {
                continue;
            }
            let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
            let contents = read(&snapshot_of(&fixture), &[]);
            for operator in &contents.operators {
                assert_eq!(operator.not_all_read, None, "{name}: {operator:?}");
                assert!(!operator.stateful || operator.bytes > 0, "{name}: {operator:?}");
            }
            let form = match name.split('-').collect::<Vec<_>>()[..] {
                [_, _, "canonical", ..] => Some(KeyedForm::Canonical),
                [_, "hashmap", "native" | "checkpoint", ..] => Some(KeyedForm::Heap),
                [_, "rocksdb", "native" | "checkpoint", ..] => Some(KeyedForm::Embedded),
                _ => None,
            };
            assert_eq!(contents.keyed_forms, form.into_iter().collect(), "{name}");
            count += 1;
        }
        assert!(count > 40, "{count} fixtures");
    }

    #[test]
    fn states_in_files_are_named_by_the_first_bytes_of_them() {
        let contents = read(&fixtures().join("1.20.5-hashmap-native-files"), &["counter"]);
        assert_eq!(contents.taken_as, TakenAs::NativeSavepoint);
        assert!(contents.files_looked_for > 0, "{contents:?}");
        assert_eq!(contents.lacking_files, 0, "{:?}", contents.lacking);
        let counter = contents
            .operators
            .iter()
            .find(|o| o.label() == "counter")
            .unwrap();
        assert!(counter.key.is_some() && !counter.states.is_empty(), "{counter:?}");
    }

    #[test]
    fn a_bean_with_a_list_names_its_field() {
        let contents = read(&fixtures().join("1.20.5-rocksdb-canonical-kinds-uids"), &[]);
        let mut found = Vec::new();
        for operator in &contents.operators {
            for state in &operator.states {
                for shape in state.serializers.values() {
                    shape.walk(&mut |path, inner| {
                        if matches!(&inner.kind, SerializerKind::Kryo { class } if class == "java.util.List")
                        {
                            found.push(format!("{}.{}", state.name, path.join(".")));
                        }
                    });
                }
            }
        }
        assert!(found.iter().any(|place| place.contains(".tags")), "{found:?}");
    }

    #[test]
    fn shared_files_of_a_checkpoint_lie_outside_and_are_missed() {
        let fixture = fixtures().join("1.20.5-rocksdb-checkpoint-files");
        let contents = read(&snapshot_of(&fixture), &[]);
        assert!(
            contents.outside.keys().any(|place| place.ends_with("/shared")),
            "{:?}",
            contents.outside
        );
        // The fixture was moved, which is just what such a snapshot does not survive.
        assert!(contents.lacking_files > 0);
        assert!(contents.lacking.iter().all(|file| file.found.is_none()));
    }

    fn put(directory: &Path, metadata: &[u8]) {
        let mut file = File::create(directory.join(METADATA)).unwrap();
        std::io::Write::write_all(&mut file, metadata).unwrap();
    }

    #[test]
    fn damage_is_told_from_absence() {
        let dir = tempfile::tempdir().unwrap();
        let names = BTreeSet::new();
        let whole = std::fs::read(fixtures().join("1.20.5-hashmap-canonical-base-uids/_metadata")).unwrap();
        put(dir.path(), &whole[..whole.len() / 2]);
        let at = dir.path().display().to_string();
        let SnapshotFound::Spoiled { what } = read_location(&at, &names) else {
            panic!("cut off")
        };
        assert!(what.contains("at byte"), "{what}");
        let mut magic = whole;
        magic[0] ^= 1;
        put(dir.path(), &magic);
        assert!(matches!(
            read_location(&at, &names),
            SnapshotFound::Spoiled { .. }
        ));
        for unseen in ["s3://bucket/sp", "/no/such/place"] {
            assert!(
                matches!(read_location(unseen, &names), SnapshotFound::Unseen(_)),
                "{unseen}"
            );
        }
    }
}

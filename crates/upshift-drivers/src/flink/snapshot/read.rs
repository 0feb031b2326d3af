//! One snapshot by its location, as far as this machine sees it.

use std::collections::BTreeSet;

use upshift_formats::Limits;
use upshift_model::flink::{SnapshotContents, SnapshotFound};
use upshift_model::observed::Gap;

use super::{describe, files};
use crate::flink::inspect::{HeadersWanted, SnapshotError, add, read_snapshot};
use crate::wire::objects::{Objects, Place, Why};

/// Reads the snapshot at a location: a URI or a path, of its directory or of its metadata.
pub(crate) async fn read_location(
    objects: &Objects,
    location: &str,
    names: &BTreeSet<String>,
) -> SnapshotFound {
    match contents(objects, location, names).await {
        Ok(contents) => SnapshotFound::Read(Box::new(contents)),
        Err(error) => found(location, &error),
    }
}

/// What a snapshot is that could not be read: spoiled where it was seen, unseen otherwise.
fn found(location: &str, error: &SnapshotError) -> SnapshotFound {
    let unseen = |reason: String| {
        SnapshotFound::Unseen(Gap {
            what: format!("snapshot {}", crate::wire::redact_url(location)),
            reason,
        })
    };
    match error {
        SnapshotError::Bytes(error) => match &error.why {
            // It may lie on another machine.
            Why::Absent if is_local(location) => {
                unseen("there is no such directory on this machine".to_owned())
            }
            _ => unseen(format!("{} {error}", error.code())),
        },
        SnapshotError::NoMetadata { directory, .. } => SnapshotFound::Spoiled {
            what: format!("{directory} holds no _metadata: it was never completed, or it was deleted"),
        },
        SnapshotError::Format { defect, .. } => match error.is_unseen() {
            true => unseen(defect.to_string()),
            false => SnapshotFound::Spoiled {
                what: format!("_metadata is damaged: {defect}"),
            },
        },
    }
}

fn is_local(location: &str) -> bool {
    matches!(Place::parse(location), Ok(Place::Local(_)))
}

async fn contents(
    objects: &Objects,
    location: &str,
    names: &BTreeSet<String>,
) -> Result<SnapshotContents, SnapshotError> {
    let limits = Limits::default();
    let mut read = read_snapshot(objects, location, HeadersWanted::None, &limits).await?;
    let mut listed = files::list(objects, &read, &limits).await?;
    let headers = std::mem::take(&mut listed.headers);
    add(objects, &read.directory, &mut read.snapshot, headers, &limits).await;
    let files = listed.look(objects, &read.directory).await;
    Ok(describe(&read.snapshot, names, files))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::path::{Path, PathBuf};

    use upshift_model::flink::{KeyedForm, SerializerKind, TakenAs};
    use upshift_model::objects::ObjectAccess;

    use super::*;
    use crate::flink::inspect::METADATA;
    use crate::wire::Secrets;

    fn objects() -> Objects {
        Objects::new(ObjectAccess::default(), Secrets::none())
    }

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

    async fn read(path: &Path, names: &[&str]) -> SnapshotContents {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        match read_location(&objects(), &path.display().to_string(), &names).await {
            SnapshotFound::Read(contents) => *contents,
            other => panic!("{}: {other:?}", path.display()),
        }
    }

    #[tokio::test]
    async fn every_fixture_is_read_to_its_last_state() {
        let mut count = 0;
        for entry in std::fs::read_dir(fixtures()).unwrap() {
            let fixture = entry.unwrap().path();
            if !fixture.is_dir() {
                continue;
            }
            let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
            let contents = read(&snapshot_of(&fixture), &[]).await;
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

    #[tokio::test]
    async fn states_in_files_are_named_by_the_first_bytes_of_them() {
        let contents = read(&fixtures().join("1.20.5-hashmap-native-files"), &["counter"]).await;
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

    #[tokio::test]
    async fn a_bean_with_a_list_names_its_field() {
        let contents = read(&fixtures().join("1.20.5-rocksdb-canonical-kinds-uids"), &[]).await;
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

    #[tokio::test]
    async fn shared_files_of_a_checkpoint_lie_outside_and_are_missed() {
        let fixture = fixtures().join("1.20.5-rocksdb-checkpoint-files");
        let contents = read(&snapshot_of(&fixture), &[]).await;
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

    #[tokio::test]
    async fn damage_is_told_from_absence() {
        let dir = tempfile::tempdir().unwrap();
        let names = BTreeSet::new();
        let whole = std::fs::read(fixtures().join("1.20.5-hashmap-canonical-base-uids/_metadata")).unwrap();
        put(dir.path(), &whole[..whole.len() / 2]);
        let at = dir.path().display().to_string();
        let SnapshotFound::Spoiled { what } = read_location(&objects(), &at, &names).await else {
            panic!("cut off")
        };
        assert!(what.contains("at byte"), "{what}");
        let mut magic = whole;
        magic[0] ^= 1;
        put(dir.path(), &magic);
        assert!(matches!(
            read_location(&objects(), &at, &names).await,
            SnapshotFound::Spoiled { .. }
        ));
        for unseen in ["hdfs://namenode/sp", "/no/such/place"] {
            assert!(
                matches!(
                    read_location(&objects(), unseen, &names).await,
                    SnapshotFound::Unseen(_)
                ),
                "{unseen}"
            );
        }
    }
}

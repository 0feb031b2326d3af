//! Deleting the files of a restore point: not while another one needs them.

use std::path::Path;

use upshift_engine::driver::Standing;
use upshift_model::digest::Digest;
use upshift_model::ids::Code;
use upshift_model::step::{Effect, Releasable};

use crate::world::{World, contradicted, step};

/// The directory that the files of the fixture are named in.
const SHARED: &str = "/srv/flinkdat/run/fx-1.20.5/ck/89380cda92a74647b8c04b69131bfa99/shared";

/// A checkpoint beside it, whose files are named in `directory`: as long as what stands there, so that only the path
/// is another one.
fn beside(directory: &Path) {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/flink-savepoints/1.20.5-rocksdb-checkpoint-files/job");
    let mut entries = std::fs::read_dir(fixture)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let checkpoint = entries.find(|path| path.join("_metadata").is_file()).unwrap();
    let mut metadata = std::fs::read(checkpoint.join("_metadata")).unwrap();
    let path = directory.display().to_string();
    let path = format!("{path}{}", "/".repeat(SHARED.len() - path.len()));
    let places: Vec<usize> = (0..metadata.len() - SHARED.len())
        .filter(|at| metadata[*at..].starts_with(SHARED.as_bytes()))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        metadata[at..at + SHARED.len()].copy_from_slice(path.as_bytes());
    }
    let other = directory.with_file_name("chk-7");
    std::fs::create_dir_all(&other).unwrap();
    let mut file = std::fs::File::create(other.join("_metadata")).unwrap();
    std::io::Write::write_all(&mut file, &metadata).unwrap();
}

#[tokio::test]
async fn files_that_another_snapshot_needs_are_not_deleted() {
    let world = World::at("http://127.0.0.1:1");
    let location = world.savepoint("savepoint-5eed00-0c6fe017700a", "stop");
    let directory = Path::new(location.strip_prefix("file:").unwrap());
    let sha256 = Digest::of_bytes(&std::fs::read(directory.join("_metadata")).unwrap());
    let release = step(Effect::Release {
        what: Releasable::RestorePointFiles {
            location: location.clone(),
            sha256,
        },
    });
    assert!(matches!(world.look(&release, None).await, Standing::Ready(_)));
    beside(directory);
    let standing = world.look(&release, None).await;
    let failure = contradicted(&standing);
    assert_eq!(failure.code, Code::new("UP-FLINK-0242"));
    assert!(
        failure.what.contains("/chk-7 needs files of it"),
        "{}",
        failure.what
    );
}

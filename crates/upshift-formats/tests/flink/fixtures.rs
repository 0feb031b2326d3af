//! The real snapshots and what Flink itself says of them.
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) dir: PathBuf,
    pub(crate) metadata: Vec<u8>,
    pub(crate) truth: Value,
    pub(crate) manifest: Value,
}

impl Fixture {
    /// The directory of the metadata, to which relative paths refer.
    pub(crate) fn snapshot_dir(&self) -> PathBuf {
        self.dir
            .join(self.manifest["checkpoint_subdir"].as_str().unwrap_or(""))
    }

    /// The file of this absolute path, which lies in the fixture as it lay below the cluster's directory.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        let data = self.manifest["data"].as_str().expect("data");
        let below = path.trim_start_matches("file:").strip_prefix(data).expect(path);
        self.dir.join(below.trim_start_matches('/'))
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flink-savepoints")
}

pub(crate) fn load(name: &str) -> Fixture {
    at(root().join(name))
}

/// One of those with what the first set lacks.
pub(crate) fn load_kind(name: &str) -> Fixture {
    at(root().join("../flink-kinds").join(name))
}

fn at(dir: PathBuf) -> Fixture {
    let json = |file: &str| -> Value {
        serde_json::from_slice(&std::fs::read(dir.join(file)).expect("fixture")).expect("JSON")
    };
    let (manifest, truth) = (json("MANIFEST.json"), json("flink-truth.json"));
    let mut fixture = Fixture {
        name: dir.file_name().expect("a name").to_string_lossy().into_owned(),
        dir: dir.clone(),
        metadata: Vec::new(),
        truth,
        manifest,
    };
    fixture.metadata = std::fs::read(fixture.snapshot_dir().join("_metadata")).expect("metadata");
    fixture
}

pub(crate) fn all() -> Vec<Fixture> {
    let all = below(&root());
    assert!(all.len() >= 40, "the fixtures are there");
    all
}

/// The directory that `UPSHIFT_KINDS` names: snapshots made with `cargo xtask snapshots`, to be compared instead.
pub(crate) fn others() -> Option<PathBuf> {
    std::env::var_os("UPSHIFT_KINDS").map(PathBuf::from)
}

/// Those with what the first set lacks.
pub(crate) fn kinds() -> Vec<Fixture> {
    let all = below(&others().unwrap_or_else(|| root().join("../flink-kinds")));
    assert!(!all.is_empty(), "the fixtures are there");
    all
}

/// Both.
pub(crate) fn everything() -> Vec<Fixture> {
    all().into_iter().chain(kinds()).collect()
}

fn below(root: &Path) -> Vec<Fixture> {
    let entries = std::fs::read_dir(root).expect("fixtures");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    paths.retain(|path| path.is_dir());
    paths.sort();
    paths.into_iter().map(at).collect()
}

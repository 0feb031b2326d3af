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
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/flink-savepoints")
}

pub(crate) fn load(name: &str) -> Fixture {
    let dir = root().join(name);
    let json = |file: &str| -> Value {
        serde_json::from_slice(&std::fs::read(dir.join(file)).expect("fixture")).expect("JSON")
    };
    let (manifest, truth) = (json("MANIFEST.json"), json("flink-truth.json"));
    let mut fixture = Fixture {
        name: name.to_owned(),
        dir: dir.clone(),
        metadata: Vec::new(),
        truth,
        manifest,
    };
    fixture.metadata = std::fs::read(fixture.snapshot_dir().join("_metadata")).expect("metadata");
    fixture
}

pub(crate) fn all() -> Vec<Fixture> {
    let entries = std::fs::read_dir(root()).expect("fixtures");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| !name.contains("PROVENANCE") && !name.contains("README"))
        .collect();
    names.sort();
    assert!(names.len() >= 40, "the fixtures are there");
    names.iter().map(|name| load(name)).collect()
}

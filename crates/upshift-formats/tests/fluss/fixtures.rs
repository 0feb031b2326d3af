//! The recorded trees.

use std::path::{Path, PathBuf};

use upshift_formats::fluss::{Tree, read_dump};

pub(crate) const RELEASES: [&str; 5] = ["0.6.0", "0.7.0", "0.8.0", "0.9.1", "1.0"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fluss")
}

/// The bytes of every recorded tree, with its name.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let states = ["healthy", "one-down"];
    let names = RELEASES
        .iter()
        .flat_map(|release| states.map(|state| format!("zk-{release}-{state}.json")));
    names
        .map(|name| {
            (
                name.clone(),
                std::fs::read(folder().join(name)).expect("a fixture"),
            )
        })
        .collect()
}

pub(crate) fn tree(release: &str) -> Tree {
    let file = folder().join(format!("zk-{release}-healthy.json"));
    read_dump(&std::fs::read(file).expect("a fixture")).expect("a dump")
}

//! The catalogue as a whole: its files, its date and its digest.
//!
//! What the rows mean is left to the modules of the systems.

use std::collections::BTreeMap;

use upshift_model::digest::Digest;
use upshift_model::plan::KnowledgeStamp;

use super::flink::Flink;
use super::load::{self, LoadError};

/// The files that are built into the program.
const BUILT_IN: [(&str, &str); 5] = [
    (
        "flink/catalogue.toml",
        include_str!("../../../../knowledge/flink/catalogue.toml"),
    ),
    (
        "flink/config.toml",
        include_str!("../../../../knowledge/flink/config.toml"),
    ),
    (
        "flink/options.tsv",
        include_str!("../../../../knowledge/flink/options.tsv"),
    ),
    (
        "flink/releases.toml",
        include_str!("../../../../knowledge/flink/releases.toml"),
    ),
    (
        "flink/savepoints.toml",
        include_str!("../../../../knowledge/flink/savepoints.toml"),
    ),
];

/// All that upshift knows of releases.
#[derive(Debug, Clone)]
pub struct Knowledge {
    stamp: KnowledgeStamp,
    flink: Flink,
}

impl Knowledge {
    /// The catalogue that this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed this crate's tests: they load the same files.
    pub fn builtin() -> Self {
        let files = BUILT_IN
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect();
        Self::load(&files).expect("the built-in catalogue loads: a test of this crate loads it")
    }

    /// Loads a catalogue from the texts of its files, by name below `knowledge/`.
    pub fn load(files: &BTreeMap<String, String>) -> Result<Self, LoadError> {
        for name in files.keys() {
            if !BUILT_IN.iter().any(|(known, _)| known == name) {
                return Err(LoadError::UnknownFile { file: name.clone() });
            }
        }
        let (date, flink) = load::flink(files)?;
        Ok(Self {
            stamp: KnowledgeStamp {
                date,
                digest: digest(files),
            },
            flink,
        })
    }

    /// Its date and digest, as a plan carries them.
    pub fn stamp(&self) -> &KnowledgeStamp {
        &self.stamp
    }

    /// What is known of Flink.
    pub fn flink(&self) -> &Flink {
        &self.flink
    }
}

/// Name and text of every file with their lengths, so that no two catalogues share a digest.
fn digest(files: &BTreeMap<String, String>) -> Digest {
    let mut bytes = Vec::new();
    for (name, text) in files {
        for part in [name, text] {
            bytes.extend_from_slice(&part.len().to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    Digest::of_bytes(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, String> {
        BUILT_IN
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn the_digest_covers_every_byte_of_every_file() {
        let stamp = Knowledge::builtin().stamp().clone();
        assert_eq!(stamp, *Knowledge::load(&files()).expect("loads").stamp());
        for name in files().keys() {
            let mut changed = files();
            changed.get_mut(name).expect("named").push_str("\n# more\n");
            if name.ends_with(".toml") {
                assert_ne!(
                    *Knowledge::load(&changed).expect("loads").stamp(),
                    stamp,
                    "{name}"
                );
            }
        }
    }
}

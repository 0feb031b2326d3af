//! The catalogue as a whole: its files, its date and its digest.
//!
//! What the rows mean is left to the modules of the systems.

use std::collections::BTreeMap;

use upshift_model::digest::Digest;
use upshift_model::plan::KnowledgeStamp;

use super::changes::Changes;
use super::flink::Flink;
use super::load::{self, LoadError};
use super::system::Known;

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

/// Where the files of changes lie.
const CHANGES: &str = "flink/changes/";

/// All files that are built into the program, by name below `knowledge/`.
fn built_in() -> BTreeMap<String, String> {
    let own = BUILT_IN
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    own.chain(Changes::built_in_files(Known::Flink)).collect()
}

/// All that upshift knows of releases.
#[derive(Debug, Clone)]
pub struct Knowledge {
    stamp: KnowledgeStamp,
    flink: Flink,
    changes: Changes,
}

impl Knowledge {
    /// The catalogue that this program was built with.
    ///
    /// # Panics
    /// Never in a program that passed this crate's tests: they load the same files.
    pub fn builtin() -> Self {
        Self::load(&built_in()).expect("the built-in catalogue loads: a test of this crate loads it")
    }

    /// Loads a catalogue from the texts of its files, by name below `knowledge/`.
    pub fn load(files: &BTreeMap<String, String>) -> Result<Self, LoadError> {
        let (changes, rest): (BTreeMap<_, _>, BTreeMap<_, _>) = files
            .iter()
            .map(|(name, text)| (name.clone(), text.clone()))
            .partition(|(name, _)| name.starts_with(CHANGES));
        if let Some(name) = rest
            .keys()
            .find(|name| !BUILT_IN.iter().any(|(known, _)| known == name))
        {
            return Err(LoadError::UnknownFile { file: name.clone() });
        }
        let (date, flink) = load::flink(files)?;
        let changes = Changes::parse(Known::Flink, &changes)?;
        Ok(Self {
            stamp: KnowledgeStamp {
                date,
                digest: digest(files),
            },
            flink,
            changes,
        })
    }

    /// Its date and digest, as a plan carries them.
    pub fn stamp(&self) -> &KnowledgeStamp {
        &self.stamp
    }

    /// What changed between Flink's releases.
    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// What is known of Flink.
    pub fn flink(&self) -> &Flink {
        &self.flink
    }
}

/// Name and text of every file with their lengths, so that no two catalogues share a digest.
pub(super) fn digest(files: &BTreeMap<String, String>) -> Digest {
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

    #[test]
    fn the_digest_covers_every_byte_of_every_file() {
        let stamp = Knowledge::builtin().stamp().clone();
        assert_eq!(stamp, *Knowledge::load(&built_in()).expect("loads").stamp());
        for name in built_in().keys() {
            let mut changed = built_in();
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

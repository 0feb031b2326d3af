//! The text files of the checkout, read once.
//!
//! Build output, version control and fixtures in binary form are left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::mask::mask;

/// See the module.
pub struct Tree {
    /// Where it is.
    pub root: PathBuf,
    files: BTreeMap<String, String>,
    masked: BTreeMap<String, String>,
}

const KINDS: [&str; 6] = ["rs", "toml", "md", "story", "tsv", "txt"];
const NOT_OURS: [&str; 4] = ["target", ".git", "fixtures", "node_modules"];

impl Tree {
    /// Reads a checkout.
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        walk(root, root, &mut files)?;
        Ok(Self::of(root, files))
    }

    fn of(root: &Path, files: BTreeMap<String, String>) -> Self {
        let sources = files.iter().filter(|(path, _)| path.ends_with(".rs"));
        let masked = sources.map(|(path, text)| (path.clone(), mask(text))).collect();
        Self {
            root: root.to_owned(),
            files,
            masked,
        }
    }

    /// A checkout made of these files, for tests of the rules.
    #[cfg(test)]
    pub(super) fn from(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(p, t)| ((*p).to_owned(), (*t).to_owned()))
            .collect();
        Self::of(Path::new("/nowhere"), files)
    }

    /// Paths and texts of all files with this ending, in order.
    pub fn with_ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.files.iter().filter(move |(path, _)| path.ends_with(ending));
        all.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Paths and texts of all Rust sources with comments and string contents blanked out.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.masked
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// One file.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }
}

fn walk(root: &Path, dir: &Path, files: &mut BTreeMap<String, String>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("listing {}", dir.display()))? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) {
                walk(root, &path, files)?;
            }
        } else if path.extension().is_some_and(|e| KINDS.iter().any(|k| e == *k)) {
            let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            let relative = path
                .strip_prefix(root)
                .expect("a path below the root")
                .to_string_lossy()
                .into_owned();
            files.insert(relative, text);
        }
    }
    Ok(())
}

/// Whether a source file holds tests, demonstrations or helpers of them only.
pub(super) fn is_test_file(path: &str) -> bool {
    path.split('/')
        .any(|part| part == "tests" || part == "benches" || part == "tests.rs")
}

/// A masked source up to its unit tests, and the tests.
pub(super) fn split_tests(masked: &str) -> (&str, &str) {
    let at = masked.match_indices("#[cfg(test)]").find(|(at, _)| {
        let rest = masked[at + "#[cfg(test)]".len()..].trim_start();
        rest.starts_with("mod ") && rest.find('{') < rest.find(';').or(Some(usize::MAX))
    });
    at.map_or((masked, ""), |(at, _)| masked.split_at(at))
}

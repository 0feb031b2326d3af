//! A configuration directory as it is: which file Flink reads there, and what it says without its
//! secrets.

use std::collections::BTreeSet;
use std::path::Path;

use upshift_model::digest::Digest;
use upshift_model::flink::{ConfEntry, ConfFacts};
use upshift_model::version::Version;

use super::error::ConfError;
use super::model::{ConfFile, Form};
use super::sensitive::shown;

/// Names of main files.
pub const MAIN_FILES: [&str; 2] = ["flink-conf.yaml", "config.yaml"];

/// The main file that a release reads in `dir`: before 1.19 only `flink-conf.yaml`; 1.19 and 1.20
/// `config.yaml`, unless a `flink-conf.yaml` lies beside it, which then wins; from 2.0 only
/// `config.yaml`. Where the release is not known, the rule of 1.19.
///
/// # Errors
/// When it is not there.
pub fn main_file(dir: &Path, release: Option<&Version>) -> Result<Form, ConfError> {
    let candidates: &[Form] = match release.map(|release| (release.major(), release.minor())) {
        Some((0 | 1, ..19)) => &[Form::Flat],
        Some((2.., _)) => &[Form::Yaml],
        Some(_) | None => &[Form::Flat, Form::Yaml],
    };
    candidates
        .iter()
        .copied()
        .find(|form| dir.join(form.file()).is_file())
        .ok_or_else(|| ConfError::NoMainFile {
            dir: dir.to_owned(),
            expected: candidates.iter().map(|form| form.file().to_owned()).collect(),
        })
}

/// Reads a file of a configuration directory.
pub(super) fn load(path: &Path, form: Form) -> Result<(ConfFile, Digest), ConfError> {
    let bytes = std::fs::read(path).map_err(|source| ConfError::Io {
        path: path.to_owned(),
        source,
    })?;
    let digest = Digest::of_bytes(&bytes);
    let text = String::from_utf8(bytes).map_err(|_| ConfError::NotText)?;
    Ok((ConfFile::read(form, &text)?, digest))
}

/// What a configuration directory says, without its secrets.
///
/// # Errors
/// When its main file is not there or cannot be read.
pub fn facts(dir: &Path, release: Option<&Version>) -> Result<ConfFacts, ConfError> {
    let form = main_file(dir, release)?;
    let (file, digest) = load(&dir.join(form.file()), form)?;
    let entries = file
        .entries
        .iter()
        .map(|entry| ConfEntry {
            key: entry.key.clone(),
            value: shown(&entry.key, &entry.value.line()),
            line: entry.line,
        })
        .collect();
    Ok(ConfFacts {
        file: form.file().to_owned(),
        digest,
        entries,
        files: names(dir)?,
    })
}

/// Names of all that lies in a directory.
pub(crate) fn names(dir: &Path) -> Result<BTreeSet<String>, ConfError> {
    let bad = |source| ConfError::Io {
        path: dir.to_owned(),
        source,
    };
    std::fs::read_dir(dir)
        .map_err(bad)?
        .map(|entry| {
            entry
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .map_err(bad)
        })
        .collect()
}

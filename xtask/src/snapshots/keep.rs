//! Keeps a snapshot: its metadata, the files it refers to, and the account that Flink gives of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use upshift_lab::Account;
use upshift_lab::rest::Format;

use super::kinds::{Kind, Take};
use crate::workspace::say;

/// A snapshot on the cluster's disk.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) kind: &'static Kind,
    pub(super) version: String,
    pub(super) settings: BTreeMap<&'static str, &'static str>,
    pub(super) snapshot: PathBuf,
}

/// Copies it below `to`. Within the fixture every file lies as it lay below the cluster's directory `data`.
pub(super) fn keep(taken: &Taken, account: &Account, data: &Path, to: &Path) -> Result<()> {
    let said = account.of(&taken.snapshot)?;
    let said: Value = serde_json::from_str(said.trim()).context("reading Flink's account")?;
    let mut files = BTreeSet::from([taken.snapshot.join("_metadata")]);
    referred(&said, &taken.snapshot, &mut files);
    let dir = to.join(format!("{}-{}", taken.version, taken.kind.name));
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("removing {}", dir.display()))?;
    }
    let mut sizes = BTreeMap::new();
    for file in &files {
        let below = inside(file, data)?;
        let kept = dir.join(&below);
        let parent = kept.parent().context("a directory")?;
        fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
        let size = fs::copy(file, &kept).with_context(|| format!("copying {}", file.display()))?;
        sizes.insert(below, size);
    }
    let manifest = json!({
        "flink_version": taken.version,
        "backend": taken.kind.backend,
        "format": format(taken.kind.take),
        "parts": taken.kind.parts,
        "settings": taken.settings,
        "data": data,
        "checkpoint_subdir": inside(&taken.snapshot, data)?,
        "files": sizes,
    });
    for (name, value) in [("flink-truth.json", &said), ("MANIFEST.json", &manifest)] {
        let text = value.to_string() + "\n";
        fs::File::create(dir.join(name))
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("writing {name}"))?;
    }
    let bytes: u64 = sizes.values().sum();
    say(&format!("  {} files, {bytes} bytes", sizes.len()));
    Ok(())
}

fn format(take: Take) -> &'static str {
    match take {
        Take::Savepoint(Format::Canonical) => "canonical",
        Take::Savepoint(Format::Native) => "native",
        Take::Checkpoint(_) | Take::Claimed(_) => "checkpoint",
    }
}

fn inside(file: &Path, data: &Path) -> Result<String> {
    let below = file.strip_prefix(data);
    let below = below.with_context(|| format!("{} is not below {}", file.display(), data.display()))?;
    let below = below.to_str().context("a path of plain text")?;
    ensure!(!below.is_empty(), "{} is no file", file.display());
    Ok(below.to_owned())
}

/// The files that the account names.
fn referred(said: &Value, snapshot: &Path, files: &mut BTreeSet<PathBuf>) {
    match said {
        Value::Object(members) => {
            if let Some(Value::String(name)) = members.get("relative") {
                files.insert(snapshot.join(name));
            }
            if let Some(Value::String(path)) = members.get("path") {
                let path = path.trim_start_matches("file:").trim_start_matches('/');
                files.insert(Path::new("/").join(path));
            }
            members
                .values()
                .for_each(|member| referred(member, snapshot, files));
        }
        Value::Array(items) => items.iter().for_each(|item| referred(item, snapshot, files)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

//! All that an upgrade must keep, entry by entry: what the master lists, what its backup says of each, what is mounted,
//! and what every file holds, by the digest of the bytes that a client reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use upshift_model::digest::Digest;

use super::namespace::{Seen, details, listed};
use super::stage::Stage;

/// The directory with a default access list.
const WITH_DEFAULT_LIST: &str = "/a/b/c";

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Everything {
    /// Owner, group, mode, length, persistence.
    pub(crate) listed: BTreeMap<String, Seen>,
    /// Access lists, times to live, pins, mount points, attributes, blocks.
    pub(crate) details: BTreeMap<String, String>,
    pub(crate) mounts: Value,
    /// Digests of files' bytes.
    pub(crate) contents: BTreeMap<String, String>,
}

impl Everything {
    /// Asked through the shell of a home. Files that nobody can read are listed, and their bytes not compared.
    pub(crate) fn of(stage: &Stage, home: &Path, unread: &[&str]) -> Self {
        let said = stage.host.shell(home, &[&["fs", "ls", "-R", "/"]]);
        let mut listed = listed(&said.expect("a listing")[0]);
        let (backup, _) = stage.backup(home);
        let mut details = details(&backup);
        // What is mounted is listed from its store at the first look of a 2.x master; 1.8 does not show it before.
        listed.retain(|path, _| !path.starts_with("/mnt/"));
        details.retain(|path, _| !path.starts_with("/mnt/"));
        Self {
            contents: contents(stage, home, &listed, unread),
            mounts: stage.inspect(&backup, &["--target", "2.9.6"], None)["mounts"].clone(),
            listed,
            details,
        }
    }
}

impl Everything {
    /// A restart on a journal gives the default access list of the one directory that has one another value; all else of
    /// it is held against the same as before.
    pub(crate) fn or_its_default_lists_are(mut self, before: &Self) -> Self {
        let of = |all: &Self| all.details[WITH_DEFAULT_LIST].clone();
        let (own, theirs) = (of(&self), of(before));
        let rest = |text: &str| {
            let (access, rest) = text.split_once(" ttl ").expect("a time to live");
            (access.split("} [").next().map(str::to_owned), rest.to_owned())
        };
        assert_eq!(rest(&own), rest(&theirs));
        self.details.insert(WITH_DEFAULT_LIST.to_owned(), theirs);
        self
    }
}

/// Every file, read through a client of the release.
fn contents(
    stage: &Stage,
    home: &Path,
    listed: &BTreeMap<String, Seen>,
    unread: &[&str],
) -> BTreeMap<String, String> {
    let dir = stage.host.dir().join("read");
    if dir.exists() {
        fs::remove_dir_all(&dir).expect("an empty folder");
    }
    fs::create_dir(&dir).expect("a folder");
    let is_read = |path: &String| !unread.contains(&path.as_str());
    let files = listed
        .iter()
        .filter(|(path, seen)| seen.length.is_some() && is_read(path));
    let files: Vec<(&str, String)> = files
        .enumerate()
        .map(|(number, (path, _))| (path.as_str(), dir.join(number.to_string()).display().to_string()))
        .collect();
    let words: Vec<[&str; 4]> = files
        .iter()
        .map(|(path, to)| ["fs", "copyToLocal", path, to])
        .collect();
    let words: Vec<&[&str]> = words.iter().map(|words| &words[..]).collect();
    stage.host.shell(home, &words).expect("every file can be read");
    let digest = |(path, to): &(&str, String)| {
        let bytes = fs::read(to).expect("it was read");
        ((*path).to_owned(), Digest::of_bytes(&bytes).to_string())
    };
    files.iter().map(digest).collect()
}

//! Savepoints that were asked for: what the job manager remembers of each, and what it writes.

use std::path::{Path, PathBuf};

use super::state::Snapshot;

/// Files that appear, to be written by whoever has a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The directory.
    pub dir: PathBuf,
    /// What is in it.
    pub contents: Contents,
    /// The snapshot that it is; none for one that goes.
    pub of: Option<Snapshot>,
}

/// What is in a snapshot's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Metadata of a stop's savepoint.
    Stop,
    /// Metadata of any other snapshot.
    Snapshot,
    /// The first half of metadata.
    Half,
    /// Nothing.
    Nothing,
    /// It is deleted.
    Gone,
}

impl Contents {
    /// Whether a job can be restored from it.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Stop | Self::Snapshot)
    }
}

/// One savepoint that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Id of the job.
    pub job: String,
    /// Whether the job stops with it.
    pub stops: bool,
    /// The directory below which it is written.
    pub root: String,
    /// When it was asked for.
    pub asked_at: i64,
    /// When it ends; none never.
    pub ends_at: Option<i64>,
    /// Where it lies, or why there is none, once it ended.
    pub result: Option<Result<String, String>>,
}

impl Trigger {
    /// Where it will lie, as Flink names it: after the job's first 6 digits and 12 others. Those are
    /// random there and of the trigger here, so that a story tells the same every time.
    pub fn location(&self, id: &str) -> String {
        let digits = |text: &str, n: usize| text.get(..n).unwrap_or(text).to_owned();
        format!(
            "{}/savepoint-{}-{}",
            uri(&self.root),
            digits(&self.job, 6),
            digits(id, 12)
        )
    }
}

/// A directory as Flink writes it: `file:/x` for `file:///x`.
pub fn uri(root: &str) -> String {
    let root = root.trim_end_matches('/');
    match root.strip_prefix("file://") {
        Some(path) => format!("file:{path}"),
        None => root.to_owned(),
    }
}

/// The location of a directory; one in an object store stands for itself.
pub(super) fn location(dir: &Path) -> String {
    match dir.is_absolute() {
        true => format!("file:{}", dir.display()),
        false => dir.display().to_string(),
    }
}

/// The path of a `file:` location.
pub fn path(location: &str) -> PathBuf {
    PathBuf::from(
        location
            .strip_prefix("file:")
            .map_or(location, |rest| rest.strip_prefix("//").unwrap_or(rest)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn savepoints_are_named_as_flink_names_them() {
        let trigger = Trigger {
            job: "5eed00000000".to_owned(),
            stops: true,
            root: "file:///srv/sp/".to_owned(),
            asked_at: 0,
            ends_at: None,
            result: None,
        };
        let location = trigger.location("0123456789abcdef");
        assert_eq!(location, "file:/srv/sp/savepoint-5eed00-0123456789ab");
        assert_eq!(
            path(&location),
            PathBuf::from("/srv/sp/savepoint-5eed00-0123456789ab")
        );
        assert_eq!(path("file:///x"), path("/x"));
    }
}

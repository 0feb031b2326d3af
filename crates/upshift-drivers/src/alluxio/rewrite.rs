//! A backup of 1.x written again for 2.x, beside the original, and only where the copy is proven to hold the same.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use upshift_formats::alluxio::{BackupLimits, RewriteError, without_old_fingerprints};
use upshift_model::alluxio::{Backup, Facet, Marker};
use upshift_model::ids::Code;

use super::backup::{BackupError, read_backup};
use super::codes;
use super::tree::{Tree, tree_of};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// Something is there already.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// The original is damaged.
    #[error("the original is damaged: {0}")]
    Damaged(String),
    /// The copy does not hold what the original holds.
    #[error("the copy is not the same but for its fingerprints: {0}")]
    Differs(String),
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl NotWritten {
    /// Its code.
    pub fn code(&self) -> Code {
        codes::NOT_REWRITTEN
    }
}

impl From<BackupError> for NotWritten {
    fn from(error: BackupError) -> Self {
        Self::Io {
            path: error.path,
            source: error.source,
        }
    }
}

/// Writes `to` out of the backup that `of` tells of, reads it again, and holds the two against each other. The copy
/// appears whole or not at all, with a marker of its own; the original is not touched.
///
/// # Errors
/// When there is a file already, the original is damaged, or the copy differs in more than fingerprints.
pub fn rewrite_backup(of: &Backup, to: &Path) -> Result<Backup, NotWritten> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| NotWritten::Io { path, source }
    };
    let from = Path::new(&of.path);
    let beside = with_ending(to, ".partial");
    if to.try_exists().map_err(failed(to))? {
        return Err(NotWritten::Exists(to.to_owned()));
    }
    let input = File::open(from).map_err(failed(from))?;
    let output = File::create_new(&beside).map_err(failed(&beside))?;
    let done = written(input, &output, &beside).and_then(|()| {
        let copy = read_backup(&beside, |_, _| {})?;
        same(of, &copy)?;
        same_tree((from, tree_of(from)), (&beside, tree_of(&beside)))?;
        output.sync_all().map_err(failed(&beside))?;
        // A link fails where a rename would replace what came there meanwhile.
        std::fs::hard_link(&beside, to).map_err(failed(to))?;
        Ok(copy)
    });
    std::fs::remove_file(&beside).map_err(failed(&beside))?;
    let copy = done?;
    let marker = with_ending(to, ".complete");
    File::create_new(&marker).map_err(failed(&marker))?;
    Ok(Backup {
        path: to.display().to_string(),
        marker: Marker::There,
        ..copy
    })
}

fn written(input: File, output: &File, beside: &Path) -> Result<(), NotWritten> {
    let out = BufWriter::new(output);
    match without_old_fingerprints(input, out, &BackupLimits::default()) {
        Ok(_) => Ok(()),
        Err(RewriteError::Damaged(defect)) => {
            Err(NotWritten::Damaged(format!("{}: {}", defect.place, defect.what)))
        }
        Err(RewriteError::Io(source)) => Err(NotWritten::Io {
            path: beside.to_owned(),
            source,
        }),
    }
}

/// Everything but bytes, digest and fingerprints must be equal.
fn same(of: &Backup, copy: &Backup) -> Result<(), NotWritten> {
    let mut expected = of.clone();
    expected.path.clone_from(&copy.path);
    expected.bytes = copy.bytes;
    expected.inflated = copy.inflated;
    expected.sha256 = copy.sha256.clone();
    expected.marker = copy.marker;
    expected.tally.old_fingerprints = 0;
    match expected == *copy {
        true => Ok(()),
        false => Err(NotWritten::Differs(format!(
            "{} entries and {:?}, expected {} and {:?}",
            copy.entries, copy.tally, expected.entries, expected.tally
        ))),
    }
}

/// Names, parents, contents, owners, modes, access lists, times to live, pins, attributes and mounts must be, of every file
/// and directory: none of them is where fingerprints are.
fn same_tree(
    (from, original): (&Path, io::Result<Tree>),
    (to, copy): (&Path, io::Result<Tree>),
) -> Result<(), NotWritten> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| NotWritten::Io { path, source }
    };
    let (original, copy) = (original.map_err(failed(from))?, copy.map_err(failed(to))?);
    let differing = original.differences(&copy);
    match differing.is_empty() {
        true => Ok(()),
        false => {
            let words: Vec<&str> = differing.into_iter().map(Facet::words).collect();
            Err(NotWritten::Differs(words.join(", ")))
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::{NotWritten, same_tree};
    use crate::alluxio::tree::{recorded, tree_of};

    #[test]
    fn a_copy_with_another_tree_is_none() {
        let one = recorded("1.8.1-UFS");
        let held = |other: &std::path::Path| same_tree((&one, tree_of(&one)), (other, tree_of(other)));
        assert!(held(&one).is_ok());
        let Err(NotWritten::Differs(what)) = held(&recorded("2.1.0-UFS")) else {
            panic!("it is another tree");
        };
        assert!(what.contains("access"), "{what}");
        assert!(matches!(
            held(std::path::Path::new("/none")),
            Err(NotWritten::Io { .. })
        ));
    }
}

//! Whether a backup is whole, sound, and one that the wanted release can restore; and what would be lost with it.
//!
//! Asked before anything is stopped: a master learns the same only after its journal was formatted.

mod contents;
mod stream;
mod target;

use upshift_model::alluxio::Backup;
use upshift_model::finding::Finding;

use crate::knowledge::{Library, Release};

/// What a person knows of the backup beside the file.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The release that is to restore it.
    pub target: Option<Release>,
    /// The release that wrote it.
    pub source: Option<Release>,
    /// How many entries the backup command told.
    pub entries: Option<u64>,
}

/// Every finding, green ones included. Of a stream that is damaged nothing is said but that.
pub fn findings(backup: &Backup, asked: &Asked, library: &Library) -> Vec<Finding> {
    let mut found = stream::findings(backup);
    found.extend(stream::marker(backup, asked));
    if backup.whole {
        found.extend(contents::sound(backup));
        found.extend(contents::unchecked(backup));
        found.extend(contents::cluster(backup, asked));
        found.extend(stream::count(backup, asked));
        found.extend(target::findings(backup, asked, library));
        found.push(contents::cached(backup));
        found.extend(contents::unfinished(backup));
        found.extend(contents::blocks(backup));
    }
    found
}

/// What the findings are about.
fn subject(backup: &Backup) -> String {
    let name = backup.path.rsplit('/').next().unwrap_or_default();
    format!("backup {name}")
}

//! Looks through a journal folder, and judges whether a release reads it.

use std::path::Path;

use upshift_drivers::alluxio::read_journal;
use upshift_model::alluxio::Journal;
use upshift_model::finding::Finding;
use upshift_model::verdict::Verdict;
use upshift_planner::knowledge::{Known, Release};
use upshift_planner::systems::alluxio::journal::findings;

use crate::codes;
use crate::trouble::{Stop, Trouble};

/// What is told of a journal folder.
#[derive(Debug)]
pub struct JournalAccount {
    /// What is in it.
    pub journal: Journal,
    /// Every finding, green ones included.
    pub findings: Vec<Finding>,
    /// The verdict over them.
    pub verdict: Verdict,
}

/// Looks and judges.
///
/// # Errors
/// When the version is none of Alluxio, or the folder cannot be read.
pub fn journal_account(dir: &Path, target: Option<&str>) -> Result<JournalAccount, Stop> {
    let target = target.map(|text| Release::parse(Known::Alluxio, text));
    let target = target
        .transpose()
        .map_err(|error| Trouble::usage(codes::NOT_A_VERSION, error.to_string()))?;
    let journal = read_journal(dir).map_err(|error| {
        Trouble::usage(error.code(), error.source.to_string())
            .at(error.path.display().to_string())
            .expected("the folder of alluxio.master.journal.folder, on this machine")
    })?;
    let findings = findings(&journal, target.as_ref());
    Ok(JournalAccount {
        verdict: Verdict::of(&findings),
        journal,
        findings,
    })
}

//! Programs that end with 0 having failed, and a disk that is full: seen by what they did not do, and got back from.

use upshift_drivers::alluxio::codes;
use upshift_model::ids::Code;

use crate::played::{FROM, TO};
use crate::story::Story;

/// The run halts with this code; the way back brings the old release up on the old journal.
#[track_caller]
fn halts_and_comes_back(story: &Story, code: &Code) {
    let journal = story.played.journal();
    let ran = story.upshift(&["apply", "up.plan"]).exits(7).says(code.as_str());
    let back = story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
    for server in ["master", "worker"] {
        let runs = story.played.runs(server).map(|(_, release)| release);
        assert_eq!(runs.as_deref(), Some(FROM), "{server}: {ran}\n{back}");
    }
    assert_eq!(story.played.journal(), journal, "{back}");
}

#[test]
fn an_upgrade_in_which_nobody_lies_and_its_process_is_found_by_an_absolute_path() {
    let story = Story::set();
    story.plan();
    story.upshift(&["apply", "up.plan"]).exits(6).says(" finalize ");
    assert_eq!(story.workers().len(), 1, "the process that waits for a person");
    let runs = story.played.runs("master").map(|(_, release)| release);
    assert_eq!(runs.as_deref(), Some(TO));
    story.upshift(&["finalize", "lake"]).exits(0).says("FINALIZED");
}

#[test]
fn a_backup_that_was_not_written() {
    let story = Story::set();
    story.plan();
    // Both tries.
    story.played.full("backup");
    halts_and_comes_back(&story, &codes::DISK_FULL);
}

#[test]
fn a_journal_that_was_not_formatted_and_a_master_that_did_not_start_are_tried_again() {
    let story = Story::set();
    story.plan();
    for what in ["backup", "format", "start-master", "start-worker"] {
        story.played.lies(what);
    }
    let ran = story.upshift(&["apply", "up.plan"]).exits(6).says(" finalize ");
    for code in [&codes::NO_BACKUP, &codes::NOT_FORMATTED, &codes::SERVER_DIED] {
        assert!(
            ran.err.contains(code.as_str()) || ran.out.contains(code.as_str()),
            "{code}: {ran}"
        );
    }
    story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
}

#[test]
fn a_master_that_restored_less_than_there_is() {
    let story = Story::set();
    story.plan();
    story.played.lies("restore");
    halts_and_comes_back(&story, &codes::NOT_RESTORED);
}

//! Backups that a real master restores without a word, or ends on: the run halts before anything is stopped, and the old
//! cluster serves on.

use upshift_model::alluxio::codes as of_backups;

use crate::damage::damaged;
use crate::played::{FROM, backup};
use crate::story::Story;

/// The master writes this into its backup, and tells the number of entries that it meant to write.
#[track_caller]
fn stops_before_the_stop(kind: &str) {
    let all = damaged(&backup());
    let (_, bytes, code) = all
        .iter()
        .find(|(what, ..)| *what == kind)
        .expect("a kind of damage");
    let story = Story::set();
    story.plan();
    let (master, worker) = (story.played.runs("master"), story.played.runs("worker"));
    assert_eq!(master.as_ref().map(|(_, release)| release.as_str()), Some(FROM));
    let journal = story.played.journal();
    story.played.tree(bytes);
    let ran = story.upshift(&["apply", "up.plan"]).exits(7).says(code.as_str());
    assert!(story.begun().iter().all(|step| step.starts_with("1.")), "{ran}");
    assert_eq!(
        (story.played.runs("master"), story.played.runs("worker")),
        (master, worker),
        "{ran}"
    );
    assert_eq!(story.played.journal(), journal, "{ran}");
    // Nothing is down, so the way back starts those who write again, and no more.
    let back = story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
    assert!(story.at("writers-started").exists(), "{back}");
    assert_eq!(story.played.journal(), journal, "{back}");
}

#[test]
fn a_last_entry_that_is_cut_off() {
    stops_before_the_stop("last entry cut");
}

#[test]
fn a_stream_that_ends_early() {
    stops_before_the_stop("ended early");
}

#[test]
fn two_gzip_members() {
    stops_before_the_stop("two members");
}

#[test]
fn a_generator_that_is_too_small() {
    stops_before_the_stop("generator too small");
}

#[test]
fn a_stream_that_is_cut_off() {
    stops_before_the_stop("truncated");
}

/// What real masters were seen to serve without a word is among them.
#[test]
fn every_kind_that_masters_swallow_is_played() {
    let swallowed = [
        of_backups::CUT_ENTRY,
        of_backups::RECORDS,
        of_backups::BEYOND,
        of_backups::USED_IDS,
    ];
    let all = damaged(&backup());
    for code in swallowed {
        assert!(all.iter().any(|(_, _, of)| *of == code), "{code}");
    }
}

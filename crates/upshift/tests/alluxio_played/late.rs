//! What was written after the backup, and what a way back does not find again: told by name, and decided by a person.

use std::fs;

use upshift_drivers::alluxio::codes;

use crate::damage::{borders, deflated, inflated};
use crate::played::{FROM, TO, backup, put};
use crate::story::Story;

/// A block that no backup of this cluster knows: younger than all of them.
const LATE: u64 = 1 << 60;

/// A file that was written after the backup, quietly.
fn written_late(story: &Story) {
    put(&story.at(&format!("tier/alluxioworker/{LATE}")), b"late");
}

#[test]
fn a_late_write_is_told_and_the_way_back_loses_nothing() {
    let story = Story::set();
    story.plan();
    written_late(&story);
    let journal = story.played.journal();
    let ran = story
        .upshift(&["apply", "up.plan"])
        .exits(6)
        .says(codes::LATE.as_str());
    assert!(
        ran.out.contains(&LATE.to_string()) || ran.err.contains(&LATE.to_string()),
        "{ran}"
    );
    assert_eq!(story.played.journal(), journal, "nothing is replaced yet");
    story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
    assert_eq!(story.played.journal(), journal);
    let late = fs::read(story.at(&format!("tier/alluxioworker/{LATE}"))).expect("it is there");
    assert_eq!(late, b"late");
}

#[test]
fn a_late_write_is_given_up_by_a_word_and_by_nothing_else() {
    let story = Story::set();
    story.plan();
    written_late(&story);
    story
        .upshift(&["apply", "up.plan"])
        .exits(6)
        .says(codes::LATE.as_str());
    story
        .upshift(&["answer", "lake", "continue"])
        .exits(6)
        .says(" finalize ");
    let runs = story.played.runs("master").map(|(_, release)| release);
    assert_eq!(runs.as_deref(), Some(TO));
}

/// The old master's backup lacks a file by then: everything serves again, and a person is asked.
#[test]
fn what_a_way_back_misses_is_asked_about_and_can_be_accepted() {
    let story = Story::set();
    story.plan();
    story.upshift(&["apply", "up.plan"]).exits(6).says(" finalize ");
    let raw = inflated(&backup());
    // The last file that the backup lists, cut out of it whole.
    let all = borders(&raw);
    let file = all
        .iter()
        .zip(all.iter().skip(1))
        .rfind(|(from, _)| raw[**from + 2] == 0x5a || raw[**from + 1] == 0x5a);
    let (from, to) = file.expect("a file");
    let less = [&raw[..*from], &raw[*to..]].concat();
    story.played.tree(&deflated(&less));
    put(&story.at("entries"), (all.len() - 1).to_string().as_bytes());
    let asked = story
        .upshift(&["rollback", "lake"])
        .exits(6)
        .says(codes::OTHER_TREE.as_str());
    for server in ["master", "worker"] {
        let runs = story.played.runs(server).map(|(_, release)| release);
        assert_eq!(
            runs.as_deref(),
            Some(FROM),
            "everything serves while a person decides: {asked}"
        );
    }
    story
        .upshift(&["answer", "lake", "continue"])
        .exits(0)
        .says("ROLLED BACK");
    assert!(story.at("writers-started").exists());
}

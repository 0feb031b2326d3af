//! Holds the simulated cluster of Alluxio to real ones. Every state that an upgrade meets was recorded from servers of four
//! releases (`cargo xtask alluxio-told`): what the master answered, what commands said, what they left and what the log
//! gained. The driver judges the recorded state, the simulated driver the simulated one, and both must say the same; and
//! every state of the one is a state of the other.

mod asked;
mod recorded;
mod simulated;
#[expect(dead_code, reason = "most of it is for tests of the driver alone")]
#[path = "../alluxio_driver/world.rs"]
mod world;

use std::collections::BTreeSet;

use asked::{Asked, OTHER, Verdict};
use recorded::Recorded;

const RELEASES: [&str; 4] = ["1.8.1", "2.3.0", "2.7.3", "2.9.6"];

fn told_alike(release: &'static str) {
    let recording = Recorded::of(release);
    let names: BTreeSet<&str> = recording.names().collect();
    let of_one: BTreeSet<&str> = simulated::STATES.iter().map(|(name, _)| *name).collect();
    let of_two: BTreeSet<&str> = recorded::OF_TWO.into_iter().collect();
    let all: BTreeSet<&str> = match release.starts_with('1') {
        true => of_one.clone(),
        false => &of_one | &of_two,
    };
    assert_eq!(names, all, "{release}: states of the one are states of the other");
    let mut differs = Vec::new();
    for (name, questions) in simulated::STATES {
        let real = recording.played(name);
        let simulated = simulated::verdicts(name, release, questions);
        for (question, simulated) in questions.iter().zip(simulated) {
            let told = real.asked(*question);
            if told != simulated {
                differs.push(format!(
                    "{name}, {question:?}: real {told:?}, simulated {simulated:?}"
                ));
            }
        }
    }
    assert!(differs.is_empty(), "{release}:\n{}", differs.join("\n"));
}

#[test]
fn the_simulated_cluster_tells_what_1_8_1_told() {
    told_alike("1.8.1");
}

#[test]
fn the_simulated_cluster_tells_what_2_3_0_told() {
    told_alike("2.3.0");
}

#[test]
fn the_simulated_cluster_tells_what_2_7_3_told() {
    told_alike("2.7.3");
}

#[test]
fn the_simulated_cluster_tells_what_2_9_6_told() {
    told_alike("2.9.6");
}

/// One that stands by never passes for the one that leads, and the one that takes over does.
#[test]
fn of_two_masters_the_one_that_leads_is_told() {
    for release in RELEASES.into_iter().filter(|release| release.starts_with('2')) {
        let recording = Recorded::of(release);
        for (name, expected) in [
            ("leads", Verdict::Done),
            ("stands-by", Verdict::Waiting),
            ("nobody-leads", Verdict::Waiting),
            ("took-over", Verdict::Done),
        ] {
            let told = recording.played(name).asked(Asked::Serving);
            assert_eq!(told, expected, "{release}, {name}");
        }
    }
}

/// What nobody could tell from another answer is no proof.
#[test]
fn the_questions_tell_states_apart() {
    let recording = Recorded::of("2.9.6");
    let ask = |name, question| recording.played(name).asked(question);
    assert_ne!(ask("runs", Asked::Serving), ask("stopped", Asked::Serving));
    assert_ne!(ask("runs", Asked::Quiet), ask("written", Asked::Quiet));
    assert_ne!(ask("runs", Asked::Workers), ask("worker-lost", Asked::Workers));
    assert_ne!(ask("restored", Asked::Restored), ask("skipped", Asked::Restored));
    assert_ne!(
        ask("restored", Asked::Restored),
        ask("swallowed", Asked::Restored)
    );
    assert_ne!(
        ask("backed-up", Asked::Backup),
        ask("not-backed-up", Asked::Backup)
    );
    assert!(!OTHER.is_empty());
}

//! A healthy system is not complained about.

use upshift_model::verdict::Verdict;

use crate::cases::{Outcome, keep_rules, outcome};
use crate::support::World;

#[test]
fn a_healthy_system_may_be_upgraded_every_way() {
    let worlds = [
        ("in place", World::in_place()),
        ("shadow", World::shadow()),
        ("same cluster", World::same_cluster()),
    ];
    for (story, world) in worlds {
        let findings = world.findings();
        keep_rules(story, &findings);
        let bad: Vec<_> = findings
            .iter()
            .filter(|f| matches!(outcome(f), Outcome::Red | Outcome::Refused | Outcome::Blind))
            .collect();
        assert!(bad.is_empty(), "{story}: {bad:#?}");
        let verdict = Verdict::of(&findings);
        assert!(
            matches!(verdict, Verdict::Supported | Verdict::Conditional { .. }),
            "{story}: {verdict:?}"
        );
    }
}

#[test]
fn onto_a_running_cluster_only_the_common_path_stays_unknown() {
    let findings = World::running_cluster().findings();
    keep_rules("running cluster", &findings);
    let bad: Vec<_> = findings
        .iter()
        .filter(|f| matches!(outcome(f), Outcome::Red | Outcome::Refused | Outcome::Blind))
        .map(|f| f.code.as_str())
        .collect();
    assert_eq!(bad, ["UP-FLINK-0142"]);
}

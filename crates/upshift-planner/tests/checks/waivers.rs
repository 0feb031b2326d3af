//! Waivers: what they lift, and what they do not.

use jiff::civil::date;
use upshift_model::flink::Sink;
use upshift_model::ids::Code;
use upshift_model::verdict::Verdict;
use upshift_planner::systems::flink::codes;

use crate::cases::Outcome::{Refused, Yellow};
use crate::cases::{Case, check, outcome};
use crate::support::World;

#[test]
fn a_waiver_lifts_its_finding_and_no_other() {
    let mut world = World::unread();
    world.declared().target.max_parallelism = Some(256);
    assert!(matches!(
        Verdict::of(&world.findings()),
        Verdict::Unsupported { red: 1 }
    ));
    world.waive(codes::MAX_PARALLELISM.as_str(), "job orders");
    world.declared().sink = Sink::Append;
    let findings = world.findings();
    let of = |code: &Code| findings.iter().find(|f| f.code == *code).expect("found");
    assert_eq!(
        of(&codes::MAX_PARALLELISM).waived_by.as_deref(),
        Some("seen by the owner")
    );
    assert_eq!(of(&codes::SINK).waived_by, None);
    assert!(matches!(Verdict::of(&findings), Verdict::Conditional { .. }));
}

#[test]
fn a_waiver_of_something_unseen_lets_the_upgrade_go_on() {
    let mut world = World::in_place();
    world.declaration.savepoints = "s3://bucket/savepoints".into();
    assert!(matches!(Verdict::of(&world.findings()), Verdict::Unknown { .. }));
    world.waive(codes::SAVEPOINT_STORE.as_str(), "savepoint directory");
    assert!(matches!(
        Verdict::of(&world.findings()),
        Verdict::Conditional { .. }
    ));
}

#[test]
fn a_waiver_does_not_lift_what_could_not_be_carried_out() {
    let mut world = World::in_place();
    world.facts.source.version = "1.14.6".parse().expect("a version");
    world.waive(codes::TOO_OLD.as_str(), "cluster");
    let findings = world.findings();
    let old = findings
        .iter()
        .find(|f| f.code == codes::TOO_OLD && f.subject == "cluster")
        .expect("found");
    assert_eq!((outcome(old), old.waived_by.as_deref()), (Refused, None));
    assert!(findings.iter().any(|f| f.code == codes::WAIVER_UNUSED));
}

const WAIVERS_THAT_TAKE_NO_EFFECT_ARE_TOLD: &[Case] = &[
    Case {
        story: "expired yesterday",
        code: codes::WAIVER_EXPIRED,
        outcome: Yellow,
        evidence: "its last day was 2026-11-19",
        start: World::in_place,
        change: |w| {
            w.declared().sink = Sink::Append;
            w.waive(codes::SINK.as_str(), "job orders");
            w.declaration.waivers[0].until = Some(date(2026, 11, 19));
        },
    },
    Case {
        story: "another subject",
        code: codes::WAIVER_UNUSED,
        outcome: Yellow,
        evidence: "UP-FLINK-0196 was found for \"job orders\"",
        start: World::in_place,
        change: |w| {
            w.declared().sink = Sink::Append;
            w.waive(codes::SINK.as_str(), "orders");
        },
    },
    Case {
        story: "what it waives was not found",
        code: codes::WAIVER_UNUSED,
        outcome: Yellow,
        evidence: "was not found",
        start: World::in_place,
        change: |w| w.waive(codes::CHANGELOG.as_str(), "job orders"),
    },
];

#[test]
fn waivers_that_take_no_effect_are_told() {
    check(WAIVERS_THAT_TAKE_NO_EFFECT_ARE_TOLD);
}

#[test]
fn the_last_day_of_a_waiver_still_counts() {
    let mut world = World::in_place();
    world.declared().sink = Sink::Append;
    world.waive(codes::SINK.as_str(), "job orders");
    world.declaration.waivers[0].until = Some(date(2026, 11, 20));
    assert!(
        world
            .findings()
            .iter()
            .any(|f| f.code == codes::SINK && f.waived_by.is_some())
    );
}

#[test]
fn waivers_of_the_plan_are_not_the_checks_business() {
    let mut world = World::in_place();
    world.waive("UP-FLINK-0299", "operator 6d2677a0");
    assert!(!world.findings().iter().any(|f| f.code == codes::WAIVER_UNUSED));
}

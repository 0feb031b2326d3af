//! Operators with state and their uids against the job as wanted.

use upshift_model::flink::fit::codes;
use upshift_model::flink::*;

use super::world::*;
use crate::cases::Outcome::{Blind, Dim, Green, Red, Refused, Yellow};
use crate::cases::{Case, check, outcome};
use crate::support::World;
use crate::support::world::{COUNTER, SOURCE};

const OPERATORS: &[Case] = &[
    Case {
        story: "the new jar lacks the counter",
        code: codes::STATE_DROPPED,
        outcome: Red,
        evidence: "52.5 MB of state, states value",
        start: World::in_place,
        change: |w| wanted(w, vec![by_uid(SOURCE)]),
    },
    Case {
        story: "a waiver names an operator that has no state",
        code: codes::STATE_DROPPED,
        outcome: Yellow,
        evidence: "operators with state: source, counter",
        start: World::in_place,
        change: |w| w.waive("UP-FLINK-0210", "operator tally of job orders"),
    },
    Case {
        story: "the new jar has an operator more",
        code: codes::STARTS_EMPTY,
        outcome: Yellow,
        evidence: "ffffffffffffffffffffffffffffffff  dedupe",
        start: World::in_place,
        change: |w| {
            let mut new = by_uid("ffffffffffffffffffffffffffffffff");
            new.uid = Some("dedupe".into());
            wanted(w, vec![by_uid(SOURCE), by_uid(COUNTER), new]);
        },
    },
    Case {
        story: "another program, and of one operator no uid is known",
        code: codes::OPERATORS_UNTOLD,
        outcome: Blind,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter  52.5 MB of state",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
        },
    },
    Case {
        story: "the target's graph is asked by the plan, once the target stands",
        code: codes::OPERATORS_UNTOLD,
        outcome: Dim,
        evidence: "the plan asks the target cluster for the jar's graph",
        start: World::shadow,
        change: |w| {
            nameless(w);
            changed(w);
            w.declared().graph = GraphWay::Target;
        },
    },
    Case {
        story: "it is allowed to, and no trial savepoint would be there to be judged",
        code: codes::OPERATORS_UNTOLD,
        outcome: Blind,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter",
        start: World::shadow,
        change: |w| {
            nameless(w);
            changed(w);
            w.declared().graph = GraphWay::Target;
            w.declaration.trial_savepoint = false;
        },
    },
    Case {
        story: "it is allowed to, and the target takes the old cluster's place",
        code: codes::OPERATORS_UNTOLD,
        outcome: Blind,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
            w.declared().graph = GraphWay::Target;
        },
    },
    Case {
        story: "of an operator no uid is known",
        code: codes::NO_UID,
        outcome: Yellow,
        evidence: "0da08f51eaa85fc298e176a139b3649a  counter",
        start: World::in_place,
        change: nameless,
    },
    Case {
        story: "no uid, another program, and state may be dropped",
        code: codes::WRONG_STATE,
        outcome: Refused,
        evidence: "1638 of 1638 records wrong",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
            w.waive("UP-FLINK-0210", "operator source of job orders");
        },
    },
    Case {
        story: "a source whose id is given literally",
        code: codes::PINNED_SOURCE,
        outcome: Red,
        evidence: "hands out every split anew",
        start: World::in_place,
        change: |w| {
            changed(w);
            w.snapshot().operators[0].coordinator = true;
            let pinned = GraphOperator {
                also: Some(SOURCE.into()),
                ..by_place("ffffffffffffffffffffffffffffffff", "source")
            };
            wanted(w, vec![pinned, by_uid(COUNTER)]);
        },
    },
    Case {
        story: "the counter's id belongs to the operator that was inserted",
        code: codes::ID_TAKEN,
        outcome: Red,
        evidence: "\"counter\" in the snapshot, \"audit\" in the job as wanted",
        start: World::in_place,
        change: |w| {
            nameless(w);
            changed(w);
            wanted(w, vec![by_uid(SOURCE), by_place(COUNTER, "audit")]);
        },
    },
];

#[test]
fn operators_and_uids() {
    check(OPERATORS);
}

#[test]
fn naming_every_operator_is_the_only_way_past_wrong_state() {
    let mut world = World::in_place();
    nameless(&mut world);
    changed(&mut world);
    world.waive("UP-FLINK-0210", "operator source of job orders");
    world.waive("UP-FLINK-0226", "job orders");
    let wrong = |world: &World| {
        let found = world.findings();
        found
            .into_iter()
            .find(|finding| finding.code == codes::WRONG_STATE)
    };
    let finding = wrong(&world).expect("no waiver of its own lifts it");
    assert_eq!((outcome(&finding), finding.waived_by.clone()), (Refused, None));
    let remedy = finding.remedy.join("\n");
    assert!(
        remedy.contains(&format!(".setUidHash(\"{COUNTER}\")   // counter")),
        "{remedy}"
    );
    assert!(
        remedy.contains(&format!("\"operator {COUNTER} of job orders\"")),
        "{remedy}"
    );

    world.waive("UP-FLINK-0210", &format!("operator {COUNTER} of job orders"));
    assert_eq!(wrong(&world), None);
}

#[test]
fn a_jar_that_was_given_the_hashes_is_judged_anew() {
    let mut world = World::in_place();
    nameless(&mut world);
    changed(&mut world);
    let pinned = GraphOperator {
        also: Some(COUNTER.into()),
        ..by_place("1b2c3d4e5f60718293a4b5c6d7e8f901", "renamed")
    };
    wanted(&mut world, vec![by_uid(SOURCE), pinned]);
    for code in [codes::NO_UID, codes::OPERATORS_UNTOLD] {
        let findings = world.findings();
        let finding = findings
            .iter()
            .find(|finding| finding.code == code)
            .expect("found");
        assert_eq!(outcome(finding), Green, "{finding:?}");
    }
}

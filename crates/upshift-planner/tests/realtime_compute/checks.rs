//! Every code of a check, provoked.

use expect_test::expect;
use upshift_model::flink::{
    GraphExtent, GraphOperator, GraphOrigin, IdFrom, JobGraph, Probe, ProbeAsk, ProbeExpect, SnapshotFound,
};
use upshift_model::observed::{Gap, Observed};
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute::{Checkpoints, Deployment, Draft, Program, Queue, Room};
use upshift_model::span::Millis;
use upshift_planner::systems::realtime_compute::codes::*;

use crate::world::{World, library, room, unseen, waiver, word};

#[test]
fn a_minor_upgrade_of_a_deployment_that_is_as_it_should_be() {
    let found = World::new().findings();
    let told: Vec<_> = found
        .iter()
        .map(|one| format!("{} {}\n", one.code, word(one)))
        .collect();
    expect![[r#"
        UP-RC-0115 green: the deployments that are meant are there
        UP-RC-0102 green: it is offered as stable
        UP-RC-0101 green: a minor version: its state remains usable
        UP-RC-0103 green: a native savepoint: quick, for a minor version
        UP-RC-0107 green: it has state
        UP-RC-0109 green: it runs, and was never restarted
        UP-RC-0108 green: its checkpoints complete
        UP-RC-0106 green: its jars were built for the wanted engine
        UP-RC-0110 green: there is room for both at once
        UP-RC-0114 UNKNOWN: whether somebody would be called is not known
        UP-RC-0111 green: the name of its clone is free
        UP-RC-0117 YELLOW: what the new engine has written is written again on the way back
        UP-RC-0104 YELLOW: the way back leads to the savepoint before the upgrade, and never to newer state
        UP-RC-0113 green: few savepoints of it are kept
        UP-RC-0116 green: its job runs what the deployment says
        UP-RC-0121 YELLOW: no probe says what "it works" means
    "#]]
    .assert_eq(&told.concat());
    for finding in found
        .iter()
        .filter(|one| one.judged().map(|s| s.to_string()) != Some("green".to_owned()))
    {
        assert!(!finding.remedy.is_empty(), "{} says what to do", finding.code);
    }
}

#[test]
fn the_kind_of_change_decides_what_becomes_of_state() {
    let from = |engine: &str, to: &str| {
        let world = World::new().to(to).with(|one| one.engine = engine.to_owned());
        [CHANGE, FORM, ONE_WAY].map(|code| world.says(&code)).join("\n")
    };
    let told: Vec<_> = [
        ("vvr-8.0.9-flink-1.17", "vvr-11.7-jdk11-flink-1.20"),
        ("vvr-8.0.12-flink-1.17", "vvr-8.0.11-flink-1.17"),
        ("vvr-8.0.11-flink-1.17", "vvr-8.0.11-flink-1.17"),
        ("vvr-11.7-jdk11-flink-1.20", "vera-4.5-jdk11-flink-1.20"),
        ("my-own-build", "vvr-8.0.11-flink-1.17"),
    ]
    .iter()
    .map(|(engine, to)| format!("{engine} → {to}\n{}\n\n", from(engine, to)))
    .collect();
    expect![[r#"
        vvr-8.0.9-flink-1.17 → vvr-11.7-jdk11-flink-1.20
        RED: a major version: nobody promises that its state can be used
        green: a standard savepoint, for a major version
        YELLOW: the way back leads to the savepoint before the upgrade, and never to newer state

        vvr-8.0.12-flink-1.17 → vvr-8.0.11-flink-1.17
        RED: an earlier engine: it may not read what this one has written
        green: no savepoint is taken for such a change
        nothing

        vvr-8.0.11-flink-1.17 → vvr-8.0.11-flink-1.17
        YELLOW: it runs on the wanted engine already
        green: no savepoint is taken for such a change
        nothing

        vvr-11.7-jdk11-flink-1.20 → vera-4.5-jdk11-flink-1.20
        REFUSED: another line of engines
        green: no savepoint is taken for such a change
        nothing

        my-own-build → vvr-8.0.11-flink-1.17
        UNKNOWN (red): the engine that it runs on is none that is known
        green: no savepoint is taken for such a change
        nothing

    "#]]
    .assert_eq(&told.concat());
    let old = World::new()
        .with(|one| one.engine = "vvr-4.0.15-flink-1.13".to_owned())
        .to("vvr-4.0.18-flink-1.13");
    assert_eq!(
        old.says(&FORM),
        "green: the engine has one form, and it is not named"
    );
    let mut none = World::new();
    none.facts.engines = unseen();
    assert_eq!(
        none.says(&FORM),
        "YELLOW: whether a native savepoint can be taken is not known"
    );
}

#[test]
fn the_services_word_for_the_engine_is_heard_and_an_unknown_one_is_no_praise() {
    let says = |target: &str| World::new().to(target).says(&OFFERED);
    assert_eq!(says("vvr-8.0.11-flink-1.17"), "green: it is offered as stable");
    assert_eq!(
        says("vvr-11.8-jdk11-flink-1.20"),
        "RED: the service calls it beta: a person has to want it"
    );
    assert_eq!(
        says("vvr-8.0.9-flink-1.17"),
        "YELLOW: the service is about to give it up"
    );
    assert_eq!(
        says("vvr-6.0.7-flink-1.15"),
        "REFUSED: the service calls it expired"
    );
    assert_eq!(
        says("vvr-8.0.12-flink-1.17"),
        "YELLOW: the service calls it by a word that upshift does not know"
    );
    assert_eq!(
        says("vvr-9.9.9-flink-1.17"),
        "REFUSED: the service does not offer it"
    );
    let mut dark = World::new();
    dark.facts.engines = unseen();
    assert_eq!(
        dark.says(&OFFERED),
        "UNKNOWN (red): which engines are offered is not known"
    );
}

#[test]
fn what_runs_is_held_against_what_is_said_of_it() {
    let says = |world: World| world.says(&JOB);
    assert_eq!(
        says(World::new().job(|job| job.flink = Some("RESTARTING".to_owned()))),
        "RED: it runs by the service's word, and Flink says otherwise"
    );
    assert_eq!(
        says(World::new().job(|job| job.restarts = Some(7))),
        "YELLOW: it runs, and was restarted"
    );
    assert_eq!(
        says(World::new().job(|job| job.state = "STARTING".to_owned())),
        "RED: it is on its way up or down"
    );
    assert_eq!(
        says(World::new().job(|job| job.state = "HIBERNATING".to_owned())),
        "RED: it does not run"
    );
    assert_eq!(
        says(World::new().job(|job| job.engine = Some("vvr-6.0.7-flink-1.15".to_owned()))),
        "RED: the job runs on another engine than its deployment names"
    );
    assert_eq!(
        says(World::new().with(|one| one.job = Observed::Known(None))),
        "RED: it has no job"
    );
    assert_eq!(
        says(World::new().with(|one| one.job = unseen())),
        "UNKNOWN (red): whether it runs is not known"
    );

    let checkpoints = |completed, recent: Vec<bool>| {
        let seen = Checkpoints {
            completed,
            failed: 2,
            recent,
            latest: None,
        };
        World::new()
            .with(|one| one.checkpoints = Observed::Known(seen))
            .says(&CHECKPOINTS)
    };
    assert_eq!(
        checkpoints(0, vec![false, false]),
        "RED: no checkpoint of it has completed"
    );
    assert_eq!(
        checkpoints(3, vec![false, true]),
        "YELLOW: its newest checkpoints did not complete"
    );
    assert_eq!(
        World::new()
            .with(|one| one.checkpoints = unseen())
            .says(&CHECKPOINTS),
        "UNKNOWN: whether its checkpoints complete is not known"
    );
}

#[test]
fn state_jars_and_resources() {
    let world = || World::new();
    assert_eq!(
        world()
            .with(|one| one.points = Observed::Known(Vec::new()))
            .says(&STATE),
        "YELLOW: no state of it is known yet"
    );
    assert_eq!(
        world().with(|one| one.points = unseen()).says(&STATE),
        "UNKNOWN: which state it has is not known"
    );
    let many = |one: &mut Deployment| {
        let point = one.points.known().expect("points")[0].clone();
        one.points = Observed::Known(vec![point; 21]);
    };
    assert_eq!(
        world().with(many).says(&GENERATIONS),
        "YELLOW: many savepoints of it are kept"
    );
    let other = |one: &mut Deployment| one.libraries = Observed::Known(vec![library("1.15-vvr-6.0.7")]);
    assert_eq!(
        world().with(other).says(&LIBRARIES),
        "YELLOW: its jars hold libraries of another engine"
    );
    assert_eq!(
        world().with(|one| one.libraries = unseen()).says(&LIBRARIES),
        "UNKNOWN: what its jars were built with is not known"
    );
    let expert = |one: &mut Deployment| one.resource_mode = Some("EXPERT".to_owned());
    assert_eq!(
        world().with(expert).says(&EXPERT),
        "YELLOW: its resource plan names operators: look at it on the clone"
    );
    assert_eq!(
        world().to("vvr-11.7-jdk11-flink-1.20").with(expert).says(&EXPERT),
        "RED: its resource plan names operators, which another engine may number otherwise"
    );
    assert!(
        world()
            .with(|one| one.changed = Some(true))
            .says(&CHANGED)
            .starts_with("YELLOW: it was changed")
    );
    let sql = |one: &mut Deployment| one.kind = "SQLSCRIPT".to_owned();
    assert_eq!(
        world().to("vvr-11.7-jdk11-flink-1.20").with(sql).says(&SQL),
        "UNKNOWN (red): whether the new engine can use the state of this SQL is not known"
    );
    let ancient = |one: &mut Deployment| {
        sql(one);
        one.engine = "vvr-3.0.3-flink-1.12".to_owned();
    };
    assert_eq!(
        world().with(ancient).says(&SQL),
        "YELLOW: its planner becomes another one"
    );
}

#[test]
fn what_surrounds_a_deployment() {
    let mut full = World::new();
    full.facts.queues = Observed::Known(vec![Queue {
        name: "default-queue".to_owned(),
        limit: Some(room(5)),
        used: Some(room(3)),
    }]);
    assert_eq!(full.says(&ROOM), "YELLOW: there is no room for both at once");
    full.facts.queues = unseen();
    assert_eq!(
        full.says(&ROOM),
        "UNKNOWN: whether both would have room is not known"
    );
    assert_eq!(
        World::new()
            .with(|one| one.name_taken = Observed::Known(true))
            .says(&NAME),
        "REFUSED: a deployment of its clone's name is there"
    );
    assert_eq!(
        World::new().says(&ALERTS),
        "UNKNOWN: whether somebody would be called is not known"
    );
    let mut named = World::new();
    named.declaration.select.names = vec!["orders".to_owned(), "ordrs".to_owned()];
    assert_eq!(
        named.says(&SELECTED),
        "REFUSED: a deployment that is named is not there"
    );
    let mut empty = World::new();
    empty.facts.deployments.clear();
    assert_eq!(empty.says(&SELECTED), "REFUSED: no deployment fits");
}

#[test]
fn a_waiver_lifts_what_may_be_lifted_and_one_in_vain_is_told() {
    let mut world = World::new().to("vvr-11.7-jdk11-flink-1.20");
    world.declaration.waivers = vec![
        waiver(&CHANGE, "deployment orders"),
        waiver(&CHANGE, "deployment other"),
    ];
    let found = world.findings();
    let lifted = found.iter().find(|one| one.code == CHANGE).expect("the change");
    assert!(lifted.waived_by.is_some() && !lifted.blocks());
    assert_eq!(world.says(&IDLE_WAIVER), "YELLOW: a waiver has no effect");
}

#[test]
fn what_is_written_twice_or_given_up_somebody_has_to_want() {
    let minor = World::new();
    assert_eq!(
        minor.says(&TWICE),
        "YELLOW: what the new engine has written is written again on the way back"
    );
    let major = World::new().to("vvr-11.7-jdk11-flink-1.20");
    assert_eq!(
        major.says(&TWICE),
        "RED: what is processed between savepoint and stop is written twice"
    );
    let mut both = World::new();
    both.declaration.strategy = Strategy::DoubleRun;
    assert_eq!(
        both.says(&TWICE),
        "RED: everything is written twice while both run"
    );
    both.declaration.strategy = Strategy::WithoutState;
    assert_eq!(both.says(&TWICE), "nothing");
    assert_eq!(both.says(&GIVEN_UP), "RED: its state is given up");
    both.declaration.target = "vvr-11.7-jdk11-flink-1.20".to_owned();
    assert_eq!(
        both.says(&CHANGE),
        "green: a major version, and no state of it goes along"
    );
}

#[test]
fn what_is_said_to_hold_no_state_must_not_look_as_if_it_held_some() {
    let said = |change: fn(&mut Deployment)| {
        let mut world = World::new().with(change);
        world.declaration.stateless = vec!["orders".to_owned()];
        world.says(&STATELESS)
    };
    assert_eq!(
        said(|_| {}),
        "RED: it is said to hold no state, and has snapshots"
    );
    assert_eq!(
        said(|one| one.points = unseen()),
        "UNKNOWN (red): whether it holds state is not known"
    );
    let none = said(|one| {
        one.points = Observed::Known(Vec::new());
        one.checkpoints = Observed::Known(Checkpoints {
            completed: 0,
            failed: 0,
            recent: Vec::new(),
            latest: None,
        });
    });
    assert_eq!(none, "green: it holds no state");
}

#[test]
fn a_draft_holds_what_runs_or_is_not_copied() {
    let says = |draft: Observed<Option<Draft>>| {
        let world = World::new().with(|one| {
            "SQLSCRIPT".clone_into(&mut one.kind);
            one.draft = draft;
        });
        world.says(&DRAFT)
    };
    let draft = |as_deployed| Draft {
        id: "dr1".to_owned(),
        name: "orders".to_owned(),
        folder: Some("f1".to_owned()),
        as_deployed,
    };
    assert_eq!(World::new().says(&DRAFT), "nothing");
    assert_eq!(
        says(Observed::Known(None)),
        "green: it is copied as it was deployed"
    );
    assert_eq!(
        says(Observed::Known(Some(draft(true)))),
        "green: its draft holds what was deployed"
    );
    assert_eq!(
        says(Observed::Known(Some(draft(false)))),
        "REFUSED: its draft was edited since it was deployed"
    );
    assert_eq!(
        says(unseen()),
        "UNKNOWN (red): whether it was deployed from a draft is not known"
    );
}

#[test]
fn probes_hold_before_or_would_be_taken_for_the_upgrade_s_failure() {
    let says = |answer: Option<Observed<String>>, code| {
        let mut world = World::new();
        let probe = Probe {
            ask: ProbeAsk::Command(vec!["./probe.sh".to_owned()]),
            expect: ProbeExpect::AtLeastMilli(1_000),
            timeout: Millis::from_secs(10),
        };
        world.declaration.probes = vec![("rate".to_owned(), probe)];
        world
            .facts
            .probes
            .extend(answer.map(|answer| ("rate".to_owned(), answer)));
        world.says(&code)
    };
    assert_eq!(
        World::new().says(&NO_PROBES),
        "YELLOW: no probe says what \"it works\" means"
    );
    assert_eq!(
        says(None, PROBE_BLIND),
        "UNKNOWN (red): the probe gives no answer"
    );
    assert_eq!(
        says(Some(unseen()), PROBE_BLIND),
        "UNKNOWN (red): the probe gives no answer"
    );
    let known = |text: &str| Some(Observed::Known(text.to_owned()));
    assert_eq!(says(known("1"), PROBE_FAILS), "green: the probe holds now");
    assert_eq!(
        says(known("0.9"), PROBE_FAILS),
        "RED: the probe fails already, before the upgrade"
    );
}

#[test]
fn in_place_a_draft_stays_on_the_old_engine() {
    let says = |draft: Observed<Option<Draft>>| {
        let mut world = World::new().with(|one| {
            "SQLSCRIPT".clone_into(&mut one.kind);
            one.draft = draft;
        });
        world.declaration.strategy = Strategy::InPlace;
        world.says(&DRAFT)
    };
    let draft = Draft {
        id: "dr1".to_owned(),
        name: "orders".to_owned(),
        folder: None,
        as_deployed: true,
    };
    assert_eq!(
        says(Observed::Known(Some(draft))),
        "YELLOW: its draft stays on the old engine"
    );
    assert_eq!(
        says(Observed::Known(None)),
        "green: no draft of it is left on the old engine"
    );
    assert_eq!(
        says(unseen()),
        "UNKNOWN: whether a draft of it keeps naming the old engine is not known"
    );
}

#[test]
fn in_a_double_run_all_of_them_need_room_at_the_same_time() {
    let mut world = World::new();
    world.declaration.strategy = Strategy::DoubleRun;
    let mut second = world.facts.deployments[0].clone();
    "payments".clone_into(&mut second.name);
    world.facts.deployments.push(second);
    let took = world.facts.deployments[0].job.known().cloned().flatten();
    let took = took.and_then(|job| job.room).expect("what its job takes");
    // Each would find room alone, and both at once do not.
    let limit = Room {
        millicores: 2 * took.millicores + took.millicores,
        mebibytes: 2 * took.mebibytes + took.mebibytes,
    };
    world.facts.queues = Observed::Known(vec![Queue {
        name: "default-queue".to_owned(),
        limit: Some(limit),
        used: Some(Room {
            millicores: 2 * took.millicores,
            mebibytes: 2 * took.mebibytes,
        }),
    }]);
    assert_eq!(
        world.says(&ROOM),
        "RED: there is no room for both at once, and both are to run"
    );
    // One after the other there is.
    world.declaration.strategy = Strategy::CloneAndSwitch;
    assert_eq!(world.says(&ROOM), "green: there is room for both at once");
}

/// UP-RC-0124: what the newest state holds, against the jar that the copy runs.
#[test]
fn the_newest_state_is_held_against_what_the_copy_runs() {
    let says = |newest: Option<SnapshotFound>, graph: Option<Observed<JobGraph>>| {
        let mut world = World::new().with(|one| {
            one.newest = newest;
            one.graph = graph;
        });
        let program = Program {
            jar: "oss://b/new.jar".to_owned(),
            entry_class: None,
            args: None,
            dependencies: None,
        };
        world.declaration.programs.insert("orders".to_owned(), program);
        world.says(&CONTENTS)
    };
    let operators = |ids: &[&str]| {
        let operator = |id: &&str| GraphOperator {
            id: (*id).to_owned(),
            also: None,
            id_from: IdFrom::Uid,
            uid: None,
            name: None,
            parallelism: None,
            max_parallelism: None,
            place: None,
            key_serializer: None,
        };
        Some(Observed::Known(JobGraph {
            origin: GraphOrigin::DeclaredUids,
            extent: GraphExtent::All,
            operators: ids.iter().map(operator).collect(),
        }))
    };
    let id = "0a448493b4782967b150582570326227";
    let gap = Gap {
        what: "what it holds".to_owned(),
        reason: "it lies elsewhere".to_owned(),
    };
    assert_eq!(says(None, operators(&[id])), "nothing");
    assert_eq!(
        says(Some(SnapshotFound::Unseen(gap.clone())), operators(&[id])),
        "UNKNOWN: what its newest state holds is not known"
    );
    assert_eq!(
        says(None, Some(Observed::Unknown(gap))),
        "UNKNOWN: whether its copy has the operators of its state is not known"
    );
    let spoiled = SnapshotFound::Spoiled {
        what: "ends at byte 9".to_owned(),
    };
    assert_eq!(
        says(Some(spoiled), operators(&[id])),
        "YELLOW: its newest state is damaged"
    );
}

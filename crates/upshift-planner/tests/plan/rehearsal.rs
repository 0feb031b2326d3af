//! Rehearsals on real servers: whatever the upgrade's plan, and wherever the rehearsal comes to an end, production is
//! asked for a savepoint and for nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use upshift_model::expect::Expectation;
use upshift_model::flink::fit::codes::OPEN_OUTPUT;
use upshift_model::flink::fit::{SnapshotRole, judge};
use upshift_model::flink::{Cluster, NEW, OLD, Sink, SnapshotState};
use upshift_model::gate::Gate;
use upshift_model::ids::ComponentId;
use upshift_model::plan::{self, Plan};
use upshift_model::span::Millis;
use upshift_model::step::{
    Artifact, Change, ConfigEdit, Downtime, Effect, Preparation, Releasable, StartWhat, Step, StopWhat,
};
use upshift_planner::systems::flink::back::plan_back;
use upshift_planner::systems::flink::rehearsal::{Ground, RehearsalError, rehearsal};

use crate::runs::Journal;
use crate::stories::planned;
use crate::support::World;

fn ground() -> Ground {
    Ground {
        folder: PathBuf::from("/var/lib/upshift/rehearsals/1"),
        ports: [21_000, 21_001, 21_002],
        set: BTreeMap::from([("taskmanager.memory.process.size".to_owned(), "1g".to_owned())]),
        soak: Millis::from_secs(10),
        with_real_sinks: false,
    }
}

fn isolated(mut world: World) -> World {
    world.declared().rehearsal_args = Some(vec!["--sink".into(), "nowhere".into()]);
    world
}

fn rehearsed(world: &World) -> Plan {
    let of = planned(world).seal();
    rehearsal(&of, &ground(), world.now).unwrap_or_else(|e| panic!("{e}"))
}

fn site(plan: &Plan) -> &upshift_model::flink::Site {
    let plan::Site::Flink(site) = &plan.site else {
        panic!("of Flink")
    };
    site
}

/// The cluster is one that only the rehearsal knows: its address, and every folder by which processes are found.
fn is_apart(cluster: &Cluster, ground: &Ground) {
    assert_eq!(cluster.rest.url, format!("http://127.0.0.1:{}", ground.ports[0]));
    let installation = cluster.installation.as_ref().expect("it is started here");
    let folders = [
        Some(&installation.conf),
        installation.logs.as_ref(),
        installation.pids.as_ref(),
    ];
    for folder in folders {
        assert!(folder.expect("one of its own").starts_with(&ground.folder));
    }
}

/// Every place that the real cluster may have set is dropped or set anew.
fn keeps_apart(edits: &[ConfigEdit], folder: &Path) {
    let mut last = BTreeMap::new();
    for edit in edits {
        match edit {
            ConfigEdit::Set { key, value, .. } => last.insert(key.as_str(), Some(value.as_str())),
            ConfigEdit::Drop { key, .. } => last.insert(key.as_str(), None),
            ConfigEdit::Rename { .. } => None,
        };
    }
    for key in [
        "jobmanager.archive.fs.dir",
        "web.upload.dir",
        "process.working-dir",
    ] {
        assert_eq!(last.get(key), Some(&None), "{key}");
    }
    for key in [
        "high-availability.type",
        "rest.address",
        "rest.port",
        "blob.server.port",
    ] {
        assert!(matches!(last.get(key), Some(Some(_))), "{key}");
    }
    for key in ["io.tmp.dirs", "execution.checkpointing.dir"] {
        let value = last.get(key).copied().flatten().expect(key);
        assert!(
            value
                .trim_start_matches("file://")
                .starts_with(&folder.display().to_string()),
            "{key}"
        );
    }
}

/// What a step of a rehearsal may do, by where it does it.
fn leaves_production_alone(plan: &Plan, step: &Step, ground: &Ground) {
    let scratch = |component: &ComponentId| assert_eq!(component.as_str(), NEW, "step {}", step.id);
    assert_eq!(step.downtime, Downtime::None, "step {}", step.id);
    match &step.effect {
        // The one thing that production is asked for.
        Effect::TakeRestorePoint { on, into, .. } => {
            assert_eq!(on.as_str(), OLD);
            assert!(into.as_str().starts_with("trial/"), "{into}");
            let criteria = step.after.iter().filter_map(|after| match after {
                Expectation::Fits { criteria, .. } => Some(criteria.runs_on),
                _ => None,
            });
            assert_eq!(criteria.collect::<Vec<_>>(), [true]);
        }
        Effect::Prepare {
            what: Preparation::Unpack { component },
        } => scratch(component),
        Effect::Configure {
            component,
            change: Change::CarryOver { to, edits, .. },
        } => {
            scratch(component);
            assert!(to.starts_with(&ground.folder), "{}", to.display());
            keeps_apart(edits, &ground.folder);
        }
        Effect::Transfer {
            what: Artifact::Jar { to, .. },
            ..
        } => scratch(to),
        Effect::Start {
            what: StartWhat::Cluster { cluster, .. },
        } => scratch(cluster),
        Effect::Start {
            what: StartWhat::Job { job, on, from, .. },
        } => {
            scratch(on);
            assert!(
                from.as_ref()
                    .is_none_or(|slot| slot.as_str().starts_with("trial/"))
            );
            let wanted = &site(plan).jobs[job];
            assert_eq!(
                Some(&wanted.submissions[on].args),
                wanted.rehearsal_args.as_ref(),
                "step {}",
                step.id
            );
        }
        Effect::Stop {
            what: StopWhat::JobCancel { on, .. },
        } => scratch(on),
        Effect::Stop {
            what: StopWhat::Cluster { cluster },
        } => scratch(cluster),
        Effect::Release {
            what: Releasable::Scratch { folder },
        } => assert_eq!(*folder, ground.folder),
        Effect::Release {
            what: Releasable::SlotFiles { slot } | Releasable::RestorePoint { slot },
        } => assert!(slot.as_str().starts_with("trial/"), "{slot}"),
        Effect::Hold {
            gate: Gate::Soak { .. },
        } => {}
        other => panic!("step {}: {other:?}", step.id),
    }
}

/// Every world whose upgrade can be rehearsed, by the choices that change what its plan looks like.
fn worlds() -> impl Iterator<Item = World> {
    let bases: [fn() -> World; 2] = [World::in_place, World::shadow];
    let sinks = [Sink::Idempotent, Sink::Transactional, Sink::Undeclared];
    let places = ["file:///srv/savepoints", "s3://bucket/savepoints"];
    let choices = bases.into_iter().flat_map(move |base| {
        sinks.into_iter().flat_map(move |sink| {
            places
                .into_iter()
                .flat_map(move |place| (0..4_u8).map(move |bits| (base, sink, place, bits)))
        })
    });
    choices.map(|(base, sink, place, bits)| {
        let mut world = isolated(base());
        world.declaration.savepoints = place.to_owned();
        world.declaration.trial_savepoint = bits & 1 == 0;
        (world.declared().stateless, world.declared().sink) = (bits & 2 == 0, sink);
        world
    })
}

/// In the whole plan, and in what is done when it ends at any step: begun, or done.
#[test]
fn production_is_asked_for_a_savepoint_and_for_nothing_else() {
    for world in worlds() {
        let (plan, ground) = (rehearsed(&world), ground());
        is_apart(&site(&plan).clusters[&ComponentId::new(NEW)], &ground);
        plan.steps()
            .for_each(|step| leaves_production_alone(&plan, step, &ground));
        let mut journal = Journal::open(&plan);
        for step in plan.steps() {
            journal.intend(step);
            for finished in [false, true] {
                if finished {
                    journal.finish(step);
                }
                let back = plan_back(&journal.fold(), None, journal.now()).expect("a way back");
                back.steps()
                    .for_each(|step| leaves_production_alone(&plan, step, &ground));
                ends_all(&back, &plan);
            }
        }
    }
}

/// A way back ends the cluster, deletes the folder, and takes care of every savepoint that the plan asks for.
fn ends_all(back: &Plan, plan: &Plan) {
    let mut slots: BTreeSet<_> = plan
        .steps()
        .filter_map(|step| step.effect.fills().cloned())
        .collect();
    let (mut cluster, mut folder) = (false, false);
    for step in back.steps() {
        match &step.effect {
            Effect::Stop {
                what: StopWhat::Cluster { .. },
            } => cluster = true,
            // Only once nothing writes there any more.
            Effect::Release {
                what: Releasable::Scratch { .. },
            } => {
                assert!(cluster);
                folder = true;
            }
            Effect::Release {
                what: Releasable::SlotFiles { slot } | Releasable::RestorePoint { slot },
            } => {
                assert!(slots.remove(slot));
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(cluster && folder && slots.is_empty(), "{slots:?}");
}

fn refusal(world: &World, ground: &Ground) -> RehearsalError {
    let of = planned(world).seal();
    rehearsal(&of, ground, world.now).expect_err("nothing to rehearse")
}

#[test]
fn where_the_upgrade_starts_no_cluster_there_is_none_to_rehearse_with() {
    for world in [World::same_cluster(), World::running_cluster()] {
        let error = refusal(&isolated(world), &ground());
        assert_eq!(error, RehearsalError::NoInstallation);
        assert_eq!(error.code().as_str(), "UP-REH-0002");
    }
}

#[test]
fn arguments_of_the_real_job_isolate_nothing() {
    let mut world = World::in_place();
    let jobs = vec!["orders".to_owned()];
    let bare = RehearsalError::SinksNotIsolated { jobs };
    assert_eq!(refusal(&world, &ground()), bare);
    world.declared().rehearsal_args = Some(world.declared().target.args.clone());
    assert_eq!(refusal(&world, &ground()), bare);
    assert_eq!(bare.code().as_str(), "UP-REH-0001");
}

#[test]
fn transactions_are_never_shared_whatever_somebody_says() {
    let mut world = World::in_place();
    let said = Ground {
        with_real_sinks: true,
        ..ground()
    };
    assert!(rehearsal(&planned(&world).seal(), &said, world.now).is_ok());
    world.declared().sink = Sink::Transactional;
    let jobs = vec!["orders".to_owned()];
    assert_eq!(refusal(&world, &said), RehearsalError::Transactional { jobs });
}

#[test]
fn what_a_running_sink_has_open_is_not_given_to_a_copy() {
    let mut world = isolated(World::in_place());
    let plan = rehearsed(&world);
    let criteria = plan
        .steps()
        .flat_map(|step| &step.after)
        .find_map(|after| match after {
            Expectation::Fits { criteria, .. } => Some((**criteria).clone()),
            _ => None,
        })
        .expect("the savepoint is read");
    let mut judged = |name: &str, elements: u64, runs_on: bool| {
        let contents = world.snapshot();
        contents.operators[1].states = vec![SnapshotState {
            name: name.to_owned(),
            kind: "LIST".to_owned(),
            elements,
            serializers: BTreeMap::new(),
        }];
        let criteria = upshift_model::flink::fit::FitCriteria {
            runs_on,
            ..criteria.clone()
        };
        let findings = judge(contents, &criteria, SnapshotRole::RestorePoint);
        findings
            .iter()
            .any(|finding| finding.code == OPEN_OUTPUT && finding.blocks())
    };
    assert!(judged("writer_raw_states", 2, true), "UP-FLINK-0254");
    assert!(judged("bucket-states", 1, true));
    assert!(judged("next-transactional-id-hint-v2", 1, true));
    assert!(
        !judged("writer_raw_states", 0, true),
        "a sink without anything open"
    );
    assert!(
        !judged("streaming_committer_raw_states", 2, true),
        "it has one always"
    );
    assert!(
        !judged("writer_raw_states", 2, false),
        "the upgrade stops the job first"
    );
}

//! Rehearsals on real clusters: the job runs on, a copy of it is restored on a scratch cluster of the new release, and
//! nothing of that is left.

#![expect(
    clippy::unwrap_used,
    reason = "the parts of one long story are functions, where clippy does not see a test"
)]

use std::fs;

use upshift_lab::{Job, Scene, Strategy, Variant};

use crate::support::{Ran, World, until};

/// A stage whose plan says how a copy is kept from writing where the job writes.
fn stage(name: &str, target: Variant) -> (World, String) {
    let mut scene = Scene::new(name, "1.18.1", "1.20.5", Strategy::InPlace);
    scene.target_variant = target;
    let world = World::set(&scene);
    let copy = Job {
        out: world.path("rehearsed"),
        variant: target,
        ..world.stage.job().clone()
    };
    let args = format!("rehearsal_args = {:?}\nsink = \"append\"", copy.args());
    world.edit("sink = \"append\"", &args);
    let plan = world.plan();
    (world, plan)
}

/// The job was not touched, and what the rehearsal made is gone.
#[track_caller]
fn nothing_is_left(world: &World, ran: &Ran) {
    let name = world.stage.job().name.clone();
    let running = world.old_rest().running(&name).unwrap();
    assert_eq!(running, [world.stage.job_id()], "{ran}");
    assert_eq!(world.savepoints_on_disk().len(), 0, "{ran}");
    let folders = fs::read_dir(world.stage.state_dir().join("rehearsals")).unwrap();
    assert_eq!(folders.count(), 0, "{ran}");
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        let ours = line.contains(&world.stage.state_dir().join("rehearsals").display().to_string());
        assert!(!ours, "a process of the scratch cluster runs: {line}");
    }
    world.prove_exactly_once(world.old_rest(), 1);
}

#[test]
fn a_copy_is_restored_on_the_new_release_and_nothing_is_left_of_it_also_after_a_kill() {
    let (world, plan) = stage("rehearsal", Variant::Base);
    // The first one is broken off while its cluster starts.
    let first = world.start(&["rehearse", &plan, "--real", "--soak", "3s"]);
    until("the scratch cluster to be started", || {
        let rows = world.upshift(&["status", "rehearsal"]);
        rows.out.contains("start 1.20.5").then_some(())
    });
    assert!(world.kill_worker());
    let first = first.end();
    assert!(first.code != 0, "{first}");
    world.mark("killed");

    let ran = world
        .upshift(&["rehearse", &plan, "--real", "--soak", "3s"])
        .exits(0)
        .says("was broken off; it is seen to its end first")
        .says("a checkpoint since")
        .says("REHEARSED");
    world.mark("rehearsed");
    assert!(
        fs::read_dir(world.path("rehearsed")).unwrap().count() > 0,
        "the copy wrote where it should: {ran}"
    );
    nothing_is_left(&world, &ran);
}

#[test]
fn a_jar_that_fails_after_its_restore_is_told_and_discarded() {
    let (world, plan) = stage("rehearsal-fails", Variant::FailsAfterRestore(2));
    let ran = world
        .upshift(&["rehearse", &plan, "--real", "--soak", "15s"])
        .exits(3)
        .says("THE REHEARSAL FAILED");
    nothing_is_left(&world, &ran);
}

#[test]
fn state_that_does_not_fit_is_told_without_stopping_anything() {
    let (world, plan) = stage("rehearsal-state", Variant::Retyped);
    let ran = world
        .upshift(&["rehearse", &plan, "--real", "--soak", "3s"])
        .exits(3)
        .says("StateMigrationException")
        .says("THE REHEARSAL FAILED");
    nothing_is_left(&world, &ran);
}

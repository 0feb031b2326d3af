//! The way back, because the job fails on the new release: by itself, and by hand.

use upshift_lab::{Scene, Strategy, Variant};

use crate::support::{World, until};

#[test]
fn a_failed_gate_brings_the_job_back_to_the_old_cluster_by_itself() {
    let mut scene = Scene::new("back-alone", "1.18.1", "1.20.5", Strategy::InPlace);
    scene.target_variant = Variant::FailsAfterRestore(3);
    scene.policy = policy(&[
        ("soak", "8s"),
        ("on_failed_gate", "roll-back"),
        ("replay_limit", "10m"),
    ]);
    let world = World::set(&scene);
    // The policy goes back by itself only where a record that comes twice does no harm.
    world.edit("sink = \"append\"", "sink = \"idempotent\"");
    let before = world.stage.old().pids().unwrap();
    let plan = world.plan();
    let ran = world
        .upshift(&["apply", &plan])
        .exits(0)
        .says("GOING BACK")
        .says("ROLLED BACK");
    world.mark("rolled back");
    assert!(
        ran.out.contains("on purpose") || ran.err.contains("on purpose"),
        "the job's own words: {ran}"
    );

    assert_eq!(world.status()["phase"], "closed");
    assert_eq!(
        world.old_rest().get("/overview").unwrap()["flink-version"],
        "1.18.1"
    );
    let after = world.stage.old().pids().unwrap();
    assert!(
        after.len() == 2 && after.iter().all(|pid| !before.contains(pid)),
        "{before:?} {after:?}"
    );
    world.assert_one_stop();
    let report = world.prove_complete(world.old_rest());
    assert_eq!(report.jobs().len(), 3, "{report}");
    assert!(
        report.duplicates > 0,
        "what the new job wrote was written again: {report}"
    );
}

#[test]
fn a_person_asked_about_a_failed_gate_goes_back_and_accepts_the_replay() {
    let mut scene = Scene::new("back-by-hand", "1.20.5", "2.3.0", Strategy::Shadow);
    scene.target_variant = Variant::FailsAfterRestore(3);
    scene.policy = policy(&[("soak", "8s"), ("on_failed_gate", "ask")]);
    let world = World::set(&scene);
    let before = world.stage.old().pids().unwrap();
    let plan = world.plan();
    world
        .upshift(&["apply", &plan])
        .exits(6)
        .says("a gate failed")
        .says(" rollback ");
    world.mark("a gate failed");
    let name = "back-by-hand";
    world.upshift(&["finalize", name]).exits(2);
    world
        .upshift(&["rollback", name, "--dry-run"])
        .exits(0)
        .says("replay");
    assert_eq!(world.phase(), "waiting");
    world
        .upshift(&["rollback", name])
        .exits(6)
        .says("--accept-replay");
    assert_eq!(world.phase(), "waiting");
    world
        .upshift(&["rollback", name, "--accept-replay", "--why", "it fails"])
        .exits(0)
        .says("ROLLED BACK");
    world.mark("rolled back");

    assert_eq!(
        world.stage.old().pids().unwrap(),
        before,
        "the old cluster was never stopped"
    );
    until("the new cluster to be gone", || {
        world.new_rest().get("/overview").is_err().then_some(())
    });
    world.assert_one_stop();
    let report = world.prove_complete(world.old_rest());
    assert_eq!(report.jobs().len(), 3, "{report}");
}

pub(crate) fn policy(keys: &[(&str, &str)]) -> Vec<(String, String)> {
    keys.iter()
        .map(|(key, value)| ((*key).to_owned(), format!("{value:?}")))
        .collect()
}

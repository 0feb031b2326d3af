//! State of another type: the restore is accepted, the job is RUNNING, and only then it fails.

#![expect(
    clippy::unwrap_used,
    reason = "the parts of one long story are functions, where clippy does not see a test"
)]

use std::net::{Ipv4Addr, TcpListener};

use upshift_lab::rest::{Format, Submit};
use upshift_lab::{Job, Scene, Strategy, Variant};

use crate::support::{World, until};

/// A savepoint that the job as wanted took elsewhere makes red beforehand what is found below after RUNNING.
fn what_the_wanted_job_writes_tells_its_types(world: &World) {
    let at = world.old_rest();
    let mut scratch = Job::new("scratch", world.path("scratch"));
    scratch.variant = Variant::Retyped;
    let submit = Submit {
        args: scratch.args(),
        ..Submit::default()
    };
    let id = at
        .submit(&at.upload(world.stage.jar()).unwrap(), &submit)
        .unwrap();
    at.wait_for_tasks(&id).unwrap();
    at.wait_for_checkpoints(&id, 1).unwrap();
    let dir = format!("file://{}", world.path("scratch-savepoints").display());
    let savepoint = at.stop_with_savepoint(&id, &dir, Format::Canonical).unwrap();
    at.wait_for_status(&id, "FINISHED").unwrap();
    let named = format!("wanted_snapshot = {savepoint:?}\nsink = \"append\"");
    world.edit("sink = \"append\"", &named);
    world
        .upshift(&["check", &world.file()])
        .exits(3)
        .says("RED      UP-FLINK-0231")
        .says("state count: Long becomes String");
    world.edit(&named, "sink = \"append\"");
    world.mark("red beforehand, by a savepoint of the job as wanted");
}

#[test]
fn state_that_does_not_fit_is_found_after_running_and_the_way_back_works() {
    let mut scene = Scene::new("wrong-state", "1.18.1", "1.20.5", Strategy::Shadow);
    scene.target_variant = Variant::Retyped;
    let world = World::set(&scene);
    what_the_wanted_job_writes_tells_its_types(&world);
    let plan = world.plan();

    // Somebody took a port after the plan was made; it is waited for, and said so.
    let squatter = TcpListener::bind((Ipv4Addr::LOCALHOST, world.stage.shadow_ports().blob)).unwrap();
    let apply = world.start(&["apply", &plan]);
    until("the wait for the port to be told", || {
        world.worker()?;
        world.status()["waiting_for"]
            .to_string()
            .contains("somebody listens")
            .then_some(())
    });
    assert_eq!(
        world.old_rest().running("wrong-state").unwrap(),
        [world.stage.job_id()]
    );
    drop(squatter);

    let ran = apply.end();
    world.mark("found");
    assert!([6, 7].contains(&ran.code), "{ran}");
    let ran = ran.says("StateMigrationException").says(" rollback ");
    assert!(!ran.out.contains("NOT SEEN TO BE SAFE"), "{ran}");

    world
        .upshift(&["rollback", "wrong-state", "--accept-replay"])
        .exits(0)
        .says("ROLLED BACK");
    world.mark("rolled back");
    world.assert_one_stop();
    let report = world.prove_complete(world.old_rest());
    assert_eq!(
        report.jobs().len(),
        2,
        "the job that could not read its state wrote nothing: {report}"
    );
    assert!(report.is_exactly_once(), "so nothing was replayed: {report}");
}

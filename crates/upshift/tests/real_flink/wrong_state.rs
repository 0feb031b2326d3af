//! State of another type: the restore is accepted, the job is RUNNING, and only then it fails.

use std::net::{Ipv4Addr, TcpListener};

use upshift_lab::{Scene, Strategy, Variant};

use crate::support::{World, until};

#[test]
fn state_that_does_not_fit_is_found_after_running_and_the_way_back_works() {
    let mut scene = Scene::new("wrong-state", "1.18.1", "1.20.5", Strategy::Shadow);
    scene.target_variant = Variant::Retyped;
    let world = World::set(&scene);
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

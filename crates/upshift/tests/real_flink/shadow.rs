//! The new cluster is started beside the old one and the job moves.

use upshift_lab::{Scene, Strategy};

use crate::support::{World, until};

#[test]
fn shadow_from_1_20_to_2_3_out_of_an_archive_while_the_terminal_goes_away() {
    let mut scene = Scene::new("shadow", "1.20.5", "2.3.0", Strategy::Shadow);
    scene.from_archive = true;
    let world = World::set(&scene);
    let plan = world.plan();
    world.mark("planned");
    let unpacked = world.path("unpacked/flink-2.3.0");
    assert!(!unpacked.exists());

    let apply = world.start(&["apply", &plan]);
    until("a process of the run's own", || world.worker());
    let gone = apply.hang_up();
    assert_eq!(gone.code, 128 + 1, "apply dies with its terminal: {gone}");
    world.mark("terminal gone");
    until("the run to wait for a person", || {
        (world.phase() == "waiting").then_some(())
    });
    world.mark("applied");
    assert!(unpacked.join("bin").is_dir());
    assert_eq!(
        world.old_rest().get("/overview").unwrap()["flink-version"],
        "1.20.5"
    );
    assert_eq!(
        world.new_rest().get("/overview").unwrap()["flink-version"],
        "2.3.0"
    );
    assert_eq!(world.stage.old().pids().unwrap().len(), 2);

    world.upshift(&["finalize", "shadow"]).exits(0).says("FINALIZED");
    world.mark("finalized");
    assert_eq!(
        world.stage.old().pids().unwrap(),
        Vec::<u32>::new(),
        "the old cluster is stopped"
    );
    assert!(world.old_rest().get("/overview").is_err());
    world.assert_one_stop();
    world.prove_exactly_once(world.new_rest(), 2);
}

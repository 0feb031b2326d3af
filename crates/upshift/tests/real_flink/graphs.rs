//! What the jar's graph tells of a running job's state, row by row; and the target cluster that the plan itself starts,
//! asked for the graph before the job stops.

use upshift_lab::job::UIDS;
use upshift_lab::{Scene, Strategy, Uids, Variant};

use crate::support::World;

const NAME: &str = "asked";

#[test]
fn the_graph_is_judged_beforehand_and_by_the_target_before_the_stop() {
    let mut scene = Scene::new(NAME, "1.18.1", "1.20.5", Strategy::Shadow);
    scene.target_variant = Variant::Inserted;
    scene.tune = |job| job.uids = Uids::None;
    let world = World::set(&scene);
    world.edit(&format!("uids = {UIDS:?}"), "uids = []\ngraph = \"probe\"");
    rows(&world);
    world.edit("graph = \"probe\"", "graph = \"target\"");
    the_target_halts_the_run(&world);
    // The same program keeps its ids, so the gate lets it pass.
    variant(&world, "inserted", "base");
    let plan = world.plan_to("same.plan");
    world.upshift(&["apply", &plan]).exits(6);
    world.upshift(&["finalize", NAME]).exits(0).says("FINALIZED");
    world.mark("moved, once the target's graph fitted");
    world.prove_exactly_once(world.new_rest(), 2);
}

/// What `check` says of each jar, from the job's newest checkpoint.
fn rows(world: &World) {
    let rows = [
        ("removed", "RED      UP-FLINK-0210", "no operator of this id"),
        (
            "replaced",
            "RED      UP-FLINK-0227",
            "\"counter\" in the snapshot, \"audit\" in the job as wanted",
        ),
        ("text-keys", "RED      UP-FLINK-0232", "StringSerializer"),
        ("rechained", "RED      UP-FLINK-0210", "no operator of this id"),
    ];
    for (name, code, says) in rows {
        variant(world, "inserted", name);
        world
            .upshift(&["check", &world.file()])
            .exits(3)
            .says(code)
            .says(says);
        variant(world, name, "inserted");
        world.mark(&format!("{name}: {code}"));
    }
}

fn variant(world: &World, from: &str, to: &str) {
    world.edit(
        &format!("\"--variant\", {from:?}"),
        &format!("\"--variant\", {to:?}"),
    );
}

/// Only the target can tell, and it does not stand yet: the plan asks it, and halts.
fn the_target_halts_the_run(world: &World) {
    let plan = world.path("halts.plan").display().to_string();
    world
        .upshift(&["plan", &world.file(), "-o", &plan])
        .exits(0)
        .says("UP-FLINK-0251")
        .says("the plan asks the target cluster for the jar's graph");
    world
        .upshift(&["apply", &plan])
        .exits(6)
        .says("WAITING FOR A PERSON: a gate failed")
        .says("UP-FLINK-0251")
        .says("only the heads of its chains are known");
    assert_eq!(
        world.old_rest().running(NAME).expect("the old cluster answers"),
        [world.stage.job_id()]
    );
    world.mark("the target's graph does not fit: the run waits before the stop");
    world.upshift(&["rollback", NAME]).exits(0);
    world.mark("the cluster that was started for it is gone again");
}

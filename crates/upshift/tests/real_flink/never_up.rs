//! The old cluster is stopped, and the new one does not come up.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use upshift_lab::{Scene, Strategy};

use crate::support::{World, put};

#[test]
fn a_new_cluster_that_never_comes_up_leaves_the_state_safe_and_the_way_back_open() {
    let world = World::set(&Scene::new("never-up", "1.18.1", "1.20.5", Strategy::InPlace));
    let java = world.stage.java().home().display().to_string();
    let broken = broken_java(&world, &java);
    world.edit(
        &format!("java_home = {java:?}"),
        &format!("java_home = {{ current = {java:?}, target = {broken:?} }}"),
    );
    let plan = world.plan();
    let ran = world.upshift(&["apply", &plan]).exits(7);
    world.mark("halted");
    let (_, stop) = world
        .restore_points()
        .into_iter()
        .find(|(slot, _)| slot == "S/never-up")
        .unwrap();
    let ran = ran
        .says("UP-FLINK-0311")
        .says("Could not create the Java Virtual Machine")
        .says("state safe");
    let ran = ran.says(&stop).says(" rollback ");
    assert!(!ran.out.contains("NOT SEEN TO BE SAFE"), "{ran}");
    assert_eq!(world.status()["phase"], "halted");

    // The cause is still there: the same again, and nothing worse.
    world.upshift(&["resume", "never-up"]).exits(7).says("state safe");
    world.mark("halted again");

    let back = world
        .upshift(&["rollback", "never-up", "--accept-replay"])
        .exits(0);
    back.says("ROLLED BACK");
    world.mark("rolled back");
    assert_eq!(
        world.old_rest().get("/overview").unwrap()["flink-version"],
        "1.18.1"
    );
    world.assert_one_stop();
    // Nothing ran on the new cluster, so nothing is replayed.
    world.prove_exactly_once(world.old_rest(), 2);
}

/// A Java that tells its version like the real one and cannot start a server.
fn broken_java(world: &World, real: &str) -> String {
    let home = world.path("broken-java");
    fs::create_dir_all(home.join("bin")).expect("a folder can be made");
    if let Ok(release) = fs::read_to_string(format!("{real}/release")) {
        put(&home.join("release"), &release);
    }
    let program = home.join("bin/java");
    let text = format!(
        "#!/bin/sh\ncase \"$*\" in\n*Entrypoint*|*TaskManagerRunner*) \
         echo 'Error: Could not create the Java Virtual Machine.' >&2; exit 1;;\nesac\n\
         exec {real}/bin/java \"$@\"\n"
    );
    put(&program, &text);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a file can be made runnable");
    home.display().to_string()
}

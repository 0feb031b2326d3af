//! The old cluster is stopped and the new one takes its place.

use std::fs;

use upshift_lab::{Scene, Strategy};

use crate::support::{World, local};

#[test]
fn in_place_from_1_18_to_1_20_and_accepted() {
    let world = World::set(&Scene::new("in-place", "1.18.1", "1.20.5", Strategy::InPlace));
    world.upshift(&["check", &world.file()]).exits(0);
    let plan = world.plan();
    world.mark("planned");
    world.upshift(&["apply", &plan]).exits(6).says(" finalize ");
    world.mark("applied");

    let status = world.status();
    assert_eq!(status["phase"], "waiting", "{status}");
    assert_eq!(
        (&status["from"], &status["to"]),
        (&"1.18.1".into(), &"1.20.5".into())
    );
    assert_eq!(
        (&status["strategy"], &status["open"]),
        (&"in place".into(), &true.into())
    );
    let runs = world.upshift(&["runs", "--json"]).exits(0).json();
    assert_eq!(runs.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&runs[0]["run"], &runs[0]["phase"]),
        (&status["run"], &"waiting".into())
    );
    let overview = world.new_rest().get("/overview").unwrap();
    assert_eq!(overview["flink-version"], "1.20.5", "{overview}");

    // Who holds the system is told to whoever wants it, too.
    let pid = world.worker().unwrap().to_string();
    let second = world
        .upshift(&["apply", &plan])
        .exits(2)
        .says("UP-STORE-0001")
        .says(&format!("process {pid}"));
    second.says("opened by").says(status["run"].as_str().unwrap());

    world.upshift(&["finalize"]).exits(0).says("FINALIZED");
    world.mark("finalized");
    assert_eq!(
        world.upshift(&["status", "in-place", "--json"]).exits(0).json()["phase"],
        "closed"
    );
    world.assert_one_stop();
    assert!(
        world
            .restore_points()
            .iter()
            .all(|(_, at)| local(at).join("_metadata").is_file())
    );

    // Carried over under the name that the new release reads, with the values of the old file.
    let (old, new) = (
        world.path("old/conf/flink-conf.yaml"),
        world.path("new/conf/config.yaml"),
    );
    let (old, new) = (fs::read_to_string(old).unwrap(), fs::read_to_string(new).unwrap());
    assert!(!world.path("new/conf/flink-conf.yaml").exists());
    let ports = world.stage.old().ports();
    for value in [ports.rest, ports.rpc, ports.blob] {
        assert!(
            old.contains(&value.to_string()) && new.contains(&value.to_string()),
            "{value} in\n{new}"
        );
    }

    let report = world.prove_exactly_once(world.new_rest(), 2);
    assert!(
        report.attempts.last().is_some_and(|a| a.restored_from.is_some()),
        "{report}"
    );
}

//! All servers go from 0.7 to 0.9 and back again, the coordinator among them, while a load that checks itself goes on. In
//! between an epoch stands in ZooKeeper as a coordinator of 1.0 leaves it: then the way back is closed, and its repair is
//! printed.

use upshift_lab::FlussOptions;

use super::story::Story;

const FROM: &str = "0.7.0";
const TO: &str = "0.9.1-incubating";

#[test]
fn the_whole_way_there_and_back_past_the_coordinator_unless_an_epoch_closes_it() {
    let options = FlussOptions {
        tablet_servers: 2,
        replicas: 2,
        min_in_sync: 1,
        ..FlussOptions::default()
    };
    let story = Story::set("real-fluss-back", [FROM, TO], &options);
    let file = story.put("roll.toml", &story.system_file(std::path::Path::to_owned, ""));
    story.make_a_table();
    let load = story.load();
    let plan = story.path("up.plan");
    let planned = story.upshift(&["plan", &file, "-o", &plan]);
    println!("{}", planned.exits(0));
    let there = story.on(story.upshift(&["apply", &plan]));
    println!("{}", there.exits(6).says(" finalize "));
    assert_eq!(story.lines(&file), ["[0,9]"; 3]);
    story.mark("all servers are replaced");

    an_epoch_closes_the_way(&story);

    let back = story.on(story.upshift(&["rollback", "roll"]));
    println!("{}", back.exits(0).says("ROLLED BACK"));
    story.mark("rolled back");
    assert_eq!(story.lines(&file), ["[0,7]"; 3]);
    story.until_green();
    let account = load.stop().unwrap_or_else(|e| panic!("{e}"));
    println!("{account}");
    assert!(account.is_clean(), "{account}");
}

/// A coordinator of 0.9 does not read the node, so that the cluster goes on all the while.
fn an_epoch_closes_the_way(story: &Story) {
    let zookeeper = |line: &str| {
        let said = story.cluster.zookeeper_shell(&story.homes[1], &[line.to_owned()]);
        println!("{}", said.unwrap_or_else(|e| panic!("{e}")));
    };
    let none = story.upshift(&["rollback", "roll", "--repair"]);
    none.exits(7).says("no epoch is above zero");
    zookeeper("create /fluss/coordinators/epoch 1");
    let refused = story.upshift(&["rollback", "roll"]);
    println!("{}", refused.exits(7).says("bears epoch 1"));
    let stands_at = story.status()["stands_at"].to_string();
    assert!(
        stands_at.contains("every gate held"),
        "nothing is taken back: {stands_at}"
    );
    let repair = story.upshift(&["rollback", "roll", "--repair"]).exits(0);
    println!("{repair}");
    for said in [
        "0.7.0 after 0.9.1-incubating with coordinator epoch 1",
        "set /fluss/coordinators/epoch 0",
        "# coordinator",
        "# tablet server 1",
        "upshift inspect fluss --zookeeper",
    ] {
        assert!(repair.out.contains(said), "{said}: {repair}");
    }
    zookeeper("set /fluss/coordinators/epoch 0");
    story.mark("the epoch came and went");
}

//! From 0.6 to 0.7 no server of the one stands beside those of the other, so all are stopped: half-way and back, then the
//! whole way. What was written before is read after each.

use std::path::Path;
use std::time::{Duration, Instant};

use upshift_drivers::fluss::rpc::{Canary, Seen, prove, seen};
use upshift_lab::FlussOptions;

use super::story::{Story, begun, waited_for};
use super::{LIMIT, pause};

const FROM: &str = "0.6.0";
const TO: &str = "0.7.0";

/// A row in every bucket, and read from there. Leaders are known to clients a moment later than to ZooKeeper.
fn write(table: &Canary, row: i64) {
    let begun = Instant::now();
    while let Err(error) = waited_for(prove(table, row)) {
        assert!(begun.elapsed() < LIMIT, "{error}");
        pause(Duration::from_millis(300));
    }
}

/// Every bucket has all of these rows.
fn read(table: &Canary, rows: &[i64]) {
    let begun = Instant::now();
    for row in rows {
        loop {
            match waited_for(seen(table, *row)) {
                Ok(Seen::Whole { buckets, .. }) => break assert_eq!(buckets, 6),
                Ok(Seen::Missing) => panic!("row {row} is gone"),
                Err(error) => assert!(begun.elapsed() < LIMIT, "{error}"),
            }
            pause(Duration::from_millis(300));
        }
    }
}

#[test]
fn from_0_6_everything_stops_half_way_and_back_then_the_whole_way_and_nothing_is_lost() {
    let options = FlussOptions {
        tablet_servers: 2,
        replicas: 2,
        min_in_sync: 1,
        ..FlussOptions::default()
    };
    let mut story = Story::set("real-fluss-stop", [FROM, TO], &options);
    let file = story.put("roll.toml", &story.system_file(Path::to_owned, ""));
    let table = story.make_a_table();
    write(&table, 1);
    write(&table, 2);
    story.until_green_or_freed();
    let plan = story.path("up.plan");
    let planned = story.upshift(&["plan", &file, "-o", &plan]);
    let planned = planned.exits(0).says("EVERYTHING IS AWAY from here");
    println!("{planned}");
    for wave in [
        "stop all servers",
        "start tablet servers",
        "start the coordinator",
    ] {
        assert!(planned.out.contains(wave), "{wave}: {planned}");
    }

    // Until the new coordinator is started, all of it goes back.
    let follower = story.start(&["apply", &plan]);
    story.until("the second tablet server is started", begun("3.2"));
    // A follower that calls its leader while that starts may stay with a dead connection: the halt says how to free it.
    let back = story.on(story.upshift(&["rollback", "roll"]));
    println!("{}", back.exits(0).says("ROLLED BACK"));
    follower.end();
    story.mark("rolled back");
    assert_eq!(story.lines(&file), ["[0,6]"; 3]);
    read(&table, &[1, 2]);
    write(&table, 3);

    story.until_green();
    story.upshift(&["plan", &file, "-o", &plan]).exits(0);
    let there = story.on(story.upshift(&["apply", &plan]));
    println!("{}", there.exits(6).says(" finalize "));
    story.mark("all servers are replaced");
    assert_eq!(story.lines(&file), ["[0,7]"; 3]);
    story.until_green();
    read(&table, &[1, 2, 3]);
    write(&table, 4);
    story.upshift(&["finalize", "roll"]).exits(0).says("FINALIZED");
    story.mark("accepted");
}

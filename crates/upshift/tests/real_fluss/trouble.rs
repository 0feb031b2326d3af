//! Whatever fails under a roll takes nothing more down, and the roll goes on after it: the operator's own probe says no,
//! another server dies while one is being replaced, ZooKeeper is away.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use upshift_lab::FlussOptions;

use super::pause;
use super::story::{Story, begun};

/// Three times as long as a server's session.
const AWAY: Duration = Duration::from_secs(30);

#[test]
fn whatever_fails_takes_nothing_more_down_and_the_roll_goes_on_after_it() {
    let mut story = Story::set(
        "real-fluss-trouble",
        ["0.7.0", "0.9.1-incubating"],
        &FlussOptions::default(),
    );
    let probe = format!(
        "\n[[probe]]\nname = \"orders go on\"\ncommand = [\"test\", \"-e\", {:?}]\n",
        story.path("orders-go-on")
    );
    let file = story.put("roll.toml", &story.system_file(Path::to_owned, &probe));
    story.put("orders-go-on", "");
    story.make_a_table();
    let plan = story.path("up.plan");
    let planned = story.upshift(&["plan", &file, "-o", &plan]);
    println!("{}", planned.exits(0));
    let follower = story.start(&["apply", &plan]);

    // The operator's own probe says no: the next server stays up.
    story.until("the first tablet server is started", begun("2.2"));
    std::fs::remove_file(story.path("orders-go-on")).expect("removed");
    story.until("the operator's own probe is waited for", |status: &Value| {
        status["waiting_for"].to_string().contains("orders go on")
    });
    assert!(!begun("3.1")(&story.status()));
    story.put("orders-go-on", "");

    // Another one dies while the second one is being replaced.
    story.until("the second tablet server is started", begun("3.2"));
    story.cluster.kill_tablet_server(2).expect("killed");
    let halted = follower.end();
    println!("{halted}");
    assert!([6, 7].contains(&halted.code), "{halted}");
    let halted = halted
        .says("UP-FLUSS-0408")
        .says("tablet server 2 not registered");
    assert!(!begun("4.1")(&story.status()), "{halted}");
    let home = story.homes[0].clone();
    story.cluster.start_tablet_server(2, &home).expect("started");
    drop(story.resumes("it is back"));

    // ZooKeeper is away once the second one is up.
    story.until("the third tablet server is being replaced", begun("4.3"));
    story.cluster.stop_zookeeper().expect("stopped");
    pause(AWAY);
    story.cluster.start_zookeeper(&home).expect("started");
    story.mark("ZooKeeper was away");
    story.until("every gate held", |_| {
        story.upshift(&["status", "roll"]).out.contains(" finalize ")
    });
    assert_eq!(story.lines(&file), ["[0,9]"; 4]);
    story.upshift(&["finalize", "roll"]).exits(0).says("FINALIZED");
    story.mark("all servers are replaced");
}

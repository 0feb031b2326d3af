//! Whatever fails under a roll takes nothing more down, and the roll goes on after it: the operator's own probe says no,
//! another server dies while one is being replaced, a server never registers, ZooKeeper is away for a minute.

use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use upshift_lab::FlussOptions;

use super::ran::Running;
use super::story::{Story, begun, stuck};
use super::{LIMIT, pause};

/// Six times as long as a server's session.
const AWAY: Duration = Duration::from_secs(60);
/// What the operator's probe looks for.
const PROBED: &str = "orders-go-on";

#[test]
fn whatever_fails_takes_nothing_more_down_and_the_roll_goes_on_after_it() {
    let mut story = Story::set(
        "real-fluss-trouble",
        ["0.7.0", "0.9.1-incubating"],
        &FlussOptions::default(),
    );
    let probe = format!(
        "\n[[probe]]\nname = \"orders go on\"\ncommand = [\"test\", \"-e\", {:?}]\n",
        story.path(PROBED)
    );
    let file = story.put("roll.toml", &story.system_file(Path::to_owned, &probe));
    story.put(PROBED, "");
    story.make_a_table();
    let plan = story.path("up.plan");
    let planned = story.upshift(&["plan", &file, "-o", &plan]);
    println!("{}", planned.exits(0));
    let follower = story.start(&["apply", &plan]);

    the_operators_own_probe_says_no(&story);
    another_server_dies(&mut story, follower);
    a_server_never_registers(&story);
    zookeeper_is_away(&mut story);

    story.until("every gate held", |_| {
        story.upshift(&["status", "roll"]).out.contains(" finalize ")
    });
    assert_eq!(story.lines(&file), ["[0,9]"; 4]);
    story.upshift(&["finalize", "roll"]).exits(0).says("FINALIZED");
    story.mark("all servers are replaced");
}

fn the_operators_own_probe_says_no(story: &Story) {
    story.until("the first tablet server is started", begun("2.2"));
    std::fs::remove_file(story.path(PROBED)).expect("removed");
    story.until("the operator's own probe is waited for", |status: &Value| {
        status["waiting_for"].to_string().contains("orders go on")
    });
    assert!(!begun("3.1")(&story.status()), "the next one stays up");
    story.put(PROBED, "");
}

/// While the second one is being replaced.
fn another_server_dies(story: &mut Story, follower: Running) {
    story.until("the second tablet server is started", begun("3.2"));
    story.cluster.kill_tablet_server(2).expect("killed");
    let halted = story.on(follower.end());
    println!("{halted}");
    assert!([6, 7].contains(&halted.code), "{halted}");
    let halted = halted
        .says("UP-FLUSS-0408")
        .says("tablet server 2 not registered");
    story.mark("it halts since another one is away");
    assert!(!begun("4.1")(&story.status()), "{halted}");
    let home = story.homes[0].clone();
    story.cluster.start_tablet_server(2, &home).expect("started");
    drop(story.resumes("it is back"));
}

/// The third one, since somebody else has its port.
fn a_server_never_registers(story: &Story) {
    story.until("the third tablet server is being stopped", begun("4.1"));
    let somebody = take(&story.cluster.tablet_server(2));
    story.mark("somebody else has its port");
    let since = Instant::now();
    while !story.stands() {
        assert!(since.elapsed() < LIMIT, "it never halts");
        pause(Duration::from_millis(200));
    }
    let halted = story.upshift(&["status", "roll"]);
    println!("{halted}");
    let halted = halted
        .says("UP-FLUSS-0407")
        .says("tablet server 2 did not come up")
        .says("Address already in use");
    story.mark("it halts since the third one does not come up");
    assert!(!begun("5.1")(&story.status()), "{halted}");
    drop(somebody);
    drop(story.resumes("the port is free"));
}

/// As soon as whoever has it lets go of it.
fn take(address: &str) -> TcpListener {
    let since = Instant::now();
    loop {
        match TcpListener::bind(address) {
            Ok(taken) => return taken,
            Err(error) => assert!(since.elapsed() < LIMIT, "{address}: {error}"),
        }
        pause(Duration::from_millis(5));
    }
}

/// Once the third one is started, for longer than any session lasts: every server registers anew.
fn zookeeper_is_away(story: &mut Story) {
    story.until("the third tablet server is started", begun("4.3"));
    // Held by the probe until then: a coordinator of 0.7 that loses its session while it makes a table ends over it, and
    // what is half made keeps the next one from starting (seen once).
    std::fs::remove_file(story.path(PROBED)).expect("removed");
    story.until("the probe holds the roll", |status: &Value| {
        status["waiting_for"].to_string().contains("orders go on")
    });
    let home = story.homes[0].clone();
    story.cluster.stop_zookeeper().expect("stopped");
    story.mark("ZooKeeper is away");
    pause(AWAY);
    assert!(
        !begun("5.1")(&story.status()),
        "nothing is taken down that is not seen"
    );
    story.cluster.start_zookeeper(&home).expect("started");
    story.mark("ZooKeeper is back");
    story.put(PROBED, "");

    // A coordinator that ended over its session all the same is started, as its supervisor would, where the roll halts.
    let since = Instant::now();
    while !begun("5.1")(&story.status()) {
        if story.stands() {
            let ran = story.upshift(&["status", "roll"]);
            match stuck(&ran) {
                Some(server) => drop(story.goes_on(&["restart", &server, "roll"])),
                None => {
                    println!("{}", ran.says("coordinator not registered"));
                    story.cluster.start_coordinator(&home).expect("started");
                    story.mark("the coordinator ended over its session and is started again");
                    drop(story.resumes("the coordinator runs again"));
                }
            }
        }
        assert!(since.elapsed() < LIMIT, "it does not go on");
        pause(Duration::from_millis(200));
    }
}

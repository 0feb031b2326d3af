//! A daemon that dies is followed by another; one that was only stopped finds that it was.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustix::process::Signal;
use upshift_engine::codes;
use upshift_model::plan::{Sealed, Site};
use upshift_model::run_state::Phase;
use upshift_sim::wire::{Moment, Scene, Verdict};

use crate::support::{LEASE, Story, server, signal_to};

fn closed(state: &upshift_model::run_state::RunState) -> bool {
    matches!(state.phase, Phase::Closed { .. })
}

fn quick() -> Scene {
    Scene::new()
        .policy("soak", "\"100ms\"")
        .policy("finalize_after", "\"1ms\"")
}

/// What an undisturbed run does to the world.
fn calm() -> Vec<String> {
    let story = Story::set(&quick(), 1);
    story.begin();
    story.until_state("the run is over", closed);
    story.effects()
}

#[test]
fn whoever_is_killed_is_followed_and_a_persons_word_reaches_whoever_has_the_run() {
    let story = Story::set(&Scene::new().policy("soak", "\"100ms\""), 4);
    story.begin();
    story.until_state("a person is asked", |state| {
        matches!(state.phase, Phase::Waiting { .. })
    });
    let mut times = Vec::new();
    for _ in 0..3 {
        let pid = story.holder(|_| true);
        story.daemons[story.number(pid)].signal(Signal::KILL);
        let killed = Instant::now();
        story.holder(|other| other != pid);
        times.push(killed.elapsed());
    }
    times.sort();
    println!("lease {LEASE:?}, takeovers after {times:?}");
    story.upshift(&["finalize", "--why", "all well", "--ticket", "OPS-7"], 0);
    let state = story.until_state("the run is over", closed);
    // One epoch for each owner: the first, and those after the kills.
    assert_eq!(state.last.epoch, 4);
    assert_eq!(story.effects(), calm());
}

#[test]
fn a_daemon_stopped_in_a_call_and_revived_cannot_append() {
    let story = Story::set(&quick(), 2);
    let (stopped, pids) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(0_u32)));
    let (once, of) = (Arc::clone(&stopped), Arc::clone(&pids));
    story.stage.server.watch(move |contact| {
        let pid = *of.lock().unwrap();
        if pid != 0
            && contact.changes
            && contact.moment == Moment::Before
            && !once.swap(true, Ordering::SeqCst)
        {
            signal_to(pid, Signal::STOP);
        }
        Verdict::Go
    });
    // Held until it is known whom to stop.
    server().psql(&story.address, &stall(2, 2.0)).unwrap();
    story.begin();
    let first = story.holder(|_| true);
    *pids.lock().unwrap() = first;
    story.until("it is stopped", || stopped.load(Ordering::SeqCst).then_some(()));
    story.holder(|pid| pid != first);
    story.until_state("the run is over", closed);
    let before = story.journal().0.len();
    story.daemons[story.number(first)].signal(Signal::CONT);
    is_fenced(&story, first);
    assert_eq!(story.journal().0.len(), before);
    assert_eq!(story.effects(), calm());
}

#[test]
fn a_daemon_stopped_between_intent_and_effect_and_revived_does_not_act() {
    let story = Story::set(&quick(), 2);
    // The first intent of the run takes a second to be written; in it, its writer is stopped.
    server().psql(&story.address, &stall(2, 1.0)).unwrap();
    story.begin();
    let first = story.holder(|_| true);
    let sleeps =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
    story.until("the intent is being written", || {
        (server().psql(&story.address, sleeps).unwrap() == "1").then_some(())
    });
    story.daemons[story.number(first)].signal(Signal::STOP);
    story.until_state("the intent is durable", |state| state.last.seq >= 2);
    assert_eq!(story.effects(), Vec::<String>::new());
    story.holder(|pid| pid != first);
    story.until_state("the run is over", closed);
    story.daemons[story.number(first)].signal(Signal::CONT);
    is_fenced(&story, first);
    assert_eq!(story.effects(), calm());
}

/// The revived one says so, and goes on with other work.
fn is_fenced(story: &Story, pid: u32) {
    let n = story.number(pid);
    let told = story.until("the revived one has noticed", || {
        Some(story.told_by(n)).filter(|told| told.contains("cannot go on with run"))
    });
    assert!(told.contains(codes::FENCED.as_str()), "{told}");
}

/// Makes the append of a record by the first owner take so many seconds.
fn stall(seq: u64, seconds: f32) -> String {
    format!(
        "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             PERFORM pg_sleep({seconds}); RETURN NEW; END $$;
         CREATE TRIGGER stall BEFORE INSERT ON upshift.entries FOR EACH ROW
             WHEN (NEW.seq = {seq} AND NEW.body LIKE '%\"epoch\":1,%') EXECUTE FUNCTION stall();"
    )
}

#[test]
fn a_run_of_another_machine_is_left_alone_unless_the_daemon_is_told_otherwise() {
    let mut story = Story::set(&quick(), 1);
    story.open_elsewhere();
    std::thread::park_timeout(LEASE);
    assert!(!story.told_by(0).contains("takes run"), "{}", story.told_by(0));
    story.add_daemon(&["--any-host"]);
    story.until_state("the run is over", closed);
    assert_eq!(story.effects(), calm());
}

#[test]
fn a_bundle_holds_the_run_and_no_secret() {
    let story = Story::set(&quick(), 1);
    story.begin();
    story.until_state("the run is over", closed);
    let text = std::fs::read_to_string(story.dir.path().join("up.plan")).unwrap();
    let Site::Flink(site) = Sealed::from_file(&text).unwrap().plan.site else {
        panic!("of Flink")
    };
    let installation = site
        .clusters
        .values()
        .find_map(|c| c.installation.as_ref())
        .unwrap();
    let logs = installation
        .logs
        .clone()
        .unwrap_or_else(|| installation.home.join("log"));
    std::fs::create_dir_all(&logs).unwrap();
    let mut log = std::fs::File::create(logs.join("flink-canary.log")).unwrap();
    log.write_all(b"s3.secret-key: c4n4ry1\nfetch http://me:c4n4ry2@host/x\na password='c4n4ry3' here\nNo TaskManagers\n")
        .unwrap();
    let run = story.run().to_string();
    story.upshift(&["bundle", &run, "-o", "run.tar.gz"], 0);
    let taken = story.upshift(&["bundle", &run, "-o", "run.tar.gz"], 2);
    assert!(taken.starts_with("UP-CONF-0013"), "{taken}");
    let unpacked = std::process::Command::new("tar")
        .args(["-xzOf", "run.tar.gz"])
        .current_dir(story.dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8(unpacked.stdout).unwrap();
    assert!(!text.contains("c4n4ry"), "a secret is in the bundle");
    for part in [
        "No TaskManagers",
        "\"is\":\"closed\"",
        "head ",
        "Redacted: ",
        "# record  when",
    ] {
        assert!(text.contains(part), "{part} is missing");
    }
    // What was kept elsewhere still fits, and another mark does not.
    let mark = story.upshift(&["journal", "head", &run], 0).trim().to_owned();
    story.upshift(&["journal", "verify", &run, "--head", &mark], 0);
    let more = mark.replacen(|c: char| c.is_ascii_digit(), "9", 1);
    let lost = story.upshift(&["journal", "verify", &run, "--head", &more], 8);
    assert!(lost.contains("UP-STORE-0005"), "{lost}");
}

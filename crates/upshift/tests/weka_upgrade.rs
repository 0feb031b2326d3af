//! The whole way of a WEKA upgrade over two hops with clients between them: the real program over real OpenSSH servers,
//! each of which plays one server of a made-up cluster. On the way a phase fails, a client fails, the process is killed
//! while backends are upgraded, and the server that carries the upgrade out is not reached: no command is ever begun
//! twice, and none is lost.
//!
//! What it cannot prove is anything of the real product: shapes come from public sources.

#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;

use std::cell::Cell;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use ran::{Ran, Running};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use upshift_lab::{WekaCluster, WekaOptions};
use upshift_model::plan::Sealed;

const LIMIT: Duration = Duration::from_secs(600);
const FROM: &str = "4.2.18.34";
const BETWEEN: &str = "4.4.26";
const TO: &str = "5.1.25";
const BACKENDS: usize = 3;
const CANARY: &str = "canary-";
/// What is so of the cluster whatever else is wrong: the plan deals with it.
const ALWAYS: [&str; 2] = ["package-missing@0", "rpc-statd@1"];

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

struct Story {
    cluster: WekaCluster,
    dir: PathBuf,
    commands: Cell<u32>,
}

/// A run that waits for a person has a process that waits: none outlives its story.
impl Drop for Story {
    fn drop(&mut self) {
        for pid in self.workers() {
            // One that has ended by itself is what is wanted.
            kill_process(pid, Signal::KILL).ok();
        }
    }
}

impl Story {
    fn set() -> Self {
        Self::of(WekaOptions::healthy(BACKENDS, FROM, TO), &ALWAYS)
    }

    fn of(options: WekaOptions, faults: &[&str]) -> Self {
        Self::paced(options, faults, 150)
    }

    /// One step of an upgrade takes so long.
    fn paced(options: WekaOptions, faults: &[&str], step_ms: u64) -> Self {
        let options = WekaOptions {
            clients: 3,
            faults: faults.iter().map(|&fault| fault.to_owned()).collect(),
            step_ms,
            conversion_ms: 500,
            ..options
        };
        let cluster = WekaCluster::start(options).expect("servers");
        let dir = cluster.dir().join("story");
        std::fs::create_dir(&dir).expect("a folder");
        Self {
            cluster,
            dir,
            commands: Cell::new(0),
        }
    }

    fn file(&self) -> String {
        self.file_with("")
    }

    fn file_with(&self, more: &str) -> String {
        let own = "client_batch = 2\nhold = \"1s\"\n[[waive]]\ncode = \"UP-WEKA-0404\"\nsubject = \"NFS\"\nreason = \
                    \"it has none\"\nby = \"test\"\n";
        let file = self
            .cluster
            .system_file_with(&format!("{more}{own}"))
            .expect("a file");
        file.display().to_string()
    }

    fn plan(&self) -> String {
        self.dir.join("up.plan").display().to_string()
    }

    fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let mut command = Command::new(env!("CARGO_BIN_EXE_upshift"));
        command
            .arg("--state-dir")
            .arg(self.dir.join("state"))
            .current_dir(&self.dir)
            .env("NO_COLOR", "1")
            .env("WEKA_TOKEN", "canary-token");
        Running::start(command, words, &self.dir.join(format!("command-{number}")))
    }

    #[track_caller]
    fn upshift(&self, words: &[&str]) -> Ran {
        let ran = self.start(words).end();
        assert!(!ran.to_string().contains(CANARY), "a secret is shown: {ran}");
        ran
    }

    /// A file for what is done beside the upgrade.
    fn beside(&self) -> String {
        let (keys, tables) = BESIDE.split_once("[[task]]").expect("tables");
        let file = self.file_with(keys);
        let mut out = std::fs::File::options()
            .append(true)
            .open(&file)
            .expect("the file");
        out.write_all(format!("[[task]]{tables}").as_bytes())
            .expect("room");
        file
    }

    fn changes(&self) -> Vec<String> {
        let state = self.cluster.state().expect("a state");
        let all = state["changes"].as_array().expect("a list").iter();
        all.filter_map(|change| change.as_str().map(str::to_owned))
            .collect()
    }

    fn faults(&mut self, faults: &[&str]) {
        let all: Vec<&str> = faults.iter().copied().chain(ALWAYS).collect();
        self.cluster.with_faults(&all).expect("another world");
    }

    /// Words of the commands of upgrades that were begun, with the release and how each ended.
    fn begun(&self) -> Vec<(String, String, Value)> {
        let state = self.cluster.state().expect("a state");
        assert_eq!(
            state["turned_away"], 0,
            "a command was begun beside another: {state}"
        );
        let all = state["begun"].as_array().expect("a list");
        all.iter()
            .map(|one| {
                let words = one["words"].as_array().expect("words").iter();
                let words: Vec<&str> = words.filter_map(Value::as_str).collect();
                let release = one["release"].as_str().expect("a release").to_owned();
                (release, words.join(" "), one["ended"].clone())
            })
            .collect()
    }

    fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) {
        let since = Instant::now();
        loop {
            if self.cluster.state().is_ok_and(|state| holds(&state)) {
                return;
            }
            assert!(since.elapsed() < LIMIT, "never: {what}");
            pause(Duration::from_millis(100));
        }
    }

    /// Processes that carry runs of this story on: they name its state folder.
    fn workers(&self) -> Vec<Pid> {
        let state = self.dir.join("state").into_os_string().into_encoded_bytes();
        let all = std::fs::read_dir("/proc").expect("processes");
        let of_story = all.flatten().filter(|entry| {
            // A process may end while it is looked at.
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == state)
        });
        let pids = of_story.filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?));
        pids.collect()
    }

    fn kill_worker(&self) {
        let rows = self.upshift(&["runs", "--json"]).json();
        let rows = rows.as_array().expect("a list");
        let row = rows.iter().find(|row| row["open"] == true).expect("an open run");
        let pid = row["held_by_pid"].as_i64();
        let pid = pid.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        kill_process(pid.unwrap_or_else(|| panic!("a worker: {row}")), Signal::KILL).expect("killed");
    }
}

fn ndu(words: &str, ended: Value) -> (String, String, Value) {
    (BETWEEN.to_owned(), words.to_owned(), ended)
}

fn clients(ids: &str) -> String {
    format!("--mode=clients-upgrade --client-rolling-batch-size 2 --clients-to-upgrade {ids} --from backends")
}

fn a_phase_fails(story: &mut Story) {
    // A phase fails: a person has to say that it goes on, and it goes on in that phase.
    story.faults(&["ndu-computes-fails@1"]);
    let halted = story.upshift(&["apply", &story.plan()]);
    for said in [
        "UP-WEKA-0513",
        "be001: compute0 did not become ready",
        "--ndu-computes-phase",
    ] {
        assert!(halted.to_string().contains(said), "{said}: {halted}");
    }
    halted.exits(7);
    assert_eq!(story.begun(), [ndu("", json!(1))]);
    let back = story.upshift(&["rollback", "emulated"]);
    assert!(back.to_string().contains("WEKA knows no way back"), "{back}");
    assert_eq!(story.begun().len(), 1, "nothing is begun without a person's word");
}

fn a_client_fails(story: &mut Story) {
    // A client fails: its batch is finished, and no later one begun.
    story.faults(&["client-fails@c0"]);
    let halted = story.upshift(&["resume", "emulated"]);
    for said in ["UP-WEKA-0514", "cl000: the container did not come up"] {
        assert!(halted.to_string().contains(said), "{said}: {halted}");
    }
    assert_eq!(
        story.begun(),
        [
            ndu("", json!(1)),
            ndu("--ndu-computes-phase", json!(0)),
            ndu(&clients("9,10,11"), json!(1)),
        ]
    );
    let state = story.cluster.state().expect("a state");
    assert_eq!(
        state["clients"],
        json!({"1": BETWEEN}),
        "the second of the batch, not the third client"
    );
}

/// Before the second hop everything is looked at again: what is red then stands in its way by name.
fn hop_is_judged(story: &mut Story) {
    story.faults(&["clock-skew@1", "fsck-old"]);
    let halted = story.upshift(&["resume", "emulated"]);
    for said in [
        "UP-WEKA-0206 clocks are wrong (backends)",
        "UP-WEKA-0151 there is no clean check of filesystems since the last upgrade",
        "be001: 90 s ahead",
        "the last check is older than the last upgrade",
    ] {
        assert!(halted.to_string().contains(said), "{said}: {halted}");
    }
    halted.exits(7);
    assert!(
        story.begun().iter().all(|(release, ..)| release == BETWEEN),
        "nothing of the second hop is begun"
    );
}

/// A look counts for a day; the plan that was made by it no longer.
fn an_old_look(story: &Story) {
    let text = std::fs::read_to_string(story.plan()).expect("the plan");
    let mut plan = Sealed::from_file(&text).expect("a plan").plan;
    plan.inventory.taken_at -= SignedDuration::from_hours(25);
    let old = story.dir.join("old.plan");
    let mut out = std::fs::File::create_new(&old).expect("a new file");
    out.write_all(plan.seal().to_file().as_bytes()).expect("room");
    let refused = story.upshift(&["apply", old.to_str().expect("a path")]).exits(7);
    for said in ["which counted for 24 h", "UP-WEKA-0505"] {
        assert!(refused.to_string().contains(said), "{said}: {refused}");
    }
    assert!(story.cluster.state().is_err(), "nothing was touched");
}

#[test]
fn two_hops_with_clients_and_everything_that_goes_wrong() {
    let mut story = Story::set();
    let planned = story
        .upshift(&["plan", &story.file(), "-o", &story.plan()])
        .exits(0);
    for said in [
        "stage 4.4.26",
        "point of no return",
        "clients 4.4.26",
        "backends 5.1.25",
        "closed (UP-WEKA-0504)",
        "stop and disable rpc-statd and rpc-statd-notify on be001",
        "look again, and judge everything for 4.2.18.34 → 4.4.26",
        "look again, and judge everything for 4.4.26 → 5.1.25",
        "nobody makes an S3 cluster",
        "frontends of mode backend go with the backends: be000",
        "frontends of mode client go with the clients: cl000",
        "3 clients to 5.1.25, 2 at a time",
    ] {
        assert!(in_one_line(&planned.out).contains(said), "{said}: {planned}");
    }

    an_old_look(&story);

    // Somebody else upgrades meanwhile: nothing is begun.
    story.faults(&["upgrade-running"]);
    let drifted = story.upshift(&["apply", &story.plan()]).exits(7);
    assert!(
        drifted.to_string().contains("the phase of an upgrade"),
        "{drifted}"
    );

    a_phase_fails(&mut story);
    a_client_fails(&mut story);

    hop_is_judged(&mut story);

    // The process is killed while backends go to the second release, and their first server is not reached.
    story.faults(&[]);
    let follower = story.start(&["resume", "emulated"]);
    story.until("the second hop", |state| {
        state["phase"] == "Drives" && state["release"] == BETWEEN
    });
    story.kill_worker();
    story.cluster.fabric().crash(0).expect("it ends");
    follower.end();
    let follower = story.start(&["resume", "emulated"]);
    story.until("the second hop's end", |state| state["release"] == TO);
    story.cluster.fabric().revive(0).expect("it starts");
    let waits = follower.end();
    assert!(waits.to_string().contains(" finalize "), "{waits}");
    let second = |words: &str| (TO.to_owned(), words.to_owned(), json!(0));
    assert_eq!(
        story.begun()[3..],
        [
            ndu(&clients("9,11"), json!(0)),
            second(""),
            second(&clients("9,10,11"))
        ]
    );
    let accepted = story.upshift(&["finalize", "emulated"]).exits(0);
    assert!(accepted.to_string().contains("FINALIZED"), "{accepted}");
    assert!(
        !waits.to_string().contains("rollback"),
        "there is no way back: {waits}"
    );
    let state = story.cluster.state().expect("a state");
    let quiet = state["changes"].as_array().expect("a list").iter();
    let quiet = quiet.filter(|change| **change == "be001: units are stopped and disabled");
    assert_eq!(quiet.count(), 1, "{state}");
}

/// `kill -9` of the process that carries the run on, in each phase of the one command: whoever comes next finds it, and
/// begins no other.
#[test]
fn killed_in_each_phase_it_begins_nothing_twice() {
    let own = WekaOptions::healthy(BACKENDS, BETWEEN, TO);
    let story = Story::paced(own, &["package-missing@0"], 1_200);
    story
        .upshift(&["plan", &story.file(), "-o", &story.plan()])
        .exits(0);
    let mut follower = story.start(&["apply", &story.plan()]);
    for phase in ["Drives", "Computes", "Frontends"] {
        story.until(phase, |state| state["phase"] == phase);
        story.kill_worker();
        follower.end();
        let state = story.cluster.state().expect("a state");
        assert_eq!(
            state["begun"].as_array().map(Vec::len),
            Some(1),
            "{phase}: {state}"
        );
        follower = story.start(&["resume", "emulated"]);
    }
    let waits = follower.end();
    assert!(waits.to_string().contains(" finalize "), "{waits}");
    let once = |words: &str| (TO.to_owned(), words.to_owned(), json!(0));
    assert_eq!(story.begun(), [once(""), once(&clients("9,10,11"))]);
}

/// A package of the release as a file: its installer brings it to the server that it runs on.
fn packed(folder: &std::path::Path) {
    let inner = folder.join("weka-4.4.26");
    std::fs::create_dir(&inner).expect("a folder");
    let installer = inner.join("install.sh");
    let mut out = std::fs::File::create_new(&installer).expect("a new file");
    out.write_all(b"#!/bin/sh\nexec weka version get 4.4.26 --from installer\n")
        .expect("room");
    std::fs::set_permissions(&installer, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let packed = Command::new("tar")
        .arg("-cf")
        .arg(folder.join("weka-4.4.26.tar"))
        .arg("-C")
        .arg(folder)
        .arg("weka-4.4.26")
        .status();
    assert!(packed.expect("tar runs").success());
}

/// No server is asked where the package comes as a file; and without the file that is said.
fn as_a_file(story: &Story) {
    story.upshift(&["abandon", "emulated"]).exits(0);
    let folder = story.dir.join("packages");
    std::fs::create_dir(&folder).expect("a folder");
    let file = story.file_with(&format!(
        "no_progress = \"2s\"\nget_tar = \"{}\"\n",
        folder.display()
    ));
    story.upshift(&["plan", &file, "-o", &story.plan()]).exits(0);
    let halted = story.upshift(&["apply", &story.plan()]).exits(7);
    assert!(halted.to_string().contains("weka-4.4.26.tar"), "{halted}");
    packed(&folder);
}

/// Everything that keeps a plan from being made, and a step from being begun or from coming to its end.
#[test]
fn what_stands_in_the_way_is_said_with_its_page() {
    let mut story = Story::set();
    story.faults(&["release-field-missing"]);
    let blind = story
        .upshift(&["plan", &story.file(), "-o", &story.plan()])
        .exits(4);
    assert!(blind.to_string().contains("UP-WEKA-0502"), "{blind}");
    story.faults(&[]);
    let text = std::fs::read_to_string(story.file()).expect("the file");
    let other = story.dir.join("back.toml");
    let mut out = std::fs::File::create_new(&other).expect("a new file");
    out.write_all(
        text.replace("target = \"5.1.25\"", "target = \"4.2.1\"")
            .as_bytes(),
    )
    .expect("room");
    let back = story.upshift(&["plan", other.to_str().expect("a path")]).exits(3);
    assert!(back.to_string().contains("UP-WEKA-0503"), "{back}");
    let same = story.dir.join("same.toml");
    let mut out = std::fs::File::create_new(&same).expect("a new file");
    out.write_all(
        text.replace("target = \"5.1.25\"", "target = \"4.2.18.34\"")
            .as_bytes(),
    )
    .expect("room");
    // UP-WEKA-0501 is no error.
    let same = story.upshift(&["plan", same.to_str().expect("a path")]).exits(0);
    assert!(same.to_string().contains("nothing to do"), "{same}");

    // The package cannot be had; then somebody else begins an upgrade before ours; then ours stands still.
    let file = story.file_with("no_progress = \"2s\"\n");
    story.upshift(&["plan", &file, "-o", &story.plan()]).exits(0);
    story.faults(&["fetch-fails"]);
    let halted = story.upshift(&["apply", &story.plan()]).exits(7);
    for said in ["UP-WEKA-0512", "the distribution server does not answer"] {
        assert!(halted.to_string().contains(said), "{said}: {halted}");
    }

    as_a_file(&story);
    story.faults(&["alert", "upgrade-running", "fetch-fails"]);
    let foreign = story.upshift(&["resume", "emulated"]);
    assert!(foreign.to_string().contains("UP-WEKA-0511"), "{foreign}");
    let begun = story.cluster.state().map(|state| state["begun"].clone());
    assert!(
        begun.is_err() || begun.is_ok_and(|all| all == json!([])),
        "nothing is begun"
    );

    story.faults(&["ndu-stalls@1"]);
    let follower = story.start(&["resume", "emulated"]);
    let since = Instant::now();
    let seen = loop {
        let status = story.upshift(&["status", "emulated"]).to_string();
        if status.contains("UP-WEKA-0515") || since.elapsed() > LIMIT {
            break status;
        }
        pause(Duration::from_millis(500));
    };
    for said in [
        "UP-WEKA-0515",
        "no progress for",
        "containers of backends are up on 4.4.26",
    ] {
        assert!(seen.contains(said), "{said}: {seen}");
    }
    story.upshift(&["abandon", "emulated"]);
    follower.end();
    let ours = story.begun();
    assert_eq!(ours.len(), 1, "it still runs, and nobody ends it: {ours:?}");
    assert_eq!(ours[0].2, Value::Null);
}

/// What the file of the story beside the upgrade says: tasks, a token, clients by commands on them, one left alone.
const BESIDE: &str = r#"get_token = "env:WEKA_TOKEN"
distribute = true
clients_by = "locally"
leave_clients = ["cl002"]
client_window = "00:00-23:59"
[[task]]
kind = "STOW_UPLOAD"
action = "abort"
[[task]]
kind = "STOW_DOWNLOAD_FILESYSTEM"
action = "delete"
filesystem = "archive"
[[task]]
kind = "QUOTA_COLORING"
action = "pause"
"#;
const BESIDE_FAULTS: [&str; 9] = [
    "package-missing@0",
    "package-missing@1",
    "token-asked",
    "task-upload",
    "task-download",
    "task-quota",
    "aws",
    "no-write-combining@1",
    "rpc-statd@2",
];

/// Everything that is done beside the upgrade itself: tasks, units, the override, a token, the package ahead of time,
/// restarts for AWS, clients one by one. A unit that does not stop halts the run; each change is made once.
#[test]
fn what_is_done_beside_the_upgrade_is_done_once() {
    let own = WekaOptions::healthy(BACKENDS, "4.2.10", BETWEEN);
    let mut story = Story::of(own, &BESIDE_FAULTS);
    let file = story.beside();
    let planned = story.upshift(&["plan", &file, "-o", &story.plan()]).exits(0);
    for said in [
        "give task 4, STOW_UPLOAD, up",
        "DELETE filesystem archive, which gives task 5, STOW_DOWNLOAD_FILESYSTEM, up",
        "the system file consents by name",
        "pause task 10, QUOTA_COLORING",
        "as it is now: rpc-statd runs, enabled",
        "with a token that is shown nowhere",
        "bring the package of 4.4.26 to all backends",
        "set the override rpc.exception.version to 1",
        "take the override rpc.exception.version away",
        "see that write combining is on in be001",
        "client cl000 to 4.4.26, by commands there",
        "clients that are left alone, protocol gateways among them: cl002",
        "clients are begun within 00:00 to 23:59 UTC only",
        "let task 10, QUOTA_COLORING, go on",
    ] {
        assert!(in_one_line(&planned.out).contains(said), "{said}: {planned}");
    }

    let mut faults = BESIDE_FAULTS.to_vec();
    faults.push("unit-stays@2");
    story.cluster.with_faults(&faults).expect("another world");
    let halted = story.upshift(&["apply", &story.plan()]).exits(7);
    for said in ["UP-WEKA-0517", "the unit does not end", "on be002 rpc-statd runs"] {
        assert!(halted.to_string().contains(said), "{said}: {halted}");
    }
    story.cluster.with_faults(&BESIDE_FAULTS).expect("another world");
    let waits = story.upshift(&["resume", "emulated"]);
    assert!(waits.to_string().contains(" finalize "), "{waits}");

    each_is_made_once(&story);
    assert_no_secret(&story);
}

#[track_caller]
fn each_is_made_once(story: &Story) {
    let ended = json!(0);
    let hop = |words: &str| ndu(words, ended.clone());
    assert_eq!(story.begun(), [hop("--prepare-only"), hop("")]);
    let mut made = story.changes();
    // Clients go side by side.
    let clients: Vec<String> = made.extract_if(.., |change| change.starts_with("cl")).collect();
    assert_eq!(
        made,
        [
            "be002: units are stopped and disabled",
            "be000: abort of task 4, STOW_UPLOAD",
            "be000: archive is deleted",
            "be000: pause of task 10, QUOTA_COLORING",
            "be000: package 4.4.26 is here",
            "be000: override rpc.exception.version is set",
            "be000: override rpc.exception.version is gone",
            "be001: containers are stopped",
            "be001: containers are started",
            "be000: resume of task 10, QUOTA_COLORING",
        ]
    );
    for client in ["cl000", "cl001"] {
        let own: Vec<&String> = clients
            .iter()
            .filter(|change| change.starts_with(client))
            .collect();
        let steps = [
            "package 4.4.26 is here",
            "the agent is of 4.4.26",
            "containers are of 4.4.26",
        ];
        assert_eq!(
            own,
            steps
                .map(|step| format!("{client}: {step}"))
                .iter()
                .collect::<Vec<_>>()
        );
    }
    assert_eq!(clients.len(), 6, "cl002 is left alone: {clients:?}");
}

/// The plan as if no line of it were broken.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Neither the journal nor a plan nor the marks on the servers hold the token.
#[track_caller]
fn assert_no_secret(story: &Story) {
    let found = Command::new("grep")
        .args(["-rl", "canary-token"])
        .arg(&story.dir)
        .args(story.cluster.homes())
        .output()
        .expect("grep runs");
    let found = String::from_utf8_lossy(&found.stdout);
    assert!(found.trim().is_empty(), "the token is in {found}");
}

//! A real cluster of Fluss is upgraded server by server while a load that checks itself goes on: half-way and back, then
//! the whole way over ssh, with the process killed in it. It begins with a follower that never fetches from its leader again:
//! that is a defect of 0.7, which every stop of a server may provoke, and is played here by losing what the follower
//! fetches. Whenever one is met, the roll halts, the follower is restarted as the halt says by `upshift restart`, and the
//! run goes on.
//!
//! It needs the releases that `cargo xtask fetch needed` puts into the cache, and fails where those are missing. It takes
//! its turn on the machine.

#![expect(
    clippy::print_stdout,
    reason = "what a story prints is captured, and shown when it fails"
)]

#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use ran::{Ran, Running};
use rustix::process::{Pid, Signal, kill_process};
use upshift_drivers::fluss::rpc::Canary;
use upshift_lab::{
    Cache, Fabric, FlussCluster, FlussHome, FlussLoad, FlussOptions, Java, LoadOptions, Sandbox,
};

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(900);
const FROM: &str = "0.7.0";
const TO: &str = "0.9.1-incubating";
/// The tablet server whose follower is cut off, and that follower.
const LEADER: u32 = 0;
const CUT: u32 = 2;

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

struct Story {
    cluster: FlussCluster,
    homes: [FlussHome; 2],
    java: Java,
    commands: Cell<u32>,
    begun: Instant,
    cache: Cache,
    fabric: Fabric,
    // Ends every process of the story, and so goes last.
    sandbox: Sandbox,
}

impl Story {
    fn set() -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::ready(&cache).expect("Java");
        let home = |version| FlussHome::ready(&cache, version).unwrap_or_else(|e| panic!("{e}"));
        let homes = [home(FROM), home(TO)];
        let sandbox = Sandbox::new(&cache, "real-fluss-roll").expect("a sandbox");
        let options = FlussOptions {
            detour_to: Some(LEADER),
            ..FlussOptions::default()
        };
        let cluster =
            FlussCluster::start(&homes[0], &java, &sandbox.path("cluster"), &options).expect("a cluster");
        let story = Self {
            cluster,
            homes,
            java,
            commands: Cell::new(0),
            begun: Instant::now(),
            cache,
            fabric: Fabric::start(1, |_| String::new()).expect("an ssh server"),
            sandbox,
        };
        std::fs::copy(env!("CARGO_BIN_EXE_upshift"), story.program()).expect("the program can be copied");
        let put = |path: String, text: String| {
            let mut file = File::create(path).expect("a file");
            file.write_all(text.as_bytes()).expect("written");
        };
        put(story.file(), story.system_file(""));
        let host = format!(
            "\n[[host]]\nname = \"h0\"\nssh_config = {:?}\n",
            story.fabric.config()
        );
        put(story.file_over_ssh(), story.system_file(&host));
        story
    }

    fn program(&self) -> PathBuf {
        self.sandbox.path("upshift")
    }

    fn file(&self) -> String {
        self.sandbox.path("roll.toml").display().to_string()
    }

    /// The same cluster, whose servers are reached over ssh.
    fn file_over_ssh(&self) -> String {
        self.sandbox.path("over-ssh.toml").display().to_string()
    }

    fn system_file(&self, hosts: &str) -> String {
        let cluster = &self.cluster;
        let mut text = format!(
            "kind = \"fluss\"\nname = \"roll\"\nzookeeper = \"{}\"\ncurrent = \"{FROM}\"\ntarget = \"{TO}\"\nevidence = \"evidence\"\nsoak = \"2s\"\n",
            cluster.zookeeper()
        );
        let mut server = |of: String, conf: PathBuf, words: [Vec<String>; 2]| {
            let [start, target_start] = words.map(|words| format!("{words:?}"));
            let conf = conf.join("conf").display().to_string();
            write!(
                text,
                "\n[[server]]\n{of}conf = {conf:?}\nstart = {start}\ntarget_start = {target_start}\n"
            )
            .expect("writing to a string cannot fail");
        };
        let words = |of: &dyn Fn(&FlussHome) -> Vec<String>| [of(&self.homes[0]), of(&self.homes[1])];
        server(
            String::new(),
            cluster.coordinator_dir(),
            words(&|home| cluster.coordinator_words(home)),
        );
        for id in 0..3 {
            server(
                format!("tablet_server = {id}\n"),
                cluster.tablet_server_dir(id),
                words(&|home| cluster.tablet_server_words(id, home)),
            );
        }
        text + hosts
    }

    fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let mut command = Command::new(self.program());
        command
            .arg("--state-dir")
            .arg(self.sandbox.path("state"))
            .current_dir(self.sandbox.dir())
            .env("JAVA_HOME", self.java.home())
            // Marks of what was started lie in the home of whoever runs it.
            .env("HOME", self.sandbox.dir())
            .env("NO_COLOR", "1");
        Running::start(command, words, &self.sandbox.path(&format!("command-{number}")))
    }

    /// Whether it waits for a person before its end.
    fn stands(&self) -> bool {
        let status = self.status();
        let stands_at = status["stands_at"].to_string();
        status["phase"] == "halted" || stands_at.contains("a gate failed")
    }

    /// A word to a run that halted or asks about a gate, which goes on when this returns.
    fn goes_on(&self, words: &[&str]) -> Running {
        let running = self.start(words);
        let begun = Instant::now();
        while self.stands() {
            assert!(begun.elapsed() < LIMIT, "it does not go on after {words:?}");
            pause(Duration::from_millis(200));
        }
        running
    }

    #[track_caller]
    fn upshift(&self, words: &[&str]) -> Ran {
        self.start(words).end()
    }

    fn mark(&self, what: &str) {
        println!("{what} at {:.1} s", self.begun.elapsed().as_secs_f32());
    }

    /// The step that was begun last, and the worker.
    fn status(&self) -> serde_json::Value {
        let ran = self.upshift(&["status", "roll", "--json"]);
        if ran.code == 2 {
            serde_json::Value::Null
        } else {
            ran.json()
        }
    }

    /// Waits until the run has begun a step; goes on with it where it halts before.
    fn until_begun(&self, step: &str) {
        let begun = Instant::now();
        let is_it = |entry: &serde_json::Value| entry["is"] == "intent" && entry["step"] == step;
        loop {
            let status = self.status();
            let journal = status["journal"].as_array();
            if journal.is_some_and(|journal| journal.iter().any(is_it)) {
                return;
            }
            if self.stands() {
                let ran = self.upshift(&["status", "roll"]);
                let server = stuck(&ran).unwrap_or_else(|| panic!("it halts before {step}: {ran}"));
                self.mark(&format!("{server} is stuck"));
                drop(self.goes_on(&["restart", &server, "roll"]));
            }
            assert!(begun.elapsed() < LIMIT, "step {step} was never begun");
            pause(Duration::from_millis(200));
        }
    }

    fn kill_worker(&self) {
        let rows = self.upshift(&["runs", "--json"]).json();
        let rows = rows.as_array().expect("a list");
        let row = rows.iter().find(|row| row["open"] == true).expect("an open run");
        let pid = row["held_by_pid"]
            .as_i64()
            .and_then(|pid| i32::try_from(pid).ok());
        let pid = pid
            .and_then(Pid::from_raw)
            .unwrap_or_else(|| panic!("a worker: {row}"));
        kill_process(pid, Signal::KILL).expect("killed");
    }

    /// A loaded machine keeps replicas behind for a while, and no plan is applied meanwhile.
    fn until_green(&self) {
        let begun = Instant::now();
        let zookeeper = self.cluster.zookeeper();
        while self
            .upshift(&["inspect", "fluss", "--zookeeper", &zookeeper])
            .code
            != 0
        {
            assert!(begun.elapsed() < LIMIT, "the cluster never came to be green");
            pause(Duration::from_millis(500));
        }
    }

    /// A table of somebody else, led by every server.
    fn make_a_table(&self) {
        let table = Canary {
            coordinator: self.cluster.coordinator(),
            database: "somebody".to_owned(),
            buckets: 3,
            replicas: 3,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let begun = Instant::now();
        // Servers listen before they are registered.
        while let Err(error) = runtime.block_on(table.make()) {
            assert!(begun.elapsed() < LIMIT, "{error}");
            pause(Duration::from_millis(500));
        }
        self.until_green();
    }

    /// Takes the remedy that a halt names, and goes on, until it halts for that no longer.
    fn on(&self, mut ran: Ran) -> Ran {
        for _ in 0..6 {
            let Some(server) = stuck(&ran) else { return ran };
            self.mark(&format!("{server} is stuck"));
            ran = self.upshift(&["restart", &server, "roll", "--why", "it is stuck"]);
        }
        panic!("stuck again and again: {ran}")
    }

    /// Releases that the servers answer, the coordinator's first.
    fn lines(&self) -> Vec<String> {
        let seen = self.upshift(&["observe", &self.file(), "--json"]).exits(0).json();
        let answers = seen["facts"]["fluss"]["answers"]
            .as_array()
            .expect("answers")
            .clone();
        answers
            .iter()
            .map(|one| one["line"]["known"].to_string())
            .collect()
    }
}

/// The server whose restart a halt asks for.
fn stuck(ran: &Ran) -> Option<String> {
    let said = format!("{}{}", ran.out, ran.err);
    let (_, rest) = said
        .rsplit_once("free it by: upshift restart ")
        .filter(|_| [6, 7].contains(&ran.code))?;
    assert!(said.contains("UP-FLUSS-0412"), "{ran}");
    rest.split_whitespace().next().map(str::to_owned)
}

#[test]
fn half_way_and_back_then_the_whole_way_over_ssh_with_the_process_killed_in_it() {
    let story = Story::set();
    story.make_a_table();
    let plan = story.sandbox.path("up.plan").display().to_string();
    let planned = story.upshift(&["plan", &story.file(), "-o", &plan]).exits(0);
    println!("{planned}");
    for said in ["tablet server 0", "point of no return", "SIGTERM by its pid"] {
        assert!(planned.out.contains(said), "{said}: {planned}");
    }

    // ZooKeeper says green, and nothing is stopped: the canary tells that a follower fetches nothing.
    story.cluster.cut_a_follower_off(CUT);
    let halted = story.upshift(&["apply", &plan]);
    println!("{halted}");
    // Which of the two ways to say it depends on whether the leader has left it out before something was written.
    let server = stuck(&halted.says(&format!("its leader, tablet server {LEADER}"))).expect("a remedy");
    assert_eq!(server, format!("tablet-server/{CUT}"));
    let shown = story.upshift(&["restart", &server, "roll", "--dry-run"]);
    shown.exits(0).says("SIGTERM by its pid").says(FROM);
    let unknown = story.upshift(&["restart", "tablet-server/9", "roll"]);
    unknown.exits(2).says("UP-FLUSS-0207").says("tablet-server/2");
    let load = FlussLoad::start(
        &story.cache,
        &story.java,
        &story.cluster,
        &story.sandbox.path("load"),
        LoadOptions::default(),
    );
    let load = load.unwrap_or_else(|e| panic!("{e}"));
    story.mark("the load runs");

    // One server there, and back.
    let follower = story.goes_on(&["restart", &server, "roll", "--why", "it fetches nothing"]);
    story.mark("the remedy is taken");
    story.until_begun("3.1");
    story.mark("the second server is being stopped");
    let back = story.on(story.upshift(&["rollback", "roll"]));
    println!("{}", back.exits(0).says("ROLLED BACK"));
    follower.end();
    story.mark("rolled back");
    assert_eq!(story.lines(), ["[0,7]"; 4]);

    // The whole way, over ssh.
    story.until_green();
    let planned = story.upshift(&["plan", &story.file_over_ssh(), "-o", &plan]);
    planned.exits(0).says("on h0");
    let follower = story.start(&["apply", &plan]);
    story.until_begun("3.2");
    story.kill_worker();
    story.mark("the process was killed while a server was down");
    follower.end();
    let resumed = story.on(story.upshift(&["resume", "roll"]));
    println!("{}", resumed.exits(6).says("accepts; there is no way back"));
    let late = story.upshift(&["restart", "coordinator", "roll"]);
    late.exits(2).says("UP-RUN-0008");
    story.mark("all servers are replaced");
    assert_eq!(story.lines(), ["[0,9]"; 4]);
    story.upshift(&["finalize", "roll"]).exits(0).says("FINALIZED");

    let account = load.stop().unwrap_or_else(|e| panic!("{e}"));
    println!("{account}");
    assert!(account.is_clean(), "{account}");
}

//! A real cluster with the program beside it: what every story begins with, and how it follows a run.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use upshift_drivers::fluss::rpc::Canary;
use upshift_lab::{Cache, FlussCluster, FlussHome, FlussLoad, FlussOptions, Java, LoadOptions, Sandbox};

use super::ran::{Ran, Running};
use super::{LIMIT, pause};

/// So often a stuck follower is freed before a story gives up.
const FREED: u32 = 6;
/// A leader does without a follower for 30 s before that.
const STUCK: Duration = Duration::from_secs(60);

pub(crate) struct Story {
    pub(crate) cluster: FlussCluster,
    /// The release that runs first, and the one that is wanted.
    pub(crate) homes: [FlussHome; 2],
    tablet_servers: u32,
    replicas: u32,
    cache: Cache,
    java: Java,
    commands: Cell<u32>,
    begun: Instant,
    // Ends every process of the story, and so goes last.
    pub(crate) sandbox: Sandbox,
}

impl Story {
    pub(crate) fn set(name: &str, [from, to]: [&str; 2], options: &FlussOptions) -> Self {
        let cache = Cache::open().expect("a cache");
        let java = Java::ready(&cache).expect("Java");
        let home = |version| FlussHome::ready(&cache, version).unwrap_or_else(|e| panic!("{e}"));
        let homes = [home(from), home(to)];
        let sandbox = Sandbox::new(&cache, name).expect("a sandbox");
        let begun = Instant::now();
        let cluster =
            FlussCluster::start(&homes[0], &java, &sandbox.path("cluster"), options).expect("a cluster");
        let story = Self {
            cluster,
            homes,
            tablet_servers: options.tablet_servers,
            replicas: options.replicas,
            cache,
            java,
            commands: Cell::new(0),
            begun,
            sandbox,
        };
        std::fs::copy(env!("CARGO_BIN_EXE_upshift"), story.path("upshift"))
            .expect("the program can be copied");
        story.mark("the cluster listens");
        story
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.sandbox.path(name).display().to_string()
    }

    pub(crate) fn put(&self, name: &str, text: &str) -> String {
        let mut file = File::create(self.path(name)).expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        self.path(name)
    }

    /// The folder of a server's configuration; the coordinator's where no number is given.
    pub(crate) fn conf(&self, id: Option<u32>) -> PathBuf {
        let dir = id.map_or_else(
            || self.cluster.coordinator_dir(),
            |id| self.cluster.tablet_server_dir(id),
        );
        dir.join("conf")
    }

    /// The coordinator, and the tablet servers.
    pub(crate) fn servers(&self) -> impl Iterator<Item = Option<u32>> {
        std::iter::once(None).chain((0..self.tablet_servers).map(Some))
    }

    /// A system file of the cluster. `target_conf` gives the folder that the wanted release reads, by the old one.
    pub(crate) fn system_file(&self, target_conf: impl Fn(&Path) -> PathBuf, more: &str) -> String {
        let mut text = format!(
            "kind = \"fluss\"\nname = \"roll\"\nzookeeper = \"{}\"\ncurrent = {:?}\ntarget = {:?}\ntarget_home = {:?}\nevidence = \"evidence\"\nsoak = \"2s\"\n",
            self.cluster.zookeeper(),
            self.homes[0].version(),
            self.homes[1].version(),
            self.homes[1].path()
        );
        for id in self.servers() {
            let number = id.map_or_else(String::new, |id| format!("tablet_server = {id}\n"));
            let conf = self.conf(id);
            let target = target_conf(&conf);
            let [start, target_start] = [&self.homes[0], &self.homes[1]].map(|home| match id {
                None => self.cluster.coordinator_words(home),
                Some(id) => self.cluster.tablet_server_words(id, home),
            });
            let [conf, target] = [conf, target].map(|folder| folder.display().to_string());
            let reads = |word: String| match word == conf || word.ends_with(&format!("={conf}")) {
                true => word.replace(&conf, &target),
                false => word,
            };
            let target_start: Vec<String> = target_start.into_iter().map(reads).collect();
            let its = if target == conf {
                String::new()
            } else {
                format!("target_conf = {target:?}\n")
            };
            write!(
                text,
                "\n[[server]]\n{number}conf = {conf:?}\nstart = {start:?}\n{its}target_start = {target_start:?}\n"
            )
            .expect("writing to a string cannot fail");
        }
        text + more
    }

    pub(crate) fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let mut command = Command::new(self.path("upshift"));
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

    #[track_caller]
    pub(crate) fn upshift(&self, words: &[&str]) -> Ran {
        self.start(words).end()
    }

    pub(crate) fn mark(&self, what: &str) {
        println!("{what} at {:.1} s", self.begun.elapsed().as_secs_f32());
    }

    pub(crate) fn load(&self) -> FlussLoad {
        let wish = LoadOptions {
            replicas: self.replicas,
            ..LoadOptions::default()
        };
        let load = FlussLoad::start(
            &self.cache,
            &self.java,
            &self.cluster,
            &self.sandbox.path("load"),
            wish,
        );
        let load = load.unwrap_or_else(|e| panic!("{e}"));
        self.mark("the load runs");
        load
    }

    /// A table of somebody else, led by every server: without tables every cluster is green.
    pub(crate) fn make_a_table(&self) -> Canary {
        let table = Canary {
            coordinator: self.cluster.coordinator(),
            database: "somebody".to_owned(),
            buckets: 3,
            replicas: self.replicas,
        };
        let begun = Instant::now();
        // Servers listen before they are registered.
        while let Err(error) = waited_for(table.make()) {
            assert!(begun.elapsed() < LIMIT, "{error}");
            pause(Duration::from_millis(500));
        }
        self.until_green();
        table
    }

    /// A loaded machine keeps replicas behind for a while, and no plan is applied meanwhile.
    pub(crate) fn until_green(&self) {
        assert!(self.is_green_within(LIMIT), "the cluster never came to be green");
        self.mark("the cluster is green");
    }

    fn is_green_within(&self, time: Duration) -> bool {
        let begun = Instant::now();
        let zookeeper = self.cluster.zookeeper();
        let look = ["inspect", "fluss", "--zookeeper", &zookeeper];
        while self.upshift(&look).code != 0 {
            if begun.elapsed() >= time {
                return false;
            }
            pause(Duration::from_millis(500));
        }
        true
    }

    /// The same before there is a run that could free anybody. On a busy machine leaders of 0.6 leave followers out and may
    /// never take them back: one after the other is restarted.
    pub(crate) fn until_green_or_freed(&mut self) {
        let servers = (0..self.tablet_servers).cycle();
        for id in servers.take(FREED as usize) {
            if self.is_green_within(STUCK) {
                return self.mark("the cluster is green");
            }
            self.mark(&format!("tablet server {id} is restarted"));
            self.cluster.stop_tablet_server(id).expect("stopped");
            self.cluster
                .start_tablet_server(id, &self.homes[0])
                .expect("started");
        }
        self.until_green();
    }

    /// Releases that the servers answer, the coordinator's first.
    pub(crate) fn lines(&self, file: &str) -> Vec<String> {
        let seen = self.upshift(&["observe", file, "--json"]).exits(0).json();
        let answers = seen["facts"]["fluss"]["answers"].as_array().expect("answers");
        answers
            .iter()
            .map(|one| one["line"]["known"].to_string())
            .collect()
    }

    pub(crate) fn status(&self) -> Value {
        let ran = self.upshift(&["status", "roll", "--json"]);
        if ran.code == 2 { Value::Null } else { ran.json() }
    }

    /// Whether it waits for a person before its end.
    pub(crate) fn stands(&self) -> bool {
        let status = self.status();
        status["phase"] == "halted" || status["stands_at"].to_string().contains("a gate failed")
    }

    /// A word to a run that stands still, which goes on when this returns.
    pub(crate) fn goes_on(&self, words: &[&str]) -> Running {
        let running = self.start(words);
        let begun = Instant::now();
        while self.stands() {
            assert!(begun.elapsed() < LIMIT, "it does not go on after {words:?}");
            pause(Duration::from_millis(200));
        }
        running
    }

    /// What the run stands at is over: it goes on.
    pub(crate) fn resumes(&self, why: &str) -> Running {
        match self.status()["phase"] == "halted" {
            true => self.goes_on(&["resume", "roll", "--why", why]),
            false => self.goes_on(&["answer", "roll", "continue"]),
        }
    }

    /// Waits until the run is as wanted; a follower that lost its leader, as up to 0.7 they do, is freed on the way.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, is_it: impl Fn(&Value) -> bool) {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if is_it(&status) {
                return self.mark(what);
            }
            if self.stands() {
                let ran = self.upshift(&["status", "roll"]);
                let server = stuck(&ran).unwrap_or_else(|| panic!("it halts before {what}: {ran}"));
                self.mark(&format!("{server} is stuck"));
                drop(self.goes_on(&["restart", &server, "roll"]));
            }
            assert!(begun.elapsed() < LIMIT, "never came: {what}: {status}");
            pause(Duration::from_millis(200));
        }
    }

    /// Takes the remedy that a halt names, and goes on, until it halts for that no longer.
    #[track_caller]
    pub(crate) fn on(&self, mut ran: Ran) -> Ran {
        for _ in 0..FREED {
            let Some(server) = stuck(&ran) else { return ran };
            self.mark(&format!("{server} is stuck"));
            ran = self.upshift(&["restart", &server, "roll", "--why", "it is stuck"]);
        }
        panic!("stuck again and again: {ran}")
    }

    pub(crate) fn kill_worker(&self) {
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
}

pub(crate) fn waited_for<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(what)
}

/// Whether the journal has the intent of a step.
pub(crate) fn begun(step: &'static str) -> impl Fn(&Value) -> bool {
    move |status| {
        let mut entries = status["journal"].as_array().into_iter().flatten();
        entries.any(|entry| entry["is"] == "intent" && entry["step"] == step)
    }
}

/// The server whose restart a halt asks for.
pub(crate) fn stuck(ran: &Ran) -> Option<String> {
    let said = format!("{}{}", ran.out, ran.err);
    let (_, command) = said.rsplit_once("free it by: upshift ")?;
    let (_, rest) = command.split_once("restart ")?;
    assert!(said.contains("UP-FLUSS-0412"), "{ran}");
    rest.split_whitespace().next().map(str::to_owned)
}

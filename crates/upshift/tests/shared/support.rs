//! What the stories of shared runs have in common: a stage, a database, daemons.

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use upshift_engine::clock::Clock;
use upshift_engine::journal::{open_run, read_run};
use upshift_engine::store::Store;
use upshift_engine::store::postgres::PostgresStore;
use upshift_lab::Postgres;
use upshift_model::ids::RunId;
use upshift_model::plan::Sealed;
use upshift_model::record::{Line, Who};
use upshift_model::run_state::RunState;
use upshift_sim::wire::{Program, Scene, Stage};

/// A story takes some seconds; a machine under load is given a minute.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lease of all daemons here.
pub(crate) const LEASE: Duration = Duration::from_secs(2);

pub(crate) fn server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        Postgres::any().unwrap_or_else(|e| panic!("{e}: {:?}", std::error::Error::source(&e)))
    })
}

/// One story. Whatever it started ends with it.
pub(crate) struct Story {
    pub(crate) stage: Stage,
    pub(crate) daemons: Vec<Daemon>,
    pub(crate) address: String,
    store: Arc<dyn Store>,
    runtime: Runtime,
    // Dropped last: the processes live in it.
    pub(crate) dir: TempDir,
}

/// One daemon.
pub(crate) struct Daemon {
    child: Child,
}

impl Daemon {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        signal_to(self.pid(), signal);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn signal_to(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

impl Story {
    /// Sets the stage, with daemons whose state directories are their own.
    pub(crate) fn set(scene: &Scene, daemons: usize) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("upshift-shared")
            .tempdir()
            .unwrap();
        let program = Program::this("process_of_a_cluster").unwrap();
        let stage = Stage::set(scene, dir.path(), &program).unwrap();
        let address = server().database().unwrap();
        let runtime = Runtime::new().unwrap();
        let (to, here) = (address.parse().unwrap(), dir.path().join("watcher"));
        let store = runtime
            .block_on(PostgresStore::open(to, None, &here, LEASE))
            .unwrap();
        let mut story = Self {
            stage,
            daemons: Vec::new(),
            address,
            store: Arc::new(store),
            runtime,
            dir,
        };
        for _ in 0..daemons {
            story.add_daemon(&[]);
        }
        story
    }

    /// One more daemon.
    pub(crate) fn add_daemon(&mut self, words: &[&str]) {
        let n = self.daemons.len();
        let log = File::create(self.dir.path().join(format!("daemon-{n}.log"))).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_upshift"))
            .args(["--state-dir", &format!("state-{n}"), "--store", &self.address])
            .args(["--log", "info", "worker", "--lease", "2s"])
            .args(words)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.daemons.push(Daemon { child });
    }

    /// Opens a run as a person on another machine would.
    pub(crate) fn open_elsewhere(&self) {
        self.upshift(&["plan", "system.toml", "-o", "up.plan"], 0);
        let text = std::fs::read_to_string(self.dir.path().join("up.plan")).unwrap();
        let by = Who {
            name: "ada".to_owned(),
            host: "elsewhere".to_owned(),
            why: None,
            ticket: None,
        };
        let clock = Clock::new(|| jiff::Timestamp::UNIX_EPOCH);
        let (run, plan) = (RunId::from("r"), Sealed::from_file(&text).unwrap());
        let opened = open_run(&*self.store, &clock, &run, "orders", plan, by);
        self.runtime.block_on(opened).unwrap();
    }

    /// What daemon number `n` has told.
    pub(crate) fn told_by(&self, n: usize) -> String {
        std::fs::read_to_string(self.dir.path().join(format!("daemon-{n}.log"))).unwrap()
    }

    /// Runs the program as a person at a desk.
    #[track_caller]
    pub(crate) fn upshift(&self, words: &[&str], code: i32) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_upshift"))
            .args(["--state-dir", "desk", "--store", &self.address])
            .args(words)
            .current_dir(self.dir.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
        text
    }

    /// Opens a run and leaves it to the daemons.
    pub(crate) fn begin(&self) {
        self.upshift(&["plan", "system.toml", "-o", "up.plan"], 0);
        self.upshift(&["apply", "--no-worker", "--detach", "up.plan"], 0);
    }

    pub(crate) fn run(&self) -> RunId {
        self.runtime
            .block_on(self.store.list())
            .unwrap()
            .pop()
            .unwrap()
            .run
    }

    /// The journal and its fold, which checks the chain of its records.
    pub(crate) fn journal(&self) -> (Vec<Line>, RunState) {
        self.runtime
            .block_on(read_run(&*self.store, &self.run()))
            .unwrap()
    }

    /// The process that has the run, once there is one that `fits`.
    #[track_caller]
    pub(crate) fn holder(&self, fits: impl Fn(u32) -> bool) -> u32 {
        let run = self.run();
        self.until("somebody has the run", || {
            let holder = self.runtime.block_on(self.store.holder(&run)).unwrap();
            holder.map(|h| h.pid).filter(|pid| fits(*pid))
        })
    }

    /// The daemon with a process number.
    pub(crate) fn number(&self, pid: u32) -> usize {
        self.daemons.iter().position(|d| d.pid() == pid).unwrap()
    }

    /// Waits until the journal says so.
    #[track_caller]
    pub(crate) fn until_state(&self, what: &str, holds: impl Fn(&RunState) -> bool) -> RunState {
        self.until(what, || Some(self.journal().1).filter(|state| holds(state)))
    }

    #[track_caller]
    pub(crate) fn until<T>(&self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            let logs: Vec<_> = (0..self.daemons.len()).map(|n| self.told_by(n)).collect();
            assert!(begun.elapsed() < PATIENCE, "{what}\n{}", logs.join("\n---\n"));
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// What was done in the world, counted.
    pub(crate) fn effects(&self) -> Vec<String> {
        let world = self.stage.server.world();
        world
            .effects()
            .iter()
            .map(|(what, n)| format!("{n} × {what}"))
            .collect()
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        self.stage.server.watch_nothing();
    }
}

//! What the stories on the stand-in share: a stage, the program pointed at it, and what came of it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use futures::executor::block_on;
use tempfile::TempDir;
use upshift_engine::journal::read_run;
use upshift_engine::store::Store as _;
use upshift_engine::store::sqlite::SqliteStore;
use upshift_model::record::{Line, Record};
use upshift_model::run_state::{Phase, RunState};
use upshift_sim::wire::{Program, Scene, Stage};

/// What came of one command.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The same, after looking at its exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }
}

/// One story. Whatever it started ends with it.
pub(crate) struct Story {
    pub(crate) stage: Stage,
    // Dropped last: the processes live in it.
    pub(crate) dir: TempDir,
}

/// A story takes some seconds; a machine under load is given a minute.
const PATIENCE: Duration = Duration::from_secs(60);

impl Story {
    /// Sets the stage.
    pub(crate) fn set(scene: &Scene) -> Self {
        let dir = tempfile::Builder::new().prefix("upshift-sim").tempdir().unwrap();
        let program = Program::this("process_of_a_cluster").unwrap();
        let stage = Stage::set(scene, dir.path(), &program).unwrap();
        Self { stage, dir }
    }

    /// Runs the program in the stage's folder.
    pub(crate) fn upshift(&self, words: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_upshift"))
            .args(["--state-dir", "state"])
            .args(words)
            .current_dir(self.dir.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Writes the plan.
    pub(crate) fn plan(&self) -> Ran {
        self.upshift(&["plan", "system.toml", "-o", "up.plan"]).exits(0)
    }

    /// The journal and its fold, which checks the chain of its records.
    pub(crate) fn journal(&self) -> (Vec<Line>, RunState) {
        let store = SqliteStore::open(&self.dir.path().join("state")).unwrap();
        let run = block_on(store.list())
            .unwrap()
            .pop()
            .expect("a run was opened")
            .run;
        block_on(read_run(&store, &run)).unwrap()
    }

    /// Waits until the journal says so.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&RunState) -> bool) -> RunState {
        let begun = Instant::now();
        loop {
            let (_, state) = self.journal();
            if holds(&state) {
                return state;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{what}; instead {:?} after {}",
                state.phase,
                self.words()
            );
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// Waits until the run is closed.
    #[track_caller]
    pub(crate) fn closed(&self) -> RunState {
        self.until("the run is closed", |state| {
            matches!(state.phase, Phase::Closed { .. })
        })
    }

    /// The journal's records, a word each.
    pub(crate) fn words(&self) -> String {
        let (lines, _) = self.journal();
        let word = |line: &Line| {
            let record = &line.entry().record;
            let step = record.step().map_or_else(String::new, |step| format!(" {step}"));
            let what = match record {
                Record::Failed { failure, .. } | Record::Noted { failure, .. } => {
                    format!(" ({})", failure.what)
                }
                Record::Halted { halt, .. } => format!(" ({})", halt.failure.what),
                _ => String::new(),
            };
            format!("{}{step}{what}", record.word())
        };
        lines.iter().map(word).collect::<Vec<_>>().join(", ")
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

    /// The releases on which a job of the name is alive.
    pub(crate) fn alive(&self, job: &str) -> Vec<String> {
        self.stage
            .server
            .world()
            .alive(job)
            .into_iter()
            .map(|(release, _)| release)
            .collect()
    }

    /// Kills whoever carries the run on, as `kill -9` does, and waits until it is gone.
    pub(crate) fn kill_workers(&self) -> usize {
        let workers = workers(self.dir.path());
        for pid in &workers {
            let pid = rustix::process::Pid::from_raw(*pid).unwrap();
            // It may have ended by itself meanwhile.
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).ok();
        }
        let begun = Instant::now();
        while workers.iter().any(|pid| is_alive(*pid)) && begun.elapsed() < PATIENCE {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        workers.len()
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        // A story that failed in the middle may hold a contact, and its worker with it.
        self.stage.server.watch_nothing();
        self.kill_workers();
    }
}

/// Processes that run in the directory and are workers of the program.
pub(crate) fn workers(dir: &Path) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let is_worker = line.split(|byte| *byte == 0).any(|arg| arg == b"worker");
        let lives_here = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == dir);
        if is_worker && lives_here {
            found.push(pid);
        }
    }
    found
}

pub(crate) fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    stat.is_ok_and(|stat| {
        !stat
            .rsplit_once(')')
            .is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X']))
    })
}

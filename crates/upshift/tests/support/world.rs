//! A stage of the lab with upshift pointed at it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use upshift_lab::{Cache, Report, Rest, Scene, Stage, Strategy};

use super::{Ran, Running, until};

/// See the module. When the story fails it tells what it saw.
pub(crate) struct World {
    pub(crate) stage: Stage,
    name: String,
    strategy: Strategy,
    program: PathBuf,
    commands: Cell<u32>,
    begun: Instant,
}

impl World {
    /// Sets the stage.
    pub(crate) fn set(scene: &Scene) -> Self {
        let cache = Cache::open().expect("a cache directory");
        let begun = Instant::now();
        let stage = Stage::set(&cache, scene).unwrap_or_else(|e| panic!("{}", chain(&e)));
        // A copy: a build that goes on meanwhile must not change the program between two processes of one run.
        let program = stage.sandbox().path("upshift");
        fs::copy(env!("CARGO_BIN_EXE_upshift"), &program).expect("the program can be copied");
        println!(
            "{}: the stage is set after {:.1} s",
            scene.name,
            begun.elapsed().as_secs_f32()
        );
        Self {
            stage,
            name: scene.name.clone(),
            strategy: scene.strategy,
            program,
            commands: Cell::new(0),
            begun: Instant::now(),
        }
    }

    /// Starts a command.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let files = self.path(&format!("command-{number}"));
        Running::start(self.stage.upshift(&self.program), words, &files)
    }

    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn upshift(&self, words: &[&str]) -> Ran {
        self.start(words).end()
    }

    /// Writes the plan and returns its file.
    #[track_caller]
    pub(crate) fn plan(&self) -> String {
        self.plan_to("up.plan")
    }

    /// The same under another name.
    #[track_caller]
    pub(crate) fn plan_to(&self, name: &str) -> String {
        let plan = self.path(name).display().to_string();
        self.upshift(&["plan", &self.file(), "-o", &plan]).exits(0);
        plan
    }

    /// Says so far and how long it took.
    pub(crate) fn mark(&self, what: &str) {
        println!(
            "{}: {what} at {:.1} s",
            self.name,
            self.begun.elapsed().as_secs_f32()
        );
    }

    /// The system file.
    pub(crate) fn file(&self) -> String {
        self.stage.system_file().display().to_string()
    }

    /// Replaces a piece of the system file.
    #[track_caller]
    pub(crate) fn edit(&self, old: &str, new: &str) {
        edit(&self.stage.system_file(), old, new);
    }

    /// A path in the sandbox.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.stage.sandbox().path(below)
    }

    /// The old cluster.
    pub(crate) fn old_rest(&self) -> Rest {
        self.stage.old().rest()
    }

    /// Where the new cluster answers.
    pub(crate) fn new_rest(&self) -> Rest {
        self.stage.new_rest(self.strategy)
    }

    /// `status --json`, whatever its exit code.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.upshift(&["status", &self.name, "--json"]).json()
    }

    /// How many records the run's journal has; 0 before there is a run.
    pub(crate) fn journal_length(&self) -> u64 {
        let ran = self.upshift(&["status", &self.name, "--json"]);
        match ran.code {
            2 => 0,
            _ => ran.json()["journal"].as_array().map_or(0, |j| j.len() as u64),
        }
    }

    /// What the run is doing, as one word; empty before there is a run.
    pub(crate) fn phase(&self) -> String {
        let ran = self.upshift(&["status", &self.name, "--json"]);
        match ran.code {
            2 => String::new(),
            _ => ran.json()["phase"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// The number of the process that carries the run on.
    pub(crate) fn worker(&self) -> Option<u32> {
        let rows = self.upshift(&["runs", "--json"]).json();
        let row = rows.as_array()?.iter().find(|row| row["open"] == true)?;
        row["held_by_pid"]
            .as_u64()
            .and_then(|pid| u32::try_from(pid).ok())
    }

    /// Kills the process that carries the run on, as a power cut would, and waits until the kernel has taken it away.
    /// Whether there was one.
    pub(crate) fn kill_worker(&self) -> bool {
        // Who has just taken the run over needs a blink to write down who that is.
        let named = until("the run's process to be named", || match self.worker() {
            None => Some(None),
            Some(pid) => self.is_ours(pid).then_some(Some(pid)),
        });
        let Some(pid) = named else { return false };
        let id = i32::try_from(pid)
            .ok()
            .and_then(Pid::from_raw)
            .expect("a process number");
        if kill_process(id, Signal::KILL).is_err() {
            return false;
        }
        until("the killed worker to be gone", || (!runs(id)).then_some(()));
        true
    }

    fn is_ours(&self, pid: u32) -> bool {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.starts_with(self.program.as_os_str().as_encoded_bytes())
    }

    /// The restore points of the run: slot and location.
    pub(crate) fn restore_points(&self) -> Vec<(String, String)> {
        let status = self.status();
        let points = status["restore_points"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        points
            .iter()
            .map(|p| (text(&p["slot"]), text(&p["point"]["location"])))
            .collect()
    }

    /// Every savepoint on disk below the declared directory.
    pub(crate) fn savepoints_on_disk(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![self.path("savepoints")];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    open.push(path);
                } else if entry.file_name() == "_metadata" {
                    found.insert(format!("file:{}", dir.display()));
                }
            }
        }
        found
    }

    /// Exactly the trial savepoint and the stop's, and both as the journal has them.
    #[track_caller]
    pub(crate) fn assert_one_stop(&self) {
        let known: BTreeSet<_> = self.restore_points().into_iter().collect();
        let slots: Vec<_> = known.iter().map(|(slot, _)| slot.clone()).collect();
        assert_eq!(
            slots,
            [format!("S/{}", self.name), format!("trial/{}", self.name)]
        );
        let locations: BTreeSet<_> = known.into_iter().map(|(_, location)| plain(&location)).collect();
        assert_eq!(
            self.savepoints_on_disk(),
            locations,
            "savepoints on disk against those of the journal"
        );
    }

    /// Stops the job where it runs now and proves from its output that nothing was lost, doubled or wrong. `jobs` is
    /// how many jobs wrote.
    #[track_caller]
    pub(crate) fn prove_exactly_once(&self, at: Rest, jobs: usize) -> Report {
        let report = self.finish(at);
        assert!(report.is_exactly_once(), "{report}");
        assert_eq!(report.jobs().len(), jobs, "{report}");
        report
    }

    /// The same where records may have been replayed by the way back.
    #[track_caller]
    pub(crate) fn prove_complete(&self, at: Rest) -> Report {
        let report = self.finish(at);
        assert!(report.is_complete(), "{report}");
        report
    }

    #[track_caller]
    fn finish(&self, at: Rest) -> Report {
        let report = self.stage.finish(at).unwrap_or_else(|e| panic!("{}", chain(&e)));
        self.mark("proved");
        println!("{report}");
        report
    }

    /// Every job that the cluster knows, in whatever state.
    #[track_caller]
    pub(crate) fn jobs(&self, at: Rest) -> Vec<(String, String)> {
        let all = at.get("/jobs").expect("the cluster answers");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let jobs = all["jobs"].as_array().into_iter().flatten();
        jobs.map(|j| (text(&j["id"]), text(&j["status"]))).collect()
    }

    fn report(&self) -> String {
        let mut text = String::new();
        let state = self.stage.state_dir();
        for entry in fs::read_dir(state.join("logs")).into_iter().flatten().flatten() {
            let log = fs::read_to_string(entry.path()).unwrap_or_default();
            writeln!(text, "=== {}\n{}", entry.path().display(), tail(&log, 60)).ok();
        }
        for words in [["runs", "--json"], ["status", &self.name]] {
            let out = self.stage.upshift(&self.program).args(words).output();
            let out = out.map(|o| String::from_utf8_lossy(&[o.stdout, o.stderr].concat()).into_owned());
            writeln!(
                text,
                "=== upshift {}\n{}",
                words.join(" "),
                out.unwrap_or_default()
            )
            .ok();
        }
        writeln!(text, "=== the old cluster\n{}", self.stage.old().log_tail(25)).ok();
        for entry in fs::read_dir(self.path("new/log")).into_iter().flatten().flatten() {
            let log = fs::read_to_string(entry.path()).unwrap_or_default();
            writeln!(
                text,
                "=== the new cluster: {}\n{}",
                entry.path().display(),
                tail(&log, 25)
            )
            .ok();
        }
        text
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.report());
        } else {
            self.mark("over");
        }
    }
}

/// Replaces a piece of a file, which must be there.
#[track_caller]
pub(crate) fn edit(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).expect("the file can be read");
    assert!(text.contains(old), "{old:?} is not in\n{text}");
    put(path, &text.replace(old, new));
}

/// Writes a file of the story.
#[track_caller]
pub(crate) fn put(path: &Path, text: &str) {
    let mut file = fs::File::create(path).expect("a file can be made");
    file.write_all(text.as_bytes()).expect("a file can be written");
}

/// A location as a path with a scheme, without the slashes that the server may or may not put between.
pub(crate) fn plain(location: &str) -> String {
    format!("file:{}", local(location).display())
}

/// The directory of a restore point.
pub(crate) fn local(location: &str) -> PathBuf {
    let path = location.strip_prefix("file:").expect("a local restore point");
    Path::new("/").join(path.trim_start_matches('/'))
}

fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A zombie does not run: its parent has not looked yet.
fn runs(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let zombie = stat
        .rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with('Z'));
    test_kill_process(pid).is_ok() && !zombie
}

/// An error with all its causes: what is missing and how to get it stands in the last one.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        write!(text, ": {cause}").ok();
        next = cause.source();
    }
    text
}

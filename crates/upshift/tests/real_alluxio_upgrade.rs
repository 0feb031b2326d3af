//! Real clusters of Alluxio are upgraded: from 1.8.1 by backup, format and restore, with the process killed while the
//! master restores; from 2.3.0 to 2.5.0 in place, and back.
//!
//! It needs the releases that `cargo xtask fetch needed` puts into the cache, and fails where those are missing. It takes
//! its turn on the machine.

#![expect(
    clippy::print_stdout,
    reason = "what a story prints is captured, and shown when it fails"
)]

#[path = "real_alluxio/everything.rs"]
mod everything;
#[expect(dead_code, reason = "backups are held against listings by another test")]
#[path = "real_alluxio/namespace.rs"]
mod namespace;
#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;
#[expect(dead_code, reason = "backups are judged by another test")]
#[path = "real_alluxio/stage.rs"]
mod stage;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use everything::Everything;
use namespace::details;
use ran::{Ran, Running};
use rustix::process::{Pid, Signal, kill_process};
use stage::{Stage, put};

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(600);

/// A file that is in the worker only.
const CACHED: &str = "/in-worker-only";

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

struct Story {
    stage: Stage,
    old: PathBuf,
    new: PathBuf,
    commands: Cell<u32>,
    begun: Instant,
}

impl Story {
    /// A cluster of the old release with a tree, the wanted release beside it, and a system file.
    fn set(name: &str, from: &str, to: &str) -> Self {
        let stage = Stage::set(name);
        let (old, new) = (stage.install(from), stage.install(to));
        stage.seed(&old, from.starts_with('2'));
        stage.cache(&old, CACHED);
        let story = Self {
            old,
            new,
            commands: Cell::new(0),
            begun: Instant::now(),
            stage,
        };
        std::fs::copy(env!("CARGO_BIN_EXE_upshift"), story.at("upshift")).expect("the program can be copied");
        put(&story.at("lake.toml"), story.system_file(from, to).as_bytes());
        story
    }

    fn system_file(&self, from: &str, to: &str) -> String {
        let at = |path: &Path| path.display().to_string();
        let writers = |name: &str| format!("{:?}", ["/usr/bin/touch".to_owned(), at(&self.at(name))]);
        format!(
            "kind = \"alluxio\"\nname = \"lake\"\nmasters = [{:?}]\ncurrent = \"{from}\"\ntarget = \"{to}\"\nhome = {:?}\n\
             target_home = {:?}\nmaster_log = {:?}\nbackups = \"ours\"\nsave_tiers = \"saved\"\n\
             unpersisted = {:?}\nsoak = \"2s\"\n\n[writers]\nstop = {}\nstart = {}\n\n\
             [[client]]\nname = \"spark\"\nversion = \"{to}\"\n",
            self.stage.host.rest(),
            at(&self.old),
            at(&self.new),
            at(&self.new.join("logs/master.out")),
            // The job service, which persists files from 2.0 on, is not part of the lab.
            if from.starts_with('1') { "persist" } else { "keep" },
            writers("writers-stopped"),
            writers("writers-started"),
        )
    }

    fn at(&self, name: &str) -> PathBuf {
        self.stage.host.dir().join(name)
    }

    fn start(&self, words: &[&str]) -> Running {
        let number = self.commands.replace(self.commands.get() + 1);
        let mut command = Command::new(self.at("upshift"));
        command
            .arg("--state-dir")
            .arg(self.at("state"))
            .current_dir(self.stage.host.dir())
            // Marks of what was started lie in the home of whoever runs it.
            .env("HOME", self.stage.host.dir())
            .env("NO_COLOR", "1");
        Running::start(command, words, &self.at(&format!("command-{number}")))
    }

    #[track_caller]
    fn upshift(&self, words: &[&str]) -> Ran {
        let ran = self.start(words).end();
        println!(
            "{} at {:.1} s",
            words.join(" "),
            self.begun.elapsed().as_secs_f32()
        );
        ran
    }

    /// Waits until the run has begun a step.
    fn until_begun(&self, step: &str) {
        let begun = Instant::now();
        let is_it = |entry: &serde_json::Value| entry["is"] == "intent" && entry["step"] == step;
        loop {
            let ran = self.start(&["status", "lake", "--json"]).end();
            let status = match ran.code {
                2 => serde_json::Value::Null,
                _ => ran.json(),
            };
            assert!(status["phase"] != "halted", "it halts before {step}: {ran}");
            let journal = &status["journal"];
            if journal
                .as_array()
                .is_some_and(|journal| journal.iter().any(is_it))
            {
                return;
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

    /// The backups that upshift took, by the folder of their try: with a copy written again beside them, or without.
    fn backups(&self, written_again: bool) -> PathBuf {
        let folders = std::fs::read_dir(self.at("ours")).expect("a folder");
        let folders = folders.map(|entry| entry.expect("an entry").path());
        let folders = folders.filter(|folder| folder.join("rewritten.gz").exists() == written_again);
        let is = |path: &PathBuf| {
            path.to_string_lossy().contains("alluxio-backup-")
                && path.extension().is_some_and(|end| end == "gz")
        };
        // Lists of blocks have folders of their own there.
        let mut backups = folders.filter(|folder| folder.is_dir()).filter_map(|folder| {
            let files = std::fs::read_dir(folder).expect("a folder");
            files.map(|entry| entry.expect("an entry").path()).find(is)
        });
        backups.next().expect("a backup")
    }
}

#[test]
fn from_1_8_1_by_backup_format_and_restore_with_the_process_killed_in_the_restore() {
    let story = Story::set("alluxio-1.8.1-up", "1.8.1", "2.9.6");
    let mut before = Everything::of(&story.stage, &story.old, &[]);
    let cached = before.listed.remove(CACHED).expect("it is listed");
    assert_eq!(cached.persistence, "NOT_PERSISTED");
    let file = story.at("lake.toml").display().to_string();
    let plan = story.at("up.plan").display().to_string();
    println!("{}", story.upshift(&["observe", &file]).exits(0));
    let judged = story.upshift(&["check", &file]);
    println!("{judged}");
    for code in ["UP-ALLUXIO-0121", "UP-ALLUXIO-0122", "UP-ALLUXIO-0124"] {
        assert!(judged.out.contains(code), "{code}: {judged}");
    }
    println!("{}", story.upshift(&["plan", &file, "-o", &plan]).exits(0));
    story
        .upshift(&["diff", &plan])
        .exits(0)
        .says("+alluxio.master.journal.sync.root.after.init.from.backup=false");

    let follower = story.start(&["apply", &plan]);
    story.until_begun("4.1");
    story.kill_worker();
    println!("{}", follower.end());
    let resumed = story.upshift(&["resume", "lake"]).exits(6).says(" finalize ");
    println!("{resumed}");
    assert!(story.at("writers-stopped").exists() && story.at("writers-started").exists());

    let log = story.stage.master_log(&story.new);
    assert_eq!(log.matches("skipping restoring").count(), 0, "{log}");
    assert_eq!(details(&story.backups(true)), details(&story.backups(false)));
    let mut after = Everything::of(&story.stage, &story.new, &[]);
    let persisted = after.listed.remove(CACHED).expect("it is listed");
    assert_eq!(
        (persisted.persistence.as_str(), persisted.length),
        ("PERSISTED", cached.length)
    );
    assert_eq!(after, before);
    println!(
        "{}",
        story.upshift(&["finalize", "lake"]).exits(0).says("FINALIZED")
    );
}

#[test]
fn from_2_3_0_to_2_5_0_in_place_and_back() {
    let story = Story::set("alluxio-2.3.0-up", "2.3.0", "2.5.0");
    let before = Everything::of(&story.stage, &story.old, &[]);
    let file = story.at("lake.toml").display().to_string();
    let plan = story.at("up.plan").display().to_string();
    println!("{}", story.upshift(&["plan", &file, "-o", &plan]).exits(0));
    let applied = story.upshift(&["apply", &plan]).exits(6);
    println!("{applied}");
    // What was in the worker only is there still, and all of it was copied meanwhile.
    let there = Everything::of(&story.stage, &story.new, &[]);
    assert_eq!(there.listed[CACHED].persistence, "NOT_PERSISTED");
    assert_eq!(there.or_its_default_lists_are(&before), before);
    assert!(story.at("saved").is_dir());

    let back = story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
    println!("{back}");
    let again = Everything::of(&story.stage, &story.old, &[]);
    assert_eq!(again.or_its_default_lists_are(&before), before);
}

//! Real clusters with several masters, each on a host of its own that is reached over ssh, are upgraded: three that keep
//! an embedded journal together, by a backup, with one that dies in the restore, back, and once more; two that stand by
//! for each other through ZooKeeper, in place.
//!
//! It needs the releases that `cargo xtask fetch needed` puts into the cache, and fails where those are missing. It takes
//! its turn on the machine.

#![expect(
    clippy::print_stdout,
    reason = "what a story prints is captured, and shown when it fails"
)]

#[expect(dead_code, reason = "backups are held against listings by another test")]
#[path = "real_alluxio/namespace.rs"]
mod namespace;
#[expect(dead_code, reason = "a terminal that goes away is another story's")]
#[path = "support/ran.rs"]
mod ran;
#[expect(dead_code, reason = "backups are judged by another test")]
#[path = "real_alluxio/stage.rs"]
mod stage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use namespace::listed;
use ran::{Ran, Running};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use stage::{Stage, put};
use upshift_lab::Fabric;

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(600);

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

struct Story {
    stage: Stage,
    fabric: Fabric,
    dir: PathBuf,
}

impl Story {
    fn set(stage: Stage, way: &str) -> Self {
        for version in ["2.7.3", "2.9.6"] {
            stage.install(version);
        }
        let dir = stage.host.dir().parent().expect("a folder").to_owned();
        let story = Self {
            dir,
            fabric: Fabric::start(1 + stage.others.len(), |_| String::new()).expect("hosts"),
            stage,
        };
        let homes = story.homes("2.7.3");
        for home in story.with_journals(&homes) {
            story.stage.script(home, "alluxio", &["formatMasters"], "");
        }
        for home in &homes {
            story
                .stage
                .script(home, "alluxio-start.sh", &["master"], "healthy");
        }
        story
            .stage
            .script(&homes[0], "alluxio-start.sh", &["worker"], "healthy");
        story.stage.plant(&homes[0], true);
        put(&story.dir.join("lake.toml"), story.system_file(way).as_bytes());
        story
    }

    /// A journal that is shared is formatted once.
    fn with_journals<'a>(&self, homes: &'a [PathBuf]) -> &'a [PathBuf] {
        match self.stage.shares_its_journal() {
            true => &homes[..1],
            false => homes,
        }
    }

    /// Where a release lies on every host, the first one's first.
    fn homes(&self, version: &str) -> Vec<PathBuf> {
        let all = std::iter::once(&self.stage.host).chain(&self.stage.others);
        all.map(|host| host.dir().join(format!("alluxio-{version}")))
            .collect()
    }

    fn system_file(&self, way: &str) -> String {
        let all = std::iter::once(&self.stage.host).chain(&self.stage.others);
        let masters: Vec<String> = all.map(|host| host.rest()).collect();
        let (old, new) = (self.homes("2.7.3"), self.homes("2.9.6"));
        let mut text = format!(
            "kind = \"alluxio\"\nname = \"lake\"\nmasters = {masters:?}\ncurrent = \"2.7.3\"\ntarget = \"2.9.6\"\n\
             home = {:?}\ntarget_home = {:?}\nbackups = \"ours\"\nway = {way:?}\nsoak = \"2s\"\n\n",
            old[0], new[0],
        );
        for (number, (old, new)) in old.iter().zip(&new).enumerate() {
            text.push_str(&format!(
                "[[host]]\nname = \"h{number}\"\nssh_config = {:?}\n\n[[place]]\nhost = \"h{number}\"\nhome = {old:?}\n\
                 target_home = {new:?}\nmaster_log = {:?}\n\n",
                self.fabric.config(),
                new.join("logs/master.out"),
            ));
        }
        text
    }

    #[track_caller]
    fn upshift(&self, words: &[&str]) -> Ran {
        self.start(words).end()
    }

    fn start(&self, words: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_upshift"));
        command
            .arg("--state-dir")
            .arg(self.dir.join("state"))
            .current_dir(&self.dir)
            .env("HOME", &self.dir)
            .env("NO_COLOR", "1");
        Running::start(command, words, &self.dir.join(format!("command-{}", words[0])))
    }

    /// Kills the first master of the new release that begins to restore.
    fn kill_the_one_that_restores(&self) {
        let begun = Instant::now();
        loop {
            for home in self.homes("2.9.6") {
                let log = std::fs::read_to_string(home.join("logs/master.out")).unwrap_or_default();
                if log.contains("Initializing metadata from backup") {
                    let pid = std::fs::read_to_string(home.join("logs/master.pid")).expect("a pid");
                    let pid = Pid::from_raw(pid.trim().parse().expect("a number")).expect("a pid");
                    kill_process(pid, Signal::KILL).expect("killed");
                    return;
                }
            }
            assert!(begun.elapsed() < LIMIT, "no master begins to restore");
            pause(Duration::from_millis(5));
        }
    }

    fn check(&self) -> Value {
        let file = self.dir.join("lake.toml").display().to_string();
        let check = self.upshift(&["check", &file, "--json"]);
        println!("{check}");
        check.json()
    }

    fn plan(&self, name: &str) -> String {
        let file = self.dir.join("lake.toml").display().to_string();
        let plan = self.dir.join(name).display().to_string();
        println!("{}", self.upshift(&["plan", &file, "-o", &plan]).exits(0));
        plan
    }

    /// The master's own listing, and what two files hold.
    fn tree(&self, home: &Path) -> (Vec<String>, String, String) {
        let commands: [&[&str]; 3] = [
            &["fs", "ls", "-R", "/"],
            &["fs", "cat", "/a/small"],
            &["fs", "checksum", "/a/b/big"],
        ];
        let said = self
            .stage
            .host
            .shell(home, &commands)
            .expect("every file can be read");
        let listed = listed(&said[0]).into_iter();
        let all = listed.filter(|(path, _)| !path.starts_with("/mnt/"));
        let tree = all.map(|(path, seen)| format!("{path} {seen:?}")).collect();
        (tree, said[1].trim_end().to_owned(), said[2].clone())
    }
}

fn finding<'a>(check: &'a Value, code: &str) -> &'a Value {
    let all = check["findings"].as_array().expect("findings");
    let found = all.iter().find(|one| one["code"] == code);
    found.unwrap_or_else(|| panic!("no {code}: {check}"))
}

/// What became of a restore whose master was killed: all of it was seen to come back, or the run stands.
fn is_whole_or_stands(ran: &Ran) {
    match ran.code {
        6 => {}
        _ => assert!(
            ran.out.contains("UP-ALLUXIO-0409") || ran.err.contains("UP-ALLUXIO-0409"),
            "{ran}"
        ),
    }
}

#[test]
fn three_masters_with_an_embedded_journal_by_a_backup_that_a_standby_wrote_and_back_from_a_restore_that_died()
{
    let story = Story::set(Stage::with_masters("alluxio-masters", 3), "backup");
    let (old, new) = (story.homes("2.7.3"), story.homes("2.9.6"));
    let before = story.tree(&old[0]);
    let check = story.check();
    let masters = finding(&check, "UP-ALLUXIO-0123").clone();
    assert_eq!(masters["state"]["judged"]["severity"], "green", "{masters}");
    let said = masters["evidence"].to_string();
    assert_eq!(said.matches("AVAILABLE").count(), 3, "{said}");
    assert_eq!(said.matches("stands by").count(), 2, "{said}");

    let plan = story.plan("died.plan");
    let applying = story.start(&["apply", &plan]);
    story.kill_the_one_that_restores();
    let applied = applying.end();
    println!("{applied}");
    is_whole_or_stands(&applied);
    let back = story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
    println!("{back}");
    assert_eq!(story.tree(&old[0]), before);

    for home in &new {
        put(&home.join("logs/master.out"), b"");
    }
    let plan = story.plan("up.plan");
    let applied = story.upshift(&["apply", &plan]).exits(6).says(" finalize ");
    println!("{applied}");
    // One that stood by wrote the backup, both times.
    let logs = old.iter().map(|home| story.stage.master_log(home));
    assert!(logs.filter(|log| log.contains("Received backup message")).count() >= 1);
    // Only one of them restored, all had the file, and none found a journal.
    let logs: Vec<String> = new.iter().map(|home| story.stage.master_log(home)).collect();
    let restored = logs.iter().filter(|log| log.contains("entries from backup"));
    assert_eq!(restored.count(), 1);
    assert!(!logs.iter().any(|log| log.contains("skipping restoring")));
    assert_eq!(story.tree(&new[0]), before);
    println!(
        "{}",
        story.upshift(&["finalize", "lake"]).exits(0).says("FINALIZED")
    );
}

#[test]
fn two_masters_that_stand_by_through_zookeeper_in_place() {
    let story = Story::set(Stage::with_zookeeper("alluxio-zookeeper", "2.7.3", 2), "in-place");
    let (old, new) = (story.homes("2.7.3"), story.homes("2.9.6"));
    let before = story.tree(&old[0]);
    let check = story.check();
    let masters = finding(&check, "UP-ALLUXIO-0123").clone();
    assert_eq!(masters["state"]["judged"]["severity"], "green", "{masters}");
    let said = masters["evidence"].to_string();
    assert_eq!(said.matches("stands by").count(), 1, "{said}");
    let plan = story.plan("up.plan");
    let applied = story.upshift(&["apply", &plan]).exits(6).says(" finalize ");
    println!("{applied}");
    assert_eq!(story.tree(&new[0]), before);
    println!(
        "{}",
        story.upshift(&["finalize", "lake"]).exits(0).says("FINALIZED")
    );
}

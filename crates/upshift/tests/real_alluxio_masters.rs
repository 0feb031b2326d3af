//! Real clusters with several masters, each on a host of its own that is reached over ssh, are upgraded: three that keep
//! an embedded journal together, by a backup, with one that dies in the restore, back, and once more; two that stand by
//! for each other through ZooKeeper, by a backup, back, and in place.
//!
//! It needs the releases that `cargo xtask fetch needed` puts into the cache, and fails where those are missing. It takes
//! its turn on the machine.
//!
//! The two of ZooKeeper live through more: a worker whose host is down all the while, a master that is gone when somebody
//! accepts, and the way back from a backup.

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

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use everything::Everything;
use namespace::listed;
use ran::{Ran, Running};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use stage::{Stage, put};
use upshift_lab::Fabric;
use upshift_model::digest::Digest;

/// Longer than any command takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(600);

#[expect(clippy::disallowed_methods, reason = "a story waits on real processes")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// A file that lies in one worker and nowhere else.
const ONLY: &str = "/in-one-worker-only";

struct Story {
    stage: Stage,
    /// So many of the hosts have masters; those behind them have workers only.
    masters: usize,
    fabric: Fabric,
    dir: PathBuf,
}

impl Story {
    fn set(stage: Stage, masters: usize, way: &str) -> Self {
        for version in ["2.7.3", "2.9.6"] {
            stage.install(version);
        }
        let dir = stage.host.dir().parent().expect("a folder").to_owned();
        let story = Self {
            dir,
            masters,
            fabric: Fabric::start(1 + stage.others.len(), |_| String::new()).expect("hosts"),
            stage,
        };
        let homes = story.homes("2.7.3");
        for home in story.with_journals(&homes) {
            story.stage.script(home, "alluxio", &["formatMasters"], "");
        }
        for home in &homes[..masters] {
            story
                .stage
                .script(home, "alluxio-start.sh", &["master"], "healthy");
        }
        for home in &homes[masters..] {
            story
                .stage
                .script(home, "alluxio-start.sh", &["worker"], "healthy");
            // No other worker is there yet.
            story.stage.cache(&homes[0], ONLY);
        }
        story
            .stage
            .script(&homes[0], "alluxio-start.sh", &["worker"], "healthy");
        story.stage.plant(&homes[0], true);
        story.writes_system_file(way, homes.len(), "");
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

    fn writes_system_file(&self, way: &str, hosts: usize, more: &str) {
        put(
            &self.dir.join("lake.toml"),
            self.system_file(way, hosts, more).as_bytes(),
        );
    }

    /// It names the first of the hosts.
    fn system_file(&self, way: &str, hosts: usize, more: &str) -> String {
        let all = std::iter::once(&self.stage.host).chain(&self.stage.others);
        let masters: Vec<String> = all.take(self.masters).map(|host| host.rest()).collect();
        let (old, new) = (self.homes("2.7.3"), self.homes("2.9.6"));
        let mut text = format!(
            "kind = \"alluxio\"\nname = \"lake\"\nmasters = {masters:?}\ncurrent = \"2.7.3\"\ntarget = \"2.9.6\"\n\
             home = {:?}\ntarget_home = {:?}\nbackups = \"ours\"\nway = {way:?}\nsoak = \"2s\"\n\n",
            old[0], new[0],
        );
        for (number, (old, new)) in old.iter().zip(&new).take(hosts).enumerate() {
            text.push_str(&format!(
                "[[host]]\nname = \"h{number}\"\nssh_config = {:?}\n\n[[place]]\nhost = \"h{number}\"\nhome = {old:?}\n\
                 target_home = {new:?}\nmaster_log = {:?}\n\n",
                self.fabric.config(),
                new.join("logs/master.out"),
            ));
        }
        text + more
    }

    fn kill(&self, home: &Path, server: &str) {
        let pid = std::fs::read_to_string(home.join(format!("logs/{server}.pid"))).expect("a pid");
        let pid = Pid::from_raw(pid.trim().parse().expect("a number")).expect("a pid");
        kill_process(pid, Signal::KILL).expect("killed");
    }

    /// Waits until the master says this of its cluster.
    fn until(&self, home: &Path, words: &[&str], says: &str) {
        let begun = Instant::now();
        while !self
            .stage
            .host
            .shell(home, &[words])
            .is_ok_and(|said| said[0].contains(says))
        {
            assert!(begun.elapsed() < LIMIT, "{words:?} does not say {says:?}");
            pause(Duration::from_secs(1));
        }
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
                    return self.kill(&home, "master");
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
    let story = Story::set(Stage::with_masters("alluxio-masters", 3), 3, "backup");
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

/// No plan is made while the file names the host that is down; a person takes it out, and says why.
fn a_worker_is_down_with_its_host(story: &mut Story, old: &[PathBuf]) {
    story.kill(&old[2], "worker");
    story.fabric.crash(2).expect("its host is down");
    let plan = story.dir.join("up.plan").display().to_string();
    let file = story.dir.join("lake.toml").display().to_string();
    let refused = story.upshift(&["plan", &file, "-o", &plan]);
    println!("{refused}");
    assert!(
        refused.code != 0 && refused.to_string().contains("h2"),
        "{refused}"
    );
    assert!(!Path::new(&plan).exists());

    story.until(&old[0], &["fsadmin", "report", "summary"], "Lost Workers: 1");
    story.writes_system_file("backup", 2, "");
    let check = story.check();
    let workers = finding(&check, "UP-ALLUXIO-0118").clone();
    assert_eq!(workers["state"]["judged"]["severity"], "red", "{workers}");
    let unpersisted = finding(&check, "UP-ALLUXIO-0116").to_string();
    assert!(unpersisted.contains(ONLY), "{unpersisted}");
    let waived = "[[waive]]\ncode = \"UP-ALLUXIO-0118\"\nsubject = \"workers\"\nreason = \"its host is at the vendor's\"\n";
    story.writes_system_file("backup", 2, waived);
}

/// On a host that is down lie blocks that nothing else has: it is refused, then consented to, and nothing of it is lost
/// on the way there or back. One master that is away is not accepted.
#[test]
fn two_masters_with_zookeeper_and_a_worker_whose_host_is_down_by_a_backup_back_and_in_place() {
    let stage = Stage::with_zookeeper("alluxio-zookeeper", "2.7.3", 3);
    let mut story = Story::set(stage, 2, "backup");
    let (old, new) = (story.homes("2.7.3"), story.homes("2.9.6"));
    let fsadmin = ["fsadmin", "report", "summary"];
    let check = story.check();
    let masters = finding(&check, "UP-ALLUXIO-0123").clone();
    assert_eq!(masters["state"]["judged"]["severity"], "green", "{masters}");
    let said = masters["evidence"].to_string();
    assert_eq!(said.matches("stands by").count(), 1, "{said}");

    a_worker_is_down_with_its_host(&mut story, &old);
    let before = Everything::of(&story.stage, &old[0], &[ONLY]);
    let plan = story.plan("up.plan");
    let applied = story
        .upshift(&["apply", &plan])
        .exits(6)
        .says("UP-ALLUXIO-0430")
        .says("in-one-worker-only");
    println!("{applied}");
    let applied = story
        .upshift(&["answer", "lake", "continue"])
        .exits(6)
        .says(" finalize ");
    println!("{applied}");
    assert_eq!(Everything::of(&story.stage, &new[0], &[ONLY]), before);

    // The worker comes back with the wanted release, and so does what only it has.
    story
        .stage
        .script(&new[2], "alluxio-start.sh", &["worker"], "healthy");
    story.until(&new[0], &fsadmin, "Live Workers: 2");
    story.until(&new[0], &["fs", "cat", ONLY], "cached");

    story.kill(&new[1], "master");
    let away = story.upshift(&["finalize", "lake"]).says("UP-ALLUXIO-0431");
    println!("{away}");
    story.kill(&new[2], "worker");
    let back = story.upshift(&["rollback", "lake"]).exits(0).says("ROLLED BACK");
    println!("{back}");
    let again = Everything::of(&story.stage, &old[0], &[ONLY]);
    assert_eq!(again.or_its_default_lists_are(&before), before);

    story.fabric.revive(2).expect("its host is back");
    story
        .stage
        .script(&old[2], "alluxio-start.sh", &["worker"], "healthy");
    story.until(&old[0], &fsadmin, "Live Workers: 2");
    story.writes_system_file("in-place", 3, "");
    let plan = story.plan("in-place.plan");
    let applied = story.upshift(&["apply", &plan]).exits(6).says(" finalize ");
    println!("{applied}");
    let mut there = Everything::of(&story.stage, &new[0], &[]);
    let only = there.contents.remove(ONLY);
    assert_eq!(only, Some(Digest::of_bytes(b"cached").to_string()));
    assert_eq!(there.or_its_default_lists_are(&before), before);
    println!(
        "{}",
        story.upshift(&["finalize", "lake"]).exits(0).says("FINALIZED")
    );
}

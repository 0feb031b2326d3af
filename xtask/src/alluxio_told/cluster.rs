//! One master and one worker of a release, and the states that they are brought into.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use upshift_lab::{AlluxioHome, AlluxioHost, Sandbox};

use super::scene::{Answer, Command, Scene, ask, elsewhere, names, telling};
use super::{Lab, put};

const LIMIT: Duration = Duration::from_secs(180);
const EVERY: Duration = Duration::from_millis(500);
/// A worker that is not heard of for as long counts as lost: five minutes by default.
const LOST_AFTER: &str = "alluxio.master.worker.timeout=40sec\n";

#[expect(clippy::disallowed_methods, reason = "a recording waits on real processes")]
pub(super) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// See the module.
pub(super) struct Cluster {
    pub(super) host: AlluxioHost,
    pub(super) home: PathBuf,
    pub(super) is_2x: bool,
    version: String,
    log_from: usize,
    // Ends what still runs.
    _sandbox: Sandbox,
}

impl Cluster {
    pub(super) fn new(lab: &Lab, home: &AlluxioHome) -> Result<Self> {
        let sandbox = Sandbox::new(&lab.cache, "alluxio-told")?;
        let host = AlluxioHost::new(&lab.java, &lab.classes, sandbox.dir())?;
        let at = host.install(home)?;
        let site = at.join("conf/alluxio-site.properties");
        let text = fs::read_to_string(&site)?;
        put(&site, format!("{text}{LOST_AFTER}").as_bytes())?;
        Ok(Self {
            host,
            home: at,
            is_2x: home.is_2x(),
            version: home.version().to_owned(),
            log_from: 0,
            _sandbox: sandbox,
        })
    }

    pub(super) fn dir(&self) -> &Path {
        self.host.dir()
    }

    /// Runs a script of the release; `left` is the folder that it was to write into.
    pub(super) fn run(&self, name: &str, words: &[&str], left: Option<&Path>) -> Result<Command> {
        let ran = self.host.script(&self.home, name, words)?;
        let all = std::iter::once(format!("bin/{name}")).chain(words.iter().map(|word| (*word).to_owned()));
        Ok(Command {
            words: all.map(|word| elsewhere(&word, self.dir())).collect(),
            code: ran.code,
            said: elsewhere(&ran.out, self.dir()),
            left: left.map(names).transpose()?.unwrap_or_default(),
        })
    }

    /// What `fsadmin backup` is given beside the folder, as a plan gives it.
    pub(super) fn backup_options(&self) -> Vec<&'static str> {
        let line: Vec<u32> = self
            .version
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect();
        match line.as_slice() {
            [2, minor, ..] if *minor >= 8 => vec!["--bypass-delegation"],
            [2, minor, ..] if *minor >= 2 => vec!["--allow-leader"],
            _ => Vec::new(),
        }
    }

    /// The state as it is now.
    pub(super) fn scene(&mut self, name: &'static str, command: Option<Command>) -> Result<Scene> {
        let log = match fs::read_to_string(self.home.join("logs/master.out")) {
            Ok(log) => log,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).context("reading the master's log"),
        };
        let gained = log.get(self.log_from..).unwrap_or_default();
        let lines = telling(gained, self.dir());
        self.log_from = log.len();
        let mut runs = Vec::new();
        for server in ["master", "worker"] {
            if self.runs(server) {
                runs.push(server);
            }
        }
        Ok(Scene {
            name,
            master: ask(&self.host.rest(), self.dir()),
            command,
            log: lines,
            journal: names(&self.dir().join("journal"))?,
            runs,
        })
    }

    /// Whether the process of a server is there.
    fn runs(&self, server: &str) -> bool {
        let pid = fs::read_to_string(self.home.join(format!("logs/{server}.pid")));
        let Ok(pid) = pid else { return false };
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    }

    /// Waits until the master answers with its information.
    pub(super) fn until_answers(&self) -> Result<()> {
        self.until("the master answers", |cluster| {
            let answers = ask(&cluster.host.rest(), cluster.dir());
            matches!(answers.info, Answer::Said { status: 200, .. })
        })
    }

    /// Waits until something is so.
    pub(super) fn until(&self, what: &str, is: impl Fn(&Self) -> bool) -> Result<()> {
        let begun = Instant::now();
        while !is(self) {
            ensure!(begun.elapsed() < LIMIT, "not within {LIMIT:?}: {what}");
            pause(EVERY);
        }
        Ok(())
    }

    /// Waits until the master's process is gone.
    pub(super) fn until_ended(&self) -> Result<()> {
        self.until("the master ends", |cluster| !cluster.runs("master"))
    }

    /// Moves the journal aside and puts nothing in its place.
    pub(super) fn move_journal(&self) -> Result<()> {
        let journal = self.dir().join("journal");
        let mut number = 1;
        loop {
            let aside = self.dir().join(format!("journal.{number}"));
            if !aside.exists() {
                return fs::rename(&journal, &aside).with_context(|| format!("moving {}", journal.display()));
            }
            number += 1;
            if number > 99 {
                bail!("there are journals enough");
            }
        }
    }

    /// A fresh journal, as a plan makes it.
    pub(super) fn format(&self) -> Result<Command> {
        let journal = self.dir().join("journal");
        fs::create_dir_all(&journal).with_context(|| format!("making {}", journal.display()))?;
        let verb = if self.is_2x {
            "formatJournal"
        } else {
            "formatMasters"
        };
        self.run("alluxio", &[verb], None)
    }

    pub(super) fn stop(&self, server: &str) -> Result<()> {
        self.run("alluxio-stop.sh", &[server], None).map(drop)
    }
}

//! Servers: stopped by their pids and seen to be gone by process and port; started, and seen to hold what they must.

use std::collections::BTreeMap;
use std::path::Path;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::{Role, Site};
use upshift_model::ids::{BindingName, ComponentId};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::version::Version;

use super::{Look, ready, source};
use crate::alluxio::codes;
use crate::alluxio::fresh::{holds_something, is_fresh};
use crate::alluxio::machine::{self, Found, failure, tail};
use crate::wire::hosts::Detached;
use crate::wire::processes::is_ending;

// Keys of the baseline.
const PID: &str = "pid";
const TICKS: &str = "started_ticks";
const TOLD_AT: &str = "own_now_ms";
const LOG: &str = "log_bytes";

/// A JVM reacts to a signal within milliseconds; on a machine at a load of ten per core within a second or two.
const HEARD_WITHIN_MS: i64 = 3_000;
/// Most of a log that is read: what a master says of a restore is among its first lines.
const LOG_READ: u64 = 4 << 20;

/// The process that a stop is about.
pub(in crate::alluxio) fn told(intent: &Intent) -> Option<(u32, u64)> {
    let of = |key: &str| intent.baseline.0.get(key);
    Some((of(PID)?.parse().ok()?, of(TICKS)?.parse().ok()?))
}

/// The release's own script: `-N` leaves what runs alone, `-i` must come before the action.
pub(in crate::alluxio) fn start_words(
    site: &Site,
    role: Role,
    release: &Version,
    backup: Option<&Path>,
) -> Option<Vec<String>> {
    let home = &site.installation(release)?.home;
    let mut words = vec![
        home.join("bin/alluxio-start.sh").display().to_string(),
        "-N".to_owned(),
    ];
    if let Some(backup) = backup {
        words.extend(["-i".to_owned(), backup.display().to_string()]);
    }
    words.push(role.verb().to_owned());
    if role == Role::Worker {
        words.extend(site.worker_options.iter().cloned());
    }
    Some(words)
}

/// Bytes of a log; none where there is none yet.
fn log_length(log: &Path) -> u64 {
    std::fs::metadata(log).map_or(0, |facts| facts.len())
}

impl Look<'_> {
    fn role(&self, id: &ComponentId) -> Result<Role, Fault> {
        Site::role(id).ok_or_else(|| {
            machine::refused(
                codes::NOT_IN_THE_PLAN,
                format!("the plan of this run does not have {id}"),
            )
        })
    }

    fn found(&self, role: Role) -> Result<Vec<Found>, Fault> {
        let site = &self.driver.site;
        self.driver
            .machine
            .running(role, &[&site.old.home, &site.new.home])
    }

    pub(super) async fn stopped(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let role = self.role(id)?;
        match self.found(role)?.as_slice() {
            [] => self.gone(role),
            [one] => self.still_there(role, one),
            several => Ok(too_many(role, several)),
        }
    }

    /// No process is left: over once nobody listens any more, for then it was the only one.
    fn gone(&self, role: Role) -> Result<Standing, Fault> {
        let site = &self.driver.site;
        if let Some(pid) = self.driver.machine.at_work(&[&site.old.home, &site.new.home])? {
            let what = format!("process {pid} starts a server or formats: its end is waited for");
            return Ok(Standing::Waiting(Progress::of(what)));
        }
        let address = site.master.authority();
        if role == Role::Master && machine::listens(address) {
            let what = format!("its process is gone, and somebody listens at {address} still");
            return Ok(Standing::Waiting(Progress::of(what)));
        }
        let ended = match self.intent.and_then(told) {
            Some((pid, _)) => format!("process {pid}, the {}, ended", role.words()),
            None => format!("no {} runs", role.words()),
        };
        let mut facts = vec![ended];
        if role == Role::Master {
            facts.push(format!("nobody listens at {address}"));
        }
        Ok(Standing::Done(Proof::of(facts)))
    }

    fn still_there(&self, role: Role, one: &Found) -> Result<Standing, Fault> {
        let now = self.driver.now().as_millisecond();
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline(BTreeMap::from([
                (PID.to_owned(), one.pid.to_string()),
                (TICKS.to_owned(), one.started_ticks.to_string()),
                (TOLD_AT.to_owned(), now.to_string()),
            ]))));
        };
        if told(intent) != Some((one.pid, one.started_ticks)) {
            let what = format!("process {}, a {}, was started meanwhile", one.pid, role.words());
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        let at = intent
            .baseline
            .0
            .get(TOLD_AT)
            .and_then(|at| at.parse::<i64>().ok());
        if !is_ending(one.pid) && at.is_none_or(|at| now >= at + HEARD_WITHIN_MS) {
            // Whoever was about to tell it is gone. Telling twice does no harm.
            let mut baseline = intent.baseline.clone();
            baseline.0.insert(TOLD_AT.to_owned(), now.to_string());
            return Ok(Standing::Ready(baseline));
        }
        Ok(Standing::Underway(Progress::of(format!(
            "waiting for the end of process {}, the {}; it is not killed",
            one.pid,
            role.words()
        ))))
    }

    /// A folder that was formatted for the release, and nothing else.
    pub(super) async fn formatted(&self, _: &Version) -> Result<Standing, Fault> {
        let journal = &self.driver.site.journal;
        let fresh = self.is_fresh()?;
        if fresh && (!self.driver.site.embedded || self.intent.is_some()) {
            return Ok(Standing::Done(Proof::of([format!(
                "{} is formatted and holds nothing",
                journal.display()
            )])));
        }
        if !fresh && holds_something(journal).map_err(|error| Fault::Transient(error.to_string()))? {
            // What a command left half-way is formatted by the next try, of a fresh folder.
            return Ok(Standing::Contradicted(failure(
                codes::FOLDER,
                format!("{} holds something: it is not formatted over", journal.display()),
            )));
        }
        let Some(intent) = self.intent else {
            return Ok(ready());
        };
        let (stands, said) = self.driver.machine.started(intent).await?;
        Ok(match stands {
            Detached::Never => Standing::Ready(intent.baseline.clone()),
            Detached::Running => Standing::Underway(Progress::of("formatting")),
            other => Standing::Failed(Failure {
                code: codes::NOT_FORMATTED,
                what: format!("{} is not formatted; the command {other}", journal.display()),
                far_side: Some(tail(&said)).filter(|said| !said.is_empty()),
            }),
        })
    }

    fn is_fresh(&self) -> Result<bool, Fault> {
        is_fresh(&self.driver.site.journal, self.driver.site.embedded)
    }

    pub(super) async fn started(
        &self,
        id: &ComponentId,
        release: &Version,
        from: Option<&BindingName>,
    ) -> Result<Standing, Fault> {
        let role = self.role(id)?;
        match self.found(role)?.as_slice() {
            [] => self.not_running(role, release).await,
            [one] => self.coming_up(role, one, release, from).await,
            several => Ok(too_many(role, several)),
        }
    }

    async fn not_running(&self, role: Role, release: &Version) -> Result<Standing, Fault> {
        let log = self
            .driver
            .site
            .installation(release)
            .map(|of| of.master_log.clone());
        let length = log.as_deref().map_or(0, log_length);
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(Baseline(BTreeMap::from([(
                LOG.to_owned(),
                length.to_string(),
            )]))));
        };
        Ok(match self.driver.machine.started(intent).await? {
            (Detached::Never, _) => Standing::Ready(intent.baseline.clone()),
            (Detached::Running, _) => Standing::Underway(Progress::of("what starts it runs, no server yet")),
            // It may have left a server behind between the two looks.
            (Detached::Ended(_), _) if !self.found(role)?.is_empty() => {
                Standing::Underway(Progress::of("its process runs"))
            }
            (how, said) => {
                let own = self.log_of(release)?;
                let said = if own.is_empty() { said } else { own };
                Standing::Failed(Failure {
                    code: codes::SERVER_DIED,
                    what: format!(
                        "the {} of {release} did not stay up: what starts it {how}",
                        role.words()
                    ),
                    far_side: Some(died(&said)).filter(|said| !said.is_empty()),
                })
            }
        })
    }

    /// What the release's master has written into its log since this try.
    fn log_of(&self, release: &Version) -> Result<String, Fault> {
        let from = self
            .intent
            .and_then(|intent| intent.baseline.0.get(LOG)?.parse::<u64>().ok());
        let log = self
            .driver
            .site
            .installation(release)
            .map(|of| of.master_log.as_path());
        let Some(log) = log else {
            return Ok(String::new());
        };
        match read_log(log, from.unwrap_or(0)) {
            Ok(text) => Ok(text),
            // It has written nothing yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Fault::Transient(format!(
                "{} cannot be read: {error}",
                log.display()
            ))),
        }
    }

    async fn coming_up(
        &self,
        role: Role,
        one: &Found,
        release: &Version,
        from: Option<&BindingName>,
    ) -> Result<Standing, Fault> {
        let home = self.driver.site.installation(release).map(|of| of.home.as_path());
        if !home.is_some_and(|home| machine::is_of(one, home)) {
            let what = format!(
                "process {}, the {}, is of {}, {release} was wanted",
                one.pid,
                role.words(),
                one.home.display()
            );
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        let runs = format!(
            "process {}, the {}, runs from {}",
            one.pid,
            role.words(),
            one.home.display()
        );
        if role != Role::Master {
            return Ok(Standing::Done(Proof::of([runs])));
        }
        let log = self.log_of(release)?;
        let master = match self.driver.master().await {
            Ok(master) => master,
            Err(Fault::Transient(what) | Fault::Ambiguous(what)) => {
                let what = applied(&log).unwrap_or(what);
                return Ok(Standing::Underway(Progress::of(format!("{runs}; {what}"))));
            }
            Err(refused) => return Err(refused),
        };
        if master.version != release.as_str() {
            let what = format!("the master answers as {}, {release} was wanted", master.version);
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        let answers = format!("it answers as {release}");
        let Some(from) = from else {
            return Ok(Standing::Done(Proof::of([runs, answers])));
        };
        let Some(wanted) = source(self.bound, from)?.entries else {
            return Ok(Standing::Contradicted(failure(
                codes::NOT_RESTORED,
                format!(
                    "how many entries the backup has that is bound as {from} is not known, so nothing proves that all came back"
                ),
            )));
        };
        Ok(match restored(&log, master.restored) {
            Restored::Skipped(line) => Standing::Contradicted(Failure {
                code: codes::NOT_RESTORED,
                what: "the master started without the backup: its journal was not empty".to_owned(),
                far_side: Some(line),
            }),
            Restored::Count(count) if count == wanted => Standing::Done(Proof::of([
                runs,
                answers,
                format!("it restored {count} of {wanted} entries"),
            ])),
            Restored::Count(count) => Standing::Contradicted(failure(
                codes::NOT_RESTORED,
                format!("the master restored {count} of {wanted} entries"),
            )),
            Restored::Nothing => Standing::Underway(Progress::of(format!(
                "{runs}; neither its metrics nor its log say what it restored"
            ))),
        })
    }
}

enum Restored {
    Count(u64),
    Skipped(String),
    Nothing,
}

/// What a master restored, by its log since this start and by its own metric; that it skipped is told first.
fn restored(log: &str, metric: Option<u64>) -> Restored {
    if let Some(line) = log
        .lines()
        .find(|line| line.contains("skipping restoring backup"))
    {
        return Restored::Skipped(line.to_owned());
    }
    let of_log = log.lines().rev().find_map(|line| {
        let (_, rest) = line.split_once("Restored ")?;
        rest.strip_suffix(" entries from backup")
            .unwrap_or(rest)
            .split(' ')
            .next()?
            .parse()
            .ok()
    });
    match (of_log, metric) {
        (Some(log), Some(metric)) if log != metric => Restored::Count(log.min(metric)),
        (Some(count), _) | (None, Some(count)) => Restored::Count(count),
        (None, None) => Restored::Nothing,
    }
}

/// `1482166 entries from backup applied so far...`
fn applied(log: &str) -> Option<String> {
    let line = log.lines().rev().find(|line| line.contains("applied so far"))?;
    let (_, words) = line.split_once(" - ")?;
    Some(words.trim_end_matches('.').to_owned())
}

/// The line that says why a master ended, or the last that it wrote.
fn died(log: &str) -> String {
    let errors: Vec<&str> = log
        .lines()
        .filter(|line| {
            line.contains("Uncaught exception") || line.contains("Fatal error") || line.contains("Exception")
        })
        .take(5)
        .collect();
    match errors.is_empty() {
        true => tail(log),
        false => errors.join("\n"),
    }
}

fn read_log(log: &Path, from: u64) -> std::io::Result<String> {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let mut file = std::fs::File::open(log)?;
    // A log that is shorter than before was begun anew.
    let from = if file.metadata()?.len() < from { 0 } else { from };
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(LOG_READ).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn too_many(role: Role, several: &[Found]) -> Standing {
    let pids: Vec<String> = several.iter().map(|one| one.pid.to_string()).collect();
    let what = format!(
        "{} processes of a {} run: {}",
        several.len(),
        role.words(),
        pids.join(", ")
    );
    Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what))
}

#[cfg(test)]
mod tests {
    use super::{Restored, applied, restored};

    const LINE: &str = "2026-11-27 10:00:00,000 INFO  BackupManager - Restored 36 entries from backup\n";

    fn count(log: &str, metric: Option<u64>) -> Option<u64> {
        match restored(log, metric) {
            Restored::Count(count) => Some(count),
            Restored::Skipped(_) | Restored::Nothing => None,
        }
    }

    #[test]
    fn what_a_master_restored_is_told_by_its_log_and_its_metric_and_the_lower_counts() {
        assert_eq!(count(LINE, None), Some(36));
        assert_eq!(count("", Some(36)), Some(36));
        assert_eq!(count(LINE, Some(35)), Some(35));
        assert_eq!(count("", None), None);
        let skipped = "The journal system is not freshly formatted, skipping restoring backup from F\n";
        assert!(matches!(
            restored(&format!("{LINE}{skipped}"), Some(36)),
            Restored::Skipped(_)
        ));
        let progress = "… INFO BackupManager - 1482166 entries from backup applied so far...\n";
        assert_eq!(
            applied(progress).as_deref(),
            Some("1482166 entries from backup applied so far")
        );
    }
}

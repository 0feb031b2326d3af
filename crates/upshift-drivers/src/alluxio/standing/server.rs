//! Servers: stopped by their pids and seen to be gone by process and port; started, and seen to hold what they must.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::alluxio::{Master, Place, Role, Server, Site};
use upshift_model::endpoint::Endpoint;
use upshift_model::ids::{BindingName, ComponentId};
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::version::Version;

use super::program::TAIL;
use super::{Look, ready, source};
use crate::alluxio::codes;
use crate::alluxio::far::{Holds, is_full};
use crate::alluxio::fresh::journal_of;
use crate::alluxio::machine::{Found, Running, failure, running};
use crate::alluxio::observe::{members, quorum};
use crate::wire::hosts::Detached;
use crate::wire::machines::tail;

// Keys of the baseline.
const PID: &str = "pid";
const TICKS: &str = "started_ticks";
const TOLD_AT: &str = "own_now_ms";
const LOG: &str = "log_bytes";
const PORTS: &str = "ports";

/// From here on Linux gives out ports, as it is set by default.
const GIVEN_OUT: u16 = 32_768;
/// `alluxio.proxy.web.port`, as it is set by default.
const PROXY: u16 = 39_999;

/// A JVM reacts to a signal within milliseconds; on a machine at a load of ten per core within a second or two.
const HEARD_WITHIN_MS: i64 = 3_000;
/// Most of a log that is read: what a master says of a restore is among its first lines.
const LOG_READ: u64 = 4 << 20;
const CONNECT: Duration = Duration::from_secs(2);

/// The process that a stop is about.
pub(in crate::alluxio) fn told(intent: &Intent) -> Option<(u32, u64)> {
    let of = |key: &str| intent.baseline.0.get(key);
    Some((of(PID)?.parse().ok()?, of(TICKS)?.parse().ok()?))
}

/// The release's own script: `-N` leaves what runs alone, `-i` must come before the action.
pub(in crate::alluxio) fn start_words(
    site: &Site,
    place: &Place,
    role: Role,
    release: &Version,
    backup: Option<&Path>,
) -> Option<Vec<String>> {
    let home = &place.installation(release)?.home;
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

/// A server of the plan and what runs where it runs.
struct At<'a> {
    server: &'a Server,
    place: &'a Place,
    running: Running,
}

impl At<'_> {
    fn host(&self) -> &str {
        &self.server.host
    }

    /// `master, 7 on m1`.
    fn words(&self, pid: u32) -> String {
        format!(
            "process {pid}, the {} on {}",
            self.server.role.words(),
            self.host()
        )
    }
}

impl Look<'_> {
    async fn at(&self, id: &ComponentId) -> Result<At<'_>, Fault> {
        let (server, place) = self.driver.server(id)?;
        let running = running(&self.driver.machines, place).await?;
        Ok(At {
            server,
            place,
            running,
        })
    }

    pub(super) async fn stopped(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let at = self.at(id).await?;
        match at.running.of(at.server.role).as_slice() {
            [] => self.gone(&at).await,
            [one] => self.still_there(&at, one).await,
            several => Ok(too_many(at.server.role, several)),
        }
    }

    /// No process is left: over once nobody listens any more, for then it was the only one.
    async fn gone(&self, at: &At<'_>) -> Result<Standing, Fault> {
        if let Some(pid) = at.running.at_work {
            let what = format!(
                "process {pid} on {} starts a server or formats: its end is waited for",
                at.host()
            );
            return Ok(Standing::Waiting(Progress::of(what)));
        }
        let address = at.server.web.as_ref().map(Endpoint::authority);
        let port = match address.map(|address| (address, listens(address))) {
            Some((address, Some(true))) => {
                let what = format!("its process is gone, and somebody listens at {address} still");
                return Ok(Standing::Waiting(Progress::of(what)));
            }
            Some((address, Some(false))) => Some(format!("nobody listens at {address}")),
            Some((address, None)) => Some(format!(
                "whether somebody listens at {address} was not asked: this machine does not know the name"
            )),
            None => None,
        };
        let ports = self.intent.map_or_else(BTreeSet::new, ports_of);
        let mut own = None;
        if !ports.is_empty() {
            let now = self.driver.far(at.host())?.listening().await?;
            if let Some(port) = ports.iter().find(|port| now.contains(port)) {
                let what = format!(
                    "its process is gone, and somebody listens at its port {port} on {} still",
                    at.host()
                );
                return Ok(Standing::Waiting(Progress::of(what)));
            }
            own = Some(format!("nobody listens at {} on {}", listed(&ports), at.host()));
        }
        let ended = match self.intent.and_then(told) {
            Some((pid, _)) => format!("{} ended", at.words(pid)),
            None => format!("no {} runs on {}", at.server.role.words(), at.host()),
        };
        Ok(Standing::Done(Proof::of(
            [ended].into_iter().chain(port).chain(own),
        )))
    }

    async fn still_there(&self, at: &At<'_>, one: &Found) -> Result<Standing, Fault> {
        let now = self.driver.now().as_millisecond();
        let Some(intent) = self.intent else {
            let ports = self.driver.far(at.host())?.ports(one.pid).await?;
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            return Ok(Standing::Ready(Baseline(BTreeMap::from([
                (PORTS.to_owned(), ports.join(" ")),
                (PID.to_owned(), one.pid.to_string()),
                (TICKS.to_owned(), one.started_ticks.to_string()),
                (TOLD_AT.to_owned(), now.to_string()),
            ]))));
        };
        if told(intent) != Some((one.pid, one.started_ticks)) {
            let what = format!("{} was started meanwhile", at.words(one.pid));
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        let told_at = intent.baseline.0.get(TOLD_AT);
        let told_at = told_at.and_then(|at| at.parse::<i64>().ok());
        let heard = self.driver.machines.is_ending(at.host(), one.pid);
        if !heard && told_at.is_none_or(|at| now >= at + HEARD_WITHIN_MS) {
            // Whoever was about to tell it is gone. Telling twice does no harm.
            let mut baseline = intent.baseline.clone();
            baseline.0.insert(TOLD_AT.to_owned(), now.to_string());
            return Ok(Standing::Ready(baseline));
        }
        Ok(Standing::Underway(Progress::of(format!(
            "waiting for the end of {}; it is not killed",
            at.words(one.pid)
        ))))
    }

    /// A folder that was formatted for the release, and nothing else.
    pub(super) async fn formatted(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let (server, place) = self.driver.server(id)?;
        let far = self.driver.far(&server.host)?;
        let folder = &journal_of(place)?.folder;
        let shown = format!("{} on {}", folder.display(), server.host);
        // The command before what it makes: a folder that is half made is no stranger's.
        let program = match self.intent {
            Some(intent) => Some(self.driver.machines.started(&server.host, intent).await?),
            None => None,
        };
        if matches!(program, Some((Detached::Running, _))) {
            return Ok(Standing::Underway(Progress::of("formatting")));
        }
        let fresh = far.is_fresh(folder, self.driver.site.embedded).await?;
        if fresh && (!self.driver.site.embedded || self.intent.is_some()) {
            return Ok(Standing::Done(Proof::of([format!(
                "{shown} is formatted and holds nothing"
            )])));
        }
        if !fresh && far.holds(folder).await? == Holds::Something {
            // What a command left half-way is formatted by the next try, of a fresh folder.
            return Ok(Standing::Contradicted(failure(
                codes::FOLDER,
                format!("{shown} holds something: it is not formatted over"),
            )));
        }
        let (Some(intent), Some((stands, said))) = (self.intent, program) else {
            return Ok(ready());
        };
        Ok(match stands {
            Detached::Never => Standing::Ready(intent.baseline.clone()),
            other => Standing::Failed(Failure {
                code: if is_full(&said) {
                    codes::DISK_FULL
                } else {
                    codes::NOT_FORMATTED
                },
                what: format!("{shown} is not formatted; the command {other}"),
                far_side: Some(tail(&said, TAIL).to_owned()).filter(|said| !said.is_empty()),
            }),
        })
    }

    pub(super) async fn started(
        &self,
        id: &ComponentId,
        release: &Version,
        from: Option<&BindingName>,
    ) -> Result<Standing, Fault> {
        let at = self.at(id).await?;
        match at.running.of(at.server.role).as_slice() {
            [] => self.not_running(&at, release).await,
            [one] => self.coming_up(&at, one, release, from).await,
            several => Ok(too_many(at.server.role, several)),
        }
    }

    async fn not_running(&self, at: &At<'_>, release: &Version) -> Result<Standing, Fault> {
        let role = at.server.role;
        let Some(intent) = self.intent else {
            let installation = at.place.installation(release);
            let log = match installation {
                Some(of) => self.driver.far(at.host())?.log(&of.master_log, 0, 0).await?,
                None => None,
            };
            let length = log.map_or(0, |(size, _)| size);
            return Ok(Standing::Ready(Baseline(BTreeMap::from([(
                LOG.to_owned(),
                length.to_string(),
            )]))));
        };
        Ok(match self.driver.machines.started(at.host(), intent).await? {
            (Detached::Never, _) => Standing::Ready(intent.baseline.clone()),
            (Detached::Running, _) => Standing::Underway(Progress::of("what starts it runs, no server yet")),
            // It may have left a server behind between the two looks.
            (Detached::Ended(_), _)
                if !running(&self.driver.machines, at.place)
                    .await?
                    .of(role)
                    .is_empty() =>
            {
                Standing::Underway(Progress::of("its process runs"))
            }
            (how, said) => {
                let own = self.log_of(at, release).await?;
                let said = if own.is_empty() { said } else { own };
                let full = is_full(&said);
                Standing::Failed(Failure {
                    code: if full {
                        codes::DISK_FULL
                    } else {
                        codes::SERVER_DIED
                    },
                    what: format!(
                        "the {} of {release} did not stay up on {}: what starts it {how}",
                        role.words(),
                        at.host()
                    ),
                    far_side: Some(died(&said)).filter(|said| !said.is_empty()),
                })
            }
        })
    }

    /// Servers that do not run from the home of a release, of which the master that leads says nothing: those that stand by,
    /// job servers and proxies, which may have died behind their start.
    pub(super) async fn servers_away(&self, release: &Version) -> Result<Option<Failure>, Fault> {
        let site = &self.driver.site;
        let several = site.of(Role::Master).count() > 1;
        let mut away = Vec::new();
        // Workers are told by the master, and one master alone answers itself.
        let asked = site.servers.iter().filter(|server| match server.role {
            Role::Master => several,
            Role::Worker => false,
            Role::JobMaster | Role::JobWorker | Role::Proxy => true,
        });
        for server in asked {
            let at = self.at(&server.id).await?;
            let home = at.place.installation(release).map(|of| of.home.as_path());
            let found = at.running.of(server.role);
            let is_it = |one: &&Found| home.is_some_and(|home| at.running.is_of(one, at.place, home));
            if found.iter().any(|one| is_it(&one)) {
                continue;
            }
            away.push(match found.first() {
                None => format!("no {} runs on {}", server.role.words(), server.host),
                Some(one) => format!("{} runs from {}", at.words(one.pid), one.home.display()),
            });
        }
        if away.is_empty() && several && site.embedded {
            away = self.out_of_the_quorum(release).await?;
        }
        Ok((!away.is_empty()).then(|| {
            failure(
                codes::MASTER_AWAY,
                format!("a server of {release} is away: {}", away.join("; ")),
            )
        }))
    }

    /// Members of the masters' quorum that its leader does not reach, of releases that tell.
    async fn out_of_the_quorum(&self, release: &Version) -> Result<Vec<String>, Fault> {
        if (release.major(), release.minor()) < (2, 4) {
            return Ok(Vec::new());
        }
        let (server, place) = self.driver.first_master()?;
        let Some(of) = place.installation(release) else {
            return Ok(Vec::new());
        };
        let link = self.driver.machines.link(&server.host)?;
        let said = quorum(link, &of.home).await;
        let said =
            said.map_err(|why| Fault::Transient(format!("the masters' quorum was not told: {why}")))?;
        let all = members(&said)
            .ok_or_else(|| Fault::Transient("the masters' quorum was told in another form".to_owned()))?;
        let away = all.into_iter().filter(|member| member.state != "AVAILABLE");
        Ok(away
            .map(|member| format!("{} is {} in the quorum", member.address, member.state))
            .collect())
    }

    /// What the release's master has written into its log since this try; nothing where it has none yet.
    async fn log_of(&self, at: &At<'_>, release: &Version) -> Result<String, Fault> {
        let from = self
            .intent
            .and_then(|intent| intent.baseline.0.get(LOG)?.parse::<u64>().ok());
        let Some(of) = at.place.installation(release) else {
            return Ok(String::new());
        };
        let far = self.driver.far(at.host())?;
        let log = far.log(&of.master_log, from.unwrap_or(0), LOG_READ).await?;
        Ok(log.map_or_else(String::new, |(_, text)| text))
    }

    async fn coming_up(
        &self,
        at: &At<'_>,
        one: &Found,
        release: &Version,
        from: Option<&BindingName>,
    ) -> Result<Standing, Fault> {
        let runs = format!("{}, runs from {}", at.words(one.pid), one.home.display());
        let home = at.place.installation(release).map(|of| of.home.as_path());
        if !home.is_some_and(|home| at.running.is_of(one, at.place, home)) {
            let what = format!("{runs}; {release} was wanted");
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        if at.server.role != Role::Master {
            return Ok(Standing::Done(Proof::of([runs])));
        }
        let log = self.log_of(at, release).await?;
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
        let answers = match self.driver.site.masters.len() {
            0 | 1 => format!("it answers as {release}"),
            _ => format!("a master leads and answers as {release}"),
        };
        match from {
            None => Ok(Standing::Done(Proof::of([runs, answers]))),
            Some(from) => self.all_restored(&log, &master, from, [runs, answers]),
        }
    }

    /// Whether all of a backup is there: by this master's own log, or by what the one tells that leads.
    fn all_restored(
        &self,
        log: &str,
        master: &Master,
        from: &BindingName,
        seen: [String; 2],
    ) -> Result<Standing, Fault> {
        let Some(wanted) = source(self.bound, from)?.entries else {
            return Ok(Standing::Contradicted(failure(
                codes::NOT_RESTORED,
                format!(
                    "how many entries the backup has that is bound as {from} is not known, so nothing proves that all came back"
                ),
            )));
        };
        Ok(match restored(log, master.restored) {
            Restored::Skipped(line) => Standing::Contradicted(Failure {
                code: codes::NOT_RESTORED,
                what: "the master started without the backup: its journal was not empty".to_owned(),
                far_side: Some(line),
            }),
            Restored::Count(count) if count == wanted => {
                let all = format!("{count} of {wanted} entries were restored");
                Standing::Done(Proof::of(seen.into_iter().chain([all])))
            }
            Restored::Count(count) => Standing::Contradicted(failure(
                codes::NOT_RESTORED,
                format!("the master restored {count} of {wanted} entries"),
            )),
            Restored::Nothing => Standing::Underway(Progress::of(format!(
                "{}; neither its metrics nor its log say what was restored",
                seen[0]
            ))),
        })
    }
}

/// The ports at which a process listened before it was told to end. Those of the range from which the kernel gives them out
/// may be anybody's by now; the proxy's own is in it.
fn ports_of(intent: &Intent) -> BTreeSet<u16> {
    let all = intent.baseline.0.get(PORTS).map_or("", String::as_str);
    let ports = all.split(' ').filter_map(|port| port.parse().ok());
    ports.filter(|port| *port < GIVEN_OUT || *port == PROXY).collect()
}

/// `port 29999, 30000`.
fn listed(ports: &BTreeSet<u16>) -> String {
    let all: Vec<String> = ports.iter().map(u16::to_string).collect();
    format!("port {}", all.join(", "))
}

/// Whether somebody listens at `host:port`; none where the name is not known here. Anything but a refusal counts as
/// somebody.
fn listens(authority: &str) -> Option<bool> {
    let mut addresses = authority.to_socket_addrs().ok()?;
    Some(addresses.any(|address: SocketAddr| {
        !matches!(
            TcpStream::connect_timeout(&address, CONNECT).map_err(|error| error.kind()),
            Err(io::ErrorKind::ConnectionRefused)
        )
    }))
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
        true => tail(log, TAIL).to_owned(),
        false => errors.join("\n"),
    }
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

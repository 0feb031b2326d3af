//! One server: stopped in an orderly way, and joined anew.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::fluss::before_stop::{LEADERSHIP, REGISTERED};
use upshift_model::fluss::{
    CLEAN, Facts, Launch, Line, Listener, Role, Server, ServerId, clean_end_of, same_release,
};
use upshift_model::ids::ComponentId;
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::span::Millis;
use upshift_model::version::Version;

use super::Look;
use crate::fluss::codes;
use crate::fluss::expectation::{failure, transient};
use crate::fluss::machine::Found;
use crate::fluss::own_log::{self, LOOKED_AT_AFTER};
use crate::fluss::rpc::fingerprint;
use crate::wire::hosts::Detached;

// Keys of the baseline.
const PID: &str = "pid";
const TICKS: &str = "started_ticks";
const CWD: &str = "cwd";
const TOLD_AT: &str = "own_now_ms";
const LEADER: &str = "leader/";
const IN_SYNC: &str = "in_sync/";

/// A JVM reacts to a signal within milliseconds; on a machine at a load of ten per core within a second or two.
const HEARD_WITHIN_MS: i64 = 3_000;
/// On another machine it is not seen whether it reacts: it is told anew after this, in case nobody told it.
const ELSEWHERE_WITHIN_MS: i64 = 30_000;

/// The process that a stop is about.
pub(in crate::fluss) fn told(intent: &Intent) -> Option<(u32, u64)> {
    let of = |key: &str| intent.baseline.0.get(key);
    Some((of(PID)?.parse().ok()?, of(TICKS)?.parse().ok()?))
}

/// How the server comes up with a release.
pub(in crate::fluss) fn launch_of<'s>(server: &'s Server, release: &Version) -> Option<&'s Launch> {
    [&server.old, &server.new]
        .into_iter()
        .find(|launch| launch.version == *release)
}

impl Look<'_> {
    pub(super) async fn stopped(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let server = self.server(id)?;
        match self.driver.machines.running(server).await?.as_slice() {
            [] => self.gone(server).await,
            [one] => self.still_there(server, one).await,
            several => {
                let pids: Vec<String> = several.iter().map(|one| one.pid.to_string()).collect();
                let what = format!(
                    "{} processes of {} run: {}",
                    several.len(),
                    server.id,
                    pids.join(", ")
                );
                Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)))
            }
        }
    }

    /// No process is left: over once its registration is, which a killed one keeps until its session ends.
    async fn gone(&self, server: &Server) -> Result<Standing, Fault> {
        let facts = self.facts().await?;
        if registration(server.id, &facts)?.is_some() {
            let what = format!(
                "its process is gone, ZooKeeper still has {} until its session ends",
                server.id
            );
            return Ok(Standing::Waiting(Progress::of(what)));
        }
        let ended = match self.intent.and_then(told) {
            Some((pid, _)) => format!("process {pid} of {} ended", server.id),
            None => format!("no process of {} runs", server.id),
        };
        let mut said = vec![ended, format!("{} is not registered", server.id)];
        let ServerId::TabletServer(number) = server.id else {
            return Ok(Standing::Done(Proof::of(said)));
        };
        let cwd = self.intent.and_then(|intent| intent.baseline.0.get(CWD));
        let marked = self.driver.machines.clean_mark(server, cwd.map(Path::new)).await;
        let (seen, how) = match marked {
            Ok(Some(true)) => (
                CLEAN.to_owned(),
                "it left .fluss_cleanshutdown in its data".to_owned(),
            ),
            // Safe so far: its replicas are in sync elsewhere, and nothing else is stopped before it is back.
            Ok(Some(false)) => {
                let how = "it left no .fluss_cleanshutdown".to_owned();
                (how.clone(), format!("{how}: it recovers its log when it starts"))
            }
            Ok(None) => {
                let how = "its data folder is not there".to_owned();
                (how.clone(), how)
            }
            Err(error) => {
                let how = format!("whether it left .fluss_cleanshutdown could not be seen: {error}");
                (how.clone(), how)
            }
        };
        said.push(how);
        let binding = Binding::Value {
            name: clean_end_of(number),
            value: seen,
        };
        Ok(Standing::Done(Proof::of(said).with(binding)))
    }

    async fn still_there(&self, server: &Server, one: &Found) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            let facts = self.facts().await?;
            return Ok(Standing::Ready(self.before_stop(server, one, &facts)?));
        };
        if told(intent) != Some((one.pid, one.started_ticks)) {
            let what = format!("process {} of {} was started meanwhile", one.pid, server.id);
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        let at = intent
            .baseline
            .0
            .get(TOLD_AT)
            .and_then(|at| at.parse::<i64>().ok());
        let now = self.driver.now().as_millisecond();
        let heard = self.driver.machines.is_ending(server, one.pid);
        let within = match server.host {
            None => HEARD_WITHIN_MS,
            Some(_) => ELSEWHERE_WITHIN_MS,
        };
        if !heard && at.is_none_or(|at| now >= at + within) {
            // Whoever was about to tell it is gone. Telling twice does no harm.
            let mut baseline = intent.baseline.clone();
            baseline.0.insert(TOLD_AT.to_owned(), now.to_string());
            return Ok(Standing::Ready(baseline));
        }
        Ok(Standing::Underway(Progress::of(format!(
            "waiting for the end of process {} of {}; it is not killed",
            one.pid, server.id
        ))))
    }

    /// The process, and who led and was in sync before.
    fn before_stop(&self, server: &Server, one: &Found, facts: &Facts) -> Result<Baseline, Fault> {
        let mut noted = BTreeMap::from([
            (PID.to_owned(), one.pid.to_string()),
            (TICKS.to_owned(), one.started_ticks.to_string()),
            (TOLD_AT.to_owned(), self.driver.now().as_millisecond().to_string()),
        ]);
        let cwd = one.cwd.as_ref().and_then(|cwd| cwd.to_str());
        noted.extend(cwd.map(|cwd| (CWD.to_owned(), cwd.to_owned())));
        noted.extend(registration(server.id, facts)?.map(|stamp| (REGISTERED.to_owned(), stamp)));
        if server.id == ServerId::Coordinator {
            let leadership = facts.leadership().map_err(|gap| transient(&gap))?;
            noted.insert(LEADERSHIP.to_owned(), leadership.hex().to_owned());
        }
        if let ServerId::TabletServer(number) = server.id {
            for bucket in facts
                .buckets
                .iter()
                .filter(|bucket| bucket.assigned.contains(&number))
            {
                let Some(of) = bucket.leadership.known().and_then(Option::as_ref) else {
                    continue;
                };
                let name = facts.bucket_name(bucket.id);
                let isr: Vec<String> = of.isr.iter().map(ToString::to_string).collect();
                noted.extend(
                    of.leader
                        .map(|leader| (format!("{LEADER}{name}"), leader.to_string())),
                );
                noted.insert(format!("{IN_SYNC}{name}"), isr.join(","));
            }
        }
        Ok(Baseline(noted))
    }

    pub(super) async fn started(&self, id: &ComponentId, release: &Version) -> Result<Standing, Fault> {
        let server = self.server(id)?;
        let facts = self.facts().await?;
        let stamp = registration(server.id, &facts)?;
        match self.driver.machines.running(server).await?.as_slice() {
            [] => self.not_running(server, stamp).await,
            [one] => self.coming_up(server, one, release, stamp, &facts).await,
            several => {
                let what = format!("{} processes of {} run", several.len(), server.id);
                Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)))
            }
        }
    }

    async fn not_running(&self, server: &Server, stamp: Option<String>) -> Result<Standing, Fault> {
        let Some(intent) = self.intent else {
            // An older start that was killed is registered until its session ends; up to 0.7 a coordinator that meets
            // such a registration gives up.
            if stamp.is_some() {
                let what = format!("ZooKeeper still has an earlier start of {}", server.id);
                return Ok(Standing::Waiting(Progress::of(what)));
            }
            return Ok(Standing::Ready(Baseline::default()));
        };
        let stands = self.driver.machines.started(server, intent).await?;
        Ok(match stands {
            (Detached::Never, _) => Standing::Ready(intent.baseline.clone()),
            (Detached::Running, _) => Standing::Underway(Progress::of("what starts it runs, no server yet")),
            (how, said) => {
                // It may have left a server behind between the two looks.
                match self.driver.machines.running(server).await?.is_empty() {
                    true => self.died(server, &how, said).await,
                    false => Standing::Underway(Progress::of("its process runs")),
                }
            }
        })
    }

    async fn coming_up(
        &self,
        server: &Server,
        one: &Found,
        release: &Version,
        stamp: Option<String>,
        facts: &Facts,
    ) -> Result<Standing, Fault> {
        if let Some(jar) = &one.jar
            && !same_release(jar, release.as_str())
        {
            let what = format!(
                "process {} of {} runs {jar}, {release} was wanted",
                one.pid, server.id
            );
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        let before = self.intent.and_then(|intent| intent.baseline.0.get(REGISTERED));
        let Some(stamp) = stamp.filter(|stamp| before != Some(stamp)) else {
            return Ok(self.not_registered(server, one).await);
        };
        let wanted: Line = (release.major(), release.minor());
        let mut told = "no address".to_owned();
        for address in addresses(server.id, facts) {
            let role = match server.id {
                ServerId::Coordinator => Role::Coordinator,
                ServerId::TabletServer(_) => Role::TabletServer,
            };
            match fingerprint(&address, role).await.map(|found| found.line) {
                Ok(Some(line)) if line == wanted => {
                    return Ok(Standing::Done(Proof::of([
                        format!("process {} of {} runs", one.pid, server.id),
                        format!("registered anew: {stamp}"),
                        format!("answers at {address} as {}.{}", wanted.0, wanted.1),
                    ])));
                }
                Ok(Some((major, minor))) => {
                    let what = format!("{} answers as {major}.{minor}, {release} was wanted", server.id);
                    return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
                }
                Ok(None) => told = format!("{address} answers as no release that is known"),
                Err(error) => told = error.to_string(),
            }
        }
        Ok(Standing::Underway(Progress::of(format!(
            "{} is registered: {told}",
            server.id
        ))))
    }
}

impl Look<'_> {
    /// How a start stands while a process runs and does not register: after a while with what its own log says. One that
    /// gave up, and says so there, never will.
    async fn not_registered(&self, server: &Server, one: &Found) -> Standing {
        let (pid, id) = (one.pid, server.id);
        let (now, logs) = (self.driver.now(), &self.driver.own_logs);
        logs.lies(id, one.log.as_deref());
        // A try that failed before has had its minute.
        let waited = self.intent.and_then(|intent| self.waited(intent));
        if waited.is_some_and(|waited| waited < LOOKED_AT_AFTER) {
            let what = format!("process {pid} of {id} runs, and is not registered yet");
            return Standing::Underway(Progress::of(what));
        }
        let said = match logs.lately(pid, now) {
            Some(said) => said,
            None => {
                let log = self.driver.machines.end_of_log(server, one.log.as_deref()).await;
                let said = own_log::said(&log, Some(pid));
                logs.keep(pid, now, &said);
                said
            }
        };
        if said.gave_up {
            return Standing::Failed(Failure {
                code: codes::SERVER_DIED,
                what: format!("{id} did not come up: its process {pid} gave up, and lives on"),
                far_side: Some(said.words),
            });
        }
        let long = match waited {
            Some(_) => format!("has not registered for {LOOKED_AT_AFTER} or more"),
            None => "is not registered".to_owned(),
        };
        Standing::Underway(Progress::of(format!(
            "process {pid} of {id} runs and {long}; {}",
            said.words
        )))
    }

    /// No process is left of a start: told with what it wrote, and with what its own log says where that is known.
    async fn died(&self, server: &Server, how: &Detached, mut wrote: String) -> Standing {
        if let Some(at) = self.driver.own_logs.of(server.id) {
            let log = self.driver.machines.end_of_log(server, Some(&at)).await;
            if !wrote.is_empty() {
                wrote.push('\n');
            }
            wrote += &own_log::said(&log, None).words;
        }
        Standing::Failed(Failure {
            code: codes::SERVER_DIED,
            what: format!("{} did not come up: what starts it {how}", server.id),
            far_side: (!wrote.is_empty()).then_some(wrote),
        })
    }

    /// How long this try goes on; none where its deadline does not tell.
    fn waited(&self, intent: &Intent) -> Option<Millis> {
        let begun = intent.deadline.as_millisecond() - i64::try_from(self.step.give_up.0).ok()?;
        let begun = Timestamp::from_millisecond(begun).ok()?;
        Some(Millis::between(begun, self.driver.now()))
    }
}

/// What tells one start of a server from another; none where it is not registered.
fn registration(id: ServerId, facts: &Facts) -> Result<Option<String>, Fault> {
    match id {
        ServerId::Coordinator => {
            let active = facts.active.as_result().map_err(transient)?;
            Ok(active.as_ref().map(|active| active.id.clone()))
        }
        ServerId::TabletServer(id) => {
            let all = facts.tablet_servers.as_result().map_err(transient)?;
            let Some(server) = all.get(&id) else {
                return Ok(None);
            };
            let server = server.as_result().map_err(transient)?;
            Ok(Some(server.registered_at.to_string()))
        }
    }
}

fn addresses(id: ServerId, facts: &Facts) -> Vec<String> {
    let listeners = match id {
        ServerId::Coordinator => facts
            .active
            .known()
            .and_then(Option::as_ref)
            .map(|one| &one.listeners),
        ServerId::TabletServer(id) => {
            let all = facts.tablet_servers.known();
            let one = all.and_then(|all| all.get(&id)?.known());
            one.map(|one| &one.listeners)
        }
    };
    listeners.into_iter().flatten().map(Listener::address).collect()
}

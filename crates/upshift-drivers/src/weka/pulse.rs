//! A small look at a cluster while it is upgraded: its state, its containers, and what goes on.
//!
//! Backends restart meanwhile, the one that is asked among them: any of them may answer.

use std::collections::BTreeSet;

use upshift_engine::driver::Fault;
use upshift_model::observed::{Gap, Observed};
use upshift_model::version::Version;
use upshift_model::weka::{Cluster, Condition, Container, Status, Task};

use super::driver::{WekaDriver, failure};
use super::{ask, codes};
use upshift_model::record::Failure;

/// Parts that must all be active.
const PARTS: [&str; 3] = ["drives", "io_nodes", "buckets"];
/// How tasks begin that an upgrade does not start beside.
const STOPPING: [&str; 4] = ["STOW_", "FILESYSTEM_SQUASH", "SNAPSHOT_PREFETCH", "CATALOG_"];
/// Alerts of an upgrade that goes on.
const UPGRADING: [&str; 2] = ["ClusterIsUpgrading", "LeaderPreparedForUpgrade"];
/// Alerts of releases that differ.
const MISMATCH: [&str; 2] = ["BackendVersionsMismatch", "ClientVersionsMismatch"];
/// So many are named.
const NAMED: usize = 4;

/// The answer to one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// It holds; in words.
    Met(String),
    /// It does not hold yet; what is missing.
    NotYet(String),
    /// It does not hold, and waiting is not what helps.
    Bad(Failure),
    /// Somebody else has changed the cluster.
    Drift(Failure),
}

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskState {
    /// It is not there any more.
    Gone,
    /// It pauses.
    Paused,
    /// Neither.
    Goes,
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Pulse(Cluster, Observed<Vec<Event>>);

/// Something that the cluster says has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: Option<String>,
    /// As the cluster writes it.
    pub(super) at: Option<String>,
}

impl WekaDriver {
    /// Asks the first backend that answers.
    pub(super) async fn pulse(&self, more: &[&str]) -> Result<Pulse, Fault> {
        let mut said = Vec::new();
        for host in self.backends() {
            match self.far.ask(&host, ask::pulse(more)).await {
                Ok(answers) => {
                    let cluster = answers.cluster();
                    if cluster.status.known().is_some() {
                        let events = answers.events();
                        return Ok(Pulse(cluster, events));
                    }
                    said.push(format!("{host}: weka status gives no answer"));
                }
                Err(Fault::Transient(why) | Fault::Ambiguous(why)) => said.push(why),
                Err(Fault::Refused(failure)) => said.push(failure.what),
            }
            if said.len() == NAMED {
                break;
            }
        }
        Err(Fault::Transient(said.join("; ")))
    }
}

impl Pulse {
    fn status(&self) -> Result<&Status, Fault> {
        self.0.status.as_result().map_err(unseen)
    }

    /// The phase of an upgrade, empty where none goes on.
    pub(super) fn phase(&self) -> Result<&str, Fault> {
        let phase = self.status()?.upgrade_phase.as_deref();
        phase.ok_or_else(|| Fault::Transient("weka status does not tell the phase of an upgrade".to_owned()))
    }

    /// The newest event of an upgrade, in words: evidence for a person, of which nothing is decided.
    pub(super) fn last_event(&self) -> String {
        let Some(events) = self.1.known() else {
            return String::new();
        };
        // The newest comes first, and where times are told, they decide.
        let newest = events
            .iter()
            .reduce(|first, other| if other.at > first.at { other } else { first });
        match newest {
            Some(Event {
                kind: Some(kind),
                at: Some(at),
            }) => format!("; last event {kind} at {at}"),
            Some(Event {
                kind: Some(kind),
                at: None,
            }) => format!("; last event {kind}"),
            _ => String::new(),
        }
    }

    /// The release that stateless clients take when they mount; none where it is that of the cluster.
    pub(super) fn client_target(&self) -> Result<Option<&str>, Fault> {
        let held = self.0.client_target.as_result().map_err(unseen)?;
        Ok(held.as_deref())
    }

    /// How many containers of backends are up on the release, and how many there are.
    pub(super) fn backends_on(&self, release: &Version) -> Result<(usize, usize), Fault> {
        self.0.containers.as_result().map_err(unseen)?;
        let all: Vec<&Container> = self.0.backend_containers().collect();
        Ok((all.iter().filter(|one| is_on(one, release)).count(), all.len()))
    }

    /// Clients of these numbers that are not up on the release, with what is seen of them.
    pub(super) fn clients_off<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a u64>,
        release: &Version,
    ) -> Result<Vec<(u64, String)>, Fault> {
        self.0.containers.as_result().map_err(unseen)?;
        let mut off = Vec::new();
        for id in ids {
            match self.0.client_containers().find(|one| one.id == Some(*id)) {
                Some(one) if is_on(one, release) => {}
                Some(one) => off.push((*id, told(one))),
                None => off.push((*id, "not there".to_owned())),
            }
        }
        Ok(off)
    }

    /// Overrides of this key, by number.
    pub(super) fn overrides(&self, key: &str) -> Result<BTreeSet<u64>, Fault> {
        let all = self.0.inner.overrides.as_result().map_err(unseen)?;
        let ours = all.iter().filter(|one| one.key.as_deref() == Some(key));
        let ids: Option<BTreeSet<u64>> = ours.map(|one| one.id).collect();
        ids.ok_or_else(|| Fault::Transient(format!("override {key} does not tell its number")))
    }

    /// How a task stands.
    pub(super) fn task(&self, id: u64, kind: &str) -> Result<TaskState, Fault> {
        let all = self.0.tasks.as_result().map_err(unseen)?;
        if all.iter().any(|task| task.id.is_none()) {
            return Err(Fault::Transient("a task does not tell its number".to_owned()));
        }
        let is = |task: &&Task| task.id == Some(id) && task.kind.as_deref() == Some(kind);
        Ok(match all.iter().find(is) {
            None => TaskState::Gone,
            Some(task) if task.state.as_deref() == Some("PAUSED") => TaskState::Paused,
            Some(_) => TaskState::Goes,
        })
    }

    /// Whether a filesystem, or a snapshot of it, is there.
    pub(super) fn holds_object(&self, filesystem: &str, snapshot: Option<&str>) -> Result<bool, Fault> {
        match snapshot {
            None => {
                let all = self.0.filesystems.as_result().map_err(unseen)?;
                Ok(all.iter().any(|one| one.name.as_deref() == Some(filesystem)))
            }
            Some(snapshot) => {
                let all = self.0.snapshots.as_result().map_err(unseen)?;
                Ok(all.iter().any(|one| {
                    one.filesystem.as_deref() == Some(filesystem) && one.name.as_deref() == Some(snapshot)
                }))
            }
        }
    }

    /// Whether every container of a backend is up on the release.
    pub(super) fn host_is_up(&self, host: &str, release: &Version) -> Result<bool, Fault> {
        self.0.containers.as_result().map_err(unseen)?;
        let mut own = self
            .0
            .backend_containers()
            .filter(|one| one.host.as_deref() == Some(host))
            .peekable();
        Ok(own.peek().is_some() && own.all(|one| is_on(one, release)))
    }

    /// Tasks that an upgrade does not start beside.
    pub(super) fn stopping(&self) -> Result<Vec<String>, Fault> {
        let tasks = self.0.tasks.as_result().map_err(unseen)?;
        let kinds = tasks.iter().filter_map(|task| task.kind.as_deref());
        // Those of the catalog begin by themselves.
        let by_users = STOPPING.into_iter().filter(|begin| *begin != "CATALOG_");
        let stopping = kinds.filter(|kind| by_users.clone().any(|begin| kind.starts_with(begin)));
        Ok(stopping.map(|kind| format!("task {kind} runs")).collect())
    }

    /// What somebody began that had to wait for the end of the upgrade.
    pub(super) fn disturbed(&self, had_s3: bool) -> Result<Option<Failure>, Fault> {
        let mut begun = self.stopping()?;
        let s3 = self.0.protocols.s3.as_result().map_err(unseen)?;
        if s3.is_some() && !had_s3 {
            begun.push("an S3 cluster was made".to_owned());
        }
        Ok((!begun.is_empty()).then(|| failure(codes::DISTURBED, begun.join(", "))))
    }

    /// Whether a condition holds, at this minute of the day.
    pub(super) fn holds(&self, condition: &Condition, minute: u16) -> Result<Seen, Fault> {
        match condition {
            Condition::Undisturbed { s3 } => Ok(match self.disturbed(*s3)? {
                Some(failure) => Seen::Drift(failure),
                None => Seen::Met("nobody began what has to wait".to_owned()),
            }),
            Condition::Within { window } => Ok(match window.is_open(minute) {
                true => Seen::Met(format!("it is within {window}")),
                false => Seen::NotYet(format!("the time for it is {window}")),
            }),
            Condition::Fine => self.fine(),
            Condition::Idle => self.idle(),
            Condition::Converted => {
                let state = self.status()?.conversion.as_deref();
                Ok(match state {
                    Some("IDLE") => Seen::Met("no conversion of metadata goes on".to_owned()),
                    Some(state) => Seen::NotYet(format!("metadata is being converted: {state}")),
                    None => Seen::NotYet("weka status does not tell of a conversion".to_owned()),
                })
            }
            Condition::BackendsAre { release } => {
                let (on, of) = self.backends_on(release)?;
                let said = format!("{on} of {of} containers of backends are up on {release}");
                Ok(if on == of && of > 0 {
                    Seen::Met(said)
                } else {
                    Seen::NotYet(said)
                })
            }
            Condition::ClientsAre { release, ids } => {
                let off = self.clients_off(ids, release)?;
                Ok(match off.is_empty() {
                    true => Seen::Met(format!("{} clients are up on {release}", ids.len())),
                    false => Seen::NotYet(format!("not up on {release}: {}", some(&off))),
                })
            }
            Condition::NoMismatch => Ok(match self.alert(&MISMATCH)? {
                Some(kind) => Seen::NotYet(format!("alert {kind}")),
                None => Seen::Met("no alert of releases that differ".to_owned()),
            }),
        }
    }

    fn fine(&self) -> Result<Seen, Fault> {
        let status = self.status()?;
        let state = status.status.as_deref().unwrap_or("of an unknown state");
        let mut missing = Vec::new();
        if state != "OK" {
            missing.push(format!("the cluster is {state}"));
        }
        for part in PARTS {
            match status.active.get(part) {
                Some((active, total)) if active == total => {}
                Some((active, total)) => missing.push(format!("{active} of {total} {part} are active")),
                None => missing.push(format!("weka status does not tell of {part}")),
            }
        }
        let rebuild = self.0.rebuild.as_result().map_err(unseen)?;
        match (rebuild.hurt_mib, rebuild.unavailable_mib) {
            (Some(0), Some(0)) => {}
            (Some(hurt), Some(gone)) => {
                missing.push(format!("{hurt} MiB lack a copy, {gone} MiB cannot be read"));
            }
            _ => missing.push("weka status rebuild does not tell how data is protected".to_owned()),
        }
        Ok(match missing.is_empty() {
            true => Seen::Met("OK, all active, no data lacks a copy".to_owned()),
            false => Seen::NotYet(missing.join(", ")),
        })
    }

    fn idle(&self) -> Result<Seen, Fault> {
        let phase = self.phase()?;
        if !phase.is_empty() {
            let what = format!("an upgrade is in phase {phase}, which no command of this plan began");
            return Ok(Seen::Bad(failure(codes::FOREIGN_UPGRADE, what)));
        }
        if let Some(kind) = self.alert(&UPGRADING)? {
            return Ok(Seen::NotYet(format!("alert {kind}")));
        }
        let tasks = self.0.tasks.as_result().map_err(unseen)?;
        let kinds: Option<Vec<&str>> = tasks.iter().map(|task| task.kind.as_deref()).collect();
        let Some(kinds) = kinds else {
            return Ok(Seen::NotYet("a task does not tell its type".to_owned()));
        };
        let stops = kinds
            .iter()
            .find(|kind| STOPPING.iter().any(|begin| kind.starts_with(begin)));
        Ok(match stops {
            Some(kind) => Seen::NotYet(format!(
                "task {kind} runs: wait, or pause or abort it by weka cluster task"
            )),
            None => Seen::Met("no upgrade and no task in its way".to_owned()),
        })
    }

    fn alert(&self, kinds: &[&str]) -> Result<Option<String>, Fault> {
        let alerts = self.0.alerts.as_result().map_err(unseen)?;
        let mut found = alerts.iter().filter_map(|alert| alert.kind.clone());
        Ok(found.find(|kind| kinds.contains(&kind.as_str())))
    }
}

/// Some of the clients, and how many more.
pub(super) fn some(all: &[(u64, String)]) -> String {
    let named = all
        .iter()
        .take(NAMED)
        .map(|(id, what)| format!("client {id} is {what}"));
    let mut said: Vec<String> = named.collect();
    if all.len() > NAMED {
        said.push(format!("and {} more", all.len() - NAMED));
    }
    said.join(", ")
}

fn is_on(container: &Container, release: &Version) -> bool {
    container.status.as_deref() == Some("UP") && container.release.as_deref() == Some(release.as_str())
}

fn told(container: &Container) -> String {
    let word = |field: &Option<String>| field.clone().unwrap_or_else(|| "?".to_owned());
    format!("{} on {}", word(&container.status), word(&container.release))
}

fn unseen(gap: &Gap) -> Fault {
    Fault::Transient(gap.to_string())
}

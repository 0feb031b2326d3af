//! A small look at a cluster while it is upgraded: its state, its containers, and what goes on.
//!
//! Backends restart meanwhile, the one that is asked among them: any of them may answer.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use upshift_engine::driver::Fault;
use upshift_model::observed::Gap;
use upshift_model::version::Version;
use upshift_model::weka::{Cluster, Condition, Container, Status};

use super::driver::{WekaDriver, failure};
use super::{ask, codes, reading};
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
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Pulse(Cluster);

impl WekaDriver {
    /// Asks the first backend that answers.
    pub(super) async fn pulse(&self) -> Result<Pulse, Fault> {
        let mark = format!("@{:016x}", RandomState::new().build_hasher().finish());
        let limit = self.site.server_deadline.as_duration();
        let mut said = Vec::new();
        for link in self.to_ask() {
            match tokio::time::timeout(limit, ask::pulse(link, &mark)).await {
                Ok(Ok(frames)) => {
                    let cluster = reading::cluster(&frames);
                    if cluster.status.known().is_some() {
                        return Ok(Pulse(cluster));
                    }
                    said.push(format!("{}: weka status gives no answer", link.name()));
                }
                Ok(Err(error)) => said.push(error.to_string()),
                Err(_) => said.push(link.out_of_time(limit).to_string()),
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

    /// Whether a condition holds.
    pub(super) fn holds(&self, condition: &Condition) -> Result<Seen, Fault> {
        match condition {
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

//! The plan of a rehearsal: the jobs of an upgrade, started on a scratch cluster of the new release from savepoints
//! that are taken without stopping, proven there, and all of it discarded.
//!
//! It is made from a sealed plan of an upgrade and from nothing else, so that what is rehearsed is what would be
//! applied. It is a plan of its own, carried out by the same engine: what a crash leaves behind is in its journal, and
//! the way back from anywhere in it is to discard.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{Cluster, Job, NEW, Sink, Site};
use upshift_model::ids::{Code, ComponentId};
use upshift_model::plan::{self, Direction, Plan, Sealed};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Strategy};
use upshift_model::span::Millis;

use self::wanted::Wanted;
use super::recipe::codes;
use super::recipe::steps::Hands;
use crate::build::number;

mod discard;
mod scratch;
mod wanted;
mod waves;

pub(super) use discard::discard_plan;

/// Where a rehearsal takes place and what keeps it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// A folder of its own, absent so far.
    pub folder: PathBuf,
    /// Free ports of this machine: REST, RPC, blobs.
    pub ports: [u16; 3],
    /// Configuration of the scratch cluster alone.
    pub set: BTreeMap<String, String>,
    /// How long everything watched must hold.
    pub soak: Millis,
    /// Somebody said that jobs may write where the real ones write.
    pub with_real_sinks: bool,
}

/// Why there is nothing to rehearse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RehearsalError {
    /// The plan starts no cluster.
    #[error("the plan starts no cluster of the new release, so there is no installation to rehearse with")]
    NoInstallation,
    /// The plan moves no job.
    #[error("the plan moves no job")]
    NoJob,
    /// The job has state, and no savepoint of it is taken.
    #[error("job {job} leaves by its newest checkpoint: there is no savepoint to rehearse from")]
    NoSavepoint {
        /// Its name.
        job: String,
    },
    /// Nobody said how the copies are kept from writing.
    #[error("nothing keeps a second copy of {} from writing where the real one writes", jobs.join(", "))]
    SinksNotIsolated {
        /// Their names.
        jobs: Vec<String>,
    },
    /// A copy with the transactional ids, or the open files, of the real job takes them away from it.
    #[error("the sinks of {} are transactional: a copy with the same ones takes its transactions away from the real job", jobs.join(", "))]
    Transactional {
        /// Their names.
        jobs: Vec<String>,
    },
}

impl RehearsalError {
    /// The page that explains it.
    pub const fn code(&self) -> Code {
        match self {
            Self::SinksNotIsolated { .. } | Self::Transactional { .. } => codes::SINKS_NOT_ISOLATED,
            Self::NoInstallation | Self::NoJob | Self::NoSavepoint { .. } => codes::NOTHING_TO_REHEARSE,
        }
    }
}

fn new() -> ComponentId {
    ComponentId::new(NEW)
}

/// The plan of a rehearsal of an upgrade.
///
/// # Errors
/// When the upgrade has nothing that could be rehearsed like this, or its jobs would write twice.
pub fn rehearsal(of: &Sealed, ground: &Ground, now: Timestamp) -> Result<Plan, RehearsalError> {
    let wanted = Wanted::of(&of.plan)?;
    let site = site(&wanted, ground)?;
    let hands = Hands {
        site: &site,
        system: &of.plan.system,
    };
    let mut waves = Vec::new();
    waves.extend(waves::prepare(&wanted, ground, &hands)?);
    waves.extend(waves::start(&wanted, &hands));
    waves.extend(waves::prove(&wanted, ground, &hands));
    waves.extend(discard::when_it_held(&hands, &ground.folder));
    number(&mut waves, "");
    let mut policy = of.plan.policy.clone();
    (policy.on_failed_gate, policy.on_lane_failure) = (OnFailedGate::RollBack, OnLaneFailure::All);
    (policy.max_downtime, policy.replay_limit) = (None, Millis::ZERO);
    Ok(Plan {
        direction: Direction::Forward,
        strategy: Strategy::Rehearsal,
        strategy_why: vec![format!("a rehearsal of plan {}", of.digest.short())],
        made_at: now,
        policy,
        findings: Vec::new(),
        green: 0,
        needs: vec![format!(
            "{} task slots on this machine, beside what runs",
            wanted.slots
        )],
        ways_back: vec![Vec::new(); waves.len()],
        waves,
        site: plan::Site::Flink(site),
        ..of.plan.clone()
    })
}

fn site(wanted: &Wanted<'_>, ground: &Ground) -> Result<Site, RehearsalError> {
    let moved: Vec<(&ComponentId, &Job)> = wanted
        .site
        .jobs
        .iter()
        .filter(|(id, _)| wanted.starts(id))
        .collect();
    if moved.is_empty() {
        return Err(RehearsalError::NoJob);
    }
    let bare: Vec<&Job> = moved
        .iter()
        .map(|(_, job)| *job)
        .filter(|job| !is_isolated(job))
        .collect();
    let names = |jobs: &[&Job]| jobs.iter().map(|job| job.name.clone()).collect::<Vec<_>>();
    if !bare.is_empty() && !ground.with_real_sinks {
        return Err(RehearsalError::SinksNotIsolated { jobs: names(&bare) });
    }
    let transactional: Vec<&Job> = bare
        .into_iter()
        .filter(|job| job.sink == Sink::Transactional)
        .collect();
    if !transactional.is_empty() {
        let jobs = names(&transactional);
        return Err(RehearsalError::Transactional { jobs });
    }
    let mut site = wanted.site.clone();
    site.jobs = moved
        .into_iter()
        .map(|(id, job)| (id.clone(), rehearsed(job)))
        .collect();
    site.probes = BTreeMap::new();
    let rest = wanted
        .site
        .clusters
        .get(&new())
        .map(|cluster| cluster.rest.clone());
    let scheme = rest
        .as_ref()
        .and_then(|rest| rest.url.split_once("://"))
        .map_or("http", |(scheme, _)| scheme);
    let cluster = Cluster {
        rest: Endpoint {
            url: format!("{scheme}://127.0.0.1:{}", ground.ports[0]),
            ..rest.clone().unwrap_or_else(|| Endpoint::plain(""))
        },
        version: wanted.version().clone(),
        installation: Some(scratch::installation(wanted.installation, &ground.folder)),
    };
    site.clusters.insert(new(), cluster);
    Ok(site)
}

/// Whether its copy is told by arguments of its own where to write. The arguments of the real job isolate nothing.
fn is_isolated(job: &Job) -> bool {
    let real = job.submissions.values().map(|submission| &submission.args);
    job.rehearsal_args
        .as_ref()
        .is_some_and(|args| real.into_iter().all(|real| real != args))
}

/// The job as it is submitted to the scratch cluster: with arguments that keep it apart.
fn rehearsed(job: &Job) -> Job {
    let mut job = job.clone();
    job.submissions.retain(|on, _| *on == new());
    if let (Some(args), Some(submission)) = (&job.rehearsal_args, job.submissions.get_mut(&new())) {
        submission.args.clone_from(args);
    }
    job
}

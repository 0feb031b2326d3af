//! Plans that upgrade nothing: savepoints of running jobs, and the disposal of one that nobody keeps.
//!
//! They are carried out by the same engine with the same journal, so that a savepoint is taken once
//! and known for ever, whatever dies in between.

use std::collections::BTreeMap;
use std::num::NonZeroU8;

use upshift_model::digest::Digest;
use upshift_model::expect::Expectation;
use upshift_model::flink::{Cluster, FormWish, Job, JobFacts, OLD, Site};
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::plan::{self, Direction, InventoryStamp, PLAN_FORMAT, Plan};
use upshift_model::policy::{OnLaneFailure, Strategy};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Lane, Releasable, Step, Wave, WaveOutlook, WayBack};
use upshift_model::version::SystemKind;

use crate::build::{Draft, number};
use crate::systems::flink::situation::Situation;

/// A savepoint of a big job takes minutes; nothing is down meanwhile.
const SAVEPOINT_GIVE_UP: Millis = Millis::from_secs(1800);
/// Deleting some thousand files.
const DISPOSAL_GIVE_UP: Millis = Millis::from_secs(300);

/// Why there is nothing to take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakeError {
    /// The jobs were not seen.
    #[error("the jobs could not be seen: {gap}")]
    Unseen {
        /// Why not.
        gap: upshift_model::observed::Gap,
    },
    /// A wanted job does not run, or runs twice.
    #[error("{found} running jobs are called {name:?}, one was expected")]
    NotOne {
        /// The name.
        name: String,
        /// How many run.
        found: usize,
    },
}

/// A savepoint of each wanted job, while it runs on.
///
/// # Errors
/// When the jobs were not seen, or one of them does not run exactly once.
pub fn take(situation: &Situation<'_>, wanted: &[String]) -> Result<Plan, TakeError> {
    let facts = situation.facts();
    let seen = facts
        .source
        .jobs
        .as_result()
        .map_err(|gap| TakeError::Unseen { gap: gap.clone() })?;
    let mut jobs = BTreeMap::new();
    let mut lanes = Vec::new();
    for name in wanted {
        let running: Vec<&JobFacts> = seen
            .iter()
            .filter(|job| job.name == *name && job.state == "RUNNING")
            .collect();
        let [job] = running.as_slice() else {
            return Err(TakeError::NotOne {
                name: name.clone(),
                found: running.len(),
            });
        };
        let id = ComponentId::new(format!("job/{name}"));
        lanes.push(Lane {
            subject: Some(id.clone()),
            steps: vec![savepoint(situation, &id, name, &job.id)],
        });
        jobs.insert(id, declared(situation, name, &job.id));
    }
    let clusters = BTreeMap::from([(
        ComponentId::new(OLD),
        Cluster {
            rest: situation.declaration.rest.clone(),
            version: facts.source.version.clone(),
            installation: None,
        },
    )]);
    let site = Site {
        clusters,
        jobs,
        savepoints: situation.declaration.savepoints.clone(),
        objects: situation.declaration.objects.clone(),
        probes: BTreeMap::new(),
    };
    let inventory = situation.inventory;
    Ok(Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: situation.declaration.name.clone(),
        kind: SystemKind::Flink,
        from: facts.source.version.clone(),
        to: facts.source.version.clone(),
        strategy: Strategy::RestorePoints,
        strategy_why: Vec::new(),
        made_at: situation.now,
        knowledge: situation.knowledge.stamp().clone(),
        inventory: InventoryStamp {
            taken_at: inventory.taken_at,
            digest: inventory.digest(),
        },
        site: plan::Site::Flink(site),
        policy: situation.declaration.policy.clone(),
        waivers: Vec::new(),
        findings: Vec::new(),
        green: 0,
        needs: Vec::new(),
        waves: numbered("take", lanes),
        ways_back: vec![Vec::new()],
    })
}

fn declared(situation: &Situation<'_>, name: &str, id: &str) -> Job {
    let file = situation.declaration.jobs.iter().find(|job| job.name == name);
    Job {
        name: name.to_owned(),
        running_as: Some(id.to_owned()),
        submissions: BTreeMap::new(),
        sink: file.map_or(upshift_model::flink::Sink::Undeclared, |job| job.sink),
        uids: file.map(|job| job.uids.clone()).unwrap_or_default(),
        stateless: false,
        rehearsal_args: None,
    }
}

fn savepoint(situation: &Situation<'_>, job: &ComponentId, name: &str, id: &str) -> Step {
    let form = match situation.declaration.form {
        FormWish::Native => RestorePointKind::SavepointNative,
        FormWish::Canonical | FormWish::Auto => RestorePointKind::SavepointCanonical,
    };
    let (on, into) = (ComponentId::new(OLD), Slot::new(format!("kept/{name}")));
    let effect = Effect::TakeRestorePoint {
        of: job.clone(),
        on: on.clone(),
        form,
        into: into.clone(),
    };
    Draft::new(effect, SAVEPOINT_GIVE_UP)
        .before(Expectation::JobIs {
            cluster: on,
            job: job.clone(),
            id: id.to_owned(),
        })
        .after(Expectation::Fits {
            slot: into,
            criteria: Box::default(),
        })
        .why(match form {
            RestorePointKind::SavepointNative => "native, because the file asks for it",
            _ => "canonical: it can be restored with every state backend",
        })
        .step()
}

/// The files of a restore point of an earlier run are deleted.
pub fn dispose(of: &RunState, point: &RestorePoint, sha256: &Digest, now: jiff::Timestamp) -> Plan {
    let what = Releasable::RestorePointFiles {
        location: point.location.clone(),
        sha256: sha256.clone(),
    };
    let step = Draft::new(Effect::Release { what }, DISPOSAL_GIVE_UP)
        .why("no run keeps it any more")
        .step();
    Plan {
        strategy: Strategy::RestorePoints,
        strategy_why: Vec::new(),
        direction: Direction::Forward,
        to: of.plan.plan.from.clone(),
        made_at: now,
        waivers: Vec::new(),
        findings: Vec::new(),
        green: 0,
        needs: Vec::new(),
        waves: numbered(
            "dispose",
            vec![Lane {
                subject: None,
                steps: vec![step],
            }],
        ),
        ways_back: vec![Vec::new()],
        ..of.plan.plan.clone()
    }
}

fn numbered(title: &str, lanes: Vec<Lane>) -> Vec<Wave> {
    let mut waves = vec![Wave {
        title: title.to_owned(),
        lanes,
        // One after the other: several big savepoints at once would load the same storage.
        width: NonZeroU8::MIN,
        on_lane_failure: OnLaneFailure::Park,
        outlook: WaveOutlook {
            downtime: Some(Millis::ZERO),
            way_back: WayBack::Free,
            replayed: String::new(),
            open_until: Vec::new(),
        },
    }];
    number(&mut waves, "");
    waves
}

//! The order of an upgrade.
//!
//! What decides it, once: everything that can fail without harm comes before the first stop; a
//! savepoint is read before anything that could not be undone without it; the old cluster is the last
//! thing to go; and nothing is let go before somebody accepts.
//!
//! Widths: what takes a job down runs one job at a time where each job is down only for itself
//! (shadow copy, job only: the first failure then finds the others untouched), and all at once where
//! the jobs wait for one another (in place: a job that stopped first waits for the last).

use std::path::PathBuf;

use upshift_model::expect::Expectation;
use upshift_model::flink::fit::GraphAsk;
use upshift_model::observed::Observed;
use upshift_model::policy::{OnLaneFailure, Strategy};
use upshift_model::step::{Lane, Step, Wave};

use super::carry;
use super::error::PlanError;
use super::gates;
use super::ground::{Ground, Leave, Moving};
use super::names::{savepoint_of, trial_of};
use super::site::{jar_digest, new, old};
use super::steps::{self, Hands, Launch};
use crate::build::{lane, wave};

/// Preparing must not weigh on what runs: two lanes at a time.
const PREPARE_WIDTH: usize = 2;

/// All waves, numbered later.
pub(super) fn lay_out(ground: &Ground<'_>) -> Result<Vec<Wave>, PlanError> {
    let hands = Hands {
        site: &ground.site,
        system: &ground.situation.declaration.name,
    };
    let mut waves = vec![prepare(ground, &hands)?, judge_graphs(ground, &hands)];
    match ground.strategy {
        Strategy::InPlace => {
            waves.push(switch_in_place(ground, &hands));
            waves.push(replace(ground, &hands));
            waves.push(resume(ground, &hands));
        }
        Strategy::Shadow
        | Strategy::JobOnly
        | Strategy::Rolling
        | Strategy::FullStop
        | Strategy::CloneAndSwitch
        | Strategy::DoubleRun
        | Strategy::WithoutState
        | Strategy::Backup
        | Strategy::RestorePoints
        | Strategy::Rehearsal => waves.push(switch_across(ground, &hands)),
    }
    waves.push(prove(ground, &hands));
    let accept = hands.finalize(ground.situation.declaration.finalize_after);
    waves.push(wave(
        "accept",
        vec![lane(None, vec![accept])],
        1,
        OnLaneFailure::All,
    ));
    waves.push(release(ground, &hands));
    Ok(waves.into_iter().flatten().collect())
}

fn on_lane_failure(ground: &Ground<'_>) -> OnLaneFailure {
    ground.situation.declaration.policy.on_lane_failure
}

/// Everything that can be done while the jobs run. It fails as a whole: nothing has happened yet.
fn prepare(ground: &Ground<'_>, hands: &Hands<'_>) -> Result<Option<Wave>, PlanError> {
    let declaration = ground.situation.declaration;
    let mut machine = Vec::new();
    if let Some(starting) = &ground.starts {
        if starting.unpack {
            machine.push(hands.unpack(&new(), room(ground)));
        }
        machine.push(hands.carry_over(&new(), carry::change(ground, starting)?));
        if ground.strategy == Strategy::Shadow {
            let ports = Expectation::PortsFree {
                ports: starting.ports.clone(),
            };
            machine.push(hands.start_cluster(&new(), starting.slots, vec![ports]));
        }
    }
    if ground.strategy != Strategy::InPlace {
        machine.extend(ground.jobs.iter().map(|job| hands.upload(&job.id, &new())));
    }
    let probes = declaration
        .probes
        .iter()
        .map(|(name, _)| hands.baseline(name))
        .collect();
    let trials = ground
        .jobs
        .iter()
        .filter(|job| declaration.trial_savepoint && job.leave == Leave::Savepoint)
        .map(|job| lane(Some(&job.id), vec![hands.trial(&job.id, &old(), &job.snapshot)]));
    let mut lanes = vec![lane(None, machine), lane(None, probes)];
    lanes.extend(trials);
    Ok(wave("prepare", lanes, PREPARE_WIDTH, OnLaneFailure::All))
}

/// The new cluster stands, the jars lie on it and the trial savepoints were taken: where the file lets the target
/// be asked for a job's graph, it is asked now, of all jobs before the first of them stops.
fn judge_graphs(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let asked = |job: &&Moving<'_>| {
        job.leave == Leave::Savepoint && job.snapshot.fit.graph_ask == Some(GraphAsk::ByGate)
    };
    let lanes = ground.jobs.iter().filter(asked).map(|job| {
        let gate = hands.judge_graph(&job.id, &new(), &job.snapshot.fit);
        lane(Some(&job.id), vec![gate])
    });
    let lanes: Vec<Lane> = lanes.collect();
    wave("judge", lanes, PREPARE_WIDTH, OnLaneFailure::All)
}

/// Bytes to be free for unpacking: the archive's own size twice over, for jars hardly shrink, and a
/// fetched archive lies beside what is unpacked from it.
pub(super) fn room(ground: &Ground<'_>) -> Option<u64> {
    let archive = ground
        .situation
        .facts()
        .host
        .target_archive
        .as_ref()
        .and_then(Observed::known)?;
    archive.bytes.checked_mul(2)
}

/// The jar is looked at once more before the job goes down for it.
fn jar_stays(ground: &Ground<'_>, job: &Moving<'_>) -> Option<Expectation> {
    let digest = jar_digest(ground.situation, &job.declared.target).ok()?;
    Some(steps::file_is(PathBuf::from(&job.declared.target.jar), digest))
}

/// The steps by which a job leaves the old cluster.
fn leaving(job: &Moving<'_>, hands: &Hands<'_>, ready: Vec<Expectation>) -> Vec<Step> {
    let read = || hands.read(&job.snapshot.into, &job.snapshot.fit);
    match job.leave {
        Leave::Savepoint => vec![hands.stop_into(&job.id, &old(), &job.snapshot, ready), read()],
        Leave::Checkpoint => {
            let mut ready = ready;
            ready.push(Expectation::CheckpointCompleted {
                cluster: old(),
                job: job.id.clone(),
            });
            let why = "it cannot take a savepoint; its newest checkpoint outlives it";
            vec![
                hands.cancel_seen(&job.id, &old(), ready, why),
                hands.adopt(&job.id, &old(), &job.snapshot),
                read(),
            ]
        }
        Leave::Nothing => {
            let why = "declared to hold no state worth keeping";
            vec![hands.cancel_seen(&job.id, &old(), ready, why)]
        }
    }
}

fn launch(job: &Moving<'_>, hands: &Hands<'_>) -> Step {
    let from = (job.leave != Leave::Nothing).then(|| savepoint_of(&job.id));
    let lost = &job.snapshot.fit.may_lose;
    let why = job.may_drop_state.then(|| {
        let named = lost.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        format!("state of {named} may be dropped, as waivers name it")
    });
    hands.start_job(Launch {
        job: &job.id,
        on: &new(),
        from,
        may_drop_state: job.may_drop_state,
        bytes: job.snapshot.bytes,
        before: Vec::new(),
        why: why.into_iter().collect(),
    })
}

fn switch_in_place(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    // Looked at before the first job stops, and again before the cluster does: a job that nobody
    // named must not be found when the others are down already.
    let named = ground.jobs.iter().map(|job| job.id.clone()).collect();
    let alone = Expectation::NoOtherJobs {
        cluster: old(),
        named,
    };
    let lanes: Vec<Lane> = ground
        .jobs
        .iter()
        .map(|job| {
            let ready = jar_stays(ground, job)
                .into_iter()
                .chain([alone.clone()])
                .collect();
            lane(Some(&job.id), leaving(job, hands, ready))
        })
        .collect();
    let width = lanes.len();
    wave("switch", lanes, width, on_lane_failure(ground))
}

fn replace(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let starting = ground.starts.as_ref()?;
    let ports = Expectation::PortsFree {
        ports: starting.ports.clone(),
    };
    let steps = vec![
        hands.stop_cluster(&old(), "every job of it lies in a savepoint that was read"),
        hands.start_cluster(&new(), starting.slots, vec![ports]),
    ];
    wave("replace", vec![lane(None, steps)], 1, OnLaneFailure::All)
}

fn resume(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let lanes: Vec<Lane> = ground
        .jobs
        .iter()
        .map(|job| {
            lane(
                Some(&job.id),
                vec![hands.upload(&job.id, &new()), launch(job, hands)],
            )
        })
        .collect();
    let width = lanes.len();
    wave("resume", lanes, width, on_lane_failure(ground))
}

fn switch_across(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let lanes = ground
        .jobs
        .iter()
        .map(|job| {
            let mut ready = Vec::new();
            if ground.strategy == Strategy::Shadow {
                ready.push(steps::release_is(&new(), &ground.to));
                ready.extend(job.slots.map(|at_least| Expectation::SlotsFree {
                    cluster: new(),
                    at_least,
                }));
            }
            let mut steps = leaving(job, hands, ready);
            steps.push(launch(job, hands));
            lane(Some(&job.id), steps)
        })
        .collect();
    wave("switch", lanes, 1, on_lane_failure(ground))
}

/// One gate over everything, or, where a failed job is parked and the others go on, one for each.
fn prove(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let declaration = ground.situation.declaration;
    let watch = |job: &Moving<'_>| {
        let from = (job.leave != Leave::Nothing).then(|| savepoint_of(&job.id));
        gates::watch_job(&job.id, &new(), from, job.checkpoints)
    };
    let release = steps::release_is(&new(), &ground.to);
    let probes: Vec<_> = declaration
        .probes
        .iter()
        .map(|(name, _)| Expectation::ProbeHolds { probe: name.clone() })
        .collect();
    let soak = |watch: Vec<Expectation>| hands.soak(&new(), watch, declaration.soak);
    let lanes = if ground.jobs.len() > 1 && on_lane_failure(ground) == OnLaneFailure::Park {
        let jobs = ground
            .jobs
            .iter()
            .map(|job| lane(Some(&job.id), vec![soak(watch(job))]));
        let rest = std::iter::once(release).chain(probes).collect();
        jobs.chain([lane(None, vec![soak(rest)])]).collect()
    } else {
        let jobs = ground.jobs.iter().flat_map(watch);
        let all = std::iter::once(release).chain(jobs).chain(probes).collect();
        vec![lane(None, vec![soak(all)])]
    };
    let width = lanes.len();
    wave("prove", lanes, width, on_lane_failure(ground))
}

/// What is let go once somebody accepted.
fn release(ground: &Ground<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let stops_old = ground.strategy == Strategy::Shadow && ground.old_left.is_none();
    let cluster = stops_old.then(|| hands.release_processes(&old()));
    let jobs = ground.jobs.iter().map(|job| {
        let trial = ground.situation.declaration.trial_savepoint && job.leave == Leave::Savepoint;
        let mut steps = vec![hands.release_jar(&job.id, &new())];
        steps.extend(trial.then(|| hands.release_point(&trial_of(&job.id))));
        steps.extend((job.leave != Leave::Nothing).then(|| hands.release_point(&savepoint_of(&job.id))));
        lane(Some(&job.id), steps)
    });
    let lanes = std::iter::once(lane(None, cluster.into_iter().collect()))
        .chain(jobs)
        .collect();
    wave("release", lanes, PREPARE_WIDTH, OnLaneFailure::Park)
}

//! The way there of a rehearsal: a scratch cluster beside the real one, savepoints of jobs that run on, their copies,
//! and what must hold of them.

use upshift_model::expect::Expectation;
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::policy::OnLaneFailure;
use upshift_model::step::{Downtime, Effect, Preparation, Step, Wave};

use super::wanted::Wanted;
use super::{Ground, RehearsalError, new, scratch};
use crate::build::{lane, wave};
use crate::systems::flink::recipe::gates::watch_job;
use crate::systems::flink::recipe::steps::{Hands, Launch, release_is};
use crate::systems::flink::recipe::trial_of;

/// Nothing that runs is weighed upon by more than this at once.
const WIDTH: usize = 2;

pub(super) fn prepare(
    wanted: &Wanted<'_>,
    ground: &Ground,
    hands: &Hands<'_>,
) -> Result<Option<Wave>, RehearsalError> {
    let unpack = wanted.plan.steps().find(|step| {
        matches!(
            step.effect,
            Effect::Prepare {
                what: Preparation::Unpack { .. }
            }
        )
    });
    let mut machine: Vec<Step> = unpack.cloned().into_iter().collect();
    machine.push(hands.carry_over(&new(), scratch::change(wanted.change, wanted.version(), ground)));
    let free = Expectation::PortsFree {
        ports: ground.ports.to_vec(),
    };
    machine.push(hands.start_cluster(&new(), wanted.slots, vec![free]));
    machine.extend(hands.site.jobs.keys().map(|job| hands.upload(job, &new())));
    let mut lanes = vec![lane(None, machine)];
    for (id, job) in &hands.site.jobs {
        match wanted.savepoint(hands, id) {
            Some(step) => lanes.push(lane(Some(id), vec![step])),
            None if job.stateless => {}
            None => {
                return Err(RehearsalError::NoSavepoint {
                    job: job.name.clone(),
                });
            }
        }
    }
    Ok(wave("prepare", lanes, WIDTH, OnLaneFailure::All))
}

pub(super) fn from(hands: &Hands<'_>, job: &ComponentId) -> Option<Slot> {
    let stateless = hands.site.jobs.get(job).is_some_and(|job| job.stateless);
    (!stateless).then(|| trial_of(job))
}

pub(super) fn start(wanted: &Wanted<'_>, hands: &Hands<'_>) -> Option<Wave> {
    let launch = |job: &ComponentId| {
        let mut step = hands.start_job(Launch {
            job,
            on: &new(),
            from: from(hands, job),
            may_drop_state: wanted.may_drop_state(job),
            bytes: None,
            before: Vec::new(),
            why: vec!["a copy: the job itself runs on".to_owned()],
        });
        step.downtime = Downtime::None;
        step
    };
    let lanes = hands
        .site
        .jobs
        .keys()
        .map(|job| lane(Some(job), vec![launch(job)]))
        .collect();
    wave("try", lanes, WIDTH, OnLaneFailure::All)
}

pub(super) fn prove(wanted: &Wanted<'_>, ground: &Ground, hands: &Hands<'_>) -> Option<Wave> {
    let jobs = hands.site.jobs.keys();
    let watch = jobs.flat_map(|job| watch_job(job, &new(), from(hands, job), wanted.checkpoints(job)));
    let watch = std::iter::once(release_is(&new(), wanted.version()))
        .chain(watch)
        .collect();
    wave(
        "prove",
        vec![lane(None, vec![hands.soak(&new(), watch, ground.soak)])],
        1,
        OnLaneFailure::All,
    )
}

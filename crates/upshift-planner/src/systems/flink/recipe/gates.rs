//! The waits of an upgrade: a savepoint that is read before anything rests on it, a soak with
//! everything watched, a person's word.

use std::collections::BTreeSet;

use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::fit::GraphAsk;
use upshift_model::gate::Gate;
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::span::Millis;
use upshift_model::step::{Effect, Step};

use super::by_hand;
use super::names::{id_of, trial_of};
use super::steps::{Hands, restored_from};
use super::timing;
use crate::build::Draft;

impl Hands<'_> {
    /// What fills the slot is read: complete, and such that the new release and job can start from it.
    /// One look decides. As a gate it fails without undoing that the job was stopped and where its
    /// state lies, and the policy for failed gates says what follows.
    pub(crate) fn read(&self, slot: &Slot, criteria: &FitCriteria) -> Step {
        let watch = vec![Expectation::Fits {
            slot: slot.clone(),
            criteria: Box::new(criteria.clone()),
        }];
        let gate = Gate::Soak {
            watch,
            hold_for: Millis::ZERO,
            every: LOOK_AGAIN,
            fail_after: 1,
            blind_for: BLIND_FOR,
        };
        Draft::new(Effect::Hold { gate }, timing::READ_GIVE_UP)
            .usual(timing::READ)
            .by_hand(vec![by_hand::read(slot)])
            .step()
    }

    /// The graph that the new cluster makes of the job's jar is held against its trial savepoint, while the job
    /// still runs: what would be lost halts here.
    pub(crate) fn judge_graph(&self, job: &ComponentId, on: &ComponentId, criteria: &FitCriteria) -> Step {
        let asking = FitCriteria {
            graph_ask: Some(GraphAsk::Now {
                cluster: on.clone(),
                job: job.clone(),
            }),
            ..criteria.clone()
        };
        self.read(&trial_of(job), &asking)
    }

    /// Everything watched must hold for a time.
    pub(crate) fn soak(&self, on: &ComponentId, watch: Vec<Expectation>, hold_for: Millis) -> Step {
        let jobs: BTreeSet<_> = watch
            .iter()
            .filter_map(|e| match e {
                Expectation::JobRunning { job, .. } => Some(id_of(job, on)),
                _ => None,
            })
            .collect();
        let jobs: Vec<_> = jobs.into_iter().collect();
        let probes = watch.iter().filter_map(|e| match e {
            Expectation::ProbeHolds { probe } => self.site.probes.get(probe),
            _ => None,
        });
        let mut commands = self
            .cluster(on)
            .map(|c| by_hand::watch(c, &jobs))
            .unwrap_or_default();
        commands.extend(probes.flat_map(|probe| by_hand::ask(&probe.ask)));
        let gate = Gate::Soak {
            watch,
            hold_for,
            every: sample_every(hold_for),
            fail_after: BAD_SAMPLES,
            blind_for: BLIND_FOR,
        };
        Draft::new(Effect::Hold { gate }, timing::soak_give_up(hold_for))
            .usual(hold_for)
            .by_hand(commands)
            .step()
    }

    /// A person's word, or the policy's timer.
    pub(crate) fn finalize(&self, after: Option<Millis>) -> Step {
        let commands = vec![
            format!("upshift finalize {}", by_hand::quote(self.system.as_str())),
            format!(
                "upshift rollback {}   # instead, to go back",
                by_hand::quote(self.system.as_str())
            ),
        ];
        Draft::new(
            Effect::Hold {
                gate: Gate::Finalize { after },
            },
            timing::NEVER,
        )
        .by_hand(commands)
        .step()
    }
}

/// A look that could not be made is made again soon: a job is down.
const LOOK_AGAIN: Millis = Millis(250);
/// One flapping sample is nothing; three in a row are something.
const BAD_SAMPLES: u16 = 3;
/// A minute in which nothing answers is not an observed minute.
const BLIND_FOR: Millis = Millis::from_secs(60);

/// A hundred looks a soak, but no more than one a second (probes cost the user something) and no
/// less than one in ten seconds (three bad ones in a row must not take long). A soak of a few
/// seconds, as in tests and demonstrations, is looked at four times a second.
fn sample_every(hold_for: Millis) -> Millis {
    match hold_for.0 {
        0..10_000 => Millis(250),
        ms => Millis((ms / 100).clamp(1_000, 10_000)),
    }
}

/// What is watched of one job: `RUNNING` alone is never success.
pub(crate) fn watch_job(
    job: &ComponentId,
    on: &ComponentId,
    from: Option<Slot>,
    checkpoints: bool,
) -> Vec<Expectation> {
    let (cluster, job) = (on.clone(), job.clone());
    let mut watch = vec![Expectation::JobRunning {
        cluster: cluster.clone(),
        job: job.clone(),
    }];
    watch.extend(from.map(|slot| restored_from(&job, on, slot)));
    if checkpoints {
        watch.push(Expectation::CheckpointCompleted {
            cluster: cluster.clone(),
            job: job.clone(),
        });
    }
    watch.push(Expectation::NoRestarts {
        cluster: cluster.clone(),
        job: job.clone(),
    });
    watch.push(Expectation::NoExceptions { cluster, job });
    watch
}

//! Runs that never ran: journals written from a plan, and a world small enough to hold in a set.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use upshift_model::digest::Digest;
use upshift_model::flink::{NEW, OLD, Site};
use upshift_model::ids::{AttemptKey, ComponentId, RunId};
use upshift_model::plan::{self, Plan};
use upshift_model::proof::{Binding, Proof};
use upshift_model::record::{Baseline, Entry, Intent, Line, RECORD_FORMAT, Record, Who};
use upshift_model::restore::{RestorePoint, RestorePointKind};
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

/// A journal that grows by one record a second.
pub(crate) struct Journal {
    lines: Vec<Line>,
    run: RunId,
    at: Timestamp,
}

impl Journal {
    pub(crate) fn open(plan: &Plan) -> Self {
        let at = plan.made_at;
        let mut journal = Self {
            lines: Vec::new(),
            run: RunId::new("0197f3c8-0000-7000-8000-000000000001"),
            at,
        };
        journal.write(Record::Opened {
            plan: Box::new(plan.clone().seal()),
            by: somebody(),
        });
        journal
    }

    pub(crate) fn write(&mut self, record: Record) {
        self.at = self
            .at
            .checked_add(SignedDuration::from_secs(1))
            .expect("in range");
        let prev = self
            .lines
            .last()
            .map_or_else(Digest::zero, |line| line.digest().clone());
        let seq = u64::try_from(self.lines.len()).expect("few") + 1;
        let entry = Entry {
            format: RECORD_FORMAT,
            run: self.run.clone(),
            seq,
            epoch: 1,
            at: self.at,
            prev,
            record,
        };
        self.lines.push(Line::write(entry));
    }

    pub(crate) fn intend(&mut self, step: &Step) {
        let intent = Intent {
            key: AttemptKey::derive(&self.run, &step.id, 1),
            attempt: 1,
            baseline: Baseline::default(),
            deadline: self.at,
        };
        self.write(Record::Intent {
            step: step.id.clone(),
            intent,
        });
    }

    pub(crate) fn finish(&mut self, step: &Step) {
        let proof = self.proof(step);
        self.write(Record::Done {
            step: step.id.clone(),
            proof,
        });
    }

    fn proof(&self, step: &Step) -> Proof {
        let value = |name: &upshift_model::ids::BindingName| Binding::Value {
            name: name.clone(),
            value: format!("value of {name}"),
        };
        let proof = Proof::of(["seen".to_owned()]);
        match &step.effect {
            Effect::Transfer { into, .. }
            | Effect::Start {
                what: StartWhat::Job { into, .. },
            }
            | Effect::Prepare {
                what: Preparation::Baseline { into, .. },
            } => proof.with(value(into)),
            effect => match effect.fills() {
                None => proof,
                Some(slot) => proof.with(Binding::Restore {
                    slot: slot.clone(),
                    point: RestorePoint {
                        kind: RestorePointKind::SavepointCanonical,
                        location: format!("file:/srv/savepoints/{slot}"),
                        taken_of: "72a453b49067bc6ac70207bc19a87cdf".to_owned(),
                        triggered_at: self.at,
                        took: None,
                        bytes: None,
                        metadata_version: None,
                        metadata_digest: None,
                    },
                }),
            },
        }
    }

    pub(crate) fn fold(&self) -> RunState {
        RunState::fold(&self.lines).expect("a journal")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.at
    }
}

pub(crate) fn somebody() -> Who {
    Who {
        name: "ada".to_owned(),
        host: "bench".to_owned(),
        why: None,
        ticket: None,
    }
}

/// What runs where. Every step of a way back must be harmless when there is nothing to do; a second
/// job beside a running one never is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sim {
    pub(crate) jobs: BTreeSet<(ComponentId, ComponentId)>,
    pub(crate) clusters: BTreeSet<ComponentId>,
}

impl Sim {
    pub(crate) fn before(plan: &Plan) -> Self {
        let old = ComponentId::from(OLD);
        let site = site(plan);
        let starts_new = plan.steps().any(|s| {
            matches!(
                s.effect,
                Effect::Start {
                    what: StartWhat::Cluster { .. }
                }
            )
        });
        let mut clusters = BTreeSet::from([old.clone()]);
        if !starts_new {
            clusters.insert(ComponentId::from(NEW));
        }
        Self {
            jobs: site.jobs.keys().map(|job| (job.clone(), old.clone())).collect(),
            clusters,
        }
    }

    pub(crate) fn carry_out(&mut self, plan: &Plan, step: &Step) {
        match &step.effect {
            Effect::Stop {
                what: StopWhat::JobInto { job, on, .. } | StopWhat::JobCancel { job, on, .. },
            } => {
                self.jobs.remove(&(job.clone(), on.clone()));
            }
            Effect::Stop {
                what: StopWhat::Cluster { cluster },
            }
            | Effect::Release {
                what: Releasable::ClusterProcesses { cluster },
            } => {
                let under = self.jobs.iter().find(|(_, on)| on == cluster);
                assert_eq!(under, None, "step {} stops {cluster} under a job", step.id);
                self.clusters.remove(cluster);
            }
            Effect::Start {
                what: StartWhat::Cluster { cluster, .. },
            } => {
                let address = |id: &ComponentId| site(plan).clusters[id].rest.authority().to_owned();
                let taken = self
                    .clusters
                    .iter()
                    .find(|c| *c != cluster && address(c) == address(cluster));
                assert_eq!(
                    taken, None,
                    "step {} starts {cluster} where another answers",
                    step.id
                );
                self.clusters.insert(cluster.clone());
            }
            Effect::Start {
                what: StartWhat::Job { job, on, .. },
            } => {
                let twin = self.jobs.iter().find(|(j, _)| j == job);
                assert_eq!(twin, None, "step {} starts {job} a second time", step.id);
                assert!(
                    self.clusters.contains(on),
                    "step {} starts {job} on nothing",
                    step.id
                );
                self.jobs.insert((job.clone(), on.clone()));
            }
            Effect::TakeRestorePoint { .. }
            | Effect::AdoptCheckpoint { .. }
            | Effect::Prepare { .. }
            | Effect::Configure { .. }
            | Effect::Transfer { .. }
            | Effect::Release { .. }
            | Effect::Hold { .. } => {}
            Effect::Stop {
                what: StopWhat::Server { .. } | StopWhat::Writers { .. },
            }
            | Effect::Start {
                what: StartWhat::Server { .. } | StartWhat::Restored { .. } | StartWhat::Writers { .. },
            }
            | Effect::Prove { .. }
            | Effect::Weka { .. }
            | Effect::Fluss { .. } => panic!("step {} is none of Flink", step.id),
        }
    }
}

pub(crate) fn site(plan: &Plan) -> &Site {
    let plan::Site::Flink(site) = &plan.site else {
        panic!("of Flink")
    };
    site
}

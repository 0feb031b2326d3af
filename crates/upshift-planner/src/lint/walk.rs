//! One walk through waves: each step is held against the world that the steps before it leave.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::expect::Expectation;
use upshift_model::flink::{ProbeExpect, Site};
use upshift_model::gate::Gate;
use upshift_model::ids::{BindingName, ComponentId, Slot};
use upshift_model::step::{
    Artifact, Downtime, Effect, ForeignId, Preparation, Releasable, StartWhat, Step, StopWhat, Wave,
};

use super::flaw::{Flaw, Rule};
use super::world::{Whereabouts, World};

/// Which way the walk leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    There,
    Back,
}

/// Walks the waves and calls `after` when each of them is done.
pub(super) fn walk(
    site: &Site,
    way: Way,
    waves: &[Wave],
    mut world: World,
    flaws: &mut Vec<Flaw>,
    mut after: impl FnMut(usize, &World, &mut Vec<Flaw>),
) -> World {
    for (at, wave) in waves.iter().enumerate() {
        let before = world.clone();
        let mut touched: BTreeSet<ComponentId> = BTreeSet::new();
        for lane in &wave.lanes {
            let mut walker = Walker {
                site,
                way,
                world: before.clone(),
                flaws,
            };
            lane.steps.iter().for_each(|step| walker.step(step));
            let seen = walker.world;
            for (job, place) in &seen.jobs {
                if before.jobs.get(job) != Some(place) && !touched.insert(job.clone()) {
                    flaws.push(Flaw {
                        step: None,
                        rule: Rule::TornJob {
                            job: job.clone(),
                            wave: at + 1,
                        },
                    });
                }
            }
            world.absorb(&before, seen);
        }
        after(at, &world, flaws);
    }
    world
}

struct Walker<'a> {
    site: &'a Site,
    way: Way,
    world: World,
    flaws: &'a mut Vec<Flaw>,
}

impl Walker<'_> {
    fn flaw(&mut self, step: &Step, rule: Rule) {
        self.flaws.push(Flaw {
            step: Some(step.id.clone()),
            rule,
        });
    }

    fn step(&mut self, step: &Step) {
        if step.tries == 0 || step.give_up.0 == 0 {
            self.flaw(step, Rule::NeverTried);
        }
        step.before
            .iter()
            .for_each(|expectation| self.expectation(step, expectation));
        self.downtime(step);
        self.effect(step);
        if let Some(slot) = step.effect.fills() {
            // On the way back a step may finish what the way there began.
            if !self.world.slots.put(slot) && self.way == Way::There {
                self.flaw(step, Rule::SlotFilledTwice { slot: slot.clone() });
            }
        }
        step.after
            .iter()
            .for_each(|expectation| self.expectation(step, expectation));
    }

    fn downtime(&mut self, step: &Step) {
        let expected = match &step.effect {
            Effect::Stop {
                what: StopWhat::JobInto { .. } | StopWhat::JobCancel { .. },
            } => Downtime::Begins,
            Effect::Start {
                what: StartWhat::Job { .. },
            } => Downtime::Ends,
            _ => Downtime::None,
        };
        if step.downtime != expected {
            self.flaw(step, Rule::DowntimeUnmarked);
        }
    }

    fn expectation(&mut self, step: &Step, expectation: &Expectation) {
        match expectation {
            Expectation::Fits { slot, .. } => {
                self.need_slot(step, slot);
                self.world.verified.put(slot);
            }
            Expectation::RestoredFrom { slot, .. } => self.need_slot(step, slot),
            Expectation::ProbeHolds { probe } => self.probe(step, probe),
            Expectation::ReleaseIs { .. }
            | Expectation::Stopped { .. }
            | Expectation::JobIs { .. }
            | Expectation::JobRunning { .. }
            | Expectation::NoOtherJobs { .. }
            | Expectation::CheckpointCompleted { .. }
            | Expectation::NoRestarts { .. }
            | Expectation::NoExceptions { .. }
            | Expectation::SlotsFree { .. }
            | Expectation::PortsFree { .. }
            | Expectation::DiskFree { .. }
            | Expectation::FileIs { .. }
            | Expectation::Fluss(_)
            | Expectation::Alluxio(_)
            | Expectation::Weka(_) => {}
        }
    }

    fn probe(&mut self, step: &Step, probe: &str) {
        let ratio = self
            .site
            .probes
            .get(probe)
            .is_some_and(|probe| matches!(probe.expect, ProbeExpect::AtLeastRatioOfBaselineMilli(_)));
        if ratio && self.way == Way::There && !self.world.baselines.contains(probe) {
            self.flaw(
                step,
                Rule::NoBaseline {
                    probe: probe.to_owned(),
                },
            );
        }
    }

    fn effect(&mut self, step: &Step) {
        match &step.effect {
            Effect::TakeRestorePoint { of, on, .. } => self.runs_on(step, of, on),
            Effect::AdoptCheckpoint { of, on, .. } => {
                self.known(step, on);
                self.known_job(step, of);
            }
            Effect::Prepare { what } => self.prepare(step, what),
            Effect::Configure { component, .. } => self.known(step, component),
            Effect::Transfer {
                what: Artifact::Jar { job, to },
                into,
            } => {
                self.submittable(step, job, to);
                self.up(step, to);
                self.world.bindings.put(into);
            }
            Effect::Stop { what } => self.stop(step, what),
            Effect::Start {
                what: StartWhat::Cluster { cluster, .. },
            } => self.start_cluster(step, cluster),
            Effect::Start {
                what: what @ StartWhat::Job { .. },
            } => self.start_job(step, what),
            // Of other systems: a site of Flink has no such servers.
            Effect::Start {
                what: StartWhat::Server { server, .. } | StartWhat::Restored { server, .. },
            } => {
                self.known(step, server);
            }
            Effect::Transfer {
                what: Artifact::Folder { .. },
                ..
            }
            | Effect::Start {
                what: StartWhat::Writers { .. },
            }
            | Effect::Prove { .. }
            | Effect::Weka { .. }
            | Effect::Fluss { .. } => {}
            Effect::Release { what } => self.release(step, what),
            Effect::Hold {
                gate: Gate::Soak { watch, .. },
            } => {
                for expectation in watch {
                    self.expectation(step, expectation);
                    if let Expectation::NoExceptions { job, .. } = expectation {
                        self.world.watched.insert(job.clone());
                    }
                }
            }
            Effect::Hold {
                gate: Gate::Finalize { .. },
            } => self.accept(step),
            Effect::Hold {
                gate: Gate::Judged { .. },
            } => {}
        }
    }

    fn prepare(&mut self, step: &Step, what: &Preparation) {
        match what {
            Preparation::Baseline { probe, into } => {
                self.world.bindings.put(into);
                self.world.baselines.insert(probe.clone());
            }
            Preparation::Evidence { into, .. } => {
                self.world.bindings.put(into);
            }
            Preparation::Unpack { component } => self.known(step, component),
            // Of other systems.
            Preparation::Canary { .. }
            | Preparation::Clone { .. }
            | Preparation::Release { .. }
            | Preparation::Alluxio(_)
            | Preparation::RealtimeCompute(_) => {}
        }
    }

    fn accept(&mut self, step: &Step) {
        let unwatched: Vec<_> = self
            .world
            .jobs
            .keys()
            .filter(|job| !self.world.watched.contains(*job))
            .cloned()
            .collect();
        for job in unwatched {
            self.flaw(step, Rule::NotProven { job });
        }
        self.world.accepted = true;
    }

    fn known(&mut self, step: &Step, component: &ComponentId) {
        if !self.site.clusters.contains_key(component) {
            self.flaw(
                step,
                Rule::UnknownComponent {
                    component: component.clone(),
                },
            );
        }
    }

    fn known_job(&mut self, step: &Step, job: &ComponentId) {
        if !self.site.jobs.contains_key(job) {
            self.flaw(
                step,
                Rule::UnknownComponent {
                    component: job.clone(),
                },
            );
        }
    }

    fn up(&mut self, step: &Step, cluster: &ComponentId) {
        self.known(step, cluster);
        if self.world.clusters.get(cluster) == Some(&Some(false)) {
            self.flaw(
                step,
                Rule::ClusterDown {
                    cluster: cluster.clone(),
                },
            );
        }
    }

    fn need_slot(&mut self, step: &Step, slot: &Slot) {
        let fills = step.effect.fills() == Some(slot);
        if !fills && !self.world.slots.may_hold(slot) {
            self.flaw(step, Rule::SlotUnfilled { slot: slot.clone() });
        }
    }

    fn need_binding(&mut self, step: &Step, name: &BindingName) {
        if !self.world.bindings.may_hold(name) {
            self.flaw(step, Rule::Unbound { name: name.clone() });
        }
    }

    fn submittable(&mut self, step: &Step, job: &ComponentId, cluster: &ComponentId) {
        self.known_job(step, job);
        let has = self
            .site
            .jobs
            .get(job)
            .is_some_and(|job| job.submissions.contains_key(cluster));
        if !has {
            self.flaw(
                step,
                Rule::NotSubmittable {
                    job: job.clone(),
                    cluster: cluster.clone(),
                },
            );
        }
    }

    fn runs_on(&mut self, step: &Step, job: &ComponentId, cluster: &ComponentId) {
        self.known_job(step, job);
        self.up(step, cluster);
        match self.world.jobs.get(job) {
            Some(Whereabouts::On(at)) if at == cluster => {}
            Some(Whereabouts::Anywhere) | None => {}
            Some(Whereabouts::On(_) | Whereabouts::Down) => {
                self.flaw(
                    step,
                    Rule::NotThere {
                        job: job.clone(),
                        cluster: cluster.clone(),
                    },
                );
            }
        }
    }

    fn stop(&mut self, step: &Step, what: &StopWhat) {
        match what {
            StopWhat::JobInto { job, on, .. } => {
                self.identified(step, job);
                self.runs_on(step, job, on);
                self.world.jobs.insert(job.clone(), Whereabouts::Down);
            }
            StopWhat::JobCancel { job, on, id } => {
                match id {
                    ForeignId::Bound(name) => self.need_binding(step, name),
                    ForeignId::Seen(_) if self.way == Way::There => self.identified(step, job),
                    ForeignId::Seen(_) => {}
                }
                self.runs_on(step, job, on);
                self.world.jobs.insert(job.clone(), Whereabouts::Down);
            }
            StopWhat::Cluster { cluster } => self.stop_cluster(step, cluster),
            StopWhat::Server { server } => {
                self.known(step, server);
            }
            StopWhat::Writers { .. } => {}
        }
    }

    fn identified(&mut self, step: &Step, job: &ComponentId) {
        let looks = |e: &Expectation| matches!(e, Expectation::JobIs { job: seen, .. } if seen == job);
        if !step.before.iter().any(looks) {
            self.flaw(step, Rule::NotIdentified { job: job.clone() });
        }
    }

    fn stop_cluster(&mut self, step: &Step, cluster: &ComponentId) {
        self.known(step, cluster);
        let there: Vec<_> = self
            .world
            .jobs
            .iter()
            .filter(|(_, at)| matches!(at, Whereabouts::On(on) if on == cluster))
            .map(|(job, _)| job.clone())
            .collect();
        for job in there {
            self.flaw(
                step,
                Rule::StopsUnderJob {
                    cluster: cluster.clone(),
                    job,
                },
            );
        }
        for slot in self.world.unread() {
            self.flaw(step, Rule::NotVerified { slot });
        }
        let alone = |e: &Expectation| matches!(e, Expectation::NoOtherJobs { cluster: c, named } if c == cluster && named.is_empty());
        if !step.before.iter().any(alone) {
            self.flaw(
                step,
                Rule::NotAlone {
                    cluster: cluster.clone(),
                },
            );
        }
        self.world.clusters.insert(cluster.clone(), Some(false));
    }

    fn start_cluster(&mut self, step: &Step, cluster: &ComponentId) {
        self.known(step, cluster);
        let authority = |id: &ComponentId| self.site.clusters.get(id).map(|c| c.rest.authority().to_owned());
        let here = authority(cluster);
        let taken: BTreeMap<_, _> = self
            .world
            .clusters
            .iter()
            .filter(|(id, up)| *id != cluster && **up == Some(true) && authority(id) == here)
            .map(|(id, up)| (id.clone(), *up))
            .collect();
        for other in taken.into_keys() {
            self.flaw(
                step,
                Rule::AddressTaken {
                    cluster: cluster.clone(),
                    other,
                },
            );
        }
        self.world.clusters.insert(cluster.clone(), Some(true));
    }

    fn start_job(&mut self, step: &Step, what: &StartWhat) {
        let StartWhat::Job {
            job,
            on,
            jar,
            from,
            may_drop_state,
            into,
        } = what
        else {
            return;
        };
        self.submittable(step, job, on);
        self.up(step, on);
        match jar {
            Some(jar) => self.need_binding(step, jar),
            None => self.flaw(
                step,
                Rule::NotSubmittable {
                    job: job.clone(),
                    cluster: on.clone(),
                },
            ),
        }
        if let Some(Whereabouts::On(runs_on)) = self.world.jobs.get(job).cloned() {
            self.flaw(
                step,
                Rule::StartedTwice {
                    job: job.clone(),
                    cluster: on.clone(),
                    runs_on,
                },
            );
        }
        let stateless = self.site.jobs.get(job).is_some_and(|job| job.stateless);
        match from {
            None if stateless => {}
            None => self.flaw(step, Rule::StateForgotten { job: job.clone() }),
            Some(slot) => {
                self.need_slot(step, slot);
                if !self.world.verified.may_hold(slot) {
                    self.flaw(step, Rule::NotVerified { slot: slot.clone() });
                }
            }
        }
        let runs = |e: &Expectation| matches!(e, Expectation::JobRunning { job: j, cluster } if j == job && cluster == on);
        let restored = |e: &Expectation| matches!(e, Expectation::RestoredFrom { job: j, slot, .. } if j == job && Some(slot) == from.as_ref());
        if !step.after.iter().any(runs) || (from.is_some() && !step.after.iter().any(restored)) {
            self.flaw(step, Rule::NotSeenRunning { job: job.clone() });
        }
        if *may_drop_state && step.why.is_empty() {
            self.flaw(step, Rule::DropsUnnamed { job: job.clone() });
        }
        self.world.bindings.put(into);
        self.world.jobs.insert(job.clone(), Whereabouts::On(on.clone()));
    }

    fn release(&mut self, step: &Step, what: &Releasable) {
        if self.way == Way::There && !self.world.accepted {
            self.flaw(step, Rule::ReleasedEarly);
        }
        match what {
            Releasable::ClusterProcesses { cluster } => self.stop_cluster(step, cluster),
            Releasable::UploadedJar { jar, .. } => self.need_binding(step, jar),
            Releasable::Canary { .. } | Releasable::Deployment { .. } | Releasable::Draft { .. } => {}
            Releasable::RestorePointFiles { .. }
            | Releasable::SlotFiles { .. }
            | Releasable::Scratch { .. } => {
                if self.way == Way::Back {
                    self.flaw(step, Rule::ReleasedOnTheWayBack);
                }
            }
            Releasable::RestorePoint { slot } => {
                self.need_slot(step, slot);
                if self.way == Way::Back {
                    self.flaw(step, Rule::ReleasedOnTheWayBack);
                }
            }
        }
    }
}

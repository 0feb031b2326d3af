//! One function per step of a Flink upgrade: effect, what must hold before and after, deadlines and
//! the commands that do the same by hand. Which steps there are, and in which order, is decided
//! elsewhere: the way there and the way back are built from these alike.

use std::collections::BTreeSet;
use std::path::PathBuf;

use upshift_model::digest::Digest;
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::{Cluster, Installation, Job, Site, Submission};
use upshift_model::ids::{ComponentId, Slot, SystemName};
use upshift_model::restore::RestorePointKind;
use upshift_model::span::Millis;
use upshift_model::step::{
    Artifact, Change, Downtime, Effect, ForeignId, Preparation, Releasable, StartWhat, Step, StopWhat,
};
use upshift_model::version::Version;

use super::by_hand::{self, Id};
use super::names::{baseline_of, id_of, jar_of, trial_of};
use super::timing;
use crate::build::Draft;

/// What steps are built from.
pub(crate) struct Hands<'a> {
    /// Where everything lies.
    pub(crate) site: &'a Site,
    /// The system's name, for upshift's own commands.
    pub(crate) system: &'a SystemName,
}

/// How one job's restore point is taken.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) form: RestorePointKind,
    pub(crate) why: Vec<String>,
    pub(crate) into: Slot,
    pub(crate) fit: FitCriteria,
    /// Size of the job's newest checkpoint, where it is known.
    pub(crate) bytes: Option<u64>,
    /// The job's checkpoint time-out, where it is known.
    pub(crate) timeout: Option<Millis>,
}

/// How one job is started.
pub(crate) struct Launch<'a> {
    pub(crate) job: &'a ComponentId,
    pub(crate) on: &'a ComponentId,
    pub(crate) from: Option<Slot>,
    pub(crate) may_drop_state: bool,
    pub(crate) bytes: Option<u64>,
    pub(crate) before: Vec<Expectation>,
    pub(crate) why: Vec<String>,
}

impl Hands<'_> {
    pub(super) fn cluster(&self, id: &ComponentId) -> Option<&Cluster> {
        self.site.clusters.get(id)
    }

    fn installation(&self, id: &ComponentId) -> Option<&Installation> {
        self.cluster(id).and_then(|cluster| cluster.installation.as_ref())
    }

    fn job(&self, id: &ComponentId) -> Option<&Job> {
        self.site.jobs.get(id)
    }

    fn submission(&self, job: &ComponentId, on: &ComponentId) -> Option<&Submission> {
        self.job(job).and_then(|job| job.submissions.get(on))
    }

    /// The job where it ran when the plan was made.
    fn seen(&self, job: &ComponentId) -> Id<'_> {
        let seen = self.job(job).and_then(|job| job.running_as.as_deref());
        seen.map_or_else(|| Id::Variable(format!("ID_{}", job.as_str())), Id::Literal)
    }

    fn job_is(&self, job: &ComponentId, on: &ComponentId) -> Option<Expectation> {
        let id = self.job(job)?.running_as.clone()?;
        Some(Expectation::JobIs {
            cluster: on.clone(),
            job: job.clone(),
            id,
        })
    }

    /// The release is unpacked into its home.
    pub(crate) fn unpack(&self, cluster: &ComponentId, room: Option<u64>) -> Step {
        let what = Preparation::Unpack {
            component: cluster.clone(),
        };
        let home = self.installation(cluster);
        let commands = home.and_then(|of| of.archive.as_ref().map(|a| by_hand::unpack(&of.home, a)));
        let disk = home.zip(room).map(|(of, at_least)| Expectation::DiskFree {
            path: of.home.clone(),
            at_least,
        });
        Draft::new(Effect::Prepare { what }, timing::UNPACK_GIVE_UP)
            .before_all(disk)
            .usual(timing::UNPACK)
            .tries(2)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The configuration directory is carried over.
    pub(crate) fn carry_over(&self, cluster: &ComponentId, change: Change) -> Step {
        let Change::CarryOver {
            from,
            from_file,
            from_digest,
            to,
            to_file,
            edits,
        } = &change;
        let file = Expectation::FileIs {
            path: from.join(from_file),
            sha256: from_digest.clone(),
        };
        let commands = by_hand::carry_over((from, from_file), (to, to_file), edits);
        Draft::new(
            Effect::Configure {
                component: cluster.clone(),
                change,
            },
            timing::CARRY_OVER_GIVE_UP,
        )
        .before(file)
        .tries(2)
        .by_hand(commands)
        .step()
    }

    /// The cluster's processes start, all of them at once.
    pub(crate) fn start_cluster(&self, cluster: &ComponentId, slots: u32, before: Vec<Expectation>) -> Step {
        let release = self.cluster(cluster).map(|c| c.version.clone());
        let release = release.expect("a plan starts only clusters of its site");
        let commands = self
            .cluster(cluster)
            .zip(self.installation(cluster))
            .map(|(at, of)| by_hand::start_cluster(at, of, slots));
        let what = StartWhat::Cluster {
            cluster: cluster.clone(),
            release: release.clone(),
            slots,
        };
        Draft::new(Effect::Start { what }, timing::CLUSTER_START_GIVE_UP)
            .before_all(before)
            .after(Expectation::ReleaseIs {
                component: cluster.clone(),
                version: release,
            })
            .after(Expectation::SlotsFree {
                cluster: cluster.clone(),
                at_least: slots,
            })
            .usual(timing::CLUSTER_START)
            .tries(2)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The cluster's processes end, each by its pid; not while any job runs there.
    pub(crate) fn stop_cluster(&self, cluster: &ComponentId, why: &str) -> Step {
        let what = StopWhat::Cluster {
            cluster: cluster.clone(),
        };
        Draft::new(Effect::Stop { what }, timing::CLUSTER_STOP_GIVE_UP)
            .before(no_jobs(cluster))
            .after(Expectation::Stopped {
                component: cluster.clone(),
            })
            .why(why)
            .usual(timing::CLUSTER_STOP)
            .tries(2)
            .by_hand(
                self.installation(cluster)
                    .map(by_hand::stop_cluster)
                    .unwrap_or_default(),
            )
            .step()
    }

    /// A probe is asked for its value before anything changes.
    pub(crate) fn baseline(&self, probe: &str) -> Step {
        let what = Preparation::Baseline {
            probe: probe.to_owned(),
            into: baseline_of(probe),
        };
        let commands = self.site.probes.get(probe).map(|probe| by_hand::ask(&probe.ask));
        Draft::new(Effect::Prepare { what }, timing::BASELINE_GIVE_UP)
            .tries(3)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// A job's jar is uploaded to a cluster.
    pub(crate) fn upload(&self, job: &ComponentId, to: &ComponentId) -> Step {
        let what = Artifact::Jar {
            job: job.clone(),
            to: to.clone(),
        };
        let into = jar_of(job, to);
        let submission = self.submission(job, to);
        let file = submission.map(|s| Expectation::FileIs {
            path: s.jar.clone(),
            sha256: s.jar_sha256.clone(),
        });
        let commands = self
            .cluster(to)
            .zip(submission)
            .map(|(c, s)| by_hand::upload(c, &s.jar, &into));
        Draft::new(Effect::Transfer { what, into }, timing::UPLOAD_GIVE_UP)
            .before_all(file)
            .usual(timing::UPLOAD)
            .tries(3)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// A savepoint without stopping, read as the real one will be.
    pub(crate) fn trial(&self, job: &ComponentId, on: &ComponentId, snapshot: &Snapshot) -> Step {
        let into = trial_of(job);
        let mut commands = self
            .cluster(on)
            .map(|c| by_hand::trigger(c, &self.seen(job), &self.site.savepoints, snapshot.form, &into));
        commands
            .iter_mut()
            .for_each(|lines| lines.push(by_hand::read(&into)));
        let effect = Effect::TakeRestorePoint {
            of: job.clone(),
            on: on.clone(),
            form: snapshot.form,
            into: into.clone(),
        };
        Draft::new(effect, timing::savepoint_give_up(snapshot.timeout))
            .before_all(self.job_is(job, on))
            .after(Expectation::Fits {
                slot: into,
                criteria: Box::new(snapshot.fit.clone()),
            })
            .why("the job runs on: what would not fit is seen before anything is stopped")
            .usual(timing::savepoint(snapshot.form, snapshot.bytes))
            .tries(2)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The job stops with a savepoint as its last act. That the savepoint fits is a gate of its own: a
    /// stop that is done stays done, also where what it left cannot be used.
    pub(crate) fn stop_into(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        snapshot: &Snapshot,
        ready: Vec<Expectation>,
    ) -> Step {
        let into = snapshot.into.clone();
        let commands = self
            .cluster(on)
            .map(|c| by_hand::stop(c, &self.seen(job), &self.site.savepoints, snapshot.form, &into));
        let what = StopWhat::JobInto {
            job: job.clone(),
            on: on.clone(),
            form: snapshot.form,
            into,
        };
        Draft::new(Effect::Stop { what }, timing::savepoint_give_up(snapshot.timeout))
            .before_all(self.job_is(job, on))
            .before_all(ready)
            .why_all(snapshot.why.clone())
            .usual(timing::savepoint(snapshot.form, snapshot.bytes))
            .tries(2)
            .downtime(Downtime::Begins)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The job that was seen is cancelled where it runs.
    pub(crate) fn cancel_seen(
        &self,
        job: &ComponentId,
        on: &ComponentId,
        before: Vec<Expectation>,
        why: &str,
    ) -> Step {
        let id = self.job(job).and_then(|job| job.running_as.clone());
        let id = id.expect("a plan moves only jobs that were seen");
        let commands = self.cluster(on).map(|c| by_hand::cancel(c, &Id::Literal(&id)));
        let what = StopWhat::JobCancel {
            job: job.clone(),
            on: on.clone(),
            id: ForeignId::Seen(id),
        };
        Draft::new(Effect::Stop { what }, timing::CANCEL_GIVE_UP)
            .before_all(self.job_is(job, on))
            .before_all(before)
            .why(why)
            .usual(timing::CANCEL)
            .tries(2)
            .downtime(Downtime::Begins)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// A job that this run started is cancelled; done when it is not there.
    pub(crate) fn cancel_started(&self, job: &ComponentId, on: &ComponentId, id: ForeignId) -> Step {
        let word = match &id {
            ForeignId::Seen(id) => Id::Literal(id),
            ForeignId::Bound(name) => Id::Variable(by_hand::binding_variable(name)),
        };
        let commands = self.cluster(on).map(|c| by_hand::cancel(c, &word));
        let what = StopWhat::JobCancel {
            job: job.clone(),
            on: on.clone(),
            id,
        };
        Draft::new(Effect::Stop { what }, timing::CANCEL_GIVE_UP)
            .why("what it did since its start is replayed by the old job; done also when it is not there")
            .usual(timing::CANCEL)
            .tries(2)
            .downtime(Downtime::Begins)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The newest retained checkpoint of a cancelled job becomes its restore point.
    pub(crate) fn adopt(&self, job: &ComponentId, on: &ComponentId, snapshot: &Snapshot) -> Step {
        let into = snapshot.into.clone();
        let commands = self
            .cluster(on)
            .map(|c| by_hand::adopt(c, &self.seen(job), &into));
        let effect = Effect::AdoptCheckpoint {
            of: job.clone(),
            on: on.clone(),
            into,
        };
        Draft::new(effect, timing::ADOPT_GIVE_UP)
            .why_all(snapshot.why.clone())
            .tries(2)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The job starts; done when all its tasks run and it was restored from what it should be.
    pub(crate) fn start_job(&self, launch: Launch<'_>) -> Step {
        let Launch {
            job,
            on,
            from,
            may_drop_state,
            bytes,
            before,
            why,
        } = launch;
        let (jar, into) = (jar_of(job, on), id_of(job, on));
        let commands = self
            .cluster(on)
            .zip(self.submission(job, on))
            .map(|(cluster, submission)| {
                let (jar, into) = (&jar, &into);
                by_hand::run(&by_hand::Run {
                    cluster,
                    submission,
                    jar,
                    from: from.as_ref(),
                    may_drop_state,
                    into,
                })
            });
        let running = Expectation::JobRunning {
            cluster: on.clone(),
            job: job.clone(),
        };
        let restored = from.clone().map(|slot| restored_from(job, on, slot));
        let what = StartWhat::Job {
            job: job.clone(),
            on: on.clone(),
            jar: Some(jar),
            from,
            may_drop_state,
            into,
        };
        Draft::new(Effect::Start { what }, timing::start_give_up(bytes))
            .before_all(before)
            .after(running)
            .after_all(restored)
            .why_all(why)
            .usual(timing::SUBMIT)
            .downtime(Downtime::Ends)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// The processes of a cluster that no job of the plan uses any more.
    pub(crate) fn release_processes(&self, cluster: &ComponentId) -> Step {
        let what = Releasable::ClusterProcesses {
            cluster: cluster.clone(),
        };
        Draft::new(Effect::Release { what }, timing::CLUSTER_STOP_GIVE_UP)
            .before(no_jobs(cluster))
            .after(Expectation::Stopped {
                component: cluster.clone(),
            })
            .usual(timing::CLUSTER_STOP)
            .tries(2)
            .by_hand(
                self.installation(cluster)
                    .map(by_hand::stop_cluster)
                    .unwrap_or_default(),
            )
            .step()
    }

    /// The uploaded copy of a jar.
    pub(crate) fn release_jar(&self, job: &ComponentId, cluster: &ComponentId) -> Step {
        let jar = jar_of(job, cluster);
        let commands = self.cluster(cluster).map(|c| by_hand::delete_jar(c, &jar));
        let what = Releasable::UploadedJar {
            cluster: cluster.clone(),
            jar,
        };
        Draft::new(Effect::Release { what }, timing::RELEASE_GIVE_UP)
            .tries(2)
            .by_hand(commands.unwrap_or_default())
            .step()
    }

    /// A restore point is let go: its keeping time runs from here.
    pub(crate) fn release_point(&self, slot: &Slot) -> Step {
        let name = by_hand::slot_variable(slot);
        let what = Releasable::RestorePoint { slot: slot.clone() };
        Draft::new(Effect::Release { what }, timing::RELEASE_GIVE_UP)
            .tries(2)
            .by_hand(vec![format!(
                "echo \"${name}\"   # note it down; nothing is deleted"
            )])
            .step()
    }
}

/// No job at all runs on the cluster.
pub(crate) fn no_jobs(cluster: &ComponentId) -> Expectation {
    Expectation::NoOtherJobs {
        cluster: cluster.clone(),
        named: BTreeSet::new(),
    }
}

/// The job was restored from what fills the slot.
pub(crate) fn restored_from(job: &ComponentId, on: &ComponentId, slot: Slot) -> Expectation {
    Expectation::RestoredFrom {
        cluster: on.clone(),
        job: job.clone(),
        slot,
    }
}

/// The file is still the one that the plan was made with.
pub(crate) fn file_is(path: PathBuf, sha256: Digest) -> Expectation {
    Expectation::FileIs { path, sha256 }
}

/// The component answers as the release.
pub(crate) fn release_is(component: &ComponentId, version: &Version) -> Expectation {
    Expectation::ReleaseIs {
        component: component.clone(),
        version: version.clone(),
    }
}

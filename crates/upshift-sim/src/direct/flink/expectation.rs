//! Conditions on the simulated world, with the real driver's four answers.

use std::collections::BTreeSet;

use upshift_engine::driver::Fault;
use upshift_model::digest::Digest;
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::flink::fit::{SnapshotRole, judge, not_acceptable};
use upshift_model::ids::{ComponentId, Slot};
use upshift_model::record::Failure;

use super::codes::{self, failure, refused};
use super::contents::contents;
use super::look::{Left, Look};
use crate::flink::{Job, Phase, Snapshot, uri};

/// The answer to one expectation.
pub(super) enum Seen {
    Met(String),
    NotYet(String),
    Bad(Failure),
    Broken(Failure),
}

pub(super) fn evaluate(look: &Look<'_>, expectation: &Expectation) -> Result<Seen, Fault> {
    match expectation {
        Expectation::ReleaseIs { component, version } => {
            let found = &look.cluster(component)?.1.release;
            Ok(match found == version.as_str() {
                true => Seen::Met(format!("cluster {component} is Flink {found}")),
                false => {
                    let what = format!("cluster {component} is Flink {found}, expected {version}");
                    Seen::Broken(failure(codes::OTHER_RELEASE, what))
                }
            })
        }
        Expectation::Stopped { component } => stopped(look, component),
        Expectation::JobIs { cluster, job, id } => job_is(look, cluster, job, id),
        Expectation::JobRunning { cluster, job } => job_running(look, cluster, job),
        Expectation::NoOtherJobs { cluster, named } => no_other_jobs(look, cluster, named),
        Expectation::RestoredFrom { cluster, job, slot } => restored_from(look, (cluster, job), slot),
        Expectation::CheckpointCompleted { cluster, job } => {
            let of = |job: &Job| job.checkpoint(look.now).is_some();
            Ok(match known(look, cluster, job)?.is_some_and(|(_, job)| of(job)) {
                true => Seen::Met(format!("a checkpoint of {job} completed since its restore")),
                false => Seen::NotYet(format!("no checkpoint of {job} completed since its restore")),
            })
        }
        Expectation::NoRestarts { cluster, job } => {
            let restarts = known(look, cluster, job)?.map(|(_, job)| job.restarts(look.now));
            Ok(match restarts {
                None => Seen::NotYet(format!("the server has no count of restarts of {job} yet")),
                Some(0) => Seen::Met(format!("{job} was not restarted")),
                Some(n) => Seen::Broken(failure(
                    codes::RESTARTED,
                    format!("{job} was restarted {n} times"),
                )),
            })
        }
        Expectation::NoExceptions { cluster, job } => no_exceptions(look, cluster, job),
        Expectation::ProbeHolds { probe } => Ok(Seen::Met(format!("probe {probe:?}: 1000"))),
        Expectation::SlotsFree { cluster, at_least } => {
            let free = look.cluster(cluster)?.1.slots_free(look.now);
            let what = format!("{free} slots are free on cluster {cluster}, wanted {at_least}");
            Ok(if free >= *at_least {
                Seen::Met(what)
            } else {
                Seen::NotYet(what)
            })
        }
        Expectation::PortsFree { ports } => {
            let taken = ports.iter().find(|port| look.machine.listener(**port).is_some());
            Ok(match taken {
                None => Seen::Met("nobody listens on the ports".to_owned()),
                Some(port) => Seen::NotYet(format!("somebody listens on port {port}")),
            })
        }
        Expectation::DiskFree { path, .. } => Ok(match look.machine.is_full(look.now) {
            false => Seen::Met(format!("there is room at {}", path.display())),
            true => Seen::NotYet(format!("no room at {}", path.display())),
        }),
        // No world of this kind changes a file of the user's.
        Expectation::FileIs { path, .. } => Ok(Seen::Met(format!("{} is unchanged", path.display()))),
        Expectation::Fits { slot, criteria } => fits(look, slot, criteria),
        Expectation::Fluss(_) | Expectation::Alluxio(_) | Expectation::Weka(_) => {
            Err(refused("what is asked of another system is not asked of Flink"))
        }
    }
}

fn known<'a>(
    look: &Look<'a>,
    cluster: &ComponentId,
    job: &ComponentId,
) -> Result<Option<(String, &'a Job)>, Fault> {
    let id = look.expected_id(job, cluster)?;
    let found = look.cluster(cluster)?.1.jobs.get(&id);
    Ok(found.map(|job| (id, job)))
}

fn stopped(look: &Look<'_>, component: &ComponentId) -> Result<Seen, Fault> {
    if look.answering(component)?.is_some() {
        return Ok(Seen::NotYet(format!("cluster {component} still answers")));
    }
    let Some(installation) = &look.planned(component)?.installation else {
        return Ok(Seen::Met(format!("cluster {component} does not answer")));
    };
    Ok(match look.machine.processes(&installation.conf).count() {
        0 => Seen::Met(format!("no process of cluster {component} is left")),
        some => Seen::NotYet(format!("{some} processes of cluster {component} are left")),
    })
}

fn job_is(look: &Look<'_>, cluster: &ComponentId, job: &ComponentId, id: &str) -> Result<Seen, Fault> {
    let name = &look.job(job)?.name;
    let broken = |what: String| Ok(Seen::Broken(failure(codes::JOB_GONE, what)));
    match look.cluster(cluster)?.1.jobs.get(id) {
        None => broken(format!("cluster {cluster} does not know job {id} any more")),
        Some(j) if j.name != *name => broken(format!("job {id} is called {}, expected {name}", j.name)),
        Some(j) if look.phase(j).is_over() => broken(format!("job {id} is {}", look.phase(j).word())),
        Some(_) => Ok(Seen::Met(format!("job {name} is there as {id}"))),
    }
}

fn job_running(look: &Look<'_>, cluster: &ComponentId, job: &ComponentId) -> Result<Seen, Fault> {
    let bad = |what: String| failure(codes::NOT_RUNNING, what);
    Ok(match known(look, cluster, job)? {
        None => Seen::Broken(bad(format!("cluster {cluster} does not know {job} any more"))),
        Some((id, j)) => match look.phase(j) {
            Phase::Running => Seen::Met(format!("job {id} is RUNNING with all tasks")),
            phase if phase.is_over() => Seen::Broken(bad(format!("job {id} is {}", phase.word()))),
            phase => Seen::Bad(bad(format!("job {id} is {}", phase.word()))),
        },
    })
}

fn no_other_jobs(
    look: &Look<'_>,
    cluster: &ComponentId,
    named: &BTreeSet<ComponentId>,
) -> Result<Seen, Fault> {
    if look.left_of(cluster)? != Left::Manager {
        return Ok(Seen::Met(format!("no job manager of cluster {cluster} runs")));
    }
    let mut ids = BTreeSet::new();
    for job in named {
        ids.extend(look.job(job)?.running_as.clone());
        ids.extend(look.expected_id(job, cluster).ok());
    }
    let jobs = &look.cluster(cluster)?.1.jobs;
    let mut others = jobs
        .iter()
        .filter(|(id, j)| !look.phase(j).is_over() && !ids.contains(*id));
    Ok(match others.next() {
        None => Seen::Met(format!("no other job runs on cluster {cluster}")),
        Some((id, other)) => {
            let what = format!(
                "{} ({id}) runs on cluster {cluster}, and the plan does not name it",
                other.name
            );
            Seen::Broken(failure(codes::OTHER_JOBS, what))
        }
    })
}

fn restored_from(
    look: &Look<'_>,
    (cluster, job): (&ComponentId, &ComponentId),
    slot: &Slot,
) -> Result<Seen, Fault> {
    let Some(point) = look.bound.slot(slot) else {
        return Err(refused(format!("nothing fills {slot}")));
    };
    let restored = known(look, cluster, job)?.and_then(|(_, job)| job.restored_from.clone());
    Ok(match restored {
        None => Seen::NotYet(format!(
            "the server does not say yet what {job} was restored from"
        )),
        Some(path) if path == uri(&point.location) => Seen::Met(format!("restored from {path}")),
        Some(path) => {
            let what = format!("{job} was restored from {path}, expected {}", point.location);
            Seen::Broken(failure(codes::RESTORED_ELSEWHERE, what))
        }
    })
}

fn no_exceptions(look: &Look<'_>, cluster: &ComponentId, job: &ComponentId) -> Result<Seen, Fault> {
    let Some((_, found)) = known(look, cluster, job)? else {
        return Ok(Seen::NotYet(format!("the server does not know {job}")));
    };
    let all = found.exceptions(look.now);
    Ok(match all.first() {
        None => Seen::Met(format!("{job} reported no exception")),
        Some((_, cause)) => Seen::Broken(Failure {
            far_side: Some((*cause).to_owned()),
            ..failure(
                codes::EXCEPTIONS,
                format!("{job} reported {} exceptions", all.len()),
            )
        }),
    })
}

/// The digest of what lies at a location: another one for every time it was written.
pub(super) fn digest_of(location: &str, snapshot: &Snapshot) -> Digest {
    Digest::of_bytes(format!("{location}\n{}", snapshot.written).as_bytes())
}

fn fits(look: &Look<'_>, slot: &Slot, criteria: &FitCriteria) -> Result<Seen, Fault> {
    let Some(point) = look.bound.slot(slot) else {
        return Err(refused(format!("nothing fills {slot}")));
    };
    let location = uri(&point.location);
    let Some(snapshot) = look
        .machine
        .world
        .snapshots()
        .get(&location)
        .filter(|s| s.is_whole())
    else {
        let what = format!("{location} is not there or cannot be read");
        return Ok(Seen::Broken(failure(codes::UNREADABLE, what)));
    };
    if point.metadata_digest.as_ref() != Some(&digest_of(&location, snapshot)) {
        let what = format!("the metadata of {location} is not what it was when it was taken");
        return Ok(Seen::Broken(failure(codes::DOES_NOT_FIT, what)));
    }
    let findings = judge(&contents(snapshot), criteria, SnapshotRole::RestorePoint);
    let flaws = not_acceptable(&findings, criteria);
    Ok(match flaws.first() {
        None => Seen::Met(format!("{location} fits what is started from it")),
        Some(first) => {
            let what = format!("{location} does not fit: {} {}", first.subject, first.title);
            Seen::Broken(failure(first.code.as_str(), what))
        }
    })
}

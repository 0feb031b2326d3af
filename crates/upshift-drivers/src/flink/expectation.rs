//! Conditions on the world, evaluated by looking: met, not yet, bad at this moment, or broken for
//! good. What follows from an answer is the caller's business: before a step, after it, or as a sample
//! of a soak. What cannot be seen is a fault and no answer.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use upshift_engine::driver::Fault;
use upshift_model::digest::Digest;
use upshift_model::expect::{Expectation, FitCriteria};
use upshift_model::finding::Finding;
use upshift_model::flink::fit::codes::UNREAD;
use upshift_model::flink::fit::{GraphAsk, SnapshotRole, judge, not_acceptable, spoiled};
use upshift_model::flink::{JobGraphs, SnapshotFound};
use upshift_model::ids::{BindingName, Code, ComponentId, Slot};
use upshift_model::proof::Bindings;
use upshift_model::record::Failure;

use super::answers::{JobState, JobSummary};
use super::probe::{self, ProbeVerdict};
use super::savepoint::{self, OnDisk};
use super::snapshot::read_location;
use super::standing::{Left, expected_id, failure, left_of, refused, submission};
use super::{FlinkDriver, codes, graph, launch};
use crate::wire::objects::Objects;

/// On the loopback interface the kernel answers by itself, within microseconds.
const PORT_ANSWERS: Duration = Duration::from_secs(1);

/// The answer to one expectation.
#[derive(Debug)]
pub(super) enum Seen {
    /// It holds; in words.
    Met(String),
    /// It does not hold, and nothing speaks against its coming to hold; what is missing.
    NotYet(String),
    /// It does not hold at this moment, and may again.
    Bad(Failure),
    /// It does not hold, and waiting will not change that.
    Broken(Failure),
}

pub(super) async fn evaluate(
    driver: &FlinkDriver,
    bound: &Bindings,
    expectation: &Expectation,
) -> Result<Seen, Fault> {
    let world = World { driver, bound };
    match expectation {
        Expectation::ReleaseIs { component, version } => world.release_is(component, version).await,
        Expectation::Stopped { component } => world.stopped(component).await,
        Expectation::JobIs { cluster, job, id } => world.job_is(cluster, job, id).await,
        Expectation::JobRunning { cluster, job } => world.job_running(cluster, job).await,
        Expectation::NoOtherJobs { cluster, named } => world.no_other_jobs(cluster, named).await,
        Expectation::RestoredFrom { cluster, job, slot } => world.restored_from(cluster, job, slot).await,
        Expectation::CheckpointCompleted { cluster, job } => world.checkpoint_completed(cluster, job).await,
        Expectation::NoRestarts { cluster, job } => world.no_restarts(cluster, job).await,
        Expectation::NoExceptions { cluster, job } => world.no_exceptions(cluster, job).await,
        Expectation::ProbeHolds { probe } => world.probe_holds(probe).await,
        Expectation::SlotsFree { cluster, at_least } => world.slots_free(cluster, *at_least).await,
        Expectation::PortsFree { ports } => ports_free(ports).await,
        Expectation::DiskFree { path, at_least } => disk_free(path, *at_least),
        Expectation::FileIs { path, sha256 } => {
            Ok(file_is(path, sha256).await.map_or_else(Seen::Broken, Seen::Met))
        }
        Expectation::Fits { slot, criteria } => world.fits(slot, criteria).await,
        Expectation::Fluss(_) | Expectation::Alluxio(_) | Expectation::Weka(_) => {
            Err(Fault::Refused(Failure {
                code: codes::NOT_IN_THE_PLAN,
                what: "what is asked of another system is not asked of Flink".to_owned(),
                far_side: None,
            }))
        }
    }
}

struct World<'a> {
    driver: &'a FlinkDriver,
    bound: &'a Bindings,
}

impl World<'_> {
    async fn release_is(
        &self,
        component: &ComponentId,
        version: &upshift_model::version::Version,
    ) -> Result<Seen, Fault> {
        let (client, _) = self.driver.cluster(component)?;
        let found = client.overview().await?.flink_version;
        Ok(match found == version.as_str() {
            true => Seen::Met(format!("cluster {component} is Flink {found}")),
            false => {
                let what = format!("cluster {component} is Flink {found}, expected {version}");
                Seen::Broken(failure(codes::OTHER_RELEASE, what))
            }
        })
    }

    async fn stopped(&self, component: &ComponentId) -> Result<Seen, Fault> {
        let (_, cluster) = self.driver.cluster(component)?;
        if launch::listens(&cluster.rest).await {
            return Ok(Seen::NotYet(format!("cluster {component} still answers")));
        }
        let Some(installation) = &cluster.installation else {
            return Ok(Seen::Met(format!("cluster {component} does not answer")));
        };
        let left = launch::processes(&installation.conf)?;
        Ok(match left.len() {
            0 => Seen::Met(format!(
                "no process of cluster {component} is left and nothing answers"
            )),
            some => Seen::NotYet(format!("{some} processes of cluster {component} are left")),
        })
    }

    async fn jobs(&self, cluster: &ComponentId) -> Result<Vec<JobSummary>, Fault> {
        self.driver.cluster(cluster)?.0.jobs().await
    }

    async fn job_is(&self, cluster: &ComponentId, job: &ComponentId, id: &str) -> Result<Seen, Fault> {
        let name = &self.driver.job(job)?.name;
        let jobs = self.jobs(cluster).await?;
        let broken = |what: String| Ok(Seen::Broken(failure(codes::JOB_GONE, what)));
        match jobs.iter().find(|j| j.jid == id) {
            None => broken(format!(
                "cluster {cluster} does not know job {id} ({name}) any more"
            )),
            Some(j) if j.name != *name => broken(format!("job {id} is called {}, expected {name}", j.name)),
            Some(j) if j.state.is_over() => broken(format!("job {name} ({id}) is {}", j.state)),
            Some(j) => Ok(Seen::Met(format!("job {name} is {} as {id}", j.state))),
        }
    }

    async fn job_running(&self, cluster: &ComponentId, job: &ComponentId) -> Result<Seen, Fault> {
        let id = expected_id(self.driver, self.bound, job, cluster)?;
        let jobs = self.jobs(cluster).await?;
        let bad = |what: String| failure(codes::JOB_NOT_RUNNING, what);
        Ok(match jobs.iter().find(|j| j.jid == id) {
            None => Seen::Broken(bad(format!("cluster {cluster} does not know job {id} any more"))),
            Some(j) if j.all_running() => Seen::Met(format!("job {id} is RUNNING with all tasks")),
            Some(j) if j.state.is_over() => Seen::Broken(bad(format!("job {id} is {}", j.state))),
            Some(j) if j.state == JobState::Running => {
                let (running, total) = j.tasks_running();
                Seen::Bad(bad(format!("{running} of {total} tasks of job {id} run")))
            }
            Some(j) => Seen::Bad(bad(format!("job {id} is {}", j.state))),
        })
    }

    async fn no_other_jobs(
        &self,
        cluster: &ComponentId,
        named: &BTreeSet<ComponentId>,
    ) -> Result<Seen, Fault> {
        // One that never came up, or whose job manager is gone, runs no job.
        if left_of(self.driver, cluster).await? != Left::Manager {
            return Ok(Seen::Met(format!(
                "no job manager of cluster {cluster} runs, so no job does"
            )));
        }
        let mut ids = BTreeSet::new();
        for job in named {
            let planned = self.driver.job(job)?;
            ids.extend(planned.running_as.clone());
            ids.extend(expected_id(self.driver, self.bound, job, cluster).ok());
        }
        let jobs = self.jobs(cluster).await?;
        let others: Vec<String> = jobs
            .iter()
            .filter(|j| !j.state.is_over() && !ids.contains(&j.jid))
            .map(|j| format!("{} ({}, {})", j.name, j.jid, j.state))
            .collect();
        Ok(match others.is_empty() {
            true => Seen::Met(format!("no other job runs on cluster {cluster}")),
            false => {
                let what = format!(
                    "jobs run on cluster {cluster} that the plan does not name: {}",
                    others.join(", ")
                );
                Seen::Broken(failure(codes::OTHER_JOBS, what))
            }
        })
    }

    async fn restored_from(
        &self,
        cluster: &ComponentId,
        job: &ComponentId,
        slot: &Slot,
    ) -> Result<Seen, Fault> {
        let id = expected_id(self.driver, self.bound, job, cluster)?;
        let Some(point) = self.bound.slot(slot) else {
            return Err(refused(codes::NOT_IN_THE_PLAN, format!("nothing fills {slot}")));
        };
        let statistics = self.driver.cluster(cluster)?.0.checkpoints(&id).await?;
        let restored = statistics.and_then(|s| s.latest.restored);
        Ok(match restored.and_then(|r| r.external_path) {
            None => Seen::NotYet(format!(
                "the server does not say yet what job {id} was restored from"
            )),
            Some(path) if savepoint::same_location(&path, &point.location) => {
                Seen::Met(format!("restored from {path}"))
            }
            Some(path) => {
                let what = format!("job {id} was restored from {path}, expected {}", point.location);
                Seen::Broken(failure(codes::RESTORED_ELSEWHERE, what))
            }
        })
    }

    async fn checkpoint_completed(&self, cluster: &ComponentId, job: &ComponentId) -> Result<Seen, Fault> {
        let id = expected_id(self.driver, self.bound, job, cluster)?;
        let statistics = self.driver.cluster(cluster)?.0.checkpoints(&id).await?;
        let Some(statistics) = statistics else {
            return Ok(Seen::NotYet(format!("no checkpoint statistics of job {id} yet")));
        };
        let since = statistics
            .latest
            .restored
            .as_ref()
            .map_or(0, |r| r.restore_timestamp);
        let completed = statistics
            .latest
            .completed
            .filter(|c| c.latest_ack_timestamp.is_some_and(|at| at >= since));
        Ok(
            match completed.and_then(|c| Some((c.id, c.latest_ack_timestamp?))) {
                Some((number, at)) => {
                    let at = jiff::Timestamp::from_millisecond(at)
                        .map_or_else(|_| at.to_string(), |at| at.to_string());
                    Seen::Met(format!(
                        "checkpoint {number} completed at {at} by the server's clock"
                    ))
                }
                None => Seen::NotYet(format!("no checkpoint of job {id} completed since its restore")),
            },
        )
    }

    async fn no_restarts(&self, cluster: &ComponentId, job: &ComponentId) -> Result<Seen, Fault> {
        let id = expected_id(self.driver, self.bound, job, cluster)?;
        Ok(match self.driver.cluster(cluster)?.0.restarts(&id).await? {
            Some(0) => Seen::Met(format!("job {id} was not restarted")),
            Some(n) => {
                let what = format!("job {id} was restarted {n} times since it was submitted");
                Seen::Broken(failure(codes::RESTARTED, what))
            }
            None => Seen::NotYet(format!("the server has no count of restarts of job {id} yet")),
        })
    }

    async fn no_exceptions(&self, cluster: &ComponentId, job: &ComponentId) -> Result<Seen, Fault> {
        let id = expected_id(self.driver, self.bound, job, cluster)?;
        let Some(entries) = self.driver.cluster(cluster)?.0.exceptions(&id).await? else {
            return Ok(Seen::NotYet(format!("the server does not know job {id}")));
        };
        Ok(match entries.first() {
            None => Seen::Met(format!("job {id} reported no exception")),
            Some(newest) => Seen::Broken(Failure {
                code: codes::EXCEPTIONS,
                what: format!(
                    "job {id} reported {} exceptions since it was submitted",
                    entries.len()
                ),
                far_side: Some(newest.cause()),
            }),
        })
    }

    async fn probe_holds(&self, name: &str) -> Result<Seen, Fault> {
        let planned = self.driver.probe(name)?;
        let answer = match probe::ask(planned, &self.driver.secrets).await {
            Ok(answer) => answer,
            Err(unasked) => return Ok(Seen::Bad(unasked.failure(name))),
        };
        let before = self.bound.value(&upshift_model::probe::baseline_of(name));
        Ok(match probe::judge(&planned.expect, &answer, before) {
            ProbeVerdict::Holds(words) => Seen::Met(format!("probe {name:?}: {words}")),
            ProbeVerdict::Misses(words) => {
                Seen::Bad(failure(codes::PROBE_FAILED, format!("probe {name:?}: {words}")))
            }
        })
    }

    async fn slots_free(&self, cluster: &ComponentId, at_least: u32) -> Result<Seen, Fault> {
        let free = self.driver.cluster(cluster)?.0.overview().await?.slots_available;
        let what = format!("{free} slots are free on cluster {cluster}, wanted {at_least}");
        Ok(if free >= at_least {
            Seen::Met(what)
        } else {
            Seen::NotYet(what)
        })
    }

    async fn fits(&self, slot: &Slot, criteria: &FitCriteria) -> Result<Seen, Fault> {
        let Some(point) = self.bound.slot(slot) else {
            return Err(refused(codes::NOT_IN_THE_PLAN, format!("nothing fills {slot}")));
        };
        let contents = match savepoint::read(&self.driver.objects, &point.location).await {
            Ok(OnDisk::Here(contents)) => contents,
            Ok(OnDisk::OutOfSight { why, .. }) if *criteria == FitCriteria::default() => {
                return Ok(Seen::Met(format!(
                    "nothing is asked of {}; it was not read: {why}",
                    point.location
                )));
            }
            Ok(OnDisk::OutOfSight { why, for_good }) => {
                return match for_good {
                    // Waiting would keep the job on the edge of a stop for nothing.
                    Some(code) => Ok(unread(criteria, code, why)),
                    None => Err(Fault::Transient(why)),
                };
            }
            Err(missing) => return Ok(Seen::Broken(missing)),
        };
        let another = |digest: &upshift_model::digest::Digest| *digest != contents.digest;
        if point.metadata_digest.as_ref().is_some_and(another) {
            let what = format!(
                "the metadata of {} is not what it was when it was taken",
                point.location
            );
            return Ok(Seen::Broken(failure(codes::DOES_NOT_FIT, what)));
        }
        match &criteria.graph_ask {
            Some(GraphAsk::Now { cluster, job }) => {
                let told = self.with_graph(cluster, job, criteria).await?;
                Ok(judged(&self.driver.objects, &point.location, &told).await)
            }
            Some(GraphAsk::ByGate) | None => {
                Ok(judged(&self.driver.objects, &point.location, criteria).await)
            }
        }
    }
}

impl World<'_> {
    /// The criteria with the graph that a cluster makes of the job's jar, which lies there already. It runs the
    /// jar's `main` in that cluster's job manager, as the system file allows.
    async fn with_graph(
        &self,
        cluster: &ComponentId,
        job: &ComponentId,
        criteria: &FitCriteria,
    ) -> Result<FitCriteria, Fault> {
        let (client, planned) = self.driver.cluster(cluster)?;
        let name = self.driver.job(job)?.name.clone();
        let submission = submission(self.driver, job, cluster)?;
        let binding = BindingName::new(format!("jar/{name}@{cluster}"));
        let Some(jar) = self.bound.value(&binding) else {
            return Err(refused(
                codes::NOT_IN_THE_PLAN,
                format!("nothing is bound as {binding}"),
            ));
        };
        let uids = declared_uids(criteria);
        let made = graph::of_uploaded(client, jar, submission, &planned.version).await?;
        let mut told = criteria.clone();
        told.graph_ask = None;
        // Where it could not be made, the judgement says that the operators are unknown, and why.
        let wanted = graph::of_job(made, &name, &uids);
        match &mut told.graphs {
            Some(graphs) => graphs.wanted = wanted,
            None => {
                told.graphs = Some(JobGraphs {
                    declared: None,
                    wanted,
                    running: None,
                });
            }
        }
        Ok(told)
    }
}

/// A restore point in a store that is not read: a person said beforehand that this is well, or it halts here.
fn unread(criteria: &FitCriteria, code: Code, why: String) -> Seen {
    let accepted = criteria
        .accepted
        .iter()
        .any(|accepted| accepted.code == UNREAD && accepted.subject == format!("job {}", criteria.job));
    match accepted {
        true => Seen::Met(format!("not read, which {UNREAD} was waived for: {why}")),
        false => Seen::Broken(failure(code, why)),
    }
}

/// Reads what the snapshot holds, and holds it against the criteria as the checks do.
async fn judged(objects: &Objects, location: &str, criteria: &FitCriteria) -> Seen {
    let lost = criteria.may_lose.iter().cloned();
    let names = lost.chain(declared_uids(criteria)).collect();
    let findings = match read_location(objects, location, &names).await {
        SnapshotFound::Read(contents) => judge(&contents, criteria, SnapshotRole::RestorePoint),
        SnapshotFound::Spoiled { what } => {
            vec![spoiled(location, &what, criteria, SnapshotRole::RestorePoint)]
        }
        SnapshotFound::Unseen(gap) => {
            return Seen::Broken(failure(codes::RESTORE_POINT_UNREADABLE, gap.to_string()));
        }
    };
    let flaws = not_acceptable(&findings, criteria);
    match flaws.first() {
        None => Seen::Met(format!("{location} fits what is started from it")),
        Some(first) => {
            let said: Vec<_> = flaws.iter().map(|flaw| words(flaw)).collect();
            let what = format!("{location} does not fit: {}", said.join("; "));
            Seen::Broken(failure(first.code.clone(), what))
        }
    }
}

/// Uids that the system file names: metadata before version 5 has none.
fn declared_uids(criteria: &FitCriteria) -> Vec<String> {
    let declared = criteria
        .graphs
        .as_ref()
        .and_then(|graphs| graphs.declared.as_ref());
    let operators = declared.map(|graph| graph.operators.iter());
    operators
        .into_iter()
        .flatten()
        .filter_map(|operator| operator.uid.clone())
        .collect()
}

fn words(finding: &Finding) -> String {
    let evidence = match finding.evidence.is_empty() {
        true => String::new(),
        false => format!(" ({})", finding.evidence.join("; ")),
    };
    format!(
        "{} {}: {}{evidence}",
        finding.code, finding.subject, finding.title
    )
}

/// The file has the digest it had when the plan was made.
pub(super) async fn file_is(path: &Path, expected: &Digest) -> Result<String, Failure> {
    let file = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let (mut hasher, mut chunk) = (Sha256::new(), vec![0; 1 << 20]);
        let mut file = std::fs::File::open(file)?;
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok::<_, std::io::Error>(Digest::from_raw(&hasher.finalize())),
                read => hasher.update(&chunk[..read]),
            }
        }
    });
    let shown = path.display();
    let changed = |what: String| failure(codes::FILE_CHANGED, what);
    match read.await {
        Ok(Ok(found)) if found == *expected => Ok(format!("{shown} is the one the plan was made with")),
        Ok(Ok(found)) => {
            let (found, expected) = (found.short(), expected.short());
            Err(changed(format!(
                "{shown} has digest {found}…, the plan was made with {expected}…"
            )))
        }
        Ok(Err(e)) => Err(changed(format!("{shown} cannot be read any more: {e}"))),
        Err(lost) => Err(changed(format!("{shown} could not be read: {lost}"))),
    }
}

async fn ports_free(ports: &[u16]) -> Result<Seen, Fault> {
    let mut taken = Vec::new();
    for port in ports {
        if is_taken(Ipv4Addr::LOCALHOST.into(), *port).await
            || is_taken(Ipv6Addr::LOCALHOST.into(), *port).await
        {
            taken.push(port.to_string());
        }
    }
    Ok(match taken.is_empty() {
        true => Seen::Met("nobody listens on the ports".to_owned()),
        false => Seen::NotYet(format!("somebody listens on port {}", taken.join(", "))),
    })
}

/// Whether somebody listens. A listener too busy to accept lets the connection hang, where a port without one refuses
/// it at once.
async fn is_taken(address: IpAddr, port: u16) -> bool {
    match tokio::time::timeout(PORT_ANSWERS, tokio::net::TcpStream::connect((address, port))).await {
        Ok(connected) => connected.is_ok(),
        Err(_) => true,
    }
}

fn disk_free(path: &Path, at_least: u64) -> Result<Seen, Fault> {
    let there = nearest_existing(path);
    let free = rustix::fs::statvfs(&there)
        .map(|stat| stat.f_bavail.saturating_mul(stat.f_frsize))
        .map_err(|e| Fault::Transient(format!("free space of {}: {e}", there.display())))?;
    let what = format!("{free} bytes are free at {}, wanted {at_least}", there.display());
    Ok(if free >= at_least {
        Seen::Met(what)
    } else {
        Seen::NotYet(what)
    })
}

fn nearest_existing(path: &Path) -> PathBuf {
    path.ancestors()
        .find(|p| p.exists())
        .unwrap_or(Path::new("/"))
        .to_owned()
}

//! Clusters on this machine: started and stopped, one process at a time in sight.

use std::path::Path;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::flink::{Cluster, FlinkProcess, FlinkRole, Installation};
use upshift_model::ids::ComponentId;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Failure, Intent};
use upshift_model::version::Version;

use super::super::answers::Overview;
use super::super::{FlinkDriver, codes, launch};
use super::{Look, failure, refused};

// Keys of the baseline: `process/PID` with the start ticks, `output/FILE` with the stamp.
const PROCESS: &str = "process/";
const OUTPUT: &str = "output/";
const BEGUN: &str = "own_now_ms";

/// A JVM reacts to a signal within milliseconds; on a machine at a load of ten per core within a
/// second or two.
const HEARD_WITHIN_MS: i64 = 3_000;

/// The processes that were there when the try was begun.
pub(in super::super) fn processes_before(intent: &Intent, conf: &Path) -> Vec<FlinkProcess> {
    let one = |key: &str, value: &str| {
        let (role, ticks) = value.split_once('/')?;
        let role = match role {
            "job-manager" => FlinkRole::JobManager,
            _ => FlinkRole::TaskManager,
        };
        let pid = key.strip_prefix(PROCESS)?.parse().ok()?;
        Some(FlinkProcess {
            pid,
            started_ticks: ticks.parse().ok()?,
            role,
            conf: conf.to_owned(),
        })
    };
    intent
        .baseline
        .0
        .iter()
        .filter_map(|(key, value)| one(key, value))
        .collect()
}

/// The roles of which a process is missing, one entry a process.
pub(in super::super) fn missing(installation: &Installation) -> Result<Vec<FlinkRole>, Fault> {
    let running = launch::processes(&installation.conf)?;
    let count = |role| running.iter().filter(|p| p.role == role).count();
    let lack = |role, wanted: usize| std::iter::repeat_n(role, wanted.saturating_sub(count(role)));
    let managers = lack(FlinkRole::JobManager, 1);
    Ok(managers
        .chain(lack(
            FlinkRole::TaskManager,
            usize::from(installation.task_managers),
        ))
        .collect())
}

/// What is left of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Left {
    /// A job manager, or something that answers for it.
    Manager,
    /// Task managers alone.
    TaskManagers,
    /// Nothing.
    Nothing,
}

/// What is left of a cluster, as far as upshift can see; a cluster that it does not start or stop is
/// taken to be there.
pub(in super::super) async fn left_of(driver: &FlinkDriver, id: &ComponentId) -> Result<Left, Fault> {
    let (_, cluster) = driver.cluster(id)?;
    let Some(installation) = &cluster.installation else {
        return Ok(Left::Manager);
    };
    let processes = launch::processes(&installation.conf)?;
    if processes.iter().any(|p| p.role == FlinkRole::JobManager) || answers(driver, id, cluster).await? {
        return Ok(Left::Manager);
    }
    Ok(match processes.is_empty() {
        true => Left::Nothing,
        false => Left::TaskManagers,
    })
}

/// Whether anything answers for the cluster. Where the old and the new cluster have one address, one
/// after the other, the other's job manager does not count.
async fn answers(driver: &FlinkDriver, id: &ComponentId, cluster: &Cluster) -> Result<bool, Fault> {
    if !launch::listens(&cluster.rest).await {
        return Ok(false);
    }
    for (other, planned) in &driver.site()?.clusters {
        let shares = other != id && planned.rest.authority() == cluster.rest.authority();
        if let Some(installation) = planned.installation.as_ref().filter(|_| shares) {
            let processes = launch::processes(&installation.conf)?;
            if processes.iter().any(|p| p.role == FlinkRole::JobManager) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

impl Look<'_> {
    pub(super) async fn cluster_stopped(&self, id: &ComponentId) -> Result<Standing, Fault> {
        let (_, cluster) = self.driver.cluster(id)?;
        let installation = installation(id, cluster)?;
        // Scripts first: one that ends between two looks has left its process for the second.
        if launch::is_launching(&installation.conf)? {
            let what = format!("a script is still starting a process of cluster {id}");
            return Ok(Standing::Waiting(Progress::of(what)));
        }
        let now = launch::processes(&installation.conf)?;
        if now.is_empty() {
            let address = cluster.rest.authority();
            return Ok(match answers(self.driver, id, cluster).await? {
                false => Standing::Done(self.stopped_proof(id, address)),
                // The kernel takes a process's command line away before it closes its sockets.
                true if self.just_told() => {
                    let what = format!("no process of cluster {id} is left here, {address} still answers");
                    Standing::Underway(Progress::of(what))
                }
                true => {
                    let what = format!("no process of cluster {id} is left here, and yet {address} answers");
                    Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what))
                }
            });
        }
        let Some(intent) = self.intent else {
            return Ok(Standing::Ready(self.baseline_of(&now)));
        };
        let before = processes_before(intent, &installation.conf);
        let same = |a: &FlinkProcess, b: &FlinkProcess| (a.pid, a.started_ticks) == (b.pid, b.started_ticks);
        if let Some(new) = now.iter().find(|p| !before.iter().any(|b| same(b, p))) {
            let what = format!(
                "{} {} of cluster {id} was started meanwhile",
                launch::word(new.role),
                new.pid
            );
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        // A process that was not told: whoever was about to, is gone. Telling twice does no harm.
        if !self.just_told() && now.iter().any(|p| !launch::is_ending(p)) {
            return Ok(Standing::Ready(self.baseline_of(&now)));
        }
        let pids: Vec<String> = now
            .iter()
            .map(|p| format!("{} {}", launch::word(p.role), p.pid))
            .collect();
        let mut progress = Progress::of(format!("waiting for the end of {}", pids.join(", ")));
        progress
            .numbers
            .insert("processes_left".to_owned(), now.len() as u64);
        Ok(Standing::Underway(progress))
    }

    /// Whether the processes were told to end so shortly ago that they may not have heard.
    fn just_told(&self) -> bool {
        let told = self.intent.and_then(|intent| intent.baseline.0.get(BEGUN));
        let told = told.and_then(|at| at.parse::<i64>().ok());
        told.is_some_and(|at| self.driver.now().as_millisecond() < at + HEARD_WITHIN_MS)
    }

    fn baseline_of(&self, processes: &[FlinkProcess]) -> Baseline {
        let word = |role| match role {
            FlinkRole::JobManager => "job-manager",
            FlinkRole::TaskManager => "task-manager",
        };
        let entry = |p: &FlinkProcess| {
            (
                format!("{PROCESS}{}", p.pid),
                format!("{}/{}", word(p.role), p.started_ticks),
            )
        };
        let mut baseline = Baseline(processes.iter().map(entry).collect());
        baseline
            .0
            .insert(BEGUN.to_owned(), self.driver.now().as_millisecond().to_string());
        baseline
    }

    fn stopped_proof(&self, id: &ComponentId, address: &str) -> Proof {
        let pids = self
            .intent
            .into_iter()
            .flat_map(|intent| intent.baseline.0.keys());
        let pids: Vec<&str> = pids.filter_map(|key| key.strip_prefix(PROCESS)).collect();
        let ended = match pids.is_empty() {
            true => format!("no process of cluster {id} runs"),
            false => format!("processes {} of cluster {id} ended", pids.join(", ")),
        };
        Proof::of([ended, format!("nothing answers at {address}")])
    }

    pub(super) async fn cluster_started(
        &self,
        id: &ComponentId,
        release: &Version,
        slots: u32,
    ) -> Result<Standing, Fault> {
        let (client, cluster) = self.driver.cluster(id)?;
        let installation = installation(id, cluster)?;
        // Scripts first: one that ends between two looks has left its process for the second.
        let launching = launch::is_launching(&installation.conf)?;
        let missing = missing(installation)?;
        let up = match launch::listens(&cluster.rest).await {
            true => client.overview().await.map_err(|fault| fault.to_string()),
            false => Err("job manager does not answer yet".to_owned()),
        };
        if let Ok(overview) = &up {
            let address = cluster.rest.authority();
            if overview.flink_version != release.as_str() {
                let what = format!(
                    "Flink {} answers at {address}, expected {release}",
                    overview.flink_version
                );
                return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
            }
            if missing.contains(&FlinkRole::JobManager) {
                let what = format!("{address} answers, and no job manager of cluster {id} runs here");
                return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
            }
            if overview.slots_total >= slots {
                return Ok(Standing::Done(started_proof(id, overview, installation)?));
            }
        }
        let coming = coming(&up, installation, slots);
        let Some(intent) = self.intent else {
            return Ok(match missing.is_empty() || launching {
                true => Standing::Waiting(coming),
                false => Standing::Ready(outputs_of(installation)),
            });
        };
        if launching || missing.is_empty() {
            return Ok(Standing::Underway(coming));
        }
        Ok(after_launch(id, installation, intent, &missing))
    }
}

/// Processes are missing although nothing is being started: either they ended, or they were never
/// started, because upshift ended first.
fn after_launch(
    id: &ComponentId,
    installation: &Installation,
    intent: &Intent,
    missing: &[FlinkRole],
) -> Standing {
    for role in missing {
        let outputs = launch::outputs(installation, *role);
        let before = |name: &str| intent.baseline.0.get(&format!("{OUTPUT}{name}"));
        let started = outputs.iter().find(|(name, stamp)| before(name) != Some(*stamp));
        if let Some((output, _)) = started {
            return Standing::Failed(Failure {
                code: codes::PROCESS_DIED,
                what: format!(
                    "the {} of cluster {id} ended right after it was started",
                    launch::word(*role)
                ),
                far_side: launch::last_words(installation, output),
            });
        }
    }
    Standing::Ready(intent.baseline.clone())
}

fn coming(up: &Result<Overview, String>, installation: &Installation, slots: u32) -> Progress {
    let wanted = installation.task_managers;
    let overview = match up {
        Ok(overview) => overview,
        Err(why) => return Progress::of(why.as_str()),
    };
    let (managers, registered) = (overview.taskmanagers, overview.slots_total);
    let what = format!("{managers} of {wanted} task managers registered, {registered} of {slots} slots");
    let mut progress = Progress::of(what);
    progress
        .numbers
        .insert("task_managers".to_owned(), u64::from(managers));
    progress.numbers.insert("slots".to_owned(), u64::from(registered));
    progress
}

fn started_proof(id: &ComponentId, overview: &Overview, installation: &Installation) -> Result<Proof, Fault> {
    let running = launch::processes(&installation.conf)?;
    let pids: Vec<String> = running
        .iter()
        .map(|p| format!("{} {}", launch::word(p.role), p.pid))
        .collect();
    let commit = overview.flink_commit.as_deref().unwrap_or("unknown");
    Ok(Proof::of([
        format!(
            "cluster {id} answers as Flink {} (commit {commit})",
            overview.flink_version
        ),
        format!(
            "{} task managers with {} slots registered",
            overview.taskmanagers, overview.slots_total
        ),
        format!("its processes: {}", pids.join(", ")),
    ]))
}

fn installation<'c>(id: &ComponentId, cluster: &'c Cluster) -> Result<&'c Installation, Fault> {
    cluster.installation.as_ref().ok_or_else(|| {
        let what =
            format!("the plan knows no installation of cluster {id}, so its processes are not upshift's");
        refused(codes::NOT_IN_THE_PLAN, what)
    })
}

fn outputs_of(installation: &Installation) -> Baseline {
    let roles = [FlinkRole::JobManager, FlinkRole::TaskManager];
    let outputs = roles
        .into_iter()
        .flat_map(|role| launch::outputs(installation, role));
    Baseline(
        outputs
            .map(|(name, stamp)| (format!("{OUTPUT}{name}"), stamp))
            .collect(),
    )
}

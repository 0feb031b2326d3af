//! Installations and clusters.

use std::path::Path;

use upshift_engine::driver::{Fault, Progress, Standing};
use upshift_model::flink::Installation;
use upshift_model::ids::ComponentId;
use upshift_model::proof::Proof;
use upshift_model::record::{Baseline, Intent};
use upshift_model::step::Change;
use upshift_model::version::Version;

use super::super::codes::{self, failure};
use super::super::look::Look;
use crate::flink::{Machine, Role};

const PROCESS: &str = "process/";
const OUTPUT: &str = "output/";
const BEGUN: &str = "own_now_ms";
const HEARD_WITHIN_MS: i64 = 3_000;

/// The processes that were there when the try was begun.
pub(in super::super) fn processes_before(intent: &Intent) -> Vec<u32> {
    let keys = intent.baseline.0.keys();
    keys.filter_map(|key| key.strip_prefix(PROCESS)?.parse().ok())
        .collect()
}

/// The roles of which a process is missing, one entry a process.
pub(in super::super) fn missing(machine: &Machine, installation: &Installation) -> Vec<Role> {
    let count = |role| {
        let all = machine.processes(&installation.conf);
        all.filter(|p| p.role == role).count()
    };
    let lack = |role, wanted: usize| std::iter::repeat_n(role, wanted.saturating_sub(count(role)));
    lack(Role::JobManager, 1)
        .chain(lack(Role::TaskManager, usize::from(installation.task_managers)))
        .collect()
}

pub(super) fn unpacked(look: &Look<'_>, component: &ComponentId) -> Result<Standing, Fault> {
    let installation = look.installation(component)?;
    let wanted = look.planned(component)?.version.as_str();
    let shown = installation.home.display();
    Ok(match look.machine.homes.get(&installation.home) {
        Some(found) if found == wanted => Standing::Done(Proof::of([format!(
            "{shown} is an installation of Flink {found}"
        )])),
        Some(found) => {
            let what = format!("{shown} is Flink {found}, expected {wanted}");
            Standing::Contradicted(failure(codes::HOME_TAKEN, what))
        }
        None => Standing::Ready(Baseline::default()),
    })
}

pub(super) fn configured(
    look: &Look<'_>,
    component: &ComponentId,
    change: &Change,
) -> Result<Standing, Fault> {
    let Change::CarryOver { to, to_file, .. } = change;
    Ok(match look.machine.confs.get(to) {
        Some(conf) if conf.is_whole && conf.file == *to_file => Standing::Done(Proof::of([format!(
            "{component}: {} is in place",
            to.join(to_file).display()
        )])),
        _ => Standing::Ready(Baseline::default()),
    })
}

pub(super) fn stopped(look: &Look<'_>, id: &ComponentId, intent: Option<&Intent>) -> Result<Standing, Fault> {
    let installation = look.installation(id)?;
    let alive: Vec<_> = look.machine.processes(&installation.conf).collect();
    let told = intent.and_then(|i| i.baseline.0.get(BEGUN)?.parse::<i64>().ok());
    let just_told = told.is_some_and(|at| look.now < at + HEARD_WITHIN_MS);
    if alive.is_empty() {
        return Ok(match look.foreign_answer(id)? {
            false => Standing::Done(Proof::of([format!("no process of cluster {id} runs")])),
            true => {
                let what = format!("no process of cluster {id} is left, and yet its address answers");
                Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what))
            }
        });
    }
    let baseline = || {
        let pids = alive
            .iter()
            .map(|p| (format!("{PROCESS}{}", p.pid), p.role.words().to_owned()));
        let begun = (BEGUN.to_owned(), look.now.to_string());
        Baseline(pids.chain([begun]).collect())
    };
    let Some(intent) = intent else {
        return Ok(Standing::Ready(baseline()));
    };
    let before = processes_before(intent);
    if let Some(new) = alive.iter().find(|p| !before.contains(&p.pid)) {
        let what = format!(
            "{} {} of cluster {id} was started meanwhile",
            new.role.words(),
            new.pid
        );
        return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
    }
    if !just_told && alive.iter().any(|p| p.gone_at.is_none()) {
        return Ok(Standing::Ready(baseline()));
    }
    Ok(Standing::Underway(Progress::of(format!(
        "waiting for the end of {} processes",
        alive.len()
    ))))
}

/// Whether every process that was to end runs on and was not told yet.
pub(super) fn is_all_there(look: &Look<'_>, id: &ComponentId, intent: &Intent) -> Result<bool, Fault> {
    let conf = &look.installation(id)?.conf;
    let runs_on = |pid: u32| {
        let mut all = look.machine.processes(conf);
        all.any(|p| p.pid == pid && p.gone_at.is_none())
    };
    Ok(processes_before(intent).into_iter().all(runs_on))
}

/// Whether no process of the cluster runs.
pub(super) fn is_gone(look: &Look<'_>, id: &ComponentId) -> Result<bool, Fault> {
    let conf = &look.installation(id)?.conf;
    Ok(look.machine.processes(conf).next().is_none())
}

pub(super) fn started(
    look: &Look<'_>,
    id: &ComponentId,
    release: &Version,
    slots: u32,
    intent: Option<&Intent>,
) -> Result<Standing, Fault> {
    let installation = look.installation(id)?;
    let lacking = missing(look.machine, installation);
    let mut coming = Progress::of("job manager does not answer yet");
    if let Ok((_, cluster)) = look.cluster(id) {
        if cluster.release != release.as_str() {
            let what = format!("Flink {} answers, expected {release}", cluster.release);
            return Ok(Standing::Contradicted(failure(codes::OTHER_RELEASE, what)));
        }
        if lacking.contains(&Role::JobManager) {
            let what = format!("the address of cluster {id} answers, and no job manager of it runs here");
            return Ok(Standing::Contradicted(failure(codes::FOREIGN_PROCESS, what)));
        }
        if cluster.slots() >= slots {
            let facts = [format!(
                "cluster {id} answers as Flink {release}, {} slots registered",
                cluster.slots()
            )];
            return Ok(Standing::Done(Proof::of(facts)));
        }
        coming = Progress::of(format!("{} of {slots} slots", cluster.slots()));
    }
    Ok(match (intent, lacking.is_empty()) {
        (None, true) => Standing::Waiting(coming),
        (None, false) => Standing::Ready(outputs(look.machine, &installation.conf)),
        (Some(_), true) => Standing::Underway(coming),
        (Some(intent), false) => after_launch(look, id, installation, intent, &lacking),
    })
}

fn outputs(machine: &Machine, conf: &Path) -> Baseline {
    let roles = [Role::JobManager, Role::TaskManager];
    let output = |role: Role| {
        let key = format!("{OUTPUT}{}", role.words());
        (key, machine.outputs(conf, role).to_string())
    };
    Baseline(roles.into_iter().map(output).collect())
}

/// Processes are missing: either they ended, or they were never started.
fn after_launch(
    look: &Look<'_>,
    id: &ComponentId,
    installation: &Installation,
    intent: &Intent,
    lacking: &[Role],
) -> Standing {
    let now = outputs(look.machine, &installation.conf);
    for role in lacking {
        let key = format!("{OUTPUT}{}", role.words());
        if now.0.get(&key) != intent.baseline.0.get(&key) {
            let what = format!(
                "the {} of cluster {id} ended right after it was started",
                role.words()
            );
            return Standing::Failed(failure(codes::PROCESS_DIED, what));
        }
    }
    Standing::Ready(intent.baseline.clone())
}

//! What the waves are laid out on: the situation with every question answered once.
//!
//! Here the declaration meets what runs, and what is missing becomes a [`PlanError`]. Nothing is put
//! in order here.

use std::collections::BTreeSet;

use upshift_model::flink::{
    ClusterFacts, ConfFacts, DeclaredInstallation, DeclaredJob, JobDetails, JobFacts, ShadowPorts, Site,
    Target,
};
use upshift_model::ids::{Code, ComponentId};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;
use upshift_model::version::Version;
use upshift_model::waiver::Waiver;

use super::codes;
use super::error::PlanError;
use super::form::{self, Question};
use super::names::{job_id, savepoint_of};
use super::site::{self, Pair, unseen};
use super::steps::Snapshot;
use crate::systems::flink::situation::Situation;
use crate::systems::flink::{fit, strategy};

/// The situation with every question answered.
pub(super) struct Ground<'a> {
    pub(super) situation: &'a Situation<'a>,
    pub(super) strategy: Strategy,
    pub(super) strategy_why: Vec<String>,
    pub(super) site: Site,
    pub(super) from: Version,
    pub(super) to: Version,
    pub(super) jobs: Vec<Moving<'a>>,
    /// The new cluster, where this plan starts it.
    pub(super) starts: Option<Starting<'a>>,
    /// Why the old cluster is left running at the end; none where it is stopped, or never was to be.
    pub(super) old_left: Option<String>,
    /// Whether the old installation and its configuration are in hand, where going back needs them.
    pub(super) old_installation: bool,
}

/// A cluster that is started.
pub(super) struct Starting<'a> {
    pub(super) installation: &'a DeclaredInstallation,
    pub(super) conf: &'a ConfFacts,
    pub(super) conf_from: &'a DeclaredInstallation,
    /// Whether its home is still to be unpacked.
    pub(super) unpack: bool,
    /// Slots it must come up with.
    pub(super) slots: u32,
    /// Local ports it listens on, as far as they are known.
    pub(super) ports: Vec<u16>,
    /// The declared ports of a cluster beside the old one.
    pub(super) shadow: Option<&'a ShadowPorts>,
}

/// A job that moves.
pub(super) struct Moving<'a> {
    pub(super) declared: &'a DeclaredJob,
    pub(super) id: ComponentId,
    pub(super) leave: Leave,
    pub(super) snapshot: Snapshot,
    pub(super) may_drop_state: bool,
    /// Slots it takes at least, where that is known.
    pub(super) slots: Option<u32>,
    /// Whether checkpoints of it are to be expected.
    pub(super) checkpoints: bool,
}

/// How a job leaves the old cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    /// With a savepoint as its last act.
    Savepoint,
    /// Cancelled; its newest retained checkpoint is adopted.
    Checkpoint,
    /// Cancelled; nothing of it is kept.
    Nothing,
}

/// Answers every question.
pub(super) fn survey<'a>(situation: &'a Situation<'a>) -> Result<Ground<'a>, PlanError> {
    let (strategy, strategy_why) = strategy::choose(situation);
    let from = situation.facts().source.version.clone();
    let to = match &situation.declaration.target {
        Target::Release { installation, .. } => installation.version.clone(),
        Target::RunningCluster { .. } => site::target_version(situation.facts())?,
        Target::SameCluster => from.clone(),
    };
    let declared = affected(situation, &from, &to)?;
    let pairs = declared
        .into_iter()
        .map(|job| Ok((job, running(situation, job)?)));
    let pairs = pairs.collect::<Result<Vec<Pair<'a>>, PlanError>>()?;
    let site = site::site(situation, strategy, &pairs)?;
    let starts = starting(situation, strategy)?;
    let jobs = pairs
        .iter()
        .map(|pair| moving(situation, pair, (&from, &to)))
        .collect();
    let old_left = old_left(situation, strategy);
    let old_installation = old_installation(situation, strategy);
    Ok(Ground {
        situation,
        strategy,
        strategy_why,
        site,
        from,
        to,
        jobs,
        starts,
        old_left,
        old_installation,
    })
}

/// The jobs that the plan moves. A wanted release that runs already is the end of a plan; on one
/// cluster only jobs that differ are touched.
fn affected<'a>(
    situation: &'a Situation<'a>,
    from: &Version,
    to: &Version,
) -> Result<Vec<&'a DeclaredJob>, PlanError> {
    let declaration = situation.declaration;
    let all: Vec<_> = declaration.jobs.iter().collect();
    let nothing = |runs: String| Err(PlanError::NothingToDo { runs });
    match &declaration.target {
        Target::Release { .. } if from == to => nothing(from.to_string()),
        Target::RunningCluster { rest } if rest.authority() == declaration.rest.authority() => {
            nothing(format!("{from} at {}", rest.authority()))
        }
        Target::RunningCluster { rest } if moved(situation, &all) => {
            nothing(format!("{to} at {}, with every job,", rest.authority()))
        }
        Target::Release { .. } | Target::RunningCluster { .. } => Ok(all),
        Target::SameCluster => {
            let differs = |job: &&DeclaredJob| {
                let digests = (
                    site::jar_digest(situation, &job.current),
                    site::jar_digest(situation, &job.target),
                );
                // One path may hold another jar than the one that was submitted; two paths may hold
                // the same. A jar that is not in hand cannot be said to be the same.
                let same_jar =
                    job.current.jar == job.target.jar || matches!(&digests, (Ok(a), Ok(b)) if a == b);
                let rest = |s: &upshift_model::flink::DeclaredSubmission| {
                    (
                        s.entry_class.clone(),
                        s.args.clone(),
                        s.parallelism,
                        s.max_parallelism,
                    )
                };
                !same_jar || rest(&job.current) != rest(&job.target)
            };
            match all.into_iter().filter(differs).collect::<Vec<_>>() {
                none if none.is_empty() => nothing(from.to_string()),
                some => Ok(some),
            }
        }
    }
}

/// Whether every named job runs on the target, and none on the source.
fn moved(situation: &Situation<'_>, jobs: &[&DeclaredJob]) -> bool {
    let facts = situation.facts();
    let target = facts.target.as_ref().and_then(Observed::known);
    let alive = |cluster: &ClusterFacts, job: &DeclaredJob| {
        let seen = cluster.jobs.known()?;
        let found = seen.iter().filter(|seen| seen.name == job.name && !is_over(seen));
        Some(found.count())
    };
    target.is_some_and(|target| {
        jobs.iter()
            .all(|job| alive(target, job) == Some(1) && alive(&facts.source, job) == Some(0))
    })
}

/// States in which a job is over for good.
const OVER: [&str; 4] = ["FINISHED", "CANCELED", "FAILED", "SUSPENDED"];

fn is_over(job: &JobFacts) -> bool {
    OVER.contains(&job.state.as_str())
}

fn running<'a>(situation: &'a Situation<'a>, job: &DeclaredJob) -> Result<&'a JobFacts, PlanError> {
    let source = &situation.facts().source;
    let seen = source.jobs.as_result().map_err(Clone::clone)?;
    let mut found = seen.iter().filter(|seen| seen.name == job.name && !is_over(seen));
    match (found.next(), found.count()) {
        (Some(one), 0) => Ok(one),
        (first, more) => Err(PlanError::JobNotThere {
            job: job.name.clone(),
            cluster: situation.declaration.rest.authority().to_owned(),
            found: usize::from(first.is_some()) + more,
        }),
    }
}

fn starting<'a>(situation: &'a Situation<'a>, strategy: Strategy) -> Result<Option<Starting<'a>>, PlanError> {
    let declaration = situation.declaration;
    let Target::Release { installation, shadow } = &declaration.target else {
        return Ok(None);
    };
    let host = &situation.facts().host;
    let runs = situation.facts().source.version.clone();
    let Some(current) = &declaration.current else {
        return Err(PlanError::NotOursToStop { runs });
    };
    if current.conf == installation.conf {
        return Err(PlanError::SharedConf {
            path: current.conf.clone(),
        });
    }
    let conf = match &host.current_conf {
        Some(Observed::Known(conf)) => conf,
        Some(Observed::Unknown(gap)) => return Err(gap.clone().into()),
        None => return Err(unseen("the running release's configuration", "nobody looked at it").into()),
    };
    let unpack = match &host.target_home {
        Some(Observed::Known(home)) if home.version == installation.version => false,
        _ if installation.archive.is_some() => true,
        Some(Observed::Known(home)) => {
            let what = format!("{} of {}", installation.home.display(), installation.version);
            return Err(unseen(
                what,
                format!("it holds {}, and no archive is named", home.version),
            )
            .into());
        }
        Some(Observed::Unknown(gap)) => return Err(gap.clone().into()),
        None => return Err(unseen("the wanted release's home", "nobody looked at it").into()),
    };
    let slots = slots_per_manager(conf)? * u32::from(installation.task_managers);
    let ports = match (strategy, shadow) {
        (Strategy::Shadow, Some(ports)) => strategy::ports(ports),
        _ => declaration.rest.port().into_iter().collect(),
    };
    Ok(Some(Starting {
        installation,
        conf,
        conf_from: current,
        unpack,
        slots,
        ports,
        shadow: shadow.as_ref(),
    }))
}

/// `taskmanager.numberOfTaskSlots` of the configuration that is carried over; Flink's default is 1.
fn slots_per_manager(conf: &ConfFacts) -> Result<u32, PlanError> {
    let key = "taskmanager.numberOfTaskSlots";
    let Some(entry) = conf.entries.iter().rev().find(|entry| entry.key == key) else {
        return Ok(1);
    };
    entry.value.trim().parse().map_err(|_| {
        unseen(
            format!("slots of a task manager: {key} in line {}", entry.line),
            format!("{:?} is no number", entry.value),
        )
        .into()
    })
}

/// Why the old cluster of a shadow copy is left running; none where it is stopped at the end, or the
/// strategy does not ask.
fn old_left(situation: &Situation<'_>, strategy: Strategy) -> Option<String> {
    let declaration = situation.declaration;
    let version = &situation.facts().source.version;
    match (strategy, &declaration.target) {
        (
            Strategy::InPlace
            | Strategy::JobOnly
            | Strategy::Rolling
            | Strategy::FullStop
            | Strategy::CloneAndSwitch
            | Strategy::DoubleRun
            | Strategy::WithoutState
            | Strategy::Backup
            | Strategy::RestorePoints
            | Strategy::Rehearsal,
            _,
        ) => {
            return None;
        }
        (Strategy::Shadow, Target::RunningCluster { .. }) => {
            return Some(format!(
                "{version} is left running: this plan starts and stops no cluster"
            ));
        }
        (Strategy::Shadow, _) if declaration.current.is_none() => {
            return Some(format!(
                "{version} is left running: the file does not say where it is installed"
            ));
        }
        (Strategy::Shadow, _) => {}
    }
    let Some(jobs) = situation.facts().source.jobs.known() else {
        return Some(format!(
            "{version} is left running: which other jobs it runs is not known"
        ));
    };
    let named: BTreeSet<&str> = declaration.jobs.iter().map(|job| job.name.as_str()).collect();
    let others: BTreeSet<&str> = jobs
        .iter()
        .filter(|job| !is_over(job) && !named.contains(job.name.as_str()))
        .map(|job| job.name.as_str())
        .collect();
    (!others.is_empty()).then(|| {
        let list = others.into_iter().collect::<Vec<_>>().join(", ");
        format!("{version} is left running: it also runs {list}, which the file does not name")
    })
}

/// Whether what going back in place needs is in hand: the old home with the old release in it, and
/// its configuration.
fn old_installation(situation: &Situation<'_>, strategy: Strategy) -> bool {
    let host = &situation.facts().host;
    let version = &situation.facts().source.version;
    let home = host.current_home.as_ref().and_then(Observed::known);
    let conf = host.current_conf.as_ref().and_then(Observed::known);
    match strategy {
        Strategy::InPlace => home.is_some_and(|home| home.version == *version) && conf.is_some(),
        Strategy::Shadow
        | Strategy::JobOnly
        | Strategy::Rolling
        | Strategy::FullStop
        | Strategy::CloneAndSwitch
        | Strategy::DoubleRun
        | Strategy::WithoutState
        | Strategy::Backup
        | Strategy::RestorePoints
        | Strategy::Rehearsal => true,
    }
}

fn moving<'a>(
    situation: &'a Situation<'a>,
    (declared, running): &Pair<'a>,
    (from, to): (&Version, &Version),
) -> Moving<'a> {
    let id = job_id(&declared.name);
    let details = running.details.known();
    let checkpointing = details.and_then(|d| d.checkpointing.known());
    let history = details.and_then(|d| d.checkpoints.known());
    let newest = history.and_then(|h| h.latest_savepoint.as_ref().or(h.latest_completed.as_ref()));
    let digests = (
        site::jar_digest(situation, &declared.current),
        site::jar_digest(situation, &declared.target),
    );
    let same_jar = match digests {
        (Ok(old), Ok(new)) => Some(old == new),
        _ => (declared.current.jar == declared.target.jar).then_some(true),
    };
    let (form, why) = form::choose(&Question {
        knowledge: situation.knowledge,
        wish: situation.declaration.form,
        from,
        to,
        backends: backends(situation),
        same_jar,
        checkpointing,
    });
    let leave = leave(situation, declared);
    let why = match leave {
        Leave::Checkpoint => {
            vec!["from its newest retained checkpoint, as the file and its waiver allow".to_owned()]
        }
        Leave::Savepoint | Leave::Nothing => why,
    };
    let fit = fit::criteria(situation, declared, details, Some(to));
    let may_drop_state = !fit.may_lose.is_empty();
    let snapshot = Snapshot {
        form,
        why,
        into: savepoint_of(&id),
        fit,
        bytes: newest.and_then(|snapshot| snapshot.bytes),
        timeout: checkpointing.and_then(|c| c.timeout),
    };
    Moving {
        declared,
        id,
        leave,
        snapshot,
        may_drop_state,
        slots: slots(declared, details),
        checkpoints: !declared.stateless || checkpointing.is_some_and(|c| c.interval.is_some()),
    }
}

fn leave(situation: &Situation<'_>, job: &DeclaredJob) -> Leave {
    let subject = format!("job {}", job.name);
    let by_checkpoint = waivers(situation, &codes::BY_CHECKPOINT).any(|w| w.subject == subject);
    match (job.stateless, job.may_use_checkpoint && by_checkpoint) {
        (true, _) => Leave::Nothing,
        (false, true) => Leave::Checkpoint,
        (false, false) => Leave::Savepoint,
    }
}

/// Waivers of a code that hold today.
pub(super) fn waivers<'a>(
    situation: &Situation<'a>,
    code: &Code,
) -> impl Iterator<Item = &'a Waiver> + use<'a> {
    let today = situation.today;
    let code = code.clone();
    let all = situation.declaration.waivers.iter();
    all.filter(move |w| w.code == code && w.until.is_none_or(|until| until >= today))
}

/// Slots the job takes at least: all its vertices share slots unless it says otherwise, so its widest
/// vertex decides.
fn slots(job: &DeclaredJob, details: Option<&JobDetails>) -> Option<u32> {
    let seen = details.and_then(|d| d.vertices.iter().map(|v| v.parallelism).max());
    job.target.parallelism.or(seen)
}

fn backends(situation: &Situation<'_>) -> (Option<String>, Option<String>) {
    let facts = situation.facts();
    let old = facts.source.config.known().map(form::backend);
    let new = match &situation.declaration.target {
        // The configuration is carried over, and with it the backend.
        Target::Release { .. } | Target::SameCluster => old.clone(),
        Target::RunningCluster { .. } => {
            let target = facts.target.as_ref().and_then(Observed::known);
            target.and_then(|target| target.config.known()).map(form::backend)
        }
    };
    (old, new)
}

impl Ground<'_> {
    /// Subjects of the waivers that steps of the plan rest on.
    pub(super) fn rests_on(&self) -> BTreeSet<String> {
        let mut subjects = BTreeSet::new();
        for job in &self.jobs {
            let name = &job.declared.name;
            subjects.extend(
                job.snapshot
                    .fit
                    .may_lose
                    .iter()
                    .map(|uid| format!("operator {uid} of job {name}")),
            );
            if job.leave == Leave::Checkpoint {
                subjects.insert(format!("job {name}"));
            }
        }
        subjects
    }
}

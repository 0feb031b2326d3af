//! Where everything of the upgrade lies: the declaration and what was seen, as drivers take it.
//!
//! `old` and `new` are there in every plan, and each job has its submission to either. Where the
//! strategy keeps the address (in place) or the cluster itself (job only), both name the same
//! address: so a step that says `old` always means the job as it was.

use std::collections::BTreeMap;

use upshift_model::digest::Digest;
use upshift_model::endpoint::Endpoint;
use upshift_model::flink::{
    Cluster, DeclaredInstallation, DeclaredJob, DeclaredSubmission, Facts, Installation, Job, JobFacts, NEW,
    OLD, Site, Submission, Target,
};
use upshift_model::ids::ComponentId;
use upshift_model::observed::{Gap, Observed};
use upshift_model::policy::Strategy;
use upshift_model::version::Version;

use super::error::PlanError;
use super::names::job_id;
use crate::systems::flink::situation::Situation;

/// The cluster of today.
pub(super) fn old() -> ComponentId {
    ComponentId::from(OLD)
}

/// The cluster of tomorrow.
pub(super) fn new() -> ComponentId {
    ComponentId::from(NEW)
}

/// A declared job and the one that runs under its name.
pub(super) type Pair<'a> = (&'a DeclaredJob, &'a JobFacts);

/// The site of a plan for these jobs.
pub(super) fn site(
    situation: &Situation<'_>,
    strategy: Strategy,
    jobs: &[Pair<'_>],
) -> Result<Site, PlanError> {
    let clusters = BTreeMap::from([
        (old(), old_cluster(situation)),
        (new(), new_cluster(situation, strategy)?),
    ]);
    let jobs = jobs
        .iter()
        .map(|pair| job(situation, pair))
        .collect::<Result<_, _>>()?;
    Ok(Site {
        clusters,
        jobs,
        savepoints: situation.declaration.savepoints.clone(),
        objects: situation.declaration.objects.clone(),
        probes: situation.declaration.probes.iter().cloned().collect(),
    })
}

fn old_cluster(situation: &Situation<'_>) -> Cluster {
    Cluster {
        rest: situation.declaration.rest.clone(),
        version: situation.facts().source.version.clone(),
        installation: situation.declaration.current.as_ref().map(installation),
    }
}

fn new_cluster(situation: &Situation<'_>, strategy: Strategy) -> Result<Cluster, PlanError> {
    let declaration = situation.declaration;
    Ok(match &declaration.target {
        Target::SameCluster => Cluster {
            installation: None,
            ..old_cluster(situation)
        },
        Target::RunningCluster { rest } => Cluster {
            rest: rest.clone(),
            version: target_version(situation.facts())?,
            installation: None,
        },
        Target::Release {
            installation: of,
            shadow,
        } => Cluster {
            rest: address(situation, strategy, shadow.as_ref().map(|ports| &ports.rest))?,
            version: of.version.clone(),
            installation: Some(installation(of)),
        },
    })
}

fn address(
    situation: &Situation<'_>,
    strategy: Strategy,
    shadow: Option<&Endpoint>,
) -> Result<Endpoint, PlanError> {
    match (strategy, shadow) {
        (Strategy::Shadow, Some(rest)) => Ok(rest.clone()),
        (Strategy::Shadow, None) => Err(PlanError::NoShadowAddress {
            runs: situation.facts().source.version.clone(),
        }),
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
        ) => Ok(situation.declaration.rest.clone()),
    }
}

/// The release of a target that runs already.
pub(super) fn target_version(facts: &Facts) -> Result<Version, PlanError> {
    match &facts.target {
        Some(Observed::Known(target)) => Ok(target.version.clone()),
        Some(Observed::Unknown(gap)) => Err(gap.clone().into()),
        None => Err(unseen("the target cluster's release", "nobody looked at the target").into()),
    }
}

fn installation(of: &DeclaredInstallation) -> Installation {
    Installation {
        home: of.home.clone(),
        archive: of.archive.clone(),
        conf: of.conf.clone(),
        logs: of.logs.clone(),
        pids: of.pids.clone(),
        java_home: of.java_home.clone(),
        task_managers: of.task_managers,
        run_as: of.run_as.clone(),
    }
}

fn job(situation: &Situation<'_>, (declared, running): &Pair<'_>) -> Result<(ComponentId, Job), PlanError> {
    let wanted = jar_digest(situation, &declared.target)?;
    let mut submissions = BTreeMap::from([(
        new(),
        submission(&declared.target, wanted, situation.declaration.require_uids),
    )]);
    // Without the old jar there is no submission to `old`: that is how the way back knows.
    if let Ok(digest) = jar_digest(situation, &declared.current) {
        submissions.insert(old(), submission(&declared.current, digest, false));
    }
    let job = Job {
        name: declared.name.clone(),
        running_as: Some(running.id.clone()),
        submissions,
        sink: declared.sink,
        uids: declared.uids.clone(),
        stateless: declared.stateless,
        rehearsal_args: declared.rehearsal_args.clone(),
    };
    Ok((job_id(&declared.name), job))
}

/// The digest of a declared jar.
pub(super) fn jar_digest(
    situation: &Situation<'_>,
    declared: &DeclaredSubmission,
) -> Result<Digest, PlanError> {
    match situation.facts().host.jars.get(&declared.jar) {
        Some(Observed::Known(jar)) => Ok(jar.sha256.clone()),
        Some(Observed::Unknown(gap)) => Err(gap.clone().into()),
        None => Err(unseen(format!("jar {}", declared.jar.display()), "nobody looked at it").into()),
    }
}

fn submission(declared: &DeclaredSubmission, jar_sha256: Digest, require_uids: bool) -> Submission {
    let mut configuration = BTreeMap::new();
    if let Some(max) = declared.max_parallelism {
        configuration.insert("pipeline.max-parallelism".to_owned(), max.to_string());
    }
    if require_uids {
        configuration.insert("pipeline.auto-generate-uids".to_owned(), "false".to_owned());
    }
    Submission {
        jar: declared.jar.clone(),
        jar_sha256,
        entry_class: declared.entry_class.clone(),
        args: declared.args.clone(),
        parallelism: declared.parallelism,
        configuration,
    }
}

pub(super) fn unseen(what: impl Into<String>, reason: impl Into<String>) -> Gap {
    Gap {
        what: what.into(),
        reason: reason.into(),
    }
}

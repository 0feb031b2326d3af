//! How the cluster is deployed, and whether upshift can carry an upgrade of it out.
//!
//! What is not carried out yet is refused by name. Which processes belong to a cluster is seen by
//! the drivers and only compared here.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{ClusterFacts, Deployment, FlinkRole, Mode, Provider, Target};
use upshift_model::observed::Observed;

use super::view::{NEW_CLUSTER, OLD_CLUSTER, View};
use super::{source, view};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// All findings about the deployment.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found = of_cluster(&view.facts.source, OLD_CLUSTER);
    if let Some(Observed::Known(target)) = running_target(view) {
        found.extend(of_cluster(target, NEW_CLUSTER));
    }
    found.extend(web_submit(view));
    found.extend(installation_named(view));
    found.extend(processes(view));
    found.extend(elsewhere(view));
    found
}

fn running_target<'a>(view: &View<'a>) -> Option<&'a Observed<ClusterFacts>> {
    match view.declared.target {
        Target::RunningCluster { .. } => view.facts.target.as_ref(),
        Target::Release { .. } | Target::SameCluster => None,
    }
}

fn of_cluster(cluster: &ClusterFacts, subject: &str) -> Vec<Finding> {
    match &cluster.deployment {
        Observed::Known(deployment) => {
            vec![
                provider(deployment, subject),
                mode(deployment, subject),
                high_availability(deployment, subject),
            ]
        }
        Observed::Unknown(gap) => vec![
            Topic::new(codes::PROVIDER, subject)
                .fix(format!(
                    "ask the job manager yourself: curl -s {}/jobmanager/config",
                    cluster.rest
                ))
                .source(source::SCOPE)
                .unknown(
                    gap,
                    Severity::Red,
                    "how the cluster is deployed could not be seen",
                ),
        ],
    }
}

fn provider(deployment: &Deployment, subject: &str) -> Finding {
    let topic = Topic::new(codes::PROVIDER, subject)
        .saw_all(deployment.evidence.clone())
        .source(source::SCOPE);
    let refused = |topic: Topic, name: &str, instead: &str| {
        topic
            .fix(instead)
            .refused(format!("the cluster runs on {name}: not carried out yet"))
    };
    match deployment.provider {
        Provider::Standalone => topic.green("the cluster is a standalone one"),
        Provider::Kubernetes => refused(
            topic,
            "Kubernetes",
            "with the Flink Kubernetes operator: kubectl edit flinkdeployment NAME, set spec.flinkVersion, \
             spec.image and spec.job.upgradeMode: savepoint",
        ),
        Provider::Yarn => refused(
            topic,
            "YARN",
            "by hand: flink stop --savepointPath DIR JOB, then flink run -s SAVEPOINT on a YARN session of the \
             new release (Flink documentation, deployment/resource-providers/yarn)",
        ),
        Provider::Mesos => refused(
            topic,
            "Mesos",
            "by hand: flink stop --savepointPath DIR JOB, then flink run -s SAVEPOINT on a standalone cluster; \
             Flink's own support for Mesos is gone since 1.14",
        ),
    }
}

fn mode(deployment: &Deployment, subject: &str) -> Finding {
    let topic = Topic::new(codes::APPLICATION_MODE, subject).source(source::SCOPE);
    match deployment.mode {
        Mode::Session => topic.green("jobs come over REST: a session cluster"),
        Mode::Application => topic
            .saw_all(deployment.evidence.clone())
            .fix("by hand: flink stop --savepointPath DIR JOB, then bin/standalone-job.sh start --fromSavepoint SAVEPOINT of the new release")
            .refused("the cluster runs one application and takes no jobs: not carried out yet"),
    }
}

fn high_availability(deployment: &Deployment, subject: &str) -> Finding {
    let topic = Topic::new(codes::HIGH_AVAILABILITY, subject).source(source::SCOPE);
    match &deployment.high_availability {
        None => topic.green("high availability is off"),
        Some(kind) => topic
            .saw(format!("high-availability.type: {kind}"))
            .saw("a job manager that comes up under the same cluster id starts the jobs of the old one by itself")
            .fix("by hand: stop each job with a savepoint, stop all job managers, give the new release another high-availability.cluster-id, then flink run -s SAVEPOINT")
            .refused("high availability is on: not carried out yet"),
    }
}

/// Whether jars may be submitted: on the old cluster for the way back, on the new one for the way
/// there. A configuration that forbids it is carried over with all the rest.
fn web_submit(view: &View<'_>) -> Vec<Finding> {
    let running = running_target(view);
    let on_old = if running.is_some() {
        Severity::Yellow
    } else {
        Severity::Red
    };
    let mut found = vec![submit_on(&view.facts.source, OLD_CLUSTER, on_old)];
    if let Some(Observed::Known(target)) = running {
        found.push(submit_on(target, NEW_CLUSTER, Severity::Red));
    }
    found
}

fn submit_on(cluster: &ClusterFacts, subject: &str, severity: Severity) -> Finding {
    let topic = Topic::new(codes::WEB_SUBMIT, subject)
        .source(source::REST)
        .fix("set web.submit.enable: true in the configuration and restart the job manager");
    match &cluster.web_submit {
        Observed::Known(true) => topic.green("jars may be submitted over REST"),
        Observed::Known(false) => {
            let topic = topic.saw(format!(
                "GET {}/config: features.web-submit is false",
                cluster.rest
            ));
            match severity {
                Severity::Red => topic.refused("jars may not be submitted over REST"),
                Severity::Green | Severity::Yellow => topic
                    .yellow("jars may not be submitted over REST: the way back to this cluster is closed"),
            }
        }
        Observed::Unknown(gap) => topic.unknown(
            gap,
            severity,
            "whether jars may be submitted over REST could not be seen",
        ),
    }
}

fn installation_named(view: &View<'_>) -> Option<Finding> {
    view.target_installation()?;
    let topic = Topic::new(codes::NO_CURRENT_INSTALLATION, OLD_CLUSTER).source(source::UPGRADING).fix(
        "add to the system file, under [installation]: current = { version = \"…\", home = \"/path/to/flink\" } \
         and config = \"/path/to/conf\"",
    );
    Some(match (&view.declared.current, view.ways.when_in_place_is_barred()) {
        (Some(current), _) => topic
            .saw(format!("home {}, configuration {}", current.home.display(), current.conf.display()))
            .green("the file says where the running release is installed"),
        (None, Some(Severity::Red)) => topic
            .saw("in place means to stop its processes and to carry its configuration over")
            .refused("the file does not say where the running release is installed"),
        (None, _) => topic
            .saw("there is no configuration to carry over, and the old cluster's processes will not be stopped")
            .red("the file does not say where the running release is installed"),
    })
}

/// The job manager that is to be stopped must be one of this machine's processes.
fn processes(view: &View<'_>) -> Option<Finding> {
    let current = view.declared.current.as_ref()?;
    view.target_installation()?;
    let topic = Topic::new(codes::PROCESSES, OLD_CLUSTER)
        .source(source::SCOPE)
        .fix("run upshift on the cluster's machine, or correct [installation] config to the --configDir that `ps -ef | grep configDir` shows");
    let severity = view.ways.when_in_place_is_barred().unwrap_or(Severity::Yellow);
    let seen = match &view.facts.host.processes {
        Observed::Known(seen) => seen,
        Observed::Unknown(gap) => {
            return Some(topic.unknown(gap, severity, "the cluster's processes could not be looked for"));
        }
    };
    let (ours, others): (Vec<_>, Vec<_>) = seen.iter().partition(|process| process.conf == current.conf);
    let managers = ours
        .iter()
        .filter(|process| process.role == FlinkRole::JobManager)
        .count();
    let topic = topic.saw_all(ours.iter().map(|p| format!("pid {}: {}", p.pid, role(p.role))));
    if managers > 0 {
        return Some(topic.green("the cluster's processes are seen on this machine"));
    }
    let topic = topic
        .saw(format!(
            "no job manager with --configDir {}",
            current.conf.display()
        ))
        .saw_all(others.iter().map(|p| {
            format!(
                "pid {}: {} with --configDir {}",
                p.pid,
                role(p.role),
                p.conf.display()
            )
        }));
    Some(topic.at(
        severity,
        "the cluster's job manager is not seen on this machine, so it could not be stopped",
    ))
}

fn role(role: FlinkRole) -> &'static str {
    match role {
        FlinkRole::JobManager => "job manager",
        FlinkRole::TaskManager => "task manager",
    }
}

/// Task managers on other machines would outlive an upgrade in place and look for the new cluster.
fn elsewhere(view: &View<'_>) -> Option<Finding> {
    let current = view.declared.current.as_ref()?;
    view.target_installation()?;
    let here = view.facts.host.processes.known()?;
    let here = here
        .iter()
        .filter(|p| p.role == FlinkRole::TaskManager && p.conf == current.conf)
        .count();
    let topic = Topic::new(codes::ELSEWHERE, OLD_CLUSTER)
        .source(source::SCOPE)
        .fix("stop them on their machines before the upgrade: bin/taskmanager.sh stop, then run the check again");
    let severity = view.ways.when_in_place_is_barred().unwrap_or(Severity::Yellow);
    Some(match &view.facts.source.task_managers {
        Observed::Unknown(gap) => {
            topic.unknown(gap, severity, "the cluster's task managers could not be seen")
        }
        Observed::Known(all) => {
            let topic = topic.saw(format!(
                "{} registered, {here} of them on this machine",
                all.len()
            ));
            if all.len() > here {
                topic
                    .saw(format!(
                        "their ids: {}",
                        view::listed(all.iter().map(|t| t.id.as_str()))
                    ))
                    .at(
                        severity,
                        "task managers run on other machines: not carried out yet",
                    )
            } else {
                topic.green("every task manager runs on this machine")
            }
        }
    })
}

//! Automation that would interfere: whoever else starts, stops or rescales the jobs.
//!
//! Only what the configuration shows can be judged. A script on another machine is not seen.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Observed;

use super::source;
use super::view::{OLD_CLUSTER, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// Keys that only a managing program sets. `kubernetes.operator.` and `job.autoscaler.` are the
/// Flink Kubernetes operator's and its autoscaler's own, the latter also where it runs stand-alone.
const MANAGED: [&str; 2] = ["kubernetes.operator.", "job.autoscaler."];

/// All findings about automation.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    match &view.facts.source.config {
        Observed::Known(config) => vec![managed(config), rescaling(config)],
        Observed::Unknown(gap) => vec![
            Topic::new(codes::OPERATOR, OLD_CLUSTER)
                .fix(format!("curl -s {}/jobmanager/config", view.facts.source.rest))
                .unknown(
                    gap,
                    Severity::Yellow,
                    "whether an operator or autoscaler is at work could not be seen",
                ),
        ],
    }
}

fn managed(config: &BTreeMap<String, String>) -> Finding {
    let topic = Topic::new(codes::OPERATOR, OLD_CLUSTER);
    let keys: Vec<_> = config
        .iter()
        .filter(|(key, value)| {
            MANAGED.iter().any(|prefix| key.starts_with(prefix)) && value.as_str() != "false"
        })
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    if keys.is_empty() {
        return topic.green("no operator or autoscaler shows in the configuration");
    }
    topic
        .saw_all(keys)
        .saw("it would start, stop or rescale the jobs while the upgrade is under way")
        .fix("pause it for the time of the upgrade (for the autoscaler: job.autoscaler.scaling.enabled: false), then waive this")
        .red("an operator or autoscaler manages the cluster")
}

fn rescaling(config: &BTreeMap<String, String>) -> Finding {
    let topic = Topic::new(codes::REACTIVE, OLD_CLUSTER).source(source::ELASTIC);
    let is = |key: &str, word: &str| {
        config
            .get(key)
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    if is("scheduler-mode", "reactive") {
        return topic
            .saw("scheduler-mode: reactive")
            .saw("declared parallelism is ignored, and every task manager that comes or goes restarts the job")
            .fix("expect restarts while task managers come and go: let the soak begin after the last one, or waive the restart")
            .yellow("the cluster is in reactive mode");
    }
    if is("jobmanager.scheduler", "adaptive") {
        return topic
            .saw("jobmanager.scheduler: adaptive")
            .saw("with too few slots the job runs all the same, at a lower parallelism, and restarts when slots come")
            .fix("see that the target's task managers are all registered before the job is submitted: the plan waits for them")
            .yellow("the scheduler is adaptive and may start jobs with fewer slots than declared");
    }
    topic.green("the cluster does not rescale jobs by itself")
}

//! The job that runs: whether it does, and whether it could be restored at all.

use upshift_model::finding::{Finding, Severity};
use upshift_model::realtime_compute::Deployment;
use upshift_model::topic::Topic;

use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::situation::{Situation, subject};

/// Whether it runs, steadily, on the engine that its deployment names.
pub(super) fn runs(s: &Situation<'_>, deployment: &Deployment) -> Finding {
    let topic = Topic::new(codes::JOB, subject(deployment));
    let job = match deployment.job.as_result() {
        Ok(Some(job)) => job,
        Ok(None) => {
            return topic
                .saw("no job of it is running, starting or being stopped")
                .fix("start it, or upgrade it by changing its engine version: there is nothing to switch")
                .red("it has no job");
        }
        Err(gap) => return topic.unknown(gap, Severity::Red, "whether it runs is not known"),
    };
    let flink = job.flink.as_deref().unwrap_or("nothing");
    let mut topic = topic.saw(format!(
        "job {}: {} by the service, {flink} by Flink",
        job.id, job.state
    ));
    topic = match deployment.build.as_result() {
        Ok(build) => topic.saw(format!("Flink says that it is {build}")),
        Err(gap) => topic.saw(gap.to_string()),
    };
    let is_other = job
        .engine
        .as_deref()
        .is_some_and(|engine| engine != deployment.engine);
    if is_other {
        return topic
            .saw(format!(
                "the job was started with {}",
                job.engine.as_deref().unwrap_or_default()
            ))
            .saw(format!("the deployment names {}", deployment.engine))
            .fix("start the job again on the engine that the deployment names, or set that one back")
            .red("the job runs on another engine than its deployment names");
    }
    match (job.state.as_str(), job.flink.as_deref(), job.restarts) {
        ("RUNNING", Some("RUNNING"), Some(0)) => topic.green("it runs, and was never restarted"),
        ("RUNNING", Some("RUNNING"), Some(restarts)) => topic
            .saw(format!("{restarts} restarts since it was started"))
            .fix("look at its exceptions: upshift waits for a job that does not restart after the switch")
            .yellow("it runs, and was restarted"),
        ("RUNNING", Some("RUNNING"), None) => topic
            .fix("look at the job in the console")
            .yellow("it runs; how often it was restarted the service does not say"),
        ("RUNNING", ..) => topic
            .fix("look at its exceptions, and let it run steadily first")
            .red("it runs by the service's word, and Flink says otherwise"),
        ("STARTING" | "CANCELLING", ..) => topic
            .fix(format!(
                "upshift check again when it stands still; this look was at {}",
                s.now
            ))
            .red("it is on its way up or down"),
        _ => topic.fix("look at the job in the console").red("it does not run"),
    }
}

/// Whether checkpoints complete.
pub(super) fn checkpoints(deployment: &Deployment) -> Finding {
    let topic = Topic::new(codes::CHECKPOINTS, subject(deployment));
    let seen = match deployment.checkpoints.as_result() {
        Ok(seen) => seen,
        Err(gap) => {
            return topic.fix("look at the job's checkpoints in the console").unknown(
                gap,
                Severity::Yellow,
                "whether its checkpoints complete is not known",
            );
        }
    };
    let topic = topic.saw(format!(
        "{} completed, {} failed since it was started",
        seen.completed, seen.failed
    ));
    let failing = seen.recent.iter().take_while(|completed| !**completed).count();
    match (seen.completed, failing) {
        (0, _) => topic
            .fix("a job whose checkpoints do not complete gives no savepoint either: mend that first")
            .red("no checkpoint of it has completed"),
        (_, 0) => topic.green("its checkpoints complete"),
        (_, failing) => topic
            .saw(format!("the newest {failing} did not complete"))
            .fix("look why before a savepoint is asked for")
            .yellow("its newest checkpoints did not complete"),
    }
}

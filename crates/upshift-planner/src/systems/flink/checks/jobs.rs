//! Whether the jobs that the file names run, and run well; and what else runs there.

use jiff::Timestamp;
use std::collections::BTreeSet;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DeclaredJob, JobDetails, JobFacts};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;
use upshift_model::span::Millis;
use upshift_model::waiver::Waiver;

use super::source;
use super::view::{self, OLD_CLUSTER, Running, View, Ways};
use crate::systems::flink::codes;
use crate::systems::flink::recipe::codes::BY_CHECKPOINT;
use upshift_model::topic::Topic;

/// An exception younger than this means that the job is not healthy now. Ten minutes cover Flink's
/// default exponential-delay restart strategy, which waits at most 5 minutes between two tries up to
/// 1.18 and 1 minute later.
const FRESH: Millis = Millis::from_secs(600);
/// An exception older than a day says nothing about an upgrade now.
const STALE: Millis = Millis::from_secs(86_400);

/// All findings about jobs as such.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    if let Some(gap) = view.facts.source.jobs.gap() {
        return vec![
            Topic::new(codes::JOB_RUNS, OLD_CLUSTER)
                .fix(format!(
                    "ask the cluster yourself: curl -s {}/jobs/overview",
                    view.facts.source.rest
                ))
                .unknown(gap, Severity::Red, "the cluster's jobs could not be seen"),
        ];
    }
    let mut found: Vec<_> = view
        .declared
        .jobs
        .iter()
        .flat_map(|job| declared(view, job))
        .collect();
    found.extend(unnamed(view));
    found
}

fn declared(view: &View<'_>, job: &DeclaredJob) -> Vec<Finding> {
    match view.running(job) {
        None => Vec::new(),
        Some(Running::Nothing { over }) => vec![missing(view, job, over)],
        Some(Running::Several(many)) => vec![not_unique(view, job, many)],
        Some(Running::One(seen)) => {
            let mut found = vec![runs(view, job, seen)];
            match &seen.details {
                Observed::Known(details) => found.extend(details_of(view, job, details)),
                Observed::Unknown(gap) => found.push(
                    Topic::new(codes::JOB_DETAILS, view::job(&job.name))
                        .saw("its tasks, restarts, exceptions and checkpoints are not judged")
                        .fix(format!(
                            "ask the cluster yourself: curl -s {}/jobs/{}",
                            view.facts.source.rest, seen.id
                        ))
                        .unknown(gap, Severity::Red, "the details of the job could not be seen"),
                ),
            }
            found
        }
    }
}

fn missing(view: &View<'_>, job: &DeclaredJob, over: Option<&JobFacts>) -> Finding {
    let live = view.live_jobs().unwrap_or_default();
    let topic = Topic::new(codes::JOB_RUNS, view::job(&job.name)).source(source::UPGRADING);
    let topic = match live.as_slice() {
        [] => topic.saw("no job runs on the cluster"),
        some => topic.saw(format!(
            "running: {}",
            view::listed(some.iter().map(|seen| seen.name.as_str()))
        )),
    };
    let topic = match over {
        Some(over) => topic.saw(format!("a job of this name is {} (id {})", over.state, over.id)),
        None => topic,
    };
    topic
        .fix("write `name` in its [[job]] entry literally as `upshift observe FILE` shows it, or start the job first")
        .refused("no job of this name runs")
}

fn not_unique(view: &View<'_>, job: &DeclaredJob, many: usize) -> Finding {
    let live = view.live_jobs().unwrap_or_default();
    let ids: Vec<_> = live
        .iter()
        .filter(|seen| seen.name == job.name)
        .map(|seen| seen.id.as_str())
        .collect();
    Topic::new(codes::JOB_NOT_UNIQUE, view::job(&job.name))
        .saw(format!("{many} jobs of this name run: {}", ids.join(", ")))
        .fix("give each its own name: env.execute(\"NAME\"), or -Dpipeline.name=NAME when it is submitted")
        .refused("several jobs of this name run, and nobody can say which is meant")
}

fn runs(view: &View<'_>, job: &DeclaredJob, seen: &JobFacts) -> Finding {
    let topic = Topic::new(codes::JOB_RUNS, view::job(&job.name))
        .saw(format!("id {}, state {}", seen.id, seen.state))
        .source(source::UPGRADING);
    if seen.state == "RUNNING" {
        return topic.green("the job is running");
    }
    let title = format!("the job is {} and could not take a savepoint now", seen.state);
    let topic = topic.fix("wait until it is RUNNING: upshift observe FILE");
    match (job.may_use_checkpoint, goes_by_checkpoint(view, job)) {
        (true, true) => topic
            .saw("it resumes from its newest retained checkpoint, as a waiver allows")
            .yellow(title),
        (true, false) => topic
            .fix(format!(
                "or let it resume from its newest retained checkpoint: [[waive]] code = \"{BY_CHECKPOINT}\", \
                 subject = {:?}, reason = \"…\"",
                view::job(&job.name)
            ))
            .refused(title),
        (false, _) => topic
            .fix("if it cannot run any more: set may_use_checkpoint = true in its [[job]] entry")
            .refused(title),
    }
}

/// Whether a person allowed the job to move by a checkpoint; the plan asks for the same waiver.
fn goes_by_checkpoint(view: &View<'_>, job: &DeclaredJob) -> bool {
    let holds = |waiver: &Waiver| waiver.until.is_none_or(|until| until >= view.situation.today);
    let names = |waiver: &Waiver| waiver.code == BY_CHECKPOINT && waiver.subject == view::job(&job.name);
    view.declared
        .waivers
        .iter()
        .any(|waiver| names(waiver) && holds(waiver))
}

fn details_of(view: &View<'_>, job: &DeclaredJob, details: &JobDetails) -> Vec<Finding> {
    vec![
        tasks(job, details),
        restarts(job, details),
        exceptions(job, details, view.looked_at()),
    ]
}

fn tasks(job: &DeclaredJob, details: &JobDetails) -> Finding {
    let topic = Topic::new(codes::TASKS_RUN, view::job(&job.name));
    let idle: Vec<_> = details
        .vertices
        .iter()
        .filter(|vertex| vertex.status != "RUNNING")
        .collect();
    let all_finished = idle.iter().all(|vertex| vertex.status == "FINISHED");
    let seen = idle
        .iter()
        .map(|vertex| format!("{} ({}): {}", vertex.name, vertex.id, vertex.status));
    match (idle.is_empty(), all_finished) {
        (true, _) => topic.saw(format!("{} vertices", details.vertices.len())).green("every vertex is RUNNING"),
        (false, true) => topic
            .saw_all(seen)
            .fix("make sure that this is meant: a bounded source that has come to its end")
            .yellow("some vertices have finished"),
        (false, false) => topic
            .saw_all(seen)
            .fix("wait until every vertex is RUNNING; if one stays behind, look for free slots: upshift observe FILE")
            .red("not every vertex is RUNNING, so a savepoint would not complete"),
    }
}

fn restarts(job: &DeclaredJob, details: &JobDetails) -> Finding {
    let topic = Topic::new(codes::RESTARTS, view::job(&job.name))
        .fix("find out why before the upgrade, or its failures will be taken for the upgrade's");
    match &details.restarts {
        Observed::Known(0) => topic.green("no restarts since it was submitted"),
        Observed::Known(many) => topic
            .saw(format!("numRestarts: {many}"))
            .yellow("the job was restarted since it was submitted"),
        Observed::Unknown(gap) => topic.unknown(gap, Severity::Yellow, "its restarts could not be seen"),
    }
}

fn exceptions(job: &DeclaredJob, details: &JobDetails, now: Timestamp) -> Finding {
    let topic = Topic::new(codes::EXCEPTIONS, view::job(&job.name)).fix(
        "read them in the web UI under Exceptions and mend the cause; then wait until they are 10 m old",
    );
    match &details.last_exception_at {
        Observed::Unknown(gap) => topic.unknown(gap, Severity::Yellow, "its exceptions could not be seen"),
        Observed::Known(None) => topic.green("no exceptions since it was submitted"),
        Observed::Known(Some(at)) => {
            let age = Millis::between(*at, now);
            let topic = topic.saw(format!("the newest exception is {age} old ({at})"));
            match age {
                age if age <= FRESH => topic.red("the job threw an exception just now"),
                age if age <= STALE => topic.yellow("the job threw an exception within the last day"),
                _ => topic.green("no exception within the last day"),
            }
        }
    }
}

fn unnamed(view: &View<'_>) -> Vec<Finding> {
    let live = view.live_jobs().unwrap_or_default();
    let names: BTreeSet<&str> = view.declared.jobs.iter().map(|job| job.name.as_str()).collect();
    let named = |seen: &JobFacts| names.contains(seen.name.as_str());
    let strangers: Vec<_> = live.into_iter().filter(|seen| !named(seen)).collect();
    if strangers.is_empty() {
        return vec![Topic::new(codes::UNNAMED_JOB, OLD_CLUSTER).green("the file names every job that runs")];
    }
    strangers
        .into_iter()
        .map(|seen| stranger(view.ways, seen))
        .collect()
}

fn stranger(ways: Ways, seen: &JobFacts) -> Finding {
    let topic = Topic::new(codes::UNNAMED_JOB, view::job(&seen.name))
        .saw(format!("id {}, state {}", seen.id, seen.state))
        .source(source::UPGRADING)
        .fix(format!(
            "add a [[job]] entry with name = {:?}, or stop the job first",
            seen.name
        ));
    match ways.chosen {
        Strategy::InPlace => topic
            .saw("in place stops the whole cluster, and this job and its state with it")
            .refused("a job runs that the file does not name"),
        Strategy::Shadow => topic
            .saw("it stays on the old cluster, which can then not be stopped")
            .yellow("a job runs that the file does not name"),
        Strategy::JobOnly
        | Strategy::Rolling
        | Strategy::FullStop
        | Strategy::CloneAndSwitch
        | Strategy::DoubleRun
        | Strategy::WithoutState
        | Strategy::Backup
        | Strategy::RestorePoints
        | Strategy::Rehearsal => topic.green("a job runs that the file does not name; it is not touched"),
    }
}

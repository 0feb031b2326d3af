//! Whether there is a recent restore point to fall back on should even the upgrade's own fail.
//!
//! It knows of what the cluster tells. What upshift itself keeps is listed by `restore-points list`.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::DeclaredJob;
use upshift_model::observed::Observed;
use upshift_model::span::Millis;

use super::source;
use super::view::{self, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// One finding for every job that has state and whose checkpoints can be looked at.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    view.detailed()
        .into_iter()
        .filter(|(job, _)| !job.stateless)
        .map(|(job, details)| {
            let topic = topic(job);
            match &details.checkpoints {
                Observed::Unknown(gap) => topic.unknown(
                    gap,
                    Severity::Yellow,
                    "whether there is a recent savepoint could not be seen",
                ),
                Observed::Known(history) => match &history.latest_savepoint {
                    None => topic
                        .saw("the server knows of none")
                        .yellow("no savepoint of the job is known"),
                    Some(newest) => {
                        let age = Millis::between(newest.triggered_at, view.looked_at());
                        let place = newest
                            .path
                            .as_deref()
                            .unwrap_or("a place that the server does not name");
                        let topic = topic.saw(format!("the newest is {age} old, at {place}"));
                        if age <= view.declared.recent {
                            topic.green("there is a recent savepoint")
                        } else {
                            topic
                                .saw(format!("recent means younger than {}", view.declared.recent))
                                .yellow("the newest savepoint is not recent")
                        }
                    }
                },
            }
        })
        .collect()
}

fn topic(job: &DeclaredJob) -> Topic {
    Topic::new(codes::NO_RECENT_RESTORE_POINT, view::job(&job.name))
        .source(source::SAVEPOINTS)
        .fix("upshift restore-points take FILE")
}

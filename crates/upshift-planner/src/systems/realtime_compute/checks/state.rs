//! The state that an upgrade starts from, and what of it piles up.

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::SnapshotFound;
use upshift_model::flink::fit::{SnapshotRole, judge};
use upshift_model::observed::Observed;
use upshift_model::realtime_compute::{Deployment, Point};
use upshift_model::topic::Topic;

use crate::knowledge::realtime_compute::{Change, StateGuarantee};
use crate::systems::realtime_compute::situation::{Situation, subject};
use crate::systems::realtime_compute::{codes, recipe};

/// More savepoints of a person's asking than somebody looks after.
const MANY: usize = 20;
/// Older than this, a newest savepoint says little of today's job.
const OLD: i64 = 7 * 24 * 3600;

fn is_whole(point: &&Point) -> bool {
    point.state == "COMPLETED"
}

/// The newest state: where it comes from, and how old it is.
pub(super) fn newest(s: &Situation<'_>, deployment: &Deployment) -> Finding {
    let topic = Topic::new(codes::STATE, subject(deployment));
    let points = match deployment.points.as_result() {
        Ok(points) => points,
        Err(gap) => return topic.unknown(gap, Severity::Yellow, "which state it has is not known"),
    };
    let newest = points
        .iter()
        .filter(is_whole)
        .max_by_key(|point| point.created_at);
    let is_promised = s.change(deployment).state == StateGuarantee::Compatible;
    match newest {
        None => topic
            .saw("the service knows of no savepoint and no retained checkpoint of it")
            .fix("nothing: the upgrade takes one, and goes on only when it is whole")
            .yellow("no state of it is known yet"),
        Some(point) => {
            let age = point.created_at.map(|at| s.now.as_second() - at);
            let form = match point.native {
                Some(true) => "native",
                Some(false) => "standard",
                None => "of a form that the service does not name",
            };
            let told = age.map_or_else(
                || "of unknown age".to_owned(),
                |age| format!("{} h old", age.max(0) / 3600),
            );
            let topic = topic.saw(format!("{}: {}, {form}, {told}", point.id, point.origin));
            match age {
                Some(age) if age <= OLD && is_promised => topic.green("it has state"),
                Some(age) if age <= OLD => {
                    topic.green("it has state; whether the wanted engine can use it is asked above")
                }
                _ => topic
                    .fix("nothing: the upgrade takes a new one")
                    .yellow("its newest state is old, or of unknown age"),
            }
        }
    }
}

/// What the newest state holds, where it can be read, against what the wanted engine and the jar that is to run on it
/// ask of it. The run looks once more, at the savepoint that it takes, before it stops anything.
pub(super) fn contents(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if s.change(deployment).kind == Change::Noop || !s.carries(deployment) {
        return None;
    }
    let topic = Topic::new(codes::CONTENTS, subject(deployment)).saw_all(
        s.declaration
            .programs
            .get(&deployment.name)
            .map(|program| format!("its copy runs {}", program.jar)),
    );
    if let Some(Observed::Unknown(gap)) = &deployment.graph {
        let topic = topic.fix("[graph] home = \"/path/to/flink\" lets upshift read them, with a Flink of the wanted engine's line");
        return Some(topic.unknown(
            gap,
            Severity::Yellow,
            "whether its copy has the operators of its state is not known",
        ));
    }
    let criteria = recipe::criteria(s, deployment)?;
    Some(match deployment.newest.as_ref()? {
        SnapshotFound::Unseen(gap) => topic
            .fix("name the store that it lies in under [objects], and let its key read it")
            .unknown(gap, Severity::Yellow, "what its newest state holds is not known"),
        SnapshotFound::Spoiled { what } => topic
            .saw(what.clone())
            .fix("nothing for the upgrade, which takes a savepoint of its own; but do not count on this one")
            .yellow("its newest state is damaged"),
        SnapshotFound::Read(contents) => {
            let findings = judge(contents, &criteria, SnapshotRole::Sample);
            let flaws: Vec<&Finding> = findings.iter().filter(|finding| finding.blocks()).collect();
            let topic = flaws.iter().fold(topic, |topic, flaw| {
                topic
                    .saw(format!("{} {}: {}", flaw.code, flaw.title, flaw.subject))
                    .saw_all(flaw.evidence.clone())
            });
            match flaws.is_empty() {
                true => topic
                    .saw(format!("{} operators", contents.operators.len()))
                    .green("its copy can be started from its newest state, as far as that can be read"),
                false => topic
                    .fix("give the operator its id back in the jar, or build the jar from what runs; upshift explain tells more of each code")
                    .red("its copy cannot be started from its newest state"),
            }
        }
    })
}

/// What the service never cleans up by itself.
pub(super) fn generations(deployment: &Deployment) -> Option<Finding> {
    let points = deployment.points.known()?;
    let asked_for = points
        .iter()
        .filter(|point| point.origin != "RETAINED_CHECKPOINT")
        .count();
    let topic = Topic::new(codes::GENERATIONS, subject(deployment)).saw(format!(
        "{asked_for} savepoints, {} retained checkpoints",
        points.len() - asked_for
    ));
    Some(match asked_for > MANY {
        true => topic
            .fix("delete those that nobody needs: the service keeps savepoints until somebody deletes them")
            .yellow("many savepoints of it are kept"),
        false => topic.green("few savepoints of it are kept"),
    })
}

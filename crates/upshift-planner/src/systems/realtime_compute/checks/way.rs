//! What the way that was chosen means for what is downstream and for state: each loss has to be wanted by somebody.

use upshift_model::finding::{Finding, Severity};
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute::Deployment;
use upshift_model::topic::Topic;

use crate::knowledge::realtime_compute::Change;
use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::recipe;
use crate::systems::realtime_compute::situation::{Situation, subject};

/// What is written twice on the way there, and what on the way back.
pub(super) fn twice(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if s.change(deployment).kind == Change::Noop || !s.carries(deployment) {
        return None;
    }
    let topic = Topic::new(codes::TWICE, subject(deployment))
        .saw("what is downstream of it, and whether that takes a record twice, the service does not say");
    let consent = "where it may come twice, say so: [[waive]] this finding, with the reason";
    Some(
        match (s.declaration.strategy, recipe::is_stopped_plainly(s, deployment)) {
            (Strategy::DoubleRun, _) => topic
                .saw("original and copy run at once, and both write, until somebody accepts")
                .fix(consent)
                .red("everything is written twice while both run"),
            (_, true) => topic
                .saw("it is stopped plainly after its savepoint: what lies between both is processed twice")
                .fix(consent)
                .red("what is processed between savepoint and stop is written twice"),
            (_, false) => topic
                .saw("on the way there nothing is processed twice: it stops with its savepoint")
                .saw("on the way back everything is that the new engine has processed by then")
                .fix(format!("{consent}; otherwise upshift rollback asks first"))
                .yellow("what the new engine has written is written again on the way back"),
        },
    )
}

/// State that is given up, which somebody has to want in words.
pub(super) fn given_up(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    let stateless = s.declaration.stateless.contains(&deployment.name);
    if s.declaration.strategy != Strategy::WithoutState || stateless {
        return None;
    }
    let topic = Topic::new(codes::GIVEN_UP, subject(deployment));
    let topic = match s.declaration.start_at {
        Some(at) => topic.saw(format!(
            "sources that can begin at a time begin at {}",
            jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
        )),
        None => {
            topic.saw("sources begin where their own settings say; start_at in the system file names a time")
        }
    };
    let finding = topic
        .saw("windows, counters, what was seen already, positions of sources: none of it reaches the new engine")
        .fix("name in the reason of a waiver what is lost and who wants it so")
        .red("its state is given up");
    Some(finding)
}

/// A deployment that is said to hold no state must not look as if it held some.
pub(super) fn stateless(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if !s.declaration.stateless.contains(&deployment.name) {
        return None;
    }
    let topic = Topic::new(codes::STATELESS, subject(deployment)).saw("stateless in the system file");
    let completed = deployment.checkpoints.known().map(|seen| seen.completed);
    let points = deployment.points.known().map(Vec::len);
    Some(match (points, completed) {
        (Some(0), Some(0)) => topic
            .saw("no savepoint, no retained checkpoint, and no checkpoint of its job")
            .green("it holds no state"),
        (None, _) | (_, None) => {
            let gap = upshift_model::observed::Gap {
                what: "whether it has snapshots".to_owned(),
                reason: "not all of them could be seen".to_owned(),
            };
            topic.unknown(&gap, Severity::Red, "whether it holds state is not known")
        }
        (Some(points), Some(completed)) => topic
            .saw(format!(
                "{points} savepoints or retained checkpoints, {completed} checkpoints of its job"
            ))
            .saw("positions of sources are state, too: without them a source begins anew")
            .fix("take it out of stateless, or waive this and say why what its snapshots hold may be lost")
            .red("it is said to hold no state, and has snapshots"),
    })
}

/// The draft that a copy is made from holds what runs, or somebody knows that it does not.
pub(super) fn draft(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if deployment.kind != "SQLSCRIPT" || s.change(deployment).kind == Change::Noop {
        return None;
    }
    let topic = Topic::new(codes::DRAFT, subject(deployment));
    if s.declaration.strategy == Strategy::InPlace {
        return Some(left_behind(topic, deployment));
    }
    Some(match deployment.draft.as_result() {
        Err(gap) => topic.fix("let the key read drafts: GetDeploymentDraft").unknown(
            gap,
            Severity::Red,
            "whether it was deployed from a draft is not known",
        ),
        Ok(None) => topic
            .saw("it names no draft, or one that is gone: the copy is made of the deployment itself")
            .green("it is copied as it was deployed"),
        Ok(Some(draft)) => {
            let topic = topic.saw(format!("draft {} ({})", draft.name, draft.id));
            match draft.as_deployed {
                true => topic.green("its draft holds what was deployed"),
                false => topic
                    .saw("the copy is made by way of the draft: save as, validate, deploy")
                    .fix("deploy the draft and start the deployment again before the upgrade, or take the edit back")
                    .refused("its draft was edited since it was deployed"),
            }
        }
    })
}

/// In place the deployment alone is changed: upshift edits nobody's draft.
fn left_behind(topic: Topic, deployment: &Deployment) -> Finding {
    let fix = "after the upgrade, choose the wanted engine on the draft in the console, too, before anybody deploys it";
    match deployment.draft.as_result() {
        Err(gap) => topic.fix(fix).unknown(
            gap,
            Severity::Yellow,
            "whether a draft of it keeps naming the old engine is not known",
        ),
        Ok(None) => topic
            .saw("it names no draft, or one that is gone")
            .green("no draft of it is left on the old engine"),
        Ok(Some(draft)) => topic
            .saw(format!("draft {} ({}) is not changed", draft.name, draft.id))
            .saw(format!(
                "deployed again, it would bring {} back, under state of the new engine",
                deployment.engine
            ))
            .fix(fix)
            .yellow("its draft stays on the old engine"),
    }
}

//! What surrounds a deployment: whether it is there, whether there is room beside it, and what cannot be seen.

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute::{Deployment, Room};
use upshift_model::topic::Topic;
use upshift_model::words;

use crate::knowledge::realtime_compute::Change;
use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::situation::{Situation, subject};

/// Which deployments are meant.
pub(super) fn selected(s: &Situation<'_>) -> Finding {
    let select = &s.declaration.select;
    let mut asked: Vec<String> = select.names.iter().map(|name| format!("name {name}")).collect();
    asked.extend(
        select
            .label
            .as_ref()
            .map(|(key, value)| format!("label {key}={value}")),
    );
    asked.extend(select.queue.as_ref().map(|queue| format!("queue {queue}")));
    let (workspace, namespace) = &s.facts.place;
    let topic = Topic::new(codes::SELECTED, format!("namespace {namespace}")).saw(format!(
        "workspace {workspace}, {}",
        if asked.is_empty() {
            "everything".to_owned()
        } else {
            asked.join(", ")
        }
    ));
    let there = |name: &String| s.facts.deployments.iter().any(|one| one.name == *name);
    let named = select.names.iter().chain(s.declaration.programs.keys());
    let missing: Vec<_> = named.filter(|name| !there(name)).cloned().collect();
    match (missing.is_empty(), s.facts.deployments.len()) {
        (false, _) => topic
            .saw_all(
                missing
                    .into_iter()
                    .map(|name| format!("{name} is not there, or does not fit the rest")),
            )
            .fix("write names as the console shows them; upshift observe FILE shows what fits")
            .refused("a deployment that is named is not there"),
        (true, 0) => topic
            .fix("ask for less under [select]")
            .refused("no deployment fits"),
        (true, count) => topic
            .saw(format!("{count} of them"))
            .green("the deployments that are meant are there"),
    }
}

/// Whether the clone's name is free.
pub(super) fn name(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if s.declaration.strategy == Strategy::InPlace {
        return None;
    }
    let wanted = format!("{}{}", deployment.name, s.declaration.clone_suffix);
    let topic = Topic::new(codes::NAME, subject(deployment)).saw(format!("its clone is called {wanted}"));
    Some(match deployment.name_taken.as_result() {
        Ok(false) => topic.green("the name of its clone is free"),
        Ok(true) => topic
            .fix("delete what is left of an earlier try, or write another clone_suffix")
            .refused("a deployment of its clone's name is there"),
        Err(gap) => topic.unknown(
            gap,
            Severity::Red,
            "whether the name of its clone is free is not known",
        ),
    })
}

/// Whether its queue has room for it a second time.
pub(super) fn room(s: &Situation<'_>, deployment: &Deployment) -> Finding {
    let topic = Topic::new(codes::ROOM, subject(deployment));
    let unseen = |what: &str| Gap {
        what: "the room in its queue".to_owned(),
        reason: what.to_owned(),
    };
    let judged = (|| {
        let name = deployment
            .queue
            .as_deref()
            .ok_or_else(|| unseen("it names no queue"))?;
        let queues = s.facts.queues.as_result().map_err(Clone::clone)?;
        let queue = queues.iter().find(|queue| queue.name == name);
        let queue = queue.ok_or_else(|| unseen("the service lists no such queue"))?;
        let (limit, used) = queue
            .limit
            .zip(queue.used)
            .ok_or_else(|| unseen("the service does not say how full it is"))?;
        let job = deployment.job.known().and_then(Option::as_ref);
        let job = job
            .and_then(|job| job.room)
            .ok_or_else(|| unseen("the service does not say what its job takes"))?;
        Ok((name.to_owned(), limit, used, job))
    })();
    match judged {
        Err(gap) => topic
            .fix("compare the queue's limits with what the job takes, in the console")
            .unknown(
                &gap,
                Severity::Yellow,
                "whether both would have room is not known",
            ),
        Ok((name, limit, used, job)) => {
            let topic = topic
                .saw(format!("queue {name}: {} used of {}", told(used), told(limit)))
                .saw(format!("its job takes {}", told(job)));
            let others = beside(s, deployment);
            let wants = others.iter().fold(job, |sum, (_, other)| Room {
                millicores: sum.millicores + other.millicores,
                mebibytes: sum.mebibytes + other.mebibytes,
            });
            let topic = match others.as_slice() {
                [] => topic,
                _ => topic.saw(format!(
                    "with {}, which run twice at the same time: {}",
                    words::listed(others.iter().map(|(name, _)| *name)),
                    told(wants)
                )),
            };
            let fits = used.millicores + wants.millicores <= limit.millicores
                && used.mebibytes + wants.mebibytes <= limit.mebibytes;
            match fits {
                true => topic.green("there is room for both at once"),
                false if s.declaration.strategy == Strategy::DoubleRun => topic
                    .fix("make the queue larger, or choose clone-and-switch, which stops before it starts")
                    .red("there is no room for both at once, and both are to run"),
                false => topic
                    .fix("stop before the clone is started, as clone-and-switch does; for both at once make the queue larger")
                    .yellow("there is no room for both at once"),
            }
        }
    }
}

fn told(room: Room) -> String {
    let (whole, rest) = (room.millicores / 1000, room.millicores % 1000);
    format!("{whole}.{rest:03} cores, {} MiB", room.mebibytes)
}

/// The others in the same queue that are moved: in a double run all of them run twice until somebody accepts.
fn beside<'a>(s: &Situation<'a>, deployment: &Deployment) -> Vec<(&'a str, Room)> {
    let is_other = |one: &&Deployment| {
        one.name != deployment.name && one.queue == deployment.queue && s.change(one).kind != Change::Noop
    };
    match s.declaration.strategy {
        Strategy::DoubleRun => {
            let others = s.facts.deployments.iter().filter(is_other);
            others
                .filter_map(|one| Some((one.name.as_str(), one.job.known()?.as_ref()?.room?)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A resource plan that names operators does not carry over a change of the graph.
pub(super) fn expert(s: &Situation<'_>, deployment: &Deployment) -> Option<Finding> {
    if deployment.resource_mode.as_deref() != Some("EXPERT") {
        return None;
    }
    let topic = Topic::new(codes::EXPERT, subject(deployment))
        .saw("streamingResourceSetting.resourceSettingMode is EXPERT")
        .fix("make the plan anew on the clone, or give the clone BASIC resources");
    Some(match s.change(deployment).kind {
        Change::Noop | Change::MinorUpgrade => {
            topic.yellow("its resource plan names operators: look at it on the clone")
        }
        _ => topic.red("its resource plan names operators, which another engine may number otherwise"),
    })
}

/// A deployment that was changed after its job was started is not what runs.
pub(super) fn changed(deployment: &Deployment) -> Option<Finding> {
    let topic = Topic::new(codes::CHANGED, subject(deployment));
    match deployment.changed? {
        false => Some(topic.green("its job runs what the deployment says")),
        true => Some(
            topic
                .saw("deploymentHasChanged is true")
                .fix("start it again before the upgrade, or take the change back: two changes at once are hard to tell apart")
                .yellow("it was changed since its job was started: the clone would run something that was never tried"),
        ),
    }
}

/// Alerts are kept by another product, which this API does not show.
pub(super) fn alerts(deployment: &Deployment) -> Finding {
    let gap = Gap {
        what: "the alerts on it".to_owned(),
        reason: "they are kept by the monitoring service and not by this API".to_owned(),
    };
    Topic::new(codes::ALERTS, subject(deployment))
        .fix("set an alert on failure for the clone, too, in the console; upshift itself watches the job while it soaks")
        .unknown(&gap, Severity::Yellow, "whether somebody would be called is not known")
}

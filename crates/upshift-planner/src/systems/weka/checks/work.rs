//! What goes on in the cluster: tasks, uploads, load.

use upshift_model::finding::{Finding, Severity};
use upshift_model::topic::Topic;
use upshift_model::weka::Task;

use super::{CHECKER, DOCS};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{One, list, one, red, some, yellow};
use crate::systems::weka::situation::Situation;
use crate::systems::weka::tasks::{fate, is_stopping};

/// Tasks that an upgrade does not mind.
const HARMLESS: [&str; 3] = ["FSCK", "RAID_SCANNER", "OBS_DETACH"];
/// The task that uploads a snapshot.
const UPLOAD: &str = "STOW_UPLOAD";
/// Tenths of a percent.
const BUSY: u32 = 600;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    vec![tasks(s), uploads(s), load(s)]
}

fn tasks(s: &Situation<'_>) -> Finding {
    let topic = Topic::new(codes::TASKS, "cluster").source(DOCS).source(CHECKER);
    let tasks = match s.cluster().tasks.as_result() {
        Ok(tasks) => tasks,
        Err(gap) => return topic.unknown(gap, Severity::Red, "not known whether tasks run"),
    };
    let Some(kinds) = tasks
        .iter()
        .map(|task| task.kind.as_deref().map(|kind| (kind, task)))
        .collect::<Option<Vec<_>>>()
    else {
        let words = red("tasks run that the upgrade does not start beside", "");
        return list(topic, words, &s.cluster().tasks, |task| {
            One::of(task.kind.as_ref(), "the type of a task", |_| None)
        });
    };
    let minded: Vec<_> = kinds
        .iter()
        .filter(|(kind, _)| !HARMLESS.contains(kind))
        .collect();
    let stopping = minded.iter().filter(|(kind, _)| is_stopping(kind));
    // Where the file says what becomes of a task, the plan does it.
    let stops = stopping
        .clone()
        .any(|(_, task)| !s.mends || fate(s, task).is_none());
    let named = stopping.count() > 0;
    let said = |(kind, task): &(&str, &Task)| {
        let text = |field: &Option<String>| field.clone().unwrap_or_else(|| "?".to_owned());
        format!("{kind} {}: {}", text(&task.state), text(&task.said))
    };
    let topic = topic.saw_all(some(minded.iter().map(|one| said(one)).collect()));
    let topic = topic.fix("wait for their end, or pause or abort them: weka cluster task");
    let topic = topic.fix("or [[task]] in the system file says what the plan does with them");
    match (minded.is_empty(), stops) {
        (true, _) => topic.green("no task runs that an upgrade minds"),
        (false, true) => topic.red("tasks run that the upgrade does not start beside"),
        (false, false) if named => topic.yellow("tasks run that the plan deals with first"),
        (false, false) => topic.yellow("background tasks run"),
    }
}

fn uploads(s: &Situation<'_>) -> Finding {
    let good = "no snapshot is being uploaded";
    let dealt = s.mends && s.declaration.tasks.iter().any(|rule| rule.kind == UPLOAD);
    let words = match dealt {
        true => yellow("a snapshot is being uploaded: the plan deals with it", good),
        false => red("a snapshot is being uploaded", good),
    };
    let topic = Topic::new(codes::SNAPSHOT_UPLOAD, "snapshots")
        .fix("wait for its end, or abort it")
        .source(DOCS);
    list(topic, words, &s.cluster().snapshots, |snapshot| {
        let both = snapshot.remote.as_ref().zip(snapshot.local.as_ref());
        One::of(both, "the state of a snapshot's uploads", |(remote, local)| {
            let name = |field: &Option<String>| field.clone().unwrap_or_else(|| "?".to_owned());
            let named = format!("{} of {}", name(&snapshot.name), name(&snapshot.filesystem));
            match (remote.as_str(), local.as_str()) {
                ("UPLOADING", _) => Some(format!("{named}, to the remote object store")),
                (_, "UPLOADING") => Some(format!("{named}, to the local object store")),
                _ => None,
            }
        })
    })
}

fn load(s: &Situation<'_>) -> Finding {
    let words = yellow("compute processes are busy", "compute processes are not busy");
    let topic = Topic::new(codes::LOAD, "cluster")
        .fix("upgrade at a quieter time")
        .source(CHECKER);
    one(topic, words, &s.cluster().compute_load, |tenths| {
        match *tenths >= BUSY {
            true => One::Bad(format!("{}.{} % over six hours", tenths / 10, tenths % 10)),
            false => One::Fine,
        }
    })
}

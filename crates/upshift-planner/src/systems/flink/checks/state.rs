//! Where savepoints go and in which form: the directory, its reach, its room, the state backend.

use std::path::PathBuf;

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DirFacts, FlinkProcess, FlinkRole, FormWish, Target};
use upshift_model::observed::{Gap, Observed};

use super::view::{OLD_CLUSTER, View};
use super::{source, view};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// Subject of findings about the savepoint directory.
const DIRECTORY: &str = "savepoint directory";
/// A savepoint is counted as twice the state that the newest checkpoint covers: a canonical one of
/// the same state was 8 % larger than a native one (measured at 105 MB); the rest is for growth until
/// then and for a backend that compresses.
const PER_SAVEPOINT: u64 = 2;

/// All findings about savepoints and state.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    match place(&view.declared.savepoints) {
        Place::Local(path) => found.extend(local(view, &path)),
        Place::Remote(scheme) => found.push(remote(view, &scheme)),
        Place::Unclear => found.push(unclear(view)),
    }
    found.extend(backend(view));
    found.extend(trial(view));
    found
}

/// Where a savepoint directory lies.
enum Place {
    /// On a file system that machines mount.
    Local(PathBuf),
    /// In a store, by its scheme.
    Remote(String),
    /// No absolute path and no scheme.
    Unclear,
}

fn place(uri: &str) -> Place {
    match uri.split_once(':') {
        Some(("file", rest)) => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            if path.starts_with('/') {
                Place::Local(PathBuf::from(path))
            } else {
                Place::Unclear
            }
        }
        Some((scheme, rest)) if rest.starts_with("//") && !scheme.contains('/') => {
            Place::Remote(scheme.to_owned())
        }
        _ if uri.starts_with('/') => Place::Local(PathBuf::from(uri)),
        _ => Place::Unclear,
    }
}

fn unclear(view: &View<'_>) -> Finding {
    Topic::new(codes::SAVEPOINT_DIR, DIRECTORY)
        .saw(format!("savepoints = {:?}", view.declared.savepoints))
        .source(source::SAVEPOINTS)
        .fix("write an absolute URI: [state] savepoints = \"file:///srv/savepoints\"")
        .refused("the savepoint directory is not an absolute path or URI")
}

/// Schemes of stores whose snapshots are read.
const READ: [&str; 4] = ["s3", "s3a", "s3n", "s3p"];

fn remote(view: &View<'_>, scheme: &str) -> Finding {
    let target = view.target_installation().map_or_else(
        || "the target".to_owned(),
        |installation| installation.home.display().to_string(),
    );
    let gap = Gap {
        what: format!("savepoint directory {}", view.declared.savepoints),
        reason: match READ.contains(&scheme) {
            true => format!(
                "upshift reads {scheme}: and writes nothing there, so what the clusters may do there is not seen"
            ),
            false => format!("upshift reads file: and s3:, not {scheme}:"),
        },
    };
    Topic::new(codes::SAVEPOINT_STORE, DIRECTORY)
        .source(source::SAVEPOINTS)
        .fix(format!("see that the running cluster can write there: bin/flink savepoint JOB-ID {}", view.declared.savepoints))
        .fix(format!("see that the target can read {scheme}: its file system must lie under {target}/plugins, as in the running release"))
        .fix("then waive this finding with both as the reason")
        .unknown(&gap, Severity::Red, "the savepoint directory lies where upshift cannot look")
}

fn local(view: &View<'_>, path: &std::path::Path) -> Vec<Finding> {
    let topic = Topic::new(codes::SAVEPOINT_DIR, DIRECTORY).source(source::SAVEPOINTS);
    let mut found = vec![same_path(view)];
    match &view.facts.host.savepoint_dir {
        Observed::Known(dir) => {
            found.insert(0, writable(topic, path, dir));
            found.push(room(view, dir));
        }
        Observed::Unknown(gap) => found.insert(
            0,
            topic
                .fix(format!("look yourself: ls -ld {}", path.display()))
                .unknown(
                    gap,
                    Severity::Red,
                    "the savepoint directory could not be looked at",
                ),
        ),
    }
    found
}

fn writable(topic: Topic, path: &std::path::Path, dir: &DirFacts) -> Finding {
    let path = path.display();
    match (dir.exists, dir.writable) {
        (false, _) => topic
            .saw(format!("{path} is not there"))
            .fix(format!("create it as the user who runs the cluster: mkdir -p {path}"))
            .red("the savepoint directory does not exist"),
        (true, false) => topic
            .saw(format!("{path} is not writable for the user who runs upshift"))
            .saw("the job manager and the task managers write there; if they run as another user, ask as that user")
            .fix(format!("as the user who runs the cluster: test -w {path} && echo writable; chmod u+w {path}"))
            .red("the savepoint directory is not writable"),
        (true, true) => topic.saw(format!("{path}")).green("the savepoint directory exists and is writable"),
    }
}

/// Old and new cluster must find the savepoint under one absolute path. On one machine they do;
/// across machines it takes a common mount that upshift cannot see.
fn same_path(view: &View<'_>) -> Finding {
    let topic = Topic::new(codes::SAME_PATH, DIRECTORY)
        .source(source::UPGRADING)
        .fix("put it on a mount that every machine of both clusters has under the same path, see that it is so (`df DIR` on each), then waive this");
    if matches!(view.declared.target, Target::SameCluster) {
        return topic.green("the cluster stays, and so does its path to the savepoint directory");
    }
    let running_target = matches!(view.declared.target, Target::RunningCluster { .. });
    let registered = view.facts.source.task_managers.known().map(Vec::len);
    let conf = view.declared.current.as_ref().map(|current| &current.conf);
    let here = view.facts.host.processes.known().map(|seen| {
        let ours = |process: &&FlinkProcess| conf.is_none_or(|conf| *conf == process.conf);
        let count = |role| {
            seen.iter()
                .filter(ours)
                .filter(|process| process.role == role)
                .count()
        };
        (count(FlinkRole::JobManager), count(FlinkRole::TaskManager))
    });
    let gap = |reason: &str| Gap {
        what: "machines that share the savepoint directory".into(),
        reason: reason.into(),
    };
    match (here, registered) {
        (Some((1.., tasks)), Some(registered)) if tasks >= registered && !running_target => topic
            .saw(format!(
                "the job manager and all {registered} task managers run on this machine, as the new ones will"
            ))
            .green("old and new cluster reach the savepoint directory under the same path"),
        (Some(_), Some(_)) if running_target => topic.unknown(
            &gap("the target is a running cluster, and its machines are not seen"),
            Severity::Red,
            "whether the target reaches the savepoint under the same path could not be seen",
        ),
        (Some(_), Some(_)) => topic.unknown(
            &gap("processes of the running cluster are on other machines"),
            Severity::Red,
            "whether both clusters reach the savepoint under the same path could not be seen",
        ),
        (None, _) | (_, None) => topic.unknown(
            &gap("the cluster's processes were not seen"),
            Severity::Red,
            "whether both clusters reach the savepoint under the same path could not be seen",
        ),
    }
}

/// A savepoint that finds no room fails and the job runs on, so too little room is red and unknown
/// sizes are not.
fn room(view: &View<'_>, dir: &DirFacts) -> Finding {
    let topic = Topic::new(codes::SAVEPOINT_DISK, DIRECTORY)
        .saw(format!("{} free", view::bytes(dir.free)))
        .fix("make room there: `upshift restore-points list` shows what upshift keeps, `upshift restore-points release LOCATION` lets go of it");
    let (sizes, unseen) = sizes(view);
    if !unseen.is_empty() {
        let gap = Gap {
            what: format!("size of the newest checkpoint of {}", unseen.join(", ")),
            reason: "no completed checkpoint or savepoint tells it".into(),
        };
        return topic.unknown(
            &gap,
            Severity::Yellow,
            "how large the savepoints will be is not known",
        );
    }
    let savepoints = if view.declared.trial_savepoint { 2 } else { 1 };
    let needed = sizes.saturating_mul(PER_SAVEPOINT).saturating_mul(savepoints);
    let topic = topic.saw(format!(
        "{} wanted: newest checkpoints {}, times {PER_SAVEPOINT}, for {savepoints} savepoint(s) of each job",
        view::bytes(needed),
        view::bytes(sizes)
    ));
    if dir.free < needed {
        topic.red("there is no room for the savepoints")
    } else if dir.free / 2 < needed {
        topic.yellow("there is little room for the savepoints")
    } else {
        topic.green("there is room for the savepoints")
    }
}

fn sizes(view: &View<'_>) -> (u64, Vec<String>) {
    let mut sum = 0_u64;
    let mut unseen = Vec::new();
    for (job, details) in view.detailed().into_iter().filter(|(job, _)| !job.stateless) {
        let seen = details.checkpoints.known().and_then(|history| {
            let snapshots = [&history.latest_completed, &history.latest_savepoint];
            snapshots
                .into_iter()
                .flatten()
                .filter_map(|snapshot| snapshot.bytes)
                .max()
        });
        match seen {
            Some(bytes) => sum = sum.saturating_add(bytes),
            None => unseen.push(view::job(&job.name)),
        }
    }
    (sum, unseen)
}

/// A native savepoint is read only by the backend that wrote it.
fn backend(view: &View<'_>) -> Option<Finding> {
    let topic = Topic::new(codes::BACKEND, OLD_CLUSTER).source(source::RESTORES);
    let running = match &view.facts.source.config {
        Observed::Known(config) => configured(|key| config.get(key).map(String::as_str)),
        Observed::Unknown(gap) => {
            return Some(
                topic
                    .fix(format!("curl -s {}/jobmanager/config", view.facts.source.rest))
                    .unknown(
                        gap,
                        Severity::Yellow,
                        "the cluster's state backend could not be seen",
                    ),
            );
        }
    };
    let wanted = match &view.declared.target {
        Target::SameCluster => return None,
        Target::Release { .. } => view.conf().map(|_| configured(|key| view.conf_value(key)))?,
        Target::RunningCluster { .. } => {
            let config = view.facts.target.as_ref()?.known()?.config.known()?;
            configured(|key| config.get(key).map(String::as_str))
        }
    };
    let topic = topic.saw(format!("configured now: {running}; for the target: {wanted}"));
    Some(match (running == wanted, view.declared.form) {
        (true, _) => topic.green("the state backend stays"),
        (false, FormWish::Native) => topic
            .fix("set [state] format = \"canonical\" or \"auto\"")
            .red("the state backend changes, and a native savepoint does not survive that"),
        (false, FormWish::Canonical | FormWish::Auto) => topic
            .fix("if this is not meant: set state.backend.type in the target's configuration as it is now")
            .yellow("the state backend changes: the savepoint will be canonical"),
    })
}

/// The backend that a configuration names, under one name whatever the release calls it.
fn configured<'c>(value: impl Fn(&str) -> Option<&'c str>) -> String {
    let named = ["state.backend.type", "state.backend"]
        .into_iter()
        .find_map(value);
    match named {
        None => "hashmap".to_owned(),
        Some("jobmanager" | "filesystem") => "hashmap".to_owned(),
        Some(other) => other.to_owned(),
    }
}

fn trial(view: &View<'_>) -> Option<Finding> {
    if view.declared.jobs.iter().all(|job| job.stateless) {
        return None;
    }
    let topic = Topic::new(codes::NO_TRIAL, "policy").source(source::RESTORES);
    Some(if view.declared.trial_savepoint {
        topic.green("a savepoint is taken and read before anything stops")
    } else {
        topic
            .saw("what is wrong with the state then shows only while the job is down")
            .fix("set [state] trial_savepoint = true")
            .yellow("no savepoint is taken and read before the stop")
    })
}

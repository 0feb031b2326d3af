//! From the tables of the file to a declaration: defaults that depend on other keys, and keys that
//! contradict each other.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use upshift_model::flink::{
    Archive, Declaration, DeclaredInstallation, DeclaredJob, DeclaredSubmission, GraphWay, Probe, ProbeAsk,
    RunAs, ShadowPorts, StrategyWish, Target,
};
use upshift_model::ids::SystemName;
use upshift_model::objects::ObjectAccess;
use upshift_model::policy::Policy;
use upshift_model::version::{SystemKind, Version};
use upshift_model::waiver::Waiver;

use super::file::{
    InstallationTable, JobTable, NotifyTable, ObjectsTable, ProbeTable, ReleaseTable, ShadowTable,
    SystemTable, WaiveTable,
};
use super::problem::{Problem, Problems};
use super::read::At;
use super::union::Pair;
use super::value::{Argument, Sha512, Uri};
use crate::{codes, pages};

/// The declaration that the tables make, or none where a problem says why not.
pub(super) fn resolve(table: SystemTable, problems: &Problems) -> Option<Declaration> {
    match table.kind {
        SystemKind::Flink => flink(table, problems),
        // Its file is read by a table of its own.
        SystemKind::Fluss | SystemKind::Weka | SystemKind::RealtimeCompute | SystemKind::Alluxio => None,
    }
}

fn flink(table: SystemTable, problems: &Problems) -> Option<Declaration> {
    shadow_has_a_place(&table, problems);
    unique("job", table.job.iter().map(|job| &job.name), problems);
    unique("probe", table.probe.iter().map(|probe| &probe.name), problems);
    let installations = Installations::of(table.installation.as_ref(), problems);
    let target = target(&table, installations.target, problems);
    let probes: Vec<_> = table
        .probe
        .into_iter()
        .filter_map(|probe| self::probe(probe, problems))
        .collect();
    let waivers = table
        .waive
        .into_iter()
        .map(|waive| waiver(waive, problems))
        .collect();
    let policy = &table.policy;
    let graph = match policy.allow_running_jar_on_target {
        true => GraphWay::Target,
        false => GraphWay::Declared,
    };
    Some(Declaration {
        name: SystemName::new(table.name.0),
        rest: table.rest.0,
        current: installations.current,
        target: target?,
        savepoints: table.state.savepoints.0,
        form: table.state.format,
        trial_savepoint: table.state.trial_savepoint,
        recent: table.state.recent,
        objects: objects(table.objects, problems)?,
        jobs: table
            .job
            .into_iter()
            .map(|job| self::job(job, &graph, problems))
            .collect(),
        probes,
        strategy: policy.strategy,
        soak: policy.soak,
        finalize_after: policy.finalize_after,
        require_uids: policy.require_uids,
        policy: Policy {
            on_failed_gate: policy.on_failed_gate,
            on_lane_failure: policy.on_lane_failure,
            replay_limit: policy.replay_limit,
            max_downtime: policy.max_downtime,
            keep_restore_points: policy.keep_restore_points,
            notify: table
                .notify
                .map_or_else(Vec::new, |notify| program(notify, problems)),
        },
        waivers,
    })
}

pub(super) fn objects(table: Option<At<ObjectsTable>>, problems: &Problems) -> Option<ObjectAccess> {
    let Some(At { it: table, span }) = table else {
        return Some(ObjectAccess::default());
    };
    if table.access_key.is_some() != table.secret_key.is_some()
        || (table.session_token.is_some() && table.access_key.is_none())
    {
        problems.add(
            contradiction(span, "[objects] has a part of the credentials and not the rest")
                .expected("access_key and secret_key, or neither of them; session_token only beside them"),
        );
        return None;
    }
    Some(ObjectAccess {
        endpoint: table.endpoint.map(|url| url.0),
        region: table.region,
        access_key: table.access_key,
        secret_key: table.secret_key,
        session_token: table.session_token,
        ca: table.ca,
        bucket_in_host: table.bucket_in_host,
    })
}

fn contradiction(span: Range<usize>, what: impl Into<String>) -> Problem {
    Problem::new(codes::CONTRADICTION, span, what)
}

fn shadow_has_a_place(table: &SystemTable, problems: &Problems) {
    let place = table.shadow.is_some() || table.target.is_some();
    let release = table.installation.as_ref().and_then(|i| i.it.target.as_ref());
    if let (StrategyWish::Shadow, false, Some(release)) = (table.policy.strategy, place, release) {
        problems.add(
            contradiction(
                release.span.clone(),
                "[policy] strategy = \"shadow\" without a place for the new cluster",
            )
            .expected(
                "[shadow] with rest, rpc_port and blob_port; or [target] with rest of a running cluster",
            ),
        );
    }
    if let (Some(shadow), None) = (&table.shadow, release) {
        problems.add(
            contradiction(shadow.span.clone(), "[shadow] without a release to start there")
                .expected("target = { version, … } in [installation]; or [target] rest instead of [shadow]"),
        );
    }
}

pub(super) fn unique<'a>(what: &str, names: impl Iterator<Item = &'a At<String>>, problems: &Problems) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(&name.it) {
            let problem = format!("two [[{what}]] entries have the name {:?}", name.it);
            problems.add(
                Problem::new(codes::DUPLICATE_NAME, name.span.clone(), problem)
                    .expected("a name of its own for each"),
            );
        }
    }
}

fn target(
    table: &SystemTable,
    installation: Option<DeclaredInstallation>,
    problems: &Problems,
) -> Option<Target> {
    let shadow = table.shadow.as_ref().map(
        |At {
             it:
                 ShadowTable {
                     rest,
                     rpc_port,
                     blob_port,
                 },
             ..
         }| ShadowPorts {
            rest: rest.0.clone(),
            rpc_port: *rpc_port,
            blob_port: *blob_port,
        },
    );
    let declared = table.installation.as_ref().and_then(|i| i.it.target.as_ref());
    match (&table.target, declared, installation) {
        (Some(running), Some(_), _) => {
            problems.add(
                contradiction(
                    running.span.clone(),
                    "both [target] and `target` in [installation] are given",
                )
                .expected(
                    "[target] for a cluster that already runs, or `target` in [installation] for a release",
                ),
            );
            None
        }
        (Some(running), None, _) => Some(Target::RunningCluster {
            rest: running.it.rest.0.clone(),
        }),
        (None, Some(_), Some(installation)) => Some(Target::Release { installation, shadow }),
        // The release has problems of its own.
        (None, Some(_), None) => None,
        (None, None, _) => Some(Target::SameCluster),
    }
}

/// Both installations of the file.
#[derive(Default)]
struct Installations {
    current: Option<DeclaredInstallation>,
    target: Option<DeclaredInstallation>,
}

impl Installations {
    fn of(table: Option<&At<InstallationTable>>, problems: &Problems) -> Self {
        let Some(At { it: table, span }) = table else {
            return Self::default();
        };
        if table.current.is_none() && table.target.is_none() {
            problems.add(
                Problem::new(
                    codes::MISSING_KEY,
                    span.clone(),
                    "[installation] has neither \"current\" nor \"target\"",
                )
                .expected("current = { version, home }, or target = { version, … }, or both"),
            );
        }
        let current = table
            .current
            .as_ref()
            .and_then(|release| current(table, release, problems));
        let target = table
            .target
            .as_ref()
            .and_then(|release| wanted(table, release, current.as_ref(), problems));
        if let (Some(old), Some(new), Some(at)) = (&current, &target, &table.target) {
            apart(old, new, at.span.clone(), problems);
        }
        Self { current, target }
    }
}

fn current(
    table: &InstallationTable,
    release: &At<ReleaseTable>,
    problems: &Problems,
) -> Option<DeclaredInstallation> {
    let Some(home) = release.it.home.clone() else {
        problems.add(
            Problem::new(
                codes::MISSING_KEY,
                release.span.clone(),
                "\"home\" is missing in [installation] current",
            )
            .expected("the directory of the release that runs"),
        );
        return None;
    };
    let own = |pair: &Option<Pair<PathBuf>>| pair.as_ref().map(|pair| pair.current().clone());
    Some(DeclaredInstallation {
        version: release.it.version.clone(),
        conf: own(&table.config).unwrap_or_else(|| home.join("conf")),
        archive: archive(&release.it, problems)?,
        logs: own(&table.logs),
        pids: own(&table.pids),
        java_home: own(&table.java_home),
        task_managers: *table.task_managers.current(),
        run_as: run_as(table),
        home,
    })
}

fn wanted(
    table: &InstallationTable,
    release: &At<ReleaseTable>,
    current: Option<&DeclaredInstallation>,
    problems: &Problems,
) -> Option<DeclaredInstallation> {
    let version = &release.it.version;
    let beside = current
        .and_then(|c| c.home.parent())
        .map(|dir| dir.join(format!("flink-{version}")));
    let Some(home) = release.it.home.clone().or(beside) else {
        problems.add(
            Problem::new(
                codes::MISSING_KEY,
                release.span.clone(),
                "\"home\" is missing in [installation] target",
            )
            .expected("the directory that the release lies in or is unpacked into"),
        );
        return None;
    };
    let alone = current.is_none();
    let own = |pair: &Option<Pair<PathBuf>>| pair.as_ref().map(|pair| targets_folder(pair, version, alone));
    Some(DeclaredInstallation {
        version: version.clone(),
        conf: own(&table.config).unwrap_or_else(|| suffixed(&home, "conf")),
        archive: archive(&release.it, problems)?,
        logs: own(&table.logs),
        pids: own(&table.pids),
        java_home: table.java_home.as_ref().map(|pair| pair.target().clone()),
        task_managers: *table.task_managers.target(),
        run_as: run_as(table),
        home,
    })
}

fn run_as(table: &InstallationTable) -> RunAs {
    table.run_as.clone()
}

/// The target's folder: as given for it, or made from the current cluster's.
fn targets_folder(pair: &Pair<PathBuf>, version: &Version, alone: bool) -> PathBuf {
    match pair {
        Pair::Same(folder) if !alone => suffixed(folder, version.as_str()),
        Pair::Same(folder) | Pair::Each { target: folder, .. } => folder.clone(),
    }
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(suffix);
    PathBuf::from(name)
}

/// Two releases in one folder would overwrite each other, and close the way back.
fn apart(old: &DeclaredInstallation, new: &DeclaredInstallation, span: Range<usize>, problems: &Problems) {
    let same_home = old.home == new.home && old.version != new.version;
    let shared = [
        ("home", same_home, &new.home),
        ("config", old.conf == new.conf, &new.conf),
    ];
    for (key, _, path) in shared.into_iter().filter(|(_, same, _)| *same) {
        let what = format!("both clusters have the same {key:?}: {}", path.display());
        problems.add(
            contradiction(span.clone(), what).expected("a folder of its own for each: { current, target }"),
        );
    }
}

/// The archive, where one is named; none where its keys do not go together.
#[expect(
    clippy::option_option,
    reason = "the outer one says whether the keys go together"
)]
fn archive(release: &ReleaseTable, problems: &Problems) -> Option<Option<Archive>> {
    match (&release.archive, &release.sha512) {
        (None, None) => Some(None),
        (
            Some(At { it: Uri(uri), span }),
            Some(At {
                it: Sha512(sha512), ..
            }),
        ) => {
            let scheme = uri.split_once("://").map_or("", |(scheme, _)| scheme);
            if !matches!(scheme, "file" | "http" | "https") {
                let what = format!("an archive cannot be fetched over \"{scheme}:\"");
                problems.add(
                    Problem::new(codes::WRONG_VALUE, span.clone(), what)
                        .expected("a path, or file:, http: or https:"),
                );
                return None;
            }
            Some(Some(Archive {
                uri: uri.clone(),
                sha512: sha512.clone(),
            }))
        }
        (Some(At { it: Uri(uri), span }), None) => {
            let problem = Problem::new(
                codes::MISSING_KEY,
                span.clone(),
                "\"archive\" without its \"sha512\"",
            )
            .expected("sha512 = \"…\", so that nothing else is ever unpacked");
            let name = uri.rsplit('/').next().unwrap_or(uri);
            problems.add(problem.next(format!(
                "take it from the release page or compute it: sha512sum {name}"
            )));
            None
        }
        (None, Some(At { span, .. })) => {
            problems.add(contradiction(
                span.clone(),
                "\"sha512\" without an \"archive\" that it is of",
            ));
            None
        }
    }
}

fn job(table: JobTable, graph: &GraphWay, problems: &Problems) -> DeclaredJob {
    unique_uids(&table, problems);
    let submission = |pick: Side| DeclaredSubmission {
        jar: pick.of(&table.jar).clone(),
        entry_class: table.entry_class.as_ref().map(|pair| pick.of(pair).clone()),
        args: pick
            .of(&table.args)
            .iter()
            .map(|Argument(text)| text.clone())
            .collect(),
        parallelism: table.parallelism.as_ref().map(|pair| *pick.of(pair)),
        max_parallelism: table.max_parallelism.as_ref().map(|pair| *pick.of(pair)),
    };
    DeclaredJob {
        current: submission(Side::Current),
        target: submission(Side::Target),
        name: table.name.it,
        uids: table.uids.into_iter().map(|uid| uid.it).collect(),
        snapshot: table.snapshot.map(|Uri(uri)| uri),
        wanted_snapshot: table.wanted_snapshot.map(|Uri(uri)| uri),
        graph: table.graph.unwrap_or_else(|| graph.clone()),
        sink: table.sink,
        may_use_checkpoint: table.may_use_checkpoint,
        stateless: table.stateless,
        rehearsal_args: table
            .rehearsal_args
            .map(|args| args.into_iter().map(|Argument(text)| text).collect()),
        source_retention: table.source_retention,
        transaction_timeout: table.transaction_timeout,
    }
}

/// Which of a pair.
#[derive(Clone, Copy)]
enum Side {
    Current,
    Target,
}

impl Side {
    fn of<T: Clone>(self, pair: &Pair<T>) -> &T {
        match self {
            Self::Current => pair.current(),
            Self::Target => pair.target(),
        }
    }
}

fn unique_uids(table: &JobTable, problems: &Problems) {
    let mut seen = BTreeSet::new();
    for uid in table.uids.iter().filter(|uid| !seen.insert(&uid.it)) {
        let what = format!("job {:?} has the uid {:?} twice", table.name.it, uid.it);
        problems.add(
            Problem::new(codes::DUPLICATE_NAME, uid.span.clone(), what)
                .expected("each uid once, as in the job"),
        );
    }
}

pub(super) fn probe(table: ProbeTable, problems: &Problems) -> Option<(String, Probe)> {
    let ask = match (table.http, table.command) {
        (Some(endpoint), None) => ProbeAsk::Http(endpoint),
        (None, Some(command)) if !command.is_empty() => {
            ProbeAsk::Command(command.into_iter().map(|Argument(text)| text).collect())
        }
        (http, _) => {
            let problem = match http.is_some() {
                true => contradiction(
                    table.name.span,
                    format!("probe {:?} has both \"http\" and \"command\"", table.name.it),
                ),
                false => Problem::new(
                    codes::MISSING_KEY,
                    table.name.span,
                    format!("probe {:?} has nothing to ask", table.name.it),
                ),
            };
            problems.add(
                problem
                    .expected("exactly one of: http = \"http://…\", command = [\"program\", \"argument\"]"),
            );
            return None;
        }
    };
    Some((
        table.name.it,
        Probe {
            ask,
            expect: table.expect,
            timeout: table.timeout,
        },
    ))
}

pub(super) fn waiver(table: WaiveTable, problems: &Problems) -> Waiver {
    let At { it: typed, span } = table.code;
    let code = pages::find(&typed).map_or_else(|| typed.clone(), |page| page.code.to_owned());
    if pages::find(&typed).is_none() {
        let near = pages::nearest(&typed);
        let hint = near.map_or_else(String::new, |page| format!("; did you mean {:?}?", page.code));
        problems.add(
            Problem::new(
                codes::WRONG_VALUE,
                span,
                format!("no finding has the code {typed:?}{hint}"),
            )
            .expected("a code that `upshift check` printed")
            .next("upshift explain"),
        );
    }
    Waiver {
        code: code.into(),
        subject: table.subject,
        reason: table.reason,
        by: table.by,
        ticket: table.ticket,
        until: table.until,
    }
}

fn program(notify: NotifyTable, problems: &Problems) -> Vec<String> {
    let At { it: command, span } = notify.command;
    if command.first().is_none_or(|Argument(program)| program.is_empty()) {
        problems.add(
            Problem::new(codes::WRONG_VALUE, span, "[notify] command names no program")
                .expected("[\"program\", \"argument\", …]"),
        );
    }
    command.into_iter().map(|Argument(text)| text).collect()
}

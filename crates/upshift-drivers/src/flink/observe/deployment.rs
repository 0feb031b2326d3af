//! How a cluster is deployed, from its configuration and from the main classes of its processes.
//! Absence of a sign is not taken for a sign: what cannot be told is unknown.

use std::collections::BTreeMap;
use std::path::Path;

use upshift_model::flink::{Deployment, FlinkRole, Mode, Provider};
use upshift_model::observed::Observed;

use crate::flink::process::{EntryKind, Seen, same_directory};

/// What there is to go by.
pub(super) struct Clues<'a> {
    pub(super) config: &'a Observed<BTreeMap<String, String>>,
    pub(super) web_submit: &'a Observed<bool>,
    pub(super) processes: &'a Observed<Vec<Seen>>,
    /// The declared configuration directory of the cluster.
    pub(super) conf_dir: Option<&'a Path>,
    pub(super) address: &'a str,
}

pub(super) fn deployment(clues: &Clues<'_>) -> Observed<Deployment> {
    let what = format!("how the cluster at {} is deployed", clues.address);
    let config = match clues.config.as_result() {
        Ok(config) => config,
        Err(gap) => return Observed::unknown(what, gap.reason.clone()),
    };
    let mut evidence = Vec::new();
    let process = clues
        .processes
        .known()
        .and_then(|all| all.iter().find(|seen| is_its_job_manager(clues, seen)));
    if let Some(seen) = process {
        evidence.push(format!(
            "process {} on this machine is a {}",
            seen.process.pid,
            words(seen.kind)
        ));
    }
    let provider = match provider(config, process.map(|seen| seen.kind), &mut evidence) {
        Some(provider) => provider,
        None => {
            let unseen = match clues.processes {
                Observed::Known(_) => "no job manager process of it was found on this machine".to_owned(),
                Observed::Unknown(gap) => gap.to_string(),
            };
            return Observed::unknown(
                what,
                format!("its configuration names neither YARN nor Kubernetes nor Mesos, and {unseen}"),
            );
        }
    };
    let Some(mode) = mode(
        config,
        process.map(|seen| seen.kind),
        clues.web_submit,
        &mut evidence,
    ) else {
        return Observed::unknown(
            what,
            "whether it is a session or an application cluster cannot be told",
        );
    };
    Observed::Known(Deployment {
        provider,
        mode,
        high_availability: high_availability(config),
        evidence,
    })
}

/// A job manager on this machine that was started for the declared configuration directory, or for the
/// very port of the address.
fn is_its_job_manager(clues: &Clues<'_>, seen: &Seen) -> bool {
    if seen.process.role != FlinkRole::JobManager {
        return false;
    }
    let endpoint = upshift_model::endpoint::Endpoint::plain(clues.address);
    let here = ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| {
        endpoint
            .authority()
            .rsplit('@')
            .next()
            .is_some_and(|host_port| host_port.starts_with(host))
    });
    clues
        .conf_dir
        .is_some_and(|dir| same_directory(&seen.process.conf, dir))
        || (here && seen.rest_port.is_some() && seen.rest_port == endpoint.port())
}

fn provider(
    config: &BTreeMap<String, String>,
    process: Option<EntryKind>,
    evidence: &mut Vec<String>,
) -> Option<Provider> {
    let target = config.get("execution.target").map(String::as_str);
    let key_of = |prefix: &str| config.keys().find(|key| key.starts_with(prefix));
    let by_class = process.and_then(|kind| match kind {
        EntryKind::Yarn => Some(Provider::Yarn),
        EntryKind::Kubernetes => Some(Provider::Kubernetes),
        EntryKind::Mesos => Some(Provider::Mesos),
        EntryKind::StandaloneSession | EntryKind::StandaloneApplication | EntryKind::TaskManager => None,
    });
    let by_target = target.and_then(|target| match target.split('-').next() {
        Some("yarn") => Some(Provider::Yarn),
        Some("kubernetes") => Some(Provider::Kubernetes),
        _ => None,
    });
    if let (Some(_), Some(target)) = (by_target, target) {
        evidence.push(format!("execution.target is {target}"));
    }
    // A cluster on Kubernetes may run the standalone main classes: the operator, and plain manifests
    // with Kubernetes high availability, do so. Its keys weigh more than its processes' names.
    let by_key = [
        ("kubernetes.", Provider::Kubernetes),
        ("mesos.", Provider::Mesos),
        ("$internal.yarn.", Provider::Yarn),
    ]
    .into_iter()
    .find_map(|(prefix, provider)| {
        let key = key_of(prefix)?;
        evidence.push(format!("its configuration has {key}"));
        Some(provider)
    });
    let standalone = process.is_some_and(|kind| {
        matches!(
            kind,
            EntryKind::StandaloneSession | EntryKind::StandaloneApplication
        )
    });
    by_class
        .or(by_target)
        .or(by_key)
        .or(standalone.then_some(Provider::Standalone))
}

fn mode(
    config: &BTreeMap<String, String>,
    process: Option<EntryKind>,
    web_submit: &Observed<bool>,
    evidence: &mut Vec<String>,
) -> Option<Mode> {
    match process {
        Some(EntryKind::StandaloneSession) => return Some(Mode::Session),
        Some(EntryKind::StandaloneApplication) => return Some(Mode::Application),
        Some(EntryKind::Yarn | EntryKind::Kubernetes | EntryKind::Mesos | EntryKind::TaskManager) | None => {}
    }
    match config.get("execution.target").map(String::as_str) {
        Some(target) if target.ends_with("-session") => return Some(Mode::Session),
        Some(target) if target.ends_with("-application") || target.ends_with("-per-job") => {
            return Some(Mode::Application);
        }
        _ => {}
    }
    if config.contains_key("$internal.application.main") {
        evidence.push("its configuration has $internal.application.main".to_owned());
        return Some(Mode::Application);
    }
    // Only the dispatcher of a session cluster has handlers for jars (`DispatcherRestEndpoint`).
    (web_submit.known() == Some(&true)).then(|| {
        evidence.push("jars may be submitted over REST".to_owned());
        Mode::Session
    })
}

/// `high-availability.type` since 1.17, `high-availability` before and still read.
fn high_availability(config: &BTreeMap<String, String>) -> Option<String> {
    let kind = config
        .get("high-availability.type")
        .or_else(|| config.get("high-availability"))?;
    (!kind.eq_ignore_ascii_case("none")).then(|| kind.clone())
}

fn words(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::StandaloneSession => "job manager of a standalone session cluster",
        EntryKind::StandaloneApplication => "job manager of a standalone application cluster",
        EntryKind::Yarn => "process of a YARN cluster",
        EntryKind::Kubernetes => "process of a Kubernetes cluster",
        EntryKind::Mesos => "process of a Mesos cluster",
        EntryKind::TaskManager => "task manager",
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use upshift_model::flink::FlinkProcess;

    use super::*;

    fn seen(kind: EntryKind, conf: &str, rest_port: Option<u16>) -> Seen {
        let process = FlinkProcess {
            pid: 7,
            started_ticks: 1,
            role: FlinkRole::JobManager,
            conf: PathBuf::from(conf),
        };
        Seen {
            process,
            kind,
            rest_port,
        }
    }

    fn check(config: &[(&str, &str)], processes: Vec<Seen>, submit: bool, told: &str) {
        let config = Observed::Known(
            config
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        );
        let found = deployment(&Clues {
            config: &config,
            web_submit: &Observed::Known(submit),
            processes: &Observed::Known(processes),
            conf_dir: Some(Path::new("/srv/conf")),
            address: "http://127.0.0.1:8081",
        });
        let words = match found {
            Observed::Known(d) => format!("{:?} {:?} ha {:?}", d.provider, d.mode, d.high_availability),
            Observed::Unknown(gap) => format!("unknown: {}", gap.reason),
        };
        assert_eq!(words, told);
    }

    #[test]
    fn deployments_are_told_by_process_and_configuration() {
        let session = || vec![seen(EntryKind::StandaloneSession, "/srv/conf", None)];
        check(&[], session(), true, "Standalone Session ha None");
        check(
            &[("high-availability", "zookeeper")],
            session(),
            true,
            "Standalone Session ha Some(\"zookeeper\")",
        );
        check(
            &[("high-availability.type", "NONE")],
            session(),
            true,
            "Standalone Session ha None",
        );
        check(
            &[],
            vec![seen(EntryKind::StandaloneSession, "/x", Some(8081))],
            true,
            "Standalone Session ha None",
        );
        check(
            &[],
            vec![seen(EntryKind::StandaloneApplication, "/srv/conf", None)],
            false,
            "Standalone Application ha None",
        );
        check(
            &[("kubernetes.cluster-id", "a")],
            session(),
            true,
            "Kubernetes Session ha None",
        );
        check(
            &[("execution.target", "kubernetes-application")],
            vec![],
            false,
            "Kubernetes Application ha None",
        );
        check(
            &[("execution.target", "yarn-per-job")],
            vec![],
            false,
            "Yarn Application ha None",
        );
        check(&[("mesos.master", "m")], vec![], true, "Mesos Session ha None");
    }

    #[test]
    fn a_cluster_that_gives_no_sign_is_unknown() {
        let no_sign = "unknown: its configuration names neither YARN nor Kubernetes nor Mesos, and no job manager \
                       process of it was found on this machine";
        check(&[], vec![], true, no_sign);
        check(
            &[],
            vec![seen(EntryKind::StandaloneSession, "/other", Some(9999))],
            true,
            no_sign,
        );
        check(
            &[("kubernetes.cluster-id", "a")],
            vec![],
            false,
            "unknown: whether it is a session or an application cluster cannot be told",
        );
    }
}

//! What two clusters side by side must not share: folders, ports, high-availability data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{DeclaredInstallation, ShadowPorts, Target};
use upshift_model::observed::Observed;
use upshift_model::policy::Strategy;

use super::source;
use super::view::{NEW_CLUSTER, View};
use crate::systems::flink::codes;
use upshift_model::topic::Topic;

/// Where the scripts keep pids when neither `FLINK_PID_DIR` nor `env.pid.dir` says otherwise.
const DEFAULT_PIDS: &str = "/tmp";

/// All findings about two clusters side by side.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if let (Some(old), Some(new)) = (&view.declared.current, view.target_installation()) {
        found.extend(folders(view, old, new));
    }
    found.extend(ports_given(view));
    if let Some(ports) = view.shadow_ports() {
        found.extend(ports_free(view, ports));
    }
    found.extend(high_availability(view));
    found
}

fn folders(view: &View<'_>, old: &DeclaredInstallation, new: &DeclaredInstallation) -> Vec<Finding> {
    let conf = shared("conf", &old.conf, &new.conf, Some(Severity::Red), "config");
    let beside = view.ways.when_shadow_is_barred();
    let pids = shared("pid", &pids(view, old), &pids(view, new), beside, "pids");
    let logs = shared("log", &logs(view, old), &logs(view, new), beside, "logs");
    [conf, pids, logs].into_iter().flatten().collect()
}

/// The configuration must never be shared, in place neither: the way back needs the old one whole.
/// Pids and logs hurt where both run: the scripts stop the last pid of the file, whosever it is.
fn shared(what: &str, old: &Path, new: &Path, when_shared: Option<Severity>, key: &str) -> Option<Finding> {
    let topic = Topic::new(codes::SHARED_FOLDERS, format!("{what} folder")).source(source::SCRIPTS);
    if old != new {
        return Some(
            topic
                .saw(format!("{} and {}", old.display(), new.display()))
                .green(format!("each cluster has a {what} folder of its own")),
        );
    }
    let severity = when_shared?;
    let topic = topic
        .saw(format!("both would use {}", old.display()))
        .fix(format!(
            "give each one of its own: [installation] {key} = {{ current = \"…\", target = \"/path/of/its/own\" }}"
        ));
    Some(match what {
        "conf" => topic.refused("both clusters would share their configuration folder"),
        _ => topic.at(severity, format!("both clusters would share their {what} folder")),
    })
}

fn pids(view: &View<'_>, installation: &DeclaredInstallation) -> PathBuf {
    let named = installation.pids.clone();
    named.unwrap_or_else(|| PathBuf::from(view.conf_value("env.pid.dir").unwrap_or(DEFAULT_PIDS)))
}

fn logs(view: &View<'_>, installation: &DeclaredInstallation) -> PathBuf {
    let named = installation.logs.clone();
    let configured = || view.conf_value("env.log.dir").map(PathBuf::from);
    named
        .or_else(configured)
        .unwrap_or_else(|| installation.home.join("log"))
}

fn ports_given(view: &View<'_>) -> Option<Finding> {
    let wanted = view.target_installation().is_some() && view.ways.chosen == Strategy::Shadow;
    if !wanted || view.shadow_ports().is_some() {
        return None;
    }
    Some(
        Topic::new(codes::NO_SHADOW_PORTS, NEW_CLUSTER)
            .saw("strategy = \"shadow\" starts the target beside the old cluster")
            .fix("add to the system file: [shadow] rest = \"http://127.0.0.1:8181\", rpc_port = 6223, blob_port = 6224")
            .refused("no ports are given for a cluster beside the old one"),
    )
}

fn ports_free(view: &View<'_>, ports: &ShadowPorts) -> Vec<Finding> {
    let Some(severity) = view.ways.when_shadow_is_barred() else {
        return Vec::new();
    };
    let named = [
        ("rest", ports.rest.port()),
        ("rpc_port", Some(ports.rpc_port)),
        ("blob_port", Some(ports.blob_port)),
    ];
    let given: Vec<_> = named
        .into_iter()
        .filter_map(|(key, port)| port.map(|port| (key, port)))
        .collect();
    given
        .iter()
        .map(|(key, port)| port_free(view, key, *port, &given, severity))
        .collect()
}

fn port_free(view: &View<'_>, key: &str, port: u16, all: &[(&str, u16)], severity: Severity) -> Finding {
    let topic = Topic::new(codes::PORTS, format!("port {port} ({key})")).fix(format!(
        "see who listens: ss -ltnp 'sport = :{port}'; or give another {key} under [shadow]"
    ));
    if all.iter().any(|(other, taken)| *other != key && *taken == port) {
        return topic
            .saw("[shadow] names it twice")
            .at(severity, "the port is named twice");
    }
    match view.facts.host.ports.get(&port) {
        Some(Observed::Known(false)) => topic.green("the port is free"),
        Some(Observed::Known(true)) => topic
            .saw("somebody listens there")
            .at(severity, "the port is taken"),
        Some(Observed::Unknown(gap)) => {
            topic.unknown(gap, severity, "whether the port is free could not be seen")
        }
        None => {
            let gap = upshift_model::observed::Gap {
                what: format!("port {port}"),
                reason: "not looked at".into(),
            };
            topic.unknown(&gap, severity, "whether the port is free could not be seen")
        }
    }
}

/// Two clusters with one high-availability id and directory are one cluster to each other: each
/// recovers the jobs of the other.
fn high_availability(view: &View<'_>) -> Option<Finding> {
    let severity = view.ways.when_shadow_is_barred()?;
    let old = ha_of(view.facts.source.config.known()?)?;
    let topic = Topic::new(codes::SHARED_HA, NEW_CLUSTER)
        .saw(format!("the running cluster: id {}, directory {}", old.id, old.directory))
        .source(source::SCOPE)
        .fix("give the target's configuration a high-availability.cluster-id and a high-availability.storageDir of its own");
    let new = match &view.declared.target {
        // The configuration is carried over, this included.
        Target::Release { .. } => Some(old.clone()),
        Target::RunningCluster { .. } => ha_of(view.facts.target.as_ref()?.known()?.config.known()?),
        Target::SameCluster => None,
    };
    Some(match new {
        Some(new) if new == old => {
            topic.at(severity, "both clusters would share their high-availability data")
        }
        Some(_) | None => topic.green("each cluster has high-availability data of its own"),
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Ha {
    id: String,
    directory: String,
}

fn ha_of(config: &BTreeMap<String, String>) -> Option<Ha> {
    let kind = config
        .get("high-availability.type")
        .or_else(|| config.get("high-availability"))?;
    if kind.eq_ignore_ascii_case("none") {
        return None;
    }
    let value = |key: &str, default: &str| config.get(key).map_or(default, String::as_str).to_owned();
    Some(Ha {
        id: value("high-availability.cluster-id", "/default"),
        directory: value("high-availability.storageDir", "not set"),
    })
}

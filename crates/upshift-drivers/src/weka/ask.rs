//! What is asked: of the cluster, by several commands at a time over the one connection, and of each server, by one.

use std::time::Duration;

use crate::wire::hosts::{Command, HostError, Link};

use super::far::Packages;
use super::frames::Frames;
use super::reading;

const PREAMBLE: &str = include_str!("sh/preamble.sh");
const HOST: &str = include_str!("sh/host.sh");
/// Commands that ask the cluster run so many at a time; sshd allows ten to a connection.
const LANES: usize = 6;
/// For all that is asked in one command.
const LIMIT: Duration = Duration::from_secs(120);
/// Enough for the processes of some thousand servers.
const KEPT: usize = 128 << 20;

/// What is asked of every cluster: a name, and the words of the command.
const CLUSTER: [(&str, &str); 34] = [
    ("status", "w status --json"),
    ("processes", "w cluster process --json"),
    ("containers", "w cluster container --json"),
    ("servers", "either 'cluster servers list' 'cluster server list'"),
    ("rebuild", "w status rebuild --json"),
    ("whoami", "w user whoami --json"),
    ("alerts", "w alerts --json"),
    ("tasks", "w cluster task --json"),
    ("drives", "w cluster drive --json"),
    ("filesystems", "w fs --json"),
    ("snapshots", "w fs snapshot --json"),
    ("object-stores", "w fs tier s3 --json"),
    ("client-target", "w cluster client-target-version show"),
    ("traces", "w debug traces status --json"),
    ("remote-traces", "w debug traces remote-endpoint status --json"),
    ("overrides", "w debug override list --json"),
    ("denied", "w debug blacklist list --json"),
    ("catalog", "w debug config show catalogInfo"),
    ("retention", "w stats retention status --json"),
    (
        "snapshot-buckets",
        "w debug config show 'snapLayers[*].stowInfo.LOCAL.bucketsNum'",
    ),
    ("configured-drives", "w debug config show disks"),
    (
        "accepted",
        "w debug config show clusterInfo.acceptedVersionsPerType --json",
    ),
    ("fsck", "w debug manhole --slot 0 get_completed_fsck_info"),
    (
        "last-upgrade",
        "w debug config show upgradeInfo.lastUpgradeTime.usecs --json",
    ),
    (
        "first-release",
        "w debug config show clusterInfo.initialSwVersion --json",
    ),
    ("s3", "w s3 cluster --json"),
    ("s3-status", "w s3 cluster status --json"),
    ("buckets", "w s3 bucket list --json"),
    ("smb", "w smb cluster --json"),
    ("smb-status", "w smb cluster status --json"),
    ("nfs", "w nfs interface-group --json"),
    ("nfs-config", "w nfs global-config show --json"),
    ("nfs-options", "w nfs custom-options --json"),
    ("cards", "w cluster container net --json"),
];

/// What a server is told of the cluster that it belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct Errand {
    /// Salts what the join secret comes to.
    pub(super) salt: String,
    /// `ADDRESS:PORT` of the cluster's API.
    pub(super) ports: String,
    /// Whether it serves NFS.
    pub(super) nfs: bool,
    /// Whether it serves SMB.
    pub(super) smb: bool,
    /// The release whose files are read; none on clients.
    pub(super) release: Option<String>,
    /// Whether the vendor's site is tried.
    pub(super) web: bool,
}

/// Asks the cluster everything that is not known by its name already.
///
/// # Errors
/// When the host is not reached.
pub(super) async fn cluster(link: &Link, mark: &str, known: &[String]) -> Result<Frames, HostError> {
    let orgs = ("organizations", "either org tenant");
    let all: Vec<(&str, &str)> = CLUSTER
        .into_iter()
        .chain([orgs])
        .filter(|(name, _)| !known.iter().any(|known| known == name))
        .collect();
    let lanes = (0..LANES).map(|lane| {
        let words = all.iter().skip(lane).step_by(LANES);
        let script: String = words.map(|(name, words)| format!("p {name} {words}\n")).collect();
        run(link, mark, script, Vec::new())
    });
    let mut found = Frames::default();
    for answer in futures::future::try_join_all(lanes).await? {
        found.join(answer);
    }
    Ok(found)
}

/// What is asked again and again while the cluster is upgraded.
const PULSE: [&str; 5] = ["status", "containers", "rebuild", "alerts", "tasks"];

/// Events of upgrades, the newest first, as releases before and from 6.0 on have it.
const EVENTS: (&str, &str) = (
    "events",
    "either 'events --category-list Upgrade --num-results 8' 'events --category Upgrade --num-results 8'",
);

/// What is asked of the cluster to see how far it has come, and what else is named.
pub(super) fn pulse(more: &[&str]) -> Vec<(&'static str, &'static str)> {
    let wanted = |name: &str| PULSE.contains(&name) || more.contains(&name);
    let all = CLUSTER.into_iter().chain([EVENTS]);
    all.filter(|(name, _)| wanted(name)).collect()
}

/// Everything that is asked of every cluster: names, and the words behind them.
pub fn questions_of_all() -> Vec<(&'static str, &'static str)> {
    CLUSTER.to_vec()
}

/// Asks a host these, one after the other in one command.
///
/// # Errors
/// When the host is not reached.
pub(super) async fn questions(
    link: &Link,
    mark: &str,
    asked: &[(&'static str, &'static str)],
) -> Result<Frames, HostError> {
    let script: String = asked
        .iter()
        .map(|(name, words)| format!("p {name} {words}\n"))
        .collect();
    run(link, mark, script, Vec::new()).await
}

/// Releases whose package is on a server.
///
/// # Errors
/// When the host is not reached, or tells no list.
pub(super) async fn packages(link: &Link) -> Result<Packages, HostError> {
    let script =
        "l=$(weka version --full 2>/dev/null) && echo whole && echo \"$l\" || { echo any; weka version; }";
    let said = link.run(&Command::new("sh", LIMIT).args(["-c", script])).await?;
    let text = said.stdout.text();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    Ok(Packages {
        all: reading::releases(rest),
        whole: first == "whole",
    })
}

/// Folders of commands of upgrades that were begun and have left no status.
///
/// # Errors
/// When the host is not reached.
pub(super) async fn begun(link: &Link, marks: &str) -> Result<Vec<String>, HostError> {
    let script = "cd \"$HOME/.upshift/detached/$1\" 2>/dev/null || exit 0
for d in backends-* clients-* distribute-*; do [ -f \"$d/who\" ] && [ ! -f \"$d/status\" ] && echo \"$d\"; done; :";
    let command = Command::new("sh", LIMIT).args(["-c", script, "begun", marks]);
    Ok(words_of(&link.run(&command).await?.stdout.text()))
}

/// Units that run, and those that start with the server.
///
/// # Errors
/// When the host is not reached.
pub(super) async fn units(link: &Link, units: &[String]) -> Result<Vec<String>, HostError> {
    let script = "for u in \"$@\"; do systemctl is-active --quiet \"$u\" >/dev/null 2>&1 && echo \"$u runs\"
case $(systemctl is-enabled \"$u\" 2>/dev/null) in enabled*) echo \"$u starts with the server\" ;; esac; done; echo .";
    let command = Command::new("sh", LIMIT)
        .args(["-c", script, "units"])
        .args(units.iter());
    let said = link.run(&command).await?;
    Ok(said.stdout.text().lines().map(str::to_owned).collect())
}

/// What the driver of AWS's network cards says of write combining.
///
/// # Errors
/// When the host is not reached.
pub(super) async fn write_combining(link: &Link) -> Result<String, HostError> {
    let command = Command::new("cat", LIMIT).arg("/sys/module/igb_uio/parameters/wc_activate");
    Ok(link.run(&command).await?.stdout.text().trim().to_owned())
}

fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Asks a server everything.
///
/// # Errors
/// When it is not reached, or does not end.
pub(super) async fn server(link: &Link, mark: &str, errand: &Errand) -> Result<Frames, HostError> {
    let flag = |is: bool| if is { "1" } else { "" }.to_owned();
    let env = vec![
        ("SALT", errand.salt.clone()),
        ("PORTS", errand.ports.clone()),
        ("NFS", flag(errand.nfs)),
        ("SMB", flag(errand.smb)),
        ("WEB", flag(errand.web)),
        ("RELEASE", errand.release.clone().unwrap_or_default()),
    ];
    run(link, mark, HOST.to_owned(), env).await
}

/// Rules of each bucket's lifecycle; names are words here and never text.
pub(super) async fn lifecycles(link: &Link, buckets: &[String]) -> Result<Vec<(String, String)>, HostError> {
    let one = |bucket: &String| {
        let command = weka(&["s3", "bucket", "lifecycle-rule", "list", bucket, "--json"]);
        let bucket = bucket.clone();
        async move {
            let said = link.run(&command).await?;
            Ok::<_, HostError>((bucket, said.success().then(|| said.stdout.text())))
        }
    };
    let all = futures::future::try_join_all(buckets.iter().map(one)).await?;
    Ok(all
        .into_iter()
        .map(|(bucket, said)| (bucket, said.unwrap_or_default()))
        .collect())
}

/// How busy these processes were for six hours, as the command says it.
pub(super) async fn load(link: &Link, processes: &[u64]) -> Result<String, HostError> {
    let ids: Vec<String> = processes.iter().map(u64::to_string).collect();
    let ids = ids.join(",");
    let command = weka(&[
        "stats",
        "--stat",
        "CPU_UTILIZATION",
        "--interval",
        "21600",
        "--resolution-secs",
        "21600",
        "--process-ids",
        &ids,
        "-o",
        "value",
        "--no-header",
    ]);
    Ok(link.run(&command).await?.stdout.text())
}

/// Releases of network drivers.
pub(super) async fn hardware(link: &Link, addresses: &[String]) -> Result<String, HostError> {
    let mut words = vec!["cluster", "container", "info-hw", "--json"];
    words.extend(addresses.iter().map(String::as_str));
    Ok(link.run(&weka(&words).keep(KEPT)).await?.stdout.text())
}

fn weka(words: &[&str]) -> Command {
    Command::new("weka", LIMIT).args(words.iter().copied())
}

async fn run(
    link: &Link,
    mark: &str,
    script: String,
    env: Vec<(&'static str, String)>,
) -> Result<Frames, HostError> {
    let mut command = Command::new("sh", LIMIT).arg("-s").env("M", mark).keep(KEPT);
    for (name, value) in env {
        command = command.env(name, value);
    }
    let said = link.run(&command.input(format!("{PREAMBLE}{script}"))).await?;
    Ok(Frames::read(mark, &said.stdout.text(), &said.stderr.text()))
}

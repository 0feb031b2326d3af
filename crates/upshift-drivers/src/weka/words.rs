//! The words of the vendor's commands, as its documents write them. No option is in here that no document names.

use std::collections::BTreeSet;
use std::time::Duration;

use upshift_model::version::Version;
use upshift_model::weka::{Act, Fate, Site, Source};

use super::command::Phase;
use crate::wire::hosts::Command;

/// Starting is detached: this is no limit of it, only a command has to have one.
const START: Duration = Duration::from_secs(60);
/// From this release on the option that only distributes has its new name.
const RENAMED: (u32, u32) = (5, 0);

/// Below the home of whoever logs in on the runner: where a package's file is put.
pub(super) fn tar(release: &Version) -> String {
    format!(".upshift/weka/weka-{release}.tar")
}

/// Where a token waits for the command that takes it, for a moment.
pub(super) const TOKEN: &str = ".upshift/weka-token";

const STAGE: &str = "weka version get \"$1\" ${2:+--from \"$2\"} && weka version prepare \"$1\"";
// The token is taken from its file and the file removed before anything else is done.
const STAGE_BY_TOKEN: &str =
    "t=$(cat \"$HOME/$3\") && rm -f \"$HOME/$3\" && [ -n \"$t\" ] || { echo 'no token came'; \
                              exit 70; }
weka version get \"$1\" --from \"https://$t@$2\" && weka version prepare \"$1\"";
const STAGE_BY_TAR: &str = "d=$HOME/.upshift/weka/$1
rm -rf \"$d\" && mkdir -p \"$d\" && tar -xf \"$HOME/$2\" -C \"$d\" || exit 71
for i in \"$d\"/install.sh \"$d\"/*/install.sh; do [ -f \"$i\" ] && cd \"${i%/*}\" && { ./install.sh && weka version prepare \
                            \"$1\"; exit; }; done
echo 'the file holds no install.sh'; exit 72";
const CLIENT: &str = "weka version get \"$1\" --client-only --from \"$2\" && weka version set --agent-only \"$1\" && weka \
                      local upgrade $3";
const QUIET: &str =
    "if [ \"$(id -u)\" = 0 ]; then S=; else S='sudo -n'; fi; $S systemctl disable --now \"$@\"";
const RESTART: &str = "weka local stop && weka local start";
// No document of the vendor tells how an override is taken away: this was read in one public repository only. Where a
// release does not know it, the step fails by its name, and the override stays as it was.
const UNSET: &str = "for i in \"$@\"; do weka debug override remove --id \"$i\" || exit; done";

/// What a command is told beyond its act.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The phase of an earlier one that is resumed.
    pub(super) resume: String,
    /// Numbers: of clients that are left, of overrides that are taken away.
    pub(super) ids: BTreeSet<u64>,
}

/// The command of a try.
pub(super) fn command(site: &Site, act: &Act, told: &Told) -> Command {
    match act {
        Act::Stage { release } => stage(site, release),
        Act::Distribute { release } => upgrade(site, release).arg(distributes(release)).args(port(site)),
        Act::Backends { release } => upgrade(site, release)
            .args(Phase::flag(&told.resume))
            .args(port(site)),
        Act::Clients {
            release, batch, left, ..
        } => upgrade(site, release)
            .args(["--mode=clients-upgrade", "--client-rolling-batch-size"])
            .arg(batch.to_string())
            .arg("--clients-to-upgrade")
            .arg(joined(&told.ids))
            .args((!left.is_empty()).then(|| "--drop-host".to_owned()))
            .args((!left.is_empty()).then(|| joined(left)))
            .args(["--from", "backends"])
            .args(port(site)),
        Act::Client { release, several, .. } => {
            let all = if *several { "--all" } else { "" };
            script(CLIENT, "client", [release.as_str(), &from(site), all])
        }
        Act::Quiet { units, .. } => script(QUIET, "quiet", units.keys().map(String::as_str)),
        Act::Override {
            key,
            value: Some(value),
            ..
        } => weka([
            "debug", "override", "add", "--key", key, "--value", value, "--force",
        ]),
        Act::Override { value: None, .. } => {
            let ids: Vec<String> = told.ids.iter().map(u64::to_string).collect();
            script(UNSET, "unset", ids.iter().map(String::as_str))
        }
        Act::ClientTarget { release, .. } => {
            weka(["cluster", "client-target-version", "set", release.as_str()])
        }
        Act::Task { id, fate, .. } => task(*id, fate),
        Act::Restart { .. } => script(RESTART, "restart", []),
    }
}

fn stage(site: &Site, release: &Version) -> Command {
    match &site.source {
        Source::Server { from } => script(
            STAGE,
            "stage",
            [release.as_str(), from.as_deref().unwrap_or_default()],
        ),
        Source::Vendor { site, .. } => script(STAGE_BY_TOKEN, "stage", [release.as_str(), site, TOKEN]),
        Source::Tar { .. } => script(STAGE_BY_TAR, "stage", [release.as_str(), &tar(release)]),
    }
}

fn task(id: u64, fate: &Fate) -> Command {
    let id = id.to_string();
    match fate {
        Fate::Pause => weka(["cluster", "task", "pause", &id]),
        Fate::Resume => weka(["cluster", "task", "resume", &id]),
        // A wait is never begun.
        Fate::Abort | Fate::Wait => weka(["cluster", "task", "abort", &id]),
        Fate::Delete {
            filesystem,
            snapshot: Some(snapshot),
        } => weka(["fs", "snapshot", "delete", filesystem, snapshot, "--force"]),
        Fate::Delete {
            filesystem,
            snapshot: None,
        } => weka(["fs", "delete", filesystem, "--force"]),
    }
}

/// The option that distributes a package and does nothing else: releases know it by two names.
fn distributes(release: &Version) -> &'static str {
    match (release.major(), release.minor()) >= RENAMED {
        true => "--distribute-version",
        false => "--prepare-only",
    }
}

/// Where a client gets its package: from the backend that carries the upgrade out.
fn from(site: &Site) -> String {
    let runner = &site.runner;
    let address = site.backends.get(&runner.host).unwrap_or(&runner.host);
    let port = runner.port.unwrap_or(upshift_model::weka::USUAL_PORT);
    match address.contains(':') {
        true => format!("[{address}]:{port}"),
        false => format!("{address}:{port}"),
    }
}

fn joined(ids: &BTreeSet<u64>) -> String {
    let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
    ids.join(",")
}

fn weka<'a>(words: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new("weka", START).args(words)
}

fn script<'a>(script: &str, name: &str, words: impl IntoIterator<Item = &'a str>) -> Command {
    Command::new("sh", START).args(["-c", script, name]).args(words)
}

fn upgrade(site: &Site, release: &Version) -> Command {
    weka([
        "local",
        "run",
        "--container",
        &site.runner.container,
        "--in",
        release.as_str(),
        "upgrade",
    ])
}

fn port(site: &Site) -> Vec<String> {
    let port = site.runner.port;
    port.map_or_else(Vec::new, |port| vec!["--mgmt-port".to_owned(), port.to_string()])
}

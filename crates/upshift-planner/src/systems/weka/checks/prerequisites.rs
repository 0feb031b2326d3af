//! What is documented, and what the vendor's own checker does not look at: releases for clients of several clusters,
//! packages, AWS.

use upshift_model::finding::Finding;
use upshift_model::topic::Topic;

use super::DOCS;
use crate::knowledge::{Known, Release};
use crate::systems::weka::codes;
use crate::systems::weka::judge::{One, one, red, servers, yellow};
use crate::systems::weka::situation::Situation;

pub(super) fn all(s: &Situation<'_>) -> Vec<Finding> {
    let mut found = vec![equal_targets(s), package(s), statd(s)];
    found.extend(aws(s));
    found
}

fn equal_targets(s: &Situation<'_>) -> Finding {
    let words = red(
        "client-target-version does not fit",
        "client-target-version fits, here and on the other clusters of the file",
    );
    let topic = Topic::new(codes::EQUAL_TARGETS, "clients")
        .fix("set the same on every cluster, then upgrade the clients, then the clusters")
        .source("WEKA documentation, mounts of several clusters");
    one(topic, words, &s.cluster().client_target, |held| {
        let others = &s.declaration.other_client_targets;
        let Some(held) = held else {
            return match others.first() {
                Some(other) => One::Bad(format!("it is not set here, and {other} on another cluster")),
                None => One::Fine,
            };
        };
        if let Some(other) = others.iter().find(|other| *other != held) {
            return One::Bad(format!("it is {held} here, and {other} on another cluster"));
        }
        match Release::parse(Known::Weka, held) {
            Err(_) => One::Bad(format!("{held} is no release")),
            Ok(release) if release > s.from => {
                One::Bad(format!("{held} is newer than the cluster's {}", s.from))
            }
            Ok(_) => One::Fine,
        }
    })
}

fn package(s: &Situation<'_>) -> Finding {
    let words = yellow(
        "the wanted release's package is not on every backend",
        "the wanted release's package is on every backend that was reached",
    );
    let topic = Topic::new(codes::PACKAGE, "backends")
        .fix(format!(
            "weka version get {}, then distribute it ahead of the upgrade",
            s.to
        ))
        .source(DOCS);
    servers(topic, words, &s.facts.backends, |_, server| {
        One::seen(&server.packages, |packages| {
            let there = packages.iter().any(|package| package == s.to.as_str());
            (!there).then(|| format!("has {}", packages.join(", ")))
        })
    })
}

fn aws(s: &Situation<'_>) -> Option<Finding> {
    let on = s
        .cluster()
        .backend_containers()
        .filter(|container| container.aws == Some(true));
    let count = on.count();
    (count > 0).then(|| {
        Topic::new(codes::AWS, "cluster")
            .saw(format!("{count} containers of backends are on AWS"))
            .fix("after the upgrade look for NetDevDriverReloadFailed in weka events, and that wc_activate is 1")
            .source("WEKA documentation, 'Upgrade WEKA versions', AWS")
            .yellow("LLQ and write combining have to be looked at after the upgrade")
    })
}

/// Asked of backends: `rpc.statd` holds ports of NFS.
fn statd(s: &Situation<'_>) -> Finding {
    let words = match s.mends {
        true => yellow("rpc.statd runs: the plan stops it", "rpc.statd does not run"),
        false => red("rpc.statd runs", "rpc.statd does not run"),
    };
    let topic = Topic::new(codes::STATD, "backends")
        .fix("systemctl disable --now rpc-statd rpc-statd-notify")
        .source(DOCS);
    servers(topic, words, &s.facts.backends, |_, server| {
        One::seen(&server.surroundings.statd, |units| {
            (!units.is_empty()).then(|| units.join(", "))
        })
    })
}

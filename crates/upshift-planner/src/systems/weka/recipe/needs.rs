//! What a plan asks of people: who carries it out, what goes with which wave, and what nobody begins meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::weka::{ClientWay, Process, Site, Source};

use super::way::Move;
use crate::systems::weka::judge::some;
use crate::systems::weka::situation::Situation;

pub(super) fn needs(s: &Situation<'_>, site: &Site, moves: &[Move]) -> Vec<String> {
    let mut needs = vec![
        format!(
            "{} carries the upgrade out, in its container {}",
            site.runner.host, site.runner.container
        ),
        "one server at a time restarts its containers; the others carry its load".to_owned(),
        "until the end nobody makes an S3 cluster, detaches an object store, uploads or downloads a snapshot, or squashes \
         a filesystem: upshift looks for it between the waves"
            .to_owned(),
    ];
    needs.extend(package(site));
    needs.extend(frontends(s));
    needs.extend(clients(s, site, moves));
    needs
}

fn package(site: &Site) -> Option<String> {
    match &site.source {
        Source::Server { .. } => None,
        Source::Vendor { site: of, token } => Some(format!(
            "{} reaches {of}; the token comes from {token} and is in the command's arguments there while it fetches",
            site.runner.host
        )),
        Source::Tar { folder } => Some(format!(
            "the file weka-RELEASE.tar of every release is in {}, and there is room for it below the home on {}",
            folder.display(),
            site.runner.host
        )),
    }
}

/// Each container of a frontend, by the wave that it goes with: its mode decides.
fn frontends(s: &Situation<'_>) -> Vec<String> {
    let Some(processes) = s.facts.cluster.processes.known() else {
        return vec!["which frontends go with which wave is not known: processes were not seen".to_owned()];
    };
    let is_frontend = |process: &&Process| {
        let roles = process.roles.as_ref();
        roles.is_some_and(|roles| roles.iter().any(|role| role == "FRONTEND"))
    };
    let mut by_mode: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for process in processes.iter().filter(is_frontend) {
        let mode = process.mode.as_deref().unwrap_or("an unknown mode");
        let host = process.host.as_deref().unwrap_or("a server");
        let container = process
            .container
            .map_or_else(String::new, |id| format!(" ({id})"));
        by_mode
            .entry(mode)
            .or_default()
            .insert(format!("{host}{container}"));
    }
    let line = |(mode, hosts): (&str, BTreeSet<String>)| {
        let wave = match mode {
            "backend" => "frontends of mode backend go with the backends",
            "client" => "frontends of mode client go with the clients",
            other => return format!("frontends of {other}: ask the vendor with which wave they go"),
        };
        let hosts: Vec<String> = hosts.into_iter().collect();
        format!("{wave}: {}", some(hosts).join(", "))
    };
    by_mode.into_iter().map(line).collect()
}

fn clients(s: &Situation<'_>, site: &Site, moves: &[Move]) -> Vec<String> {
    let mut needs = Vec::new();
    let all: Vec<_> = s.facts.cluster.client_containers().collect();
    let stateless = all.iter().filter(|client| client.stateless == Some(true));
    let named: Vec<String> = stateless.filter_map(|client| client.host.clone()).collect();
    if !named.is_empty() {
        needs.push(format!(
            "stateless clients would follow by themselves with a new mount: {}",
            some(named).join(", ")
        ));
    }
    if !s.declaration.clients {
        needs.push("clients stay as they are: clients = true upgrades them, too".to_owned());
        return needs;
    }
    let ids: BTreeSet<u64> = site.clients.iter().map(|client| client.id).collect();
    let left = all
        .iter()
        .filter(|client| client.id.is_some_and(|id| !ids.contains(&id)));
    let left: Vec<String> = left.filter_map(|client| client.host.clone()).collect();
    if !left.is_empty() {
        needs.push(format!(
            "clients that are left alone, protocol gateways among them: {}",
            some(left).join(", ")
        ));
    }
    if s.declaration.client_way == ClientWay::Locally {
        needs.push("upshift logs in to every client, and upgrades it by commands there".to_owned());
    }
    if let Some(window) = s.declaration.client_window {
        needs.push(format!(
            "clients are begun within {window} only; what was begun goes on past its end"
        ));
    }
    let waves = moves
        .iter()
        .filter(|step| matches!(step, Move::Clients(_)))
        .count();
    if !s.declaration.other_client_targets.is_empty() && waves > 0 {
        needs.push(
            "clients mount several clusters: upshift sets client-target-version of this one before each wave of clients; \
             set the same on every other one before that wave (weka cluster client-target-version set RELEASE), then \
             clients go, then clusters"
                .to_owned(),
        );
    }
    needs
}

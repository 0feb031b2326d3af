//! Where the cluster is reached, from which backend it is upgraded, and which clients go in batches.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::observed::Observed;
use upshift_model::weka::{Cluster, Container, Runner, Site, SiteClient, USUAL_PORT};

use super::error::PlanError;
use crate::systems::weka::situation::Situation;

pub(super) fn site(s: &Situation<'_>) -> Result<Site, PlanError> {
    let cluster = &s.facts.cluster;
    let status = cluster
        .status
        .known()
        .ok_or_else(|| unseen("the cluster's state"))?;
    let guid = status
        .guid
        .clone()
        .ok_or_else(|| unseen("the cluster's own id"))?;
    let mut backends = BTreeMap::new();
    for container in cluster.backend_containers() {
        let host = container
            .host
            .clone()
            .ok_or_else(|| unseen("the server of every container"))?;
        let ip = container.ips.as_ref().and_then(|ips| ips.first());
        let ip = ip.ok_or_else(|| unseen("the address of every backend"))?;
        backends.entry(host).or_insert_with(|| ip.clone());
    }
    Ok(Site {
        guid,
        entry: s.declaration.entry.clone(),
        ssh_config: s.declaration.ssh_config.clone(),
        ssh_user: s.declaration.ssh_user.clone(),
        server_deadline: s.declaration.server_deadline,
        runner: runner(s, &backends)?,
        source: s.declaration.source.clone(),
        no_progress: s.declaration.no_progress,
        backends,
        clients: clients(s)?,
        look_at_clients: s.declaration.clients,
        other_client_targets: s.declaration.other_client_targets.clone(),
    })
}

/// The backend that was asked about the cluster, and the container there that has drives: by the inventory, not by a
/// name that most clusters have.
fn runner(s: &Situation<'_>, backends: &BTreeMap<String, String>) -> Result<Runner, PlanError> {
    let cluster = &s.facts.cluster;
    let entry = &s.facts.entry;
    let host = backends
        .iter()
        .find(|(name, address)| *name == entry || *address == entry)
        .map(|(name, _)| name.clone())
        .ok_or_else(|| unseen(&format!("which of the backends {entry} is")))?;
    let processes = cluster.processes.known().ok_or_else(|| unseen("processes"))?;
    let with_drives: BTreeSet<u64> = processes
        .iter()
        .filter(|process| {
            let roles = process.roles.as_ref();
            roles.is_some_and(|roles| roles.iter().any(|role| role == "DRIVES"))
        })
        .filter_map(|process| process.container)
        .collect();
    let container = cluster.backend_containers().find(|container| {
        container.host.as_ref() == Some(&host) && container.id.is_some_and(|id| with_drives.contains(&id))
    });
    let container = container.ok_or_else(|| unseen(&format!("the container of {host} that has drives")))?;
    Ok(Runner {
        container: container
            .name
            .clone()
            .ok_or_else(|| unseen("a container's name"))?,
        port: container.port.filter(|port| *port != USUAL_PORT),
        host,
    })
}

/// Clients that go in batches: all but those that serve a protocol, which the vendor moves with the backends.
fn clients(s: &Situation<'_>) -> Result<Vec<SiteClient>, PlanError> {
    if !s.declaration.clients {
        return Ok(Vec::new());
    }
    let cluster = &s.facts.cluster;
    let gateways = gateways(cluster)?;
    let known: BTreeSet<&str> = cluster
        .client_containers()
        .filter_map(|client| client.host.as_deref())
        .collect();
    let left = &s.declaration.leave_clients;
    if let Some(name) = left.iter().find(|name| !known.contains(name.as_str())) {
        return Err(unseen(&format!("client {name}, which leave_clients names")));
    }
    let of = |client: &Container| {
        let id = client.id.ok_or_else(|| unseen("the number of every client"))?;
        let host = client
            .host
            .clone()
            .ok_or_else(|| unseen("the name of every client"))?;
        let ip = client.ips.as_ref().and_then(|ips| ips.first());
        let address = ip.cloned().ok_or_else(|| unseen("the address of every client"))?;
        Ok(SiteClient { id, host, address })
    };
    let all = cluster.client_containers().map(of);
    let all: Result<BTreeSet<SiteClient>, PlanError> = all.collect();
    Ok(all?
        .into_iter()
        .filter(|client| !gateways.contains(&client.id) && !left.contains(&client.host))
        .collect())
}

/// Containers that serve a protocol.
fn gateways(cluster: &Cluster) -> Result<BTreeSet<u64>, PlanError> {
    let protocols = &cluster.protocols;
    let unknown = || unseen("which containers serve a protocol: they never go in batches");
    let mut found = BTreeSet::new();
    match (&protocols.s3, &protocols.smb, &protocols.nfs) {
        (Observed::Known(s3), Observed::Known(smb), Observed::Known(nfs)) => {
            if let Some(s3) = s3 {
                found.extend(s3.hosts.clone().ok_or_else(unknown)?);
            }
            if let Some(smb) = smb {
                found.extend(smb.hosts.clone().ok_or_else(unknown)?);
            }
            for group in nfs {
                let ports = group.ports.as_ref().ok_or_else(unknown)?;
                found.extend(ports.iter().filter_map(|port| port.host));
            }
        }
        _ => return Err(unknown()),
    }
    Ok(found)
}

pub(super) fn unseen(what: &str) -> PlanError {
    PlanError::Unseen {
        what: what.to_owned(),
    }
}

//! Coordinators and tablet servers as they are registered, tags, and the last rebalance.

use std::collections::BTreeMap;

use upshift_formats::fluss::{self as znode, Tree};
use upshift_model::fluss::{Coordinator, Listener, Rebalance, RebalanceStatus, ServerTag, TabletServer};
use upshift_model::observed::Observed;

use super::told::{node, unseen};

/// The coordinator that leads. In 1.0 the node is there, and empty, while one is elected and not registered.
pub(super) fn active(tree: &Tree) -> Observed<Option<Coordinator>> {
    let what = "the coordinator that leads";
    let read = |bytes: &[u8]| match bytes.is_empty() {
        true => Ok(None),
        false => znode::Coordinator::read(bytes).map(Some),
    };
    node(tree, "/coordinators/active", what, read).map(|found| found.flatten().map(coordinator))
}

pub(super) fn all_coordinators(tree: &Tree) -> Observed<Vec<Coordinator>> {
    let what = "coordinators";
    let names = match tree.children("/coordinators/ids") {
        Ok(names) => names,
        Err(unread) => return Observed::Unknown(unseen(what, &unread)),
    };
    let mut all = Vec::new();
    for name in names {
        let path = format!("/coordinators/ids/{name}");
        match node(tree, &path, what, znode::Coordinator::read) {
            Observed::Known(found) => all.extend(found.map(coordinator)),
            Observed::Unknown(gap) => return Observed::Unknown(gap),
        }
    }
    Observed::Known(all)
}

pub(super) fn tablet_servers(tree: &Tree) -> Observed<BTreeMap<i32, Observed<TabletServer>>> {
    let what = "registrations of tablet servers";
    let names = match tree.children("/tabletservers/ids") {
        Ok(names) => names,
        Err(unread) => return Observed::Unknown(unseen(what, &unread)),
    };
    let mut all = BTreeMap::new();
    for name in names {
        let Ok(id) = name.parse::<i32>() else {
            return Observed::unknown(what, format!("/tabletservers/ids/{name} is no number"));
        };
        let what = format!("the registration of tablet server {id}");
        let path = format!("/tabletservers/ids/{name}");
        let server = match node(tree, &path, &what, znode::TabletServer::read) {
            Observed::Known(Some(found)) => tablet_server(&what, found),
            Observed::Known(None) => continue,
            Observed::Unknown(gap) => Observed::Unknown(gap),
        };
        all.insert(id, server);
    }
    Observed::Known(all)
}

pub(super) fn tags(tree: &Tree) -> Observed<BTreeMap<i32, ServerTag>> {
    let found = node(
        tree,
        "/tabletservers/server_tags",
        "tags of servers",
        znode::ServerTags::read,
    );
    found.map(|tags| {
        let tags = tags.map(|tags| tags.tags).into_iter().flatten();
        tags.map(|(server, tag)| (server, server_tag(tag))).collect()
    })
}

pub(super) fn rebalance(tree: &Tree) -> Observed<Option<Rebalance>> {
    let found = node(
        tree,
        "/cluster/rebalance",
        "the last rebalance",
        znode::Rebalance::read,
    );
    found.map(|found| {
        found.map(|found| Rebalance {
            id: found.id,
            status: status(found.status),
        })
    })
}

const fn server_tag(tag: i32) -> ServerTag {
    match tag {
        0 => ServerTag::PermanentOffline,
        1 => ServerTag::TemporaryOffline,
        other => ServerTag::Other(other),
    }
}

const fn status(status: i32) -> RebalanceStatus {
    match status {
        0 => RebalanceStatus::NotStarted,
        1 => RebalanceStatus::Running,
        2 => RebalanceStatus::Failed,
        3 => RebalanceStatus::Completed,
        4 => RebalanceStatus::Cancelled,
        5 => RebalanceStatus::TimedOut,
        other => RebalanceStatus::Other(other),
    }
}

fn coordinator(found: znode::Coordinator) -> Coordinator {
    Coordinator {
        id: found.id,
        format: found.format,
        listeners: found.listeners.into_iter().map(listener).collect(),
    }
}

fn tablet_server(what: &str, found: znode::TabletServer) -> Observed<TabletServer> {
    let registered_at = match jiff::Timestamp::from_millisecond(found.registered_ms) {
        Ok(time) => time,
        Err(error) => return Observed::unknown(what, format!("its time of registration: {error}")),
    };
    Observed::Known(TabletServer {
        format: found.format,
        listeners: found.listeners.into_iter().map(listener).collect(),
        registered_at,
        rack: found.rack,
    })
}

fn listener(found: znode::Listener) -> Listener {
    Listener {
        name: found.name,
        host: found.host,
        port: found.port,
    }
}

//! All facts of a tree.

use upshift_formats::fluss::{self as znode, Tree};
use upshift_model::fluss::Facts;
use upshift_model::observed::Observed;

use super::told::{node, unseen};
use super::{buckets, servers, tables};

/// What a tree tells of a cluster; `metadata` says where the tree was read.
pub fn facts(tree: &Tree, metadata: impl Into<String>) -> Facts {
    let mut gaps = Vec::new();
    let tables = tables::tables(tree, &mut gaps);
    let assigned = buckets::assigned(tree, &tables, &mut gaps);
    let dynamic = node(
        tree,
        "/config/server/global",
        "dynamic options",
        znode::Config::read,
    );
    Facts {
        metadata: metadata.into(),
        active: servers::active(tree),
        coordinators: servers::all_coordinators(tree),
        coordinator_epoch: node(
            tree,
            "/coordinators/epoch",
            "the coordinator's epoch",
            znode::epoch,
        ),
        table_sequence: node(
            tree,
            "/metadata/table_seqid",
            "the number of the next table",
            znode::counter,
        ),
        tablet_servers: servers::tablet_servers(tree),
        tables,
        buckets: assigned.buckets,
        dropped: assigned.dropped,
        tags: servers::tags(tree),
        rebalance: servers::rebalance(tree),
        dynamic_options: dynamic.map(|config| config.into_iter().flat_map(|config| config.keys).collect()),
        acls: match tree.children("/fluss-acls") {
            Ok(kinds) => {
                let any = kinds
                    .iter()
                    .any(|kind| match tree.children(&format!("/fluss-acls/{kind}")) {
                        Ok(names) => !names.is_empty(),
                        Err(_) => true,
                    });
                Observed::Known(any)
            }
            Err(unread) => Observed::Unknown(unseen("access control lists", &unread)),
        },
        gaps,
    }
}

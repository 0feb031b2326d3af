//! Tables with their schemas, partitions and lakes.

use std::collections::BTreeMap;

use upshift_formats::fluss::{self as znode, Tree};
use upshift_model::fluss::{Lake, LakeNode, TableFacts};
use upshift_model::observed::{Gap, Observed};

use super::told::{node, unseen};
use crate::fluss::conceal::is_sensitive;

const DATABASES: &str = "/metadata/databases";

/// Tables by number; what could not be seen of the list goes into `gaps`.
pub(super) fn tables(tree: &Tree, gaps: &mut Vec<Gap>) -> BTreeMap<i64, TableFacts> {
    let mut all = BTreeMap::new();
    let databases = match tree.children(DATABASES) {
        Ok(names) => names,
        Err(unread) => {
            gaps.push(unseen("databases", &unread));
            return all;
        }
    };
    for database in databases {
        let below = format!("{DATABASES}/{database}/tables");
        match tree.children(&below) {
            Err(unread) => gaps.push(unseen(&format!("tables of database {database}"), &unread)),
            Ok(names) => {
                for name in names {
                    let path = format!("{below}/{name}");
                    let what = format!("table {database}.{name}");
                    match node(tree, &path, &what, znode::Table::read) {
                        Observed::Known(Some(found)) => {
                            all.insert(found.id, table(tree, database, name, &path, found));
                        }
                        Observed::Known(None) => {}
                        Observed::Unknown(gap) => gaps.push(gap),
                    }
                }
            }
        }
    }
    all
}

fn table(tree: &Tree, database: &str, name: &str, path: &str, found: znode::Table) -> TableFacts {
    let what = format!("schemas of {database}.{name}");
    let schemas = tree.children(&format!("{path}/schemas")).map(|names| {
        names
            .iter()
            .filter_map(|name| name.parse::<i64>().ok())
            .collect::<Vec<_>>()
    });
    let newest = match &schemas {
        Ok(numbers) => match numbers.iter().max() {
            Some(newest) => node(
                tree,
                &format!("{path}/schemas/{newest}"),
                &what,
                znode::Schema::read,
            ),
            None => Observed::Known(None),
        },
        Err(unread) => Observed::Unknown(unseen(&what, unread)),
    };
    let schema = match newest {
        Observed::Known(Some(schema)) => Observed::Known(schema),
        Observed::Known(None) => Observed::unknown(what.as_str(), "there is none"),
        Observed::Unknown(gap) => Observed::Unknown(gap),
    };
    let enabled = found
        .properties
        .get("table.datalake.enabled")
        .is_some_and(|on| on == "true");
    let lake_path = format!("/tabletservers/tables/{}/laketable", found.id);
    let lake_what = format!("what the lake holds of {database}.{name}");
    let lake = node(tree, &lake_path, &lake_what, znode::LakeTable::read);
    TableFacts {
        database: database.to_owned(),
        name: name.to_owned(),
        buckets: found.bucket_count,
        partitioned_by: found.partition_key,
        bucket_key: found.bucket_key,
        primary_key: schema.clone().map(|schema| schema.primary_key),
        auto_increment: schema.map(|schema| schema.auto_increment),
        schemas: match schemas {
            Ok(numbers) => Observed::Known(numbers.len()),
            Err(unread) => Observed::Unknown(unseen(&what, &unread)),
        },
        lake: Lake {
            enabled,
            format: found.properties.get("table.datalake.format").cloned(),
            node: lake.map(|node| {
                node.map(|node| LakeNode {
                    format: node.format,
                    snapshot: node.snapshot,
                })
            }),
        },
        properties: found
            .properties
            .into_iter()
            .filter(|(key, _)| !is_sensitive(key))
            .collect(),
        remote_data_dir: found.remote_data_dir,
        partitions: partitions(tree, database, name, path),
    }
}

fn partitions(tree: &Tree, database: &str, name: &str, path: &str) -> Observed<BTreeMap<String, i64>> {
    let what = format!("partitions of {database}.{name}");
    let names = match tree.children(&format!("{path}/partitions")) {
        Ok(names) => names,
        Err(unread) => return Observed::Unknown(unseen(&what, &unread)),
    };
    let mut all = BTreeMap::new();
    for partition in names {
        match node(
            tree,
            &format!("{path}/partitions/{partition}"),
            &what,
            znode::Partition::read,
        ) {
            Observed::Known(found) => all.extend(found.map(|found| (partition.to_owned(), found.id))),
            Observed::Unknown(gap) => return Observed::Unknown(gap),
        }
    }
    Observed::Known(all)
}

//! One look at a Fluss system: its metadata first, then its servers and this machine at the same time.

use std::path::Path;

use upshift_model::fluss::{Site, System};
use upshift_model::ids::SystemName;
use upshift_model::inventory::{Facts, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed;

use super::{answers, processes};
use crate::flink::host::{JavaSearch, target_java};
use crate::fluss::{Walk, ZooKeeperError, facts, read_tree};

/// Looks at everything once.
///
/// # Errors
/// When ZooKeeper does not answer, or knows no such cluster: then there is nothing that a look could be about.
pub(in crate::fluss) async fn observe(
    system: &SystemName,
    declared: &Site,
    taken_at: jiff::Timestamp,
) -> Result<Inventory, ZooKeeperError> {
    let walk = Walk {
        servers: &declared.zookeeper,
        root: &declared.root,
    };
    let tree = read_tree(walk, |_| ()).await?;
    let place = format!("{}{}", declared.zookeeper, declared.root.trim_end_matches('/'));
    let cluster = facts(&tree, place);
    let search = JavaSearch::here(None, declared.java_home.clone());
    let home = declared.target_home.clone();
    let machine = tokio::task::spawn_blocking(move || (processes::scan(), home.as_deref().map(jar_of)));
    let (answers, java, machine) = futures::join!(answers::answers(&cluster), target_java(&search), machine);
    let (processes, target_home) = match machine {
        Ok(seen) => seen,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    };
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: system.clone(),
        taken_at,
        facts: Facts::Fluss(Box::new(System {
            processes: processes.map(|found| of_cluster(found, declared)),
            cluster,
            answers,
            target_java: java.map(|java| java.feature),
            target_home,
        })),
        gaps: Vec::new(),
    })
}

/// Servers of other clusters may run here, too: a process counts unless its file names another ZooKeeper or root.
fn of_cluster(
    found: Vec<upshift_model::fluss::ServerProcess>,
    declared: &Site,
) -> Vec<upshift_model::fluss::ServerProcess> {
    let same = |servers: &str| {
        let mut named: Vec<&str> = servers.split(',').map(str::trim).collect();
        let mut wanted: Vec<&str> = declared.zookeeper.split(',').map(str::trim).collect();
        named.sort_unstable();
        wanted.sort_unstable();
        named == wanted
    };
    let is_ours = |process: &upshift_model::fluss::ServerProcess| {
        let root = process.option("zookeeper.path.root").unwrap_or("/fluss");
        let servers = process.option("zookeeper.address");
        servers.is_none_or(same) && root.trim_end_matches('/') == declared.root.trim_end_matches('/')
    };
    found.into_iter().filter(is_ours).collect()
}

/// The version of the one server jar in a home.
fn jar_of(home: &Path) -> Observed<String> {
    let lib = home.join("lib");
    let what = "the server jar of the wanted release";
    match processes::server_jars(&lib).as_slice() {
        [one] => Observed::Known(one.clone()),
        [] => Observed::unknown(what, format!("there is none in {}", lib.display())),
        several => Observed::unknown(
            what,
            format!("there are several in {}: {}", lib.display(), several.join(", ")),
        ),
    }
}

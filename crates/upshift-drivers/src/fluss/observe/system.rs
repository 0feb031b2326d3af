//! One look at a Fluss system: its metadata first, then its servers and their hosts at the same time.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use upshift_engine::driver::Fault;
use upshift_model::fluss::{HostFacts, ServerProcess, Site, System, THIS_MACHINE};
use upshift_model::host::{Host, Reach};
use upshift_model::ids::SystemName;
use upshift_model::inventory::{Facts, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::{Gap, Observed};
use upshift_model::record::Failure;

use super::host::{self, Seen, Wanted};
use super::{answers, told};
use crate::fluss::zookeeper_word::keepers;
use crate::fluss::{Walk, ZooKeeperError, codes, facts, read_tree};
use crate::wire::hosts::{Hosts, Settings, SetupError};
use crate::wire::secret::Secrets;

/// What starts of the wanted release name on their hosts.
#[derive(Debug, Clone, Default)]
pub(in crate::fluss) struct Started {
    java_homes: BTreeSet<PathBuf>,
    confs: BTreeSet<PathBuf>,
}

impl Started {
    /// Of the words and the folder of configuration of each.
    pub(in crate::fluss) fn of<'a>(starts: impl Iterator<Item = (&'a [String], &'a Path)>) -> Self {
        let mut all = Self::default();
        for (words, conf) in starts {
            let homes = words.iter().filter_map(|word| word.strip_prefix("JAVA_HOME="));
            all.java_homes.extend(homes.map(PathBuf::from));
            all.confs.insert(conf.to_owned());
        }
        all
    }
}

/// Why a system cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LookError {
    /// Its metadata cannot be read.
    #[error(transparent)]
    ZooKeeper(#[from] ZooKeeperError),
    /// Its hosts cannot be told apart.
    #[error(transparent)]
    Hosts(#[from] SetupError),
}

impl LookError {
    /// As the engine takes it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::ZooKeeper(error) => error.fault(),
            Self::Hosts(error) => Fault::Refused(Failure {
                code: codes::HOSTS,
                what: error.to_string(),
                far_side: None,
            }),
        }
    }
}

/// Looks at everything once.
///
/// # Errors
/// When ZooKeeper does not answer, or knows no such cluster: then there is nothing that a look could be about.
pub(in crate::fluss) async fn observe(
    system: &SystemName,
    declared: &Site,
    started: &Started,
    secrets: &Secrets,
    taken_at: jiff::Timestamp,
) -> Result<Inventory, LookError> {
    let hosts = Hosts::new(hosts(declared), Settings::default())?;
    let tree = read_tree(Walk::of(declared, secrets), |_| ()).await?;
    let place = format!("{}{}", declared.zookeeper, declared.root.trim_end_matches('/'));
    let cluster = facts(&tree, place.clone());
    let wanted = Wanted {
        java_home: declared.java_home.clone(),
        other_java_homes: started.java_homes.clone(),
        target_confs: started.confs.clone(),
        target_home: declared.target_home.clone(),
    };
    let looks = hosts.each(|link| {
        let wanted = wanted.clone();
        async move { Ok(Box::pin(host::look(&link, &wanted)).await) }
    });
    let again = || async {
        let tree = read_tree(Walk::of(declared, secrets), |_| ()).await;
        let tree = tree.map_err(|error| error.to_string())?;
        Ok(facts(&tree, place.clone()))
    };
    let asked = async {
        let answers = answers::answers(&cluster).await;
        let (cluster, both_sides) = told::both_sides(cluster, again).await;
        (answers, cluster, both_sides)
    };
    let keepers = keepers(Walk::of(declared, secrets));
    let ((answers, cluster, both_sides), looks, keepers) = futures::join!(asked, looks, keepers);
    if let Err(error) = hosts.close().await {
        tracing::debug!(%error, "connections to hosts end by themselves");
    }
    let looks = looks.into_iter().map(|(name, look)| {
        let look = look.unwrap_or_else(|error| Seen::nothing(&name, &error.to_string(), &wanted));
        (name, look)
    });
    let (processes, hosts) = together(looks, declared);
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: system.clone(),
        taken_at,
        facts: Facts::Fluss(Box::new(System {
            seen_at: taken_at,
            keepers,
            cluster,
            answers,
            both_sides,
            processes,
            hosts,
        })),
        gaps: Vec::new(),
    })
}

/// Those that the file names, else this machine.
fn hosts(declared: &Site) -> Vec<Host> {
    match declared.hosts.is_empty() {
        false => declared.hosts.clone(),
        true => vec![Host {
            name: THIS_MACHINE.to_owned(),
            reach: Reach::Local,
        }],
    }
}

/// Servers of all hosts, and each host by itself. Servers are known where at least one host could be looked at: how
/// many are missing is told by what is registered.
fn together(
    looks: impl Iterator<Item = (String, Seen)>,
    declared: &Site,
) -> (Observed<Vec<ServerProcess>>, Vec<HostFacts>) {
    let (mut all, mut hosts) = (None::<Vec<ServerProcess>>, Vec::new());
    let mut gap: Option<Gap> = None;
    let mut counted = BTreeSet::new();
    for (name, look) in looks {
        let boot = look.boot;
        // A machine with two names is one machine: a process counts under the first.
        let mut new = |process: &ServerProcess| {
            boot.is_none() || counted.insert((boot.clone(), process.pid, process.started_ticks))
        };
        let servers = look.servers.map(|found| {
            let ours = of_cluster(found, declared).into_iter();
            ours.filter(|process| new(process)).collect::<Vec<_>>()
        });
        match &servers {
            Observed::Known(found) => all.get_or_insert_default().extend(found.iter().cloned()),
            Observed::Unknown(why) => gap = gap.or_else(|| Some(why.clone())),
        }
        hosts.push(HostFacts {
            name,
            servers: servers.map(|found| found.len()),
            java: look.java,
            java_homes: look.java_homes,
            target_home: look.target_home,
            target_confs: look.target_confs,
            clients: look.clients,
        });
    }
    let processes = match (all, gap) {
        (Some(found), _) => Observed::Known(found),
        (None, Some(gap)) => Observed::Unknown(gap),
        (None, None) => Observed::Known(Vec::new()),
    };
    (processes, hosts)
}

/// Servers of other clusters may run there, too: a process counts unless its file names another ZooKeeper or root.
fn of_cluster(found: Vec<ServerProcess>, declared: &Site) -> Vec<ServerProcess> {
    let same = |servers: &str| {
        let mut named: Vec<&str> = servers.split(',').map(str::trim).collect();
        let mut wanted: Vec<&str> = declared.zookeeper.split(',').map(str::trim).collect();
        named.sort_unstable();
        wanted.sort_unstable();
        named == wanted
    };
    let is_ours = |process: &ServerProcess| {
        let root = process.option("zookeeper.path.root").unwrap_or("/fluss");
        let servers = process.option("zookeeper.address");
        servers.is_none_or(same) && root.trim_end_matches('/') == declared.root.trim_end_matches('/')
    };
    found.into_iter().filter(is_ours).collect()
}

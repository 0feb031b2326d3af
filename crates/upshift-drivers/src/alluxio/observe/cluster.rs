//! One look: masters first, for their options say what is to be looked for on the hosts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::future::join_all;
use upshift_engine::driver::Fault;
use upshift_model::alluxio::{Declaration, Facts, HostFacts, Master, MasterAnswer, Role, Site, THIS_MACHINE};
use upshift_model::endpoint::Endpoint;
use upshift_model::host::{Host, Reach};
use upshift_model::ids::SystemName;
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed;
use upshift_model::record::Failure;

use super::host::{self, Wanted};
use super::listing::unpersisted;
use super::rest::{ask, tiers_of};
use crate::alluxio::codes;
use crate::wire::hosts::{Hosts, Settings};
use crate::wire::{Http, Secrets};

/// What is looked at.
#[derive(Debug, Clone)]
pub(in crate::alluxio) struct Asked {
    masters: Vec<Endpoint>,
    hosts: Vec<Host>,
    home: PathBuf,
    target_home: PathBuf,
    backups: PathBuf,
    /// Whether files that are in workers only are listed, which takes a shell command over the whole tree.
    files: bool,
}

impl Asked {
    /// What a declaration names.
    pub(in crate::alluxio) fn declared(of: &Declaration) -> Self {
        Self {
            masters: of.masters.clone(),
            hosts: of.hosts.clone(),
            home: of.home.clone(),
            target_home: of.target_home.clone(),
            backups: of.backups.clone(),
            files: true,
        }
    }

    /// What the site of a plan names.
    pub(in crate::alluxio) fn planned(of: &Site) -> Self {
        Self {
            masters: vec![of.master.clone()],
            hosts: Vec::new(),
            home: of.old.home.clone(),
            target_home: of.new.home.clone(),
            backups: of.backups.clone(),
            files: false,
        }
    }
}

/// Looks at everything once.
///
/// # Errors
/// When neither a master nor a host tells anything.
pub(in crate::alluxio) async fn observe(
    system: &SystemName,
    asked: &Asked,
    taken_at: jiff::Timestamp,
) -> Result<Inventory, Fault> {
    let masters = masters(&asked.masters).await;
    let leader = masters.iter().find_map(|master| master.told.known());
    let hosts = hosts_of(&asked.hosts)?;
    let wanted = wanted(asked, leader);
    let looks = hosts.iter().map(|link| host::look(link, &wanted));
    let found: Vec<HostFacts> = join_all(looks).await;
    let nothing = found.iter().all(|host| host.processes.known().is_none());
    if leader.is_none() && nothing {
        let why = masters.first().and_then(|master| master.told.gap());
        let why = why.map_or_else(|| "no master is named".to_owned(), ToString::to_string);
        return Err(Fault::Transient(why));
    }
    let files = match asked.files {
        true => Some(files(&hosts, &found, asked).await),
        false => None,
    };
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: system.clone(),
        taken_at,
        facts: inventory::Facts::Alluxio(Box::new(Facts {
            masters,
            hosts: found,
            unpersisted: files,
        })),
        gaps: Vec::new(),
    })
}

async fn masters(endpoints: &[Endpoint]) -> Vec<MasterAnswer> {
    join_all(endpoints.iter().map(|endpoint| async move {
        let http = match Http::new(endpoint, Secrets::none()) {
            Ok(http) => http,
            Err(error) => {
                return MasterAnswer {
                    address: endpoint.url.clone(),
                    told: Observed::unknown("the master", error.to_string()),
                };
            }
        };
        let told = match ask(&http).await {
            Ok(master) => Observed::Known(master),
            Err(fault) => Observed::unknown(format!("the master at {}", http.address()), fault.to_string()),
        };
        MasterAnswer {
            address: http.address().to_owned(),
            told,
        }
    }))
    .await
}

fn hosts_of(named: &[Host]) -> Result<Hosts, Fault> {
    let here = || Host {
        name: THIS_MACHINE.to_owned(),
        reach: Reach::Local,
    };
    let all = match named {
        [] => vec![here()],
        named => named.to_vec(),
    };
    Hosts::new(all, Settings::default()).map_err(|error| {
        Fault::Refused(Failure {
            code: codes::NOT_IN_THE_PLAN,
            what: error.to_string(),
            far_side: None,
        })
    })
}

fn wanted(asked: &Asked, leader: Option<&Master>) -> Wanted {
    let none = BTreeMap::new();
    let options = leader.map_or(&none, |master| &master.options);
    let local = |text: &str| {
        let text = text.strip_prefix("file://").unwrap_or(text);
        text.starts_with('/').then(|| PathBuf::from(text))
    };
    let root = leader.and_then(|master| local(&master.mounts.get("/")?.ufs));
    Wanted {
        home: asked.home.clone(),
        target_home: asked.target_home.clone(),
        backups: asked.backups.clone(),
        journal: options
            .get("alluxio.master.journal.folder")
            .and_then(|folder| local(folder)),
        root,
        tiers: tiers_of(options).into_iter().map(PathBuf::from).collect(),
    }
}

/// Files that are in workers only, listed by the shell where a master runs.
async fn files(
    hosts: &Hosts,
    found: &[HostFacts],
    asked: &Asked,
) -> Observed<Vec<upshift_model::alluxio::UnpersistedFile>> {
    let what = "files that are in workers only";
    let has_master = |host: &&HostFacts| {
        let processes = host.processes.known();
        processes.is_some_and(|all| all.iter().any(|process| process.role == Role::Master))
    };
    let Some(host) = found.iter().find(has_master) else {
        return Observed::unknown(what, "no master runs on a host that was looked at");
    };
    let Some(link) = hosts.get(&host.name) else {
        return Observed::unknown(what, "its host is not known");
    };
    match host::list(link, &asked.home).await {
        Ok(said) => Observed::Known(unpersisted(&said)),
        Err(why) => Observed::unknown(what, why),
    }
}

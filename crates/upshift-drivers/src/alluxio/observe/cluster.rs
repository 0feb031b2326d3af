//! One look: masters first, for their options say what is to be looked for on the hosts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::future::join_all;
use upshift_engine::driver::Fault;
use upshift_model::alluxio::{
    Declaration, Facts, HostFacts, Lies, Master, MasterAnswer, Member, Role, Site, THIS_MACHINE,
    UnpersistedFile,
};
use upshift_model::endpoint::Endpoint;
use upshift_model::host::{Host, Reach};
use upshift_model::ids::SystemName;
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::Observed;

use super::host::{self, Wanted};
use super::listing::{self, in_workers, members};
use super::rest::ask;
use crate::alluxio::codes;
use crate::alluxio::machine::refused;
use crate::wire::hosts::{Hosts, Link, Settings};
use crate::wire::objects::{Objects, Place as StorePlace, Presence};
use crate::wire::{Http, Secrets};

/// What is looked at.
#[derive(Debug, Clone)]
pub(in crate::alluxio) struct Asked {
    masters: Vec<Endpoint>,
    hosts: Vec<(Host, Lies)>,
    backups: PathBuf,
    /// How stores that are no folders are looked at; none where they are not.
    objects: Option<Objects>,
    /// Whether what takes a shell command is asked, too: files that are in workers only, and the quorum.
    shell: bool,
}

impl Asked {
    /// What a declaration names.
    pub(in crate::alluxio) fn declared(of: &Declaration, secrets: &Secrets) -> Self {
        let here = || Host {
            name: THIS_MACHINE.to_owned(),
            reach: Reach::Local,
        };
        let hosts = match of.hosts.as_slice() {
            [] => vec![here()],
            named => named.to_vec(),
        };
        Self {
            masters: of.masters.clone(),
            hosts: hosts
                .into_iter()
                .map(|host| (host.clone(), of.on(&host.name)))
                .collect(),
            backups: of.backups.clone(),
            objects: Some(Objects::new(of.objects.clone(), secrets.clone())),
            shell: true,
        }
    }

    /// What the site of a plan names.
    pub(in crate::alluxio) fn planned(of: &Site) -> Self {
        let lies = |host: &Host| {
            let place = of.place(&host.name)?;
            let lies = Lies {
                host: host.name.clone(),
                home: place.old.home.clone(),
                target_home: place.new.home.clone(),
                master_log: place.new.master_log.clone(),
            };
            Some((host.clone(), lies))
        };
        Self {
            masters: of.masters.clone(),
            hosts: of.hosts.iter().filter_map(lies).collect(),
            backups: of.backups.clone(),
            objects: None,
            shell: false,
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
    let named = asked.hosts.iter().map(|(host, _)| host.clone());
    let hosts =
        Hosts::new(named, Settings::default()).map_err(|error| refused(codes::HOSTS, error.to_string()))?;
    let looks = asked.hosts.iter().filter_map(|(host, lies)| {
        let link = hosts.get(&host.name)?;
        let wanted = Wanted {
            lies,
            backups: &asked.backups,
            leader,
        };
        Some(async move { host::look(link, &wanted).await })
    });
    let found: Vec<HostFacts> = join_all(looks).await;
    let nothing = found.iter().all(|host| host.processes.known().is_none());
    if leader.is_none() && nothing {
        let why = masters.first().and_then(|master| master.told.gap());
        let why = why.map_or_else(|| "no master is named".to_owned(), ToString::to_string);
        return Err(Fault::Transient(why));
    }
    let shell = Shell::of(&hosts, &found, asked);
    let (files, quorum) = match asked.shell {
        true => {
            let quorum = match leader.is_some_and(is_embedded) {
                true => Some(quorum(&shell).await),
                false => None,
            };
            (Some(files(&shell).await), quorum)
        }
        false => (None, None),
    };
    let stores = match &asked.objects {
        Some(objects) => stores(objects, leader).await,
        None => BTreeMap::new(),
    };
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: system.clone(),
        taken_at,
        facts: inventory::Facts::Alluxio(Box::new(Facts {
            masters,
            hosts: found,
            quorum,
            unpersisted: files,
            stores,
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

fn is_embedded(master: &Master) -> bool {
    let said = master.options.get("alluxio.master.journal.type");
    said.is_some_and(|said| said.eq_ignore_ascii_case("EMBEDDED"))
}

/// Mounted stores that are no folders. Credentials of their mounts are read by nobody: they are looked at with those of the
/// system file, or of the environment.
async fn stores(objects: &Objects, leader: Option<&Master>) -> BTreeMap<String, Observed<bool>> {
    let all = leader.map(|master| &master.mounts).into_iter().flatten();
    let far = all.filter(|(_, store)| store.folder().is_none());
    join_all(far.map(|(path, store)| async move {
        let seen = match StorePlace::parse(&store.ufs) {
            Ok(place) => objects.presence(&place).await,
            Err(error) => Err(error),
        };
        let seen = match seen {
            Ok(presence) => Observed::Known(presence != Presence::Nothing),
            Err(error) => Observed::unknown(format!("the store of {path}"), error.to_string()),
        };
        (path.clone(), seen)
    }))
    .await
    .into_iter()
    .collect()
}

/// Where a shell command can be run: on the first host on which a master runs.
struct Shell<'a>(Result<(&'a Link, &'a Path, &'a Observed<String>), &'static str>);

impl<'a> Shell<'a> {
    fn of(hosts: &'a Hosts, found: &'a [HostFacts], asked: &'a Asked) -> Self {
        let has_master = |host: &&HostFacts| {
            let processes = host.processes.known();
            processes.is_some_and(|all| all.iter().any(|process| process.role == Role::Master))
        };
        let Some(host) = found.iter().find(has_master) else {
            return Self(Err("no master runs on a host that was looked at"));
        };
        let lies = asked.hosts.iter().find(|(named, _)| named.name == host.name);
        let link = hosts.get(&host.name);
        Self(
            link.zip(lies)
                .map(|(link, (_, lies))| (link, lies.home.as_path(), &host.home))
                .ok_or("its host is not known"),
        )
    }
}

/// Files that are in workers only.
async fn files(shell: &Shell<'_>) -> Observed<Vec<UnpersistedFile>> {
    let what = "files that are in workers only";
    let (link, home, release) = match shell.0 {
        Err(why) => return Observed::unknown(what, why),
        Ok(shell) => shell,
    };
    match release.as_result() {
        Err(gap) => Observed::Unknown(gap.clone()),
        Ok(release) => match in_workers(link, home, release, listing::LOOK).await {
            Ok(files) => Observed::Known(files),
            Err(why) => Observed::unknown(what, why),
        },
    }
}

/// The members of the masters' quorum.
async fn quorum(shell: &Shell<'_>) -> Observed<Vec<Member>> {
    let what = "the masters' quorum";
    match shell.0 {
        Err(why) => Observed::unknown(what, why),
        Ok((link, home, _)) => match host::quorum(link, home).await {
            Ok(said) => members(&said).map_or_else(
                || Observed::unknown(what, "the answer has another form"),
                Observed::Known,
            ),
            Err(why) => Observed::unknown(what, why),
        },
    }
}

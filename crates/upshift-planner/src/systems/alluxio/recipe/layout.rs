//! What lies where: the servers that are stopped and started, on which machine, and the folders beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use upshift_model::alluxio::{
    HostFacts, Installation, JournalFolder, Lies, Master, MountTerms, Place, Role, RootStore, Server, Site,
    THIS_MACHINE,
};
use upshift_model::endpoint::Endpoint;
use upshift_model::host::{Host, Reach};

use super::edits::pinned;
use super::error::PlanError;
use super::plan::unseen;
use crate::systems::alluxio::situation::{JOURNAL_FOLDER, Situation};
use crate::systems::alluxio::way::is_embedded;

/// Where a master answers over HTTP, unless it is configured otherwise.
const WEB_PORT: &str = "19999";

/// The site of a cluster whose masters and workers were all found on the hosts that are named.
///
/// # Errors
/// When a server was not found, or something that steps are made of was not seen.
pub(super) fn site(s: &Situation<'_>) -> Result<Site, PlanError> {
    let declared = s.declaration;
    let master = s.leader().map_err(|gap| PlanError::Unseen { gap })?;
    if master.version == declared.target.as_str() {
        return Err(PlanError::NothingToDo {
            to: declared.target.clone(),
        });
    }
    let embedded =
        is_embedded(s).ok_or_else(|| unseen("the kind of the journal", "neither folder nor master says"))?;
    let leads = leader(s)?;
    let servers = servers(s, &leads)?;
    let mut places = Vec::new();
    for host in &s.facts.hosts {
        let is_here = |role| {
            let mut all = servers.iter();
            all.any(|server: &Server| server.host == host.name && role == server.role)
        };
        if servers.iter().any(|server| server.host == host.name) {
            places.push(place(s, host, (is_here(Role::Master), is_here(Role::Worker)))?);
        }
    }
    let hears = u32::try_from(master.workers.len()).unwrap_or(u32::MAX);
    let found = servers
        .iter()
        .filter(|server| server.role == Role::Worker)
        .count();
    if u32::try_from(found).ok() != Some(hears) {
        return Err(not_here(format!(
            "the master hears of {hears} workers, {found} run on the hosts that were looked at"
        )));
    }
    let mut site = Site {
        masters: declared.masters.clone(),
        leader: leads,
        from: declared.current.clone(),
        to: declared.target.clone(),
        embedded,
        hosts: hosts(&declared.hosts),
        places,
        servers,
        backups: declared.backups.clone(),
        mounts: mounts(master),
        mount_terms: terms(master),
        workers: hears,
        saved_tiers: declared.save_tiers.as_ref().map(|folder| {
            let at = s.now.strftime("%Y%m%dT%H%M%S");
            folder.join(format!("{}-{at}", declared.name))
        }),
        worker_options: declared.worker_options.clone(),
    };
    if !embedded {
        // It is one folder that all masters share: one of them sees to it.
        let first = site.first_master().map(|(server, _)| server.host.clone());
        for place in &mut site.places {
            place.journal = place
                .journal
                .take()
                .filter(|_| Some(&place.host) == first.as_ref());
        }
    }
    Ok(site)
}

fn not_here(what: String) -> PlanError {
    PlanError::NotHere { what }
}

fn hosts(named: &[Host]) -> Vec<Host> {
    let here = || Host {
        name: THIS_MACHINE.to_owned(),
        reach: Reach::Local,
    };
    match named {
        [] => vec![here()],
        named => named.to_vec(),
    }
}

/// The address of the master that leads.
fn leader(s: &Situation<'_>) -> Result<Endpoint, PlanError> {
    let address = s.facts.leader_address();
    let is = |endpoint: &&Endpoint| Some(endpoint.authority()) == address.map(without_scheme);
    let found = s.declaration.masters.iter().find(is);
    found.cloned().ok_or_else(|| {
        unseen(
            "which of the masters leads",
            "none of the addresses in the system file is the one that answered",
        )
    })
}

fn without_scheme(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// All servers of the releases' homes, in the order in which they are stopped; of masters, the leader last.
fn servers(s: &Situation<'_>, leads: &Endpoint) -> Result<Vec<Server>, PlanError> {
    let mut found: Vec<(Role, &HostFacts)> = Vec::new();
    for host in &s.facts.hosts {
        let lies = s.declaration.on(&host.name);
        let processes = host.processes.as_result();
        let processes = processes.map_err(|gap| PlanError::Unseen { gap: gap.clone() })?;
        let ours = processes
            .iter()
            .filter(|process| process.home.as_deref() == Some(lies.home.as_path()));
        for process in ours {
            if found
                .iter()
                .any(|(role, on)| *role == process.role && on.name == host.name)
            {
                return Err(not_here(format!(
                    "several processes of a {} run on {} from {}",
                    process.role.words(),
                    host.name,
                    lies.home.display()
                )));
            }
            found.push((process.role, host));
        }
    }
    let masters = found.iter().filter(|(role, _)| *role == Role::Master).count();
    if masters == 0 {
        return Err(no_master(s));
    }
    if masters != s.declaration.masters.len() {
        return Err(not_here(format!(
            "{} masters are named, {masters} run on the hosts that were looked at",
            s.declaration.masters.len()
        )));
    }
    let mut all = Vec::new();
    for role in Role::STOPPED {
        let of: Vec<&HostFacts> = found
            .iter()
            .filter(|(is, _)| *is == role)
            .map(|(_, host)| *host)
            .collect();
        for host in &of {
            let id = match of.len() {
                1 => role.component(),
                _ => role.component_on(&host.name),
            };
            let web = match role {
                Role::Master => Some(web(s, host)?),
                _ => None,
            };
            all.push(Server {
                id,
                role,
                host: host.name.clone(),
                web,
            });
        }
    }
    all.sort_by_key(|server| server.web.as_ref() == Some(leads));
    all.sort_by_key(|server| Role::STOPPED.iter().position(|role| *role == server.role));
    Ok(all)
}

/// Where masters run instead is told: a link to a home is not the home that stands on command lines.
fn no_master(s: &Situation<'_>) -> PlanError {
    let homes = s.facts.hosts.iter().filter_map(|host| host.processes.known());
    let homes = homes.flatten().filter(|process| process.role == Role::Master);
    let homes: BTreeSet<String> = homes
        .filter_map(|process| Some(process.home.as_ref()?.display().to_string()))
        .collect();
    let others = match homes.is_empty() {
        true => String::new(),
        false => format!(
            "; masters run there from {}: name the folder as it stands on their command line, not a link to it",
            homes.into_iter().collect::<Vec<_>>().join(", ")
        ),
    };
    not_here(format!(
        "no master runs from {} on the hosts that were looked at{others}",
        s.declaration.home.display()
    ))
}

/// Where the master of a host answers; none where that cannot be told.
pub(in crate::systems::alluxio) fn web_of(s: &Situation<'_>, host: &HostFacts) -> Option<Endpoint> {
    web(s, host).ok()
}

/// Where the master of a host answers: by the port in its own configuration, then by its name.
fn web(s: &Situation<'_>, host: &HostFacts) -> Result<Endpoint, PlanError> {
    let option = |key: &str| s.facts.option_on(host, key);
    let port = option("alluxio.master.web.port").unwrap_or(WEB_PORT);
    let ours = |endpoint: &&Endpoint| endpoint.authority().rsplit_once(':').map(|(_, own)| own) == Some(port);
    let of_port: Vec<&Endpoint> = s.declaration.masters.iter().filter(ours).collect();
    let reach = s.declaration.hosts.iter().find(|named| named.name == host.name);
    let mut names = vec![host.name.as_str()];
    names.extend(option("alluxio.master.hostname"));
    if let Some(Reach::Ssh(way)) = reach.map(|named| &named.reach) {
        names.push(way.address());
    }
    let named = |endpoint: &&Endpoint| {
        let of = endpoint.authority().rsplit_once(':').map(|(of, _)| of);
        of.is_some_and(|of| names.contains(&of))
    };
    let by_name: Vec<&Endpoint> = of_port.iter().copied().filter(named).collect();
    match (
        of_port.as_slice(),
        by_name.as_slice(),
        s.declaration.masters.as_slice(),
    ) {
        ([one], _, _) | (_, [one], _) => Ok((*one).clone()),
        (_, _, [one]) => Ok(one.clone()),
        _ => Err(unseen(
            &format!(
                "which of the addresses in masters is the master's on {}",
                host.name
            ),
            "neither its port nor its name tells: give [[host]] the name that stands in the address",
        )),
    }
}

fn place(
    s: &Situation<'_>,
    host: &HostFacts,
    (has_master, has_worker): (bool, bool),
) -> Result<Place, PlanError> {
    let Lies {
        home,
        target_home,
        master_log,
        ..
    } = s.declaration.on(&host.name);
    let tiers = match has_worker {
        true => {
            let tiers = host.tiers.as_result();
            let tiers = tiers.map_err(|gap| PlanError::Unseen { gap: gap.clone() })?;
            tiers.iter().map(|tier| tier.path.clone()).collect()
        }
        false => Vec::new(),
    };
    Ok(Place {
        host: host.name.clone(),
        old: Installation {
            version: s.declaration.current.clone(),
            master_log: home.join("logs/master.log"),
            home,
        },
        new: Installation {
            version: s.declaration.target.clone(),
            home: target_home,
            master_log,
        },
        journal: match has_master {
            true => Some(journal(s, host)?),
            false => None,
        },
        tiers,
        root_store: match has_master {
            true => root_store(host)?,
            false => None,
        },
        pinned: Some(pinned(s, host)?),
    })
}

/// One that could not be seen is none that is not a folder: nobody would look at it before a master starts.
fn root_store(host: &HostFacts) -> Result<Option<RootStore>, PlanError> {
    let seen = host.root_store.as_ref().map(|root| root.as_result().cloned());
    seen.transpose()
        .map_err(|gap| PlanError::Unseen { gap: gap.clone() })
}

fn journal(s: &Situation<'_>, host: &HostFacts) -> Result<JournalFolder, PlanError> {
    let folder = s.facts.option_on(host, JOURNAL_FOLDER);
    let folder = folder.ok_or_else(|| unseen(JOURNAL_FOLDER, "the master does not tell it"))?;
    let folder = folder.strip_prefix("file://").unwrap_or(folder);
    if !folder.starts_with('/') {
        return Err(not_here(format!("the journal is in {folder}")));
    }
    let folder = PathBuf::from(folder.trim_end_matches('/'));
    Ok(JournalFolder {
        kept: kept(&folder, s),
        folder,
    })
}

fn mounts(master: &Master) -> BTreeMap<String, String> {
    let all = master.mounts.iter();
    all.map(|(path, store)| (path.clone(), store.ufs.clone()))
        .collect()
}

fn terms(master: &Master) -> BTreeMap<String, MountTerms> {
    let all = master.mounts.iter();
    all.map(|(path, store)| (path.clone(), MountTerms::of(store)))
        .collect()
}

/// `/srv/journal.1.8.1-20261127T2131`: beside the journal, and of this plan alone.
fn kept(journal: &Path, s: &Situation<'_>) -> PathBuf {
    let at = s.now.strftime("%Y%m%dT%H%M%S");
    let mut name = journal.as_os_str().to_owned();
    name.push(format!(".{}-{at}", s.from));
    name.into()
}

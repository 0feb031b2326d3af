//! One look at a cluster: a backend is asked about all of it, then every server about itself, all at the same time.
//!
//! A server that is not reached, or does not end in time, is a gap of its own and costs the others nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use thiserror::Error;
use upshift_model::host::{Host, NotForSsh, Reach, Ssh};
use upshift_model::inventory::{self, INVENTORY_FORMAT, Inventory};
use upshift_model::observed::{Gap, Observed};
use upshift_model::version::Version;
use upshift_model::weka::{Cluster, Container, Declaration, Facts, Server};

use super::ask::{self, Errand};
use super::frames::Frames;
use super::reading::{self, Clocks};
use super::rest;
use crate::Clock;
use crate::wire::Secrets;
use crate::wire::hosts::{HostError, Hosts, Link, Settings};

/// The line from which on network drivers are not asked about.
const OFED_UNTIL: (u32, u32) = (4, 4);

/// No backend of the file could be asked.
#[derive(Debug, Error)]
pub enum Unseen {
    /// An entry is no name of a host.
    #[error(transparent)]
    Entry(#[from] NotForSsh),
    /// None was reached.
    #[error("no backend could be asked")]
    Nobody(Vec<HostError>),
}

/// Looks at everything once.
///
/// # Errors
/// When no backend of the declaration can be asked.
pub async fn observe(declared: &Declaration, secrets: &Secrets, clock: &Clock) -> Result<Inventory, Unseen> {
    let taken_at = clock.now();
    let mark = format!("@{:016x}", RandomState::new().build_hasher().finish());
    let salt = format!("{:016x}", RandomState::new().build_hasher().finish());
    let rest = match &declared.rest {
        Some(rest) => rest::ask(rest, secrets).await,
        None => rest::Told::default(),
    };
    let by_rest = rest.frames.names();
    let (entry, hosts, mut frames) = enter(declared, &mark, &by_rest).await?;
    frames.join(rest.frames);
    let link = hosts.get(&entry).expect("the host that was asked");
    let mut cluster = reading::cluster(&frames);
    ask_further(link, &mut cluster, &frames, declared).await;
    let plan = Plan {
        declared,
        entry: &entry,
        mark: &mark,
        salt: &salt,
        clock,
    };
    let (backends, clients) = plan.servers(link, &cluster).await;
    Ok(Inventory {
        format: INVENTORY_FORMAT,
        system: declared.name.clone(),
        taken_at,
        facts: inventory::Facts::Weka(Box::new(Facts {
            entry,
            by_rest,
            cluster,
            backends,
            clients,
        })),
        gaps: rest.gaps,
    })
}

/// The first backend that answers, and what it said of the cluster.
async fn enter(
    declared: &Declaration,
    mark: &str,
    known: &[String],
) -> Result<(String, Hosts, Frames), Unseen> {
    let mut tried = Vec::new();
    for entry in &declared.entry {
        let settings = Settings {
            per_host: Some(deadline(declared)),
            ..Settings::default()
        };
        let hosts = Hosts::new([host(declared, entry, entry)?], settings).expect("one host has one name");
        let link = hosts.get(entry).expect("the only host").clone();
        let asked = tokio::time::timeout(deadline(declared), ask::cluster(&link, mark, known)).await;
        match asked {
            Ok(Ok(frames)) => return Ok((entry.clone(), hosts, frames)),
            Ok(Err(error)) => tried.push(error),
            Err(_) => tried.push(link.out_of_time(deadline(declared))),
        }
    }
    Err(Unseen::Nobody(tried))
}

fn deadline(declared: &Declaration) -> Duration {
    declared.server_deadline.as_duration()
}

pub(super) fn host(declared: &Declaration, name: &str, address: &str) -> Result<Host, NotForSsh> {
    let mut way = Ssh::new(address)?;
    if let Some(user) = &declared.ssh_user {
        way = way.user(user)?;
    }
    if let Some(file) = &declared.ssh_config {
        way = way.config(file);
    }
    Ok(Host {
        name: name.to_owned(),
        reach: Reach::Ssh(way),
    })
}

/// What can be asked only when it is known of what.
async fn ask_further(link: &Link, cluster: &mut Cluster, frames: &Frames, declared: &Declaration) {
    let unheard = |what: &str, error: &HostError| Gap {
        what: what.to_owned(),
        reason: error.to_string(),
    };
    if let Observed::Known(Some(s3)) = &mut cluster.protocols.s3 {
        s3.lifecycle = Some(match reading::bucket_names(frames) {
            Err(gap) => Observed::Unknown(gap),
            Ok(names) => match ask::lifecycles(link, &names).await {
                Ok(told) => reading::lifecycle(&told),
                Err(error) => Observed::Unknown(unheard("rules of buckets", &error)),
            },
        });
    }
    let what = "the load of compute processes";
    cluster.compute_load = match compute(cluster) {
        Err(gap) => Observed::Unknown(gap),
        Ok(ids) => match ask::load(link, &ids).await {
            Ok(text) => load(&text),
            Err(error) => Observed::Unknown(unheard(what, &error)),
        },
    };
    if line(&declared.target) < OFED_UNTIL {
        let addresses = addresses(cluster.backend_containers())
            .into_values()
            .collect::<Vec<_>>();
        let what = "network drivers";
        cluster.ofed = Some(match ask::hardware(link, &addresses).await {
            Ok(text) => ofed(&text),
            Err(error) => Observed::Unknown(unheard(what, &error)),
        });
    }
}

fn line(version: &Version) -> (u32, u32) {
    (version.major(), version.minor())
}

/// Compute processes of backends.
fn compute(cluster: &Cluster) -> Result<Vec<u64>, Gap> {
    let all = cluster.processes.as_result().map_err(Gap::clone)?;
    let of_compute = all.iter().filter(|process| {
        let roles = process.roles.as_ref();
        roles.is_some_and(|roles| roles.iter().any(|role| role == "COMPUTE"))
    });
    let ids: Option<Vec<u64>> = of_compute.map(|process| process.id).collect();
    match ids {
        Some(ids) if !ids.is_empty() => Ok(ids),
        _ => Err(Gap {
            what: "the load of compute processes".to_owned(),
            reason: "no compute process is known by its number".to_owned(),
        }),
    }
}

/// The highest of the percentages that were said, in tenths.
fn load(text: &str) -> Observed<u32> {
    let tenths = |word: &str| {
        let (whole, part) = word
            .trim_end_matches('%')
            .split_once('.')
            .unwrap_or((word.trim_end_matches('%'), "0"));
        let part = part.chars().next()?.to_digit(10)?;
        Some(whole.parse::<u32>().ok()? * 10 + part)
    };
    let all = text.split_whitespace().filter_map(tenths);
    match all.max() {
        Some(highest) => Observed::Known(highest),
        None => Observed::unknown("the load of compute processes", "the answer names no percentage"),
    }
}

fn ofed(text: &str) -> Observed<BTreeMap<String, Option<String>>> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Err(error) => Observed::unknown("network drivers", format!("the answer is no JSON: {error}")),
        Ok(map) => Observed::Known(
            map.iter()
                .map(|(address, told)| (address.clone(), super::record::Record(told).text("ofed.host")))
                .collect(),
        ),
    }
}

/// The first address of each server that has one.
fn addresses<'a>(containers: impl Iterator<Item = &'a Container>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for container in containers {
        if let (Some(host), Some(ip)) = (
            &container.host,
            container.ips.as_ref().and_then(|ips| ips.first()),
        ) {
            found.entry(host.clone()).or_insert_with(|| ip.clone());
        }
    }
    found
}

type Servers = BTreeMap<String, Observed<Server>>;

/// How servers are asked.
struct Plan<'a> {
    declared: &'a Declaration,
    entry: &'a str,
    mark: &'a str,
    salt: &'a str,
    clock: &'a Clock,
}

impl Plan<'_> {
    async fn servers(&self, entry: &Link, cluster: &Cluster) -> (Servers, Option<Servers>) {
        let backends = addresses(cluster.backend_containers());
        let clients = addresses(cluster.client_containers());
        let wanted: BTreeMap<String, String> = match self.declared.clients {
            true => backends.clone().into_iter().chain(clients.clone()).collect(),
            false => backends.clone(),
        };
        let mut seen = self.ask_all(entry, cluster, &wanted, &backends).await;
        let of_clients = seen.split_off_by(&backends);
        (seen.0, self.declared.clients.then_some(of_clients))
    }

    /// Asks the one that is connected already by its own connection, and all others by new ones.
    async fn ask_all(
        &self,
        entry: &Link,
        cluster: &Cluster,
        wanted: &BTreeMap<String, String>,
        backends: &BTreeMap<String, String>,
    ) -> Seen {
        let settings = Settings {
            per_host: Some(deadline(self.declared)),
            ..Settings::default()
        };
        let is_entry = |name: &str, address: &str| name == self.entry || address == self.entry;
        let mut seen = Seen::default();
        let mut others = Vec::new();
        let mut own = None;
        for (name, address) in wanted {
            match (is_entry(name, address), host(self.declared, name, address)) {
                (true, _) => own = Some((name, address)),
                (false, Ok(host)) => others.push(host),
                (false, Err(error)) => {
                    seen.0.insert(
                        name.clone(),
                        Observed::unknown(format!("server {name}"), error.to_string()),
                    );
                }
            }
        }
        let hosts = Hosts::new(others, settings).expect("names of a map differ");
        let errands: BTreeMap<&String, Errand> = wanted
            .keys()
            .map(|name| (name, self.errand(cluster, name, backends)))
            .collect();
        let answers = hosts.each(|link| {
            let errand = errands[&link.name().to_owned()].clone();
            let address = wanted[link.name()].clone();
            async move { self.ask(&link, &errand, &address).await }
        });
        let ours = async {
            match own {
                None => None,
                Some((name, address)) => {
                    let asked = tokio::time::timeout(
                        deadline(self.declared),
                        self.ask(entry, &errands[name], address),
                    )
                    .await;
                    Some((
                        name.clone(),
                        asked.unwrap_or_else(|_| Err(entry.out_of_time(deadline(self.declared)))),
                    ))
                }
            }
        };
        let (answers, ours) = futures::join!(answers, ours);
        for (name, answer) in answers.into_iter().chain(ours) {
            seen.0.insert(
                name.clone(),
                answer.map_or_else(|error| unreached(&name, &error), Observed::Known),
            );
        }
        seen
    }

    async fn ask(&self, link: &Link, errand: &Errand, address: &str) -> Result<Server, HostError> {
        let before = self.clock.now().as_second();
        let frames = ask::server(link, self.mark, errand).await?;
        let after = self.clock.now().as_second();
        Ok(reading::server(&frames, address, Clocks { before, after }))
    }

    fn errand(&self, cluster: &Cluster, name: &str, backends: &BTreeMap<String, String>) -> Errand {
        let serves = |hosts: Option<Vec<u64>>| {
            let hosts = hosts.unwrap_or_default();
            hosts.into_iter().any(|id| cluster.host_of(id) == Some(name))
        };
        let nfs = cluster.protocols.nfs.known().map(|groups| {
            let ports = groups.iter().filter_map(|group| group.ports.as_ref()).flatten();
            ports.filter_map(|port| port.host).collect()
        });
        let smb = cluster.protocols.smb.known().and_then(Option::as_ref);
        let is_backend = backends.contains_key(name);
        Errand {
            salt: self.salt.to_owned(),
            ports: if is_backend { ports(cluster) } else { String::new() },
            nfs: serves(nfs),
            smb: serves(smb.and_then(|smb| smb.hosts.clone())),
            release: is_backend.then(|| self.declared.current.as_str().to_owned()),
            web: !is_backend,
        }
    }
}

/// The ports of the first backend's containers, which every other one has to reach.
fn ports(cluster: &Cluster) -> String {
    let Some(first) = cluster
        .backend_containers()
        .find_map(|container| container.host.clone())
    else {
        return String::new();
    };
    let own = cluster
        .backend_containers()
        .filter(|container| container.host.as_ref() == Some(&first));
    let all: BTreeSet<String> = own
        .filter_map(|container| {
            let ip = container.ips.as_ref()?.first()?;
            let ip = if ip.contains(':') {
                format!("[{ip}]")
            } else {
                ip.clone()
            };
            Some(format!("{ip}:{}", container.port?))
        })
        .collect();
    all.into_iter().collect::<Vec<_>>().join(" ")
}

/// Servers by name, of both kinds.
#[derive(Debug, Default)]
struct Seen(Servers);

impl Seen {
    /// Takes those out that are no backends.
    fn split_off_by(&mut self, backends: &BTreeMap<String, String>) -> Servers {
        let all = std::mem::take(&mut self.0);
        let (own, others) = all.into_iter().partition(|(name, _)| backends.contains_key(name));
        self.0 = own;
        others
    }
}

fn unreached(name: &str, error: &HostError) -> Observed<Server> {
    Observed::unknown(format!("server {name}"), format!("{error} ({})", error.code()))
}

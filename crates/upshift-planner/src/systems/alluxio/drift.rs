//! Whether the world is still the one that a plan of Alluxio was made for. Anything that cannot be seen now counts as a
//! difference.

use std::path::Path;

use upshift_model::alluxio::{Facts, HostFacts, MountTerms, Place, Server, Site};
use upshift_model::plan::Plan;

use super::situation::JOURNAL_FOLDER;

/// Differences, one a line: what the plan says, what is seen now. Empty when the plan may start.
pub fn differences(plan: &Plan, site: &Site, now: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    match now.leader() {
        None => found.push("no master answers now".to_owned()),
        Some(master) => {
            if master.version != plan.from.as_str() {
                found.push(format!(
                    "the plan leads from {}, the master answers as {} now",
                    plan.from, master.version
                ));
            }
            for (path, ufs) in &site.mounts {
                let is = master.mounts.get(path).map(|store| store.ufs.as_str());
                if is != Some(ufs.as_str()) {
                    found.push(format!(
                        "{path} was mounted from {ufs}, it is from {} now",
                        is.unwrap_or("nothing")
                    ));
                }
                if let Some((was, now)) = site.mount_terms.get(path).zip(master.mounts.get(path)) {
                    let differ = was.differences(&MountTerms::of(now));
                    found.extend(differ.into_iter().map(|what| format!("{path} is mounted {what}")));
                }
            }
        }
    }
    if site.masters.len() > 1
        && let Some(leads) = now.leader_address()
        && without_scheme(leads) != site.leader.authority()
    {
        found.push(format!(
            "the master at {} led, the one at {leads} leads now",
            site.leader.url
        ));
    }
    found.extend(site.servers.iter().filter_map(|server| gone(site, server, now)));
    found.extend(appeared(site, now));
    found.extend(now.hosts.iter().filter_map(|host| unseen(site, host)));
    found.extend(site.places.iter().filter_map(|place| journal_moved(place, now)));
    found
}

fn without_scheme(address: &str) -> &str {
    address
        .split_once("://")
        .map_or(address, |(_, rest)| rest)
        .trim_end_matches('/')
}

fn gone(site: &Site, server: &Server, now: &Facts) -> Option<String> {
    let home = &site.place(&server.host)?.old.home;
    let host = now.hosts.iter().find(|host| host.name == server.host);
    let all = host.and_then(|host| host.processes.known());
    let runs = all.is_some_and(|all| {
        all.iter()
            .any(|process| process.role == server.role && process.home.as_ref() == Some(home))
    });
    (!runs).then(|| {
        format!(
            "a {} ran on {} when the plan was made, and does not now",
            server.role.words(),
            server.host
        )
    })
}

/// Servers of either release that the plan does not know: one of the old release would live on through the format.
fn appeared<'a>(site: &'a Site, now: &'a Facts) -> impl Iterator<Item = String> + 'a {
    now.hosts.iter().flat_map(move |host| {
        let all = host.processes.known().into_iter().flatten();
        let others = all.filter(move |process| {
            let planned = |server: &Server| server.host == host.name && server.role == process.role;
            let home = process.home.as_deref();
            home.is_some_and(|home| is_of(site, &host.name, home)) && !site.servers.iter().any(planned)
        });
        others.map(|process| {
            format!(
                "a {} runs on {} with pid {}, which the plan does not know",
                process.role.words(),
                host.name,
                process.pid
            )
        })
    })
}

/// Where no server of the plan runs one may have been started since; where one does, it is told of by itself.
fn unseen(site: &Site, host: &HostFacts) -> Option<String> {
    let gap = host.processes.gap()?;
    site.place(&host.name)
        .is_none()
        .then(|| format!("what runs on {} cannot be seen now: {gap}", host.name))
}

/// Whether a home counts on a host. Two names may be one machine, where each sees the servers of the other: one without
/// servers of its own is asked for a home that is the same everywhere.
fn is_of(site: &Site, host: &str, home: &Path) -> bool {
    let is = |place: &Place| place.old.home == home || place.new.home == home;
    site.place(host).map_or_else(|| site.places.iter().all(is), is)
}

fn journal_moved(place: &Place, now: &Facts) -> Option<String> {
    let was = &place.journal.as_ref()?.folder;
    let host = now.hosts.iter().find(|host| host.name == place.host);
    let is = host.and_then(|host| now.option_on(host, JOURNAL_FOLDER));
    let is = is.map(|text| text.strip_prefix("file://").unwrap_or(text).trim_end_matches('/'));
    (is.map(Path::new) != Some(was)).then(|| {
        format!(
            "the journal was in {} on {}, it is in {} now",
            was.display(),
            place.host,
            is.unwrap_or("a place that is not told")
        )
    })
}

//! Whether the world is still the one that a plan of Alluxio was made for. Anything that cannot be seen now counts as a
//! difference.

use std::path::Path;

use upshift_model::alluxio::{Facts, Place, Server, Site};
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

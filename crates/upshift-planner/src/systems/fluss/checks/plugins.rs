//! Plugins and jars of the wanted release, on every host, before the first server is stopped.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{Home, HostFacts};
use upshift_model::topic::Topic;

use super::processes::seen;
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// Where it was read that an empty folder ends a start.
const FINDER: &str =
    "DirectoryBasedPluginFinder of 0.6.0 to the main branch; servers started with an empty folder";

/// Asked where a home is named.
pub(super) fn plugins(s: &Situation<'_>) -> Option<Finding> {
    let path = s.declaration.target_home.as_ref()?;
    let topic = Topic::new(codes::PLUGINS, path.display().to_string());
    let row = s.row("lake-jars");
    let topic = topic.source(FINDER).source(row.source);
    let homes = homes(s);
    if let Some(gap) = s
        .system
        .hosts
        .iter()
        .find_map(|host| host.target_home.as_ref()?.gap())
    {
        return Some(
            topic
                .fix("let the home be read by the user who logs in there")
                .unknown(
                    gap,
                    Severity::Red,
                    "which plugins and jars the wanted release has is not known",
                ),
        );
    }
    let empty = empty(&homes);
    if !empty.is_empty() {
        return Some(
            topic
                .saw_all(empty)
                .fix("put the plugin's jars there, or take the folder away")
                .red("an empty folder below plugins ends every server at its start"),
        );
    }
    let differ = differ(&homes);
    if !differ.is_empty() {
        return Some(
            topic
                .saw_all(differ)
                .fix("put the same release, with the same jars, on every host")
                .red("the hosts hold different jars of the wanted release"),
        );
    }
    let lacks = lacks(s, &homes);
    if !lacks.is_empty() {
        return Some(
            topic
                .saw_all(lacks)
                .saw(row.text)
                .fix("put plugins of the wanted release there before the first server is stopped; own ones are built anew where the hop crosses 0.8")
                .red("plugins that are in use are not in the wanted release's home"),
        );
    }
    let jars = homes.first().map_or(0, |(_, home)| home.jars.len());
    let gap = seen(s).iter().find_map(|process| process.plugins.gap());
    let topic = topic.saw(format!("{jars} jars, the same on every host"));
    Some(match gap {
        Some(gap) => topic.fix("compare the folders of plugins by hand").unknown(
            gap,
            Severity::Yellow,
            "which plugins are in use is not known",
        ),
        None => topic.green("the wanted release has the plugins that are in use, and each has its jars"),
    })
}

fn homes<'a>(s: &'a Situation<'_>) -> Vec<(&'a str, &'a Home)> {
    let home = |host: &'a HostFacts| Some((host.name.as_str(), host.target_home.as_ref()?.known()?));
    s.system.hosts.iter().filter_map(home).collect()
}

fn empty(homes: &[(&str, &Home)]) -> Vec<String> {
    let folders = homes.iter().flat_map(|(host, home)| {
        let empty = home.plugins.iter().filter(|(_, jars)| **jars == 0);
        empty.map(move |(folder, _)| format!("plugins/{folder} on {host} holds no jar"))
    });
    folders.collect()
}

/// Jars that not every host has, or has with other bytes.
fn differ(homes: &[(&str, &Home)]) -> Vec<String> {
    let mut by_jar: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (host, home) in homes {
        for (jar, digest) in &home.jars {
            let same = by_jar.entry(jar).or_default().entry(digest).or_default();
            same.push(host);
        }
    }
    let mut said = Vec::new();
    for (jar, digests) in by_jar {
        let there: usize = digests.values().map(Vec::len).sum();
        if digests.len() == 1 && there == homes.len() {
            continue;
        }
        let parts = digests.iter().map(|(digest, hosts)| {
            let short = digest.get(..12).unwrap_or(digest);
            format!("{short} on {}", hosts.join(", "))
        });
        let parts: Vec<String> = parts.collect();
        said.push(format!("{jar}: {}", parts.join("; ")));
    }
    said
}

/// Plugins that servers run with, and those of the tables' lakes, that the new home has not.
fn lacks(s: &Situation<'_>, homes: &[(&str, &Home)]) -> Vec<String> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for process in seen(s) {
        let running = process.plugins.known().into_iter().flatten();
        wanted.extend(running.map(|(name, _)| name.as_str()));
    }
    let lakes = s
        .system
        .cluster
        .tables
        .values()
        .filter(|table| table.lake.enabled);
    wanted.extend(lakes.filter_map(|table| table.lake.format.as_deref()));
    let has = |home: &Home, name: &str| home.plugins.get(name).is_some_and(|jars| *jars > 0);
    let lacking = homes.iter().flat_map(|(host, home)| {
        let lacking = wanted.iter().filter(|name| !has(home, name));
        lacking.map(move |name| format!("plugins/{name} is not on {host}"))
    });
    lacking.collect()
}

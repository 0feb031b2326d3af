//! Plugins and jars of the wanted release, on every host, before the first server is stopped.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::fluss::{Home, HostFacts, Staged};
use upshift_model::observed::Gap;
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
    if staged_archive(s) && homes.len() < s.system.hosts.len() {
        return Some(not_unpacked(s, topic));
    }
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
    let topic = match amiss(s, &homes, topic, row.text) {
        Ok(topic) => topic,
        Err(finding) => return Some(*finding),
    };
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

/// The release comes as an archive, and is not on every host yet.
fn not_unpacked(s: &Situation<'_>, topic: Topic) -> Finding {
    let gap = Gap {
        what: "what the archive of the wanted release holds".to_owned(),
        reason: "it is unpacked, and looked into, before the first server is stopped".to_owned(),
    };
    let staged = s.declaration.staged.iter();
    topic
        .saw_all(staged.map(|one| format!("brought there: {}", one.to.display())))
        .fix("name jars of lakes and plugins under [[stage]], too")
        .unknown(
            &gap,
            Severity::Yellow,
            "which plugins the wanted release has is not known yet",
        )
}

/// What would keep servers from starting, or make them differ; else the topic as it was.
fn amiss(
    s: &Situation<'_>,
    homes: &[(&str, &Home)],
    topic: Topic,
    lake_jars: String,
) -> Result<Topic, Box<Finding>> {
    let in_the_way = in_the_way(s, homes);
    if !in_the_way.is_empty() {
        return Err(Box::new(
            topic
                .saw_all(in_the_way)
                .fix("take it away, or name the file that is wanted there under [[stage]]")
                .red("where [[stage]] puts a jar lies another one"),
        ));
    }
    let empty = empty(s, homes);
    if !empty.is_empty() {
        return Err(Box::new(
            topic
                .saw_all(empty)
                .fix("put the plugin's jars there, or take the folder away")
                .red("an empty folder below plugins ends every server at its start"),
        ));
    }
    let differ = differ(s, homes);
    if !differ.is_empty() {
        return Err(Box::new(
            topic
                .saw_all(differ)
                .fix("put the same release, with the same jars, on every host")
                .red("the hosts hold different jars of the wanted release"),
        ));
    }
    let lacks = lacks(s, homes);
    if !lacks.is_empty() {
        return Err(Box::new(
            topic
                .saw_all(lacks)
                .saw(lake_jars)
                .fix("put plugins of the wanted release there before the first server is stopped; own ones are built anew where the hop crosses 0.8")
                .red("plugins that are in use are not in the wanted release's home"),
        ));
    }
    Ok(topic)
}

fn homes<'a>(s: &'a Situation<'_>) -> Vec<(&'a str, &'a Home)> {
    let home = |host: &'a HostFacts| Some((host.name.as_str(), host.target_home.as_ref()?.known()?));
    s.system.hosts.iter().filter_map(home).collect()
}

/// Whether the release itself is brought there.
pub(super) fn staged_archive(s: &Situation<'_>) -> bool {
    s.declaration.staged.iter().any(|one| one.archive)
}

/// Jars that are brought to the home, by their paths there, each with its digest.
fn staged<'a>(s: &'a Situation<'_>) -> BTreeMap<&'a str, &'a str> {
    let home = s.declaration.target_home.as_deref();
    let all = s.declaration.staged.iter().filter(|one| !one.archive);
    let of = |one: &'a Staged| Some((one.to.strip_prefix(home?).ok()?.to_str()?, one.sha256.as_str()));
    all.filter_map(of).collect()
}

/// Folders of plugins that jars are brought into.
fn staged_plugins<'a>(s: &'a Situation<'_>) -> BTreeSet<&'a str> {
    let paths = staged(s).into_keys();
    paths
        .filter_map(|path| path.strip_prefix("plugins/")?.split_once('/'))
        .map(|(plugin, _)| plugin)
        .collect()
}

fn in_the_way(s: &Situation<'_>, homes: &[(&str, &Home)]) -> Vec<String> {
    let wanted = staged(s);
    let found = homes
        .iter()
        .flat_map(|(host, home)| home.jars.iter().map(move |(jar, digest)| (host, jar, digest)));
    found
        .filter(|(_, jar, digest)| wanted.get(jar.as_str()).is_some_and(|wanted| wanted != digest))
        .map(|(host, jar, digest)| format!("{jar} on {host} has sha256 {digest}"))
        .collect()
}

fn empty(s: &Situation<'_>, homes: &[(&str, &Home)]) -> Vec<String> {
    let staged = staged_plugins(s);
    let folders = homes.iter().flat_map(|(host, home)| {
        let empty = home
            .plugins
            .iter()
            .filter(|(folder, jars)| **jars == 0 && !staged.contains(folder.as_str()));
        empty.map(move |(folder, _)| format!("plugins/{folder} on {host} holds no jar"))
    });
    folders.collect()
}

/// Jars that not every host has, or has with other bytes.
fn differ(s: &Situation<'_>, homes: &[(&str, &Home)]) -> Vec<String> {
    let staged = staged(s);
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
        // One that is brought there is missing where it is, and nowhere another.
        if digests.len() == 1 && (there == homes.len() || staged.contains_key(jar)) {
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

/// Plugins that servers run with, and those of the tables' lakes.
pub(in crate::systems::fluss) fn in_use<'a>(s: &'a Situation<'_>) -> BTreeSet<&'a str> {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    for process in seen(s) {
        let running = process.plugins.known().into_iter().flatten();
        wanted.extend(running.map(|(name, _)| name.as_str()));
    }
    let tables = s.system.cluster.tables.values();
    let lakes = tables.filter(|table| table.lake.enabled);
    wanted.extend(lakes.filter_map(|table| table.lake.format.as_deref()));
    wanted
}

/// Those that the new home has not.
fn lacks(s: &Situation<'_>, homes: &[(&str, &Home)]) -> Vec<String> {
    let wanted = in_use(s);
    let staged = staged_plugins(s);
    let has = |home: &Home, name: &str| {
        staged.contains(name) || home.plugins.get(name).is_some_and(|jars| *jars > 0)
    };
    let lacking = homes.iter().flat_map(|(host, home)| {
        let lacking = wanted.iter().filter(|name| !has(home, name));
        lacking.map(move |name| format!("plugins/{name} is not on {host}"))
    });
    lacking.collect()
}

//! `alluxio-site.properties`, held against the options of the wanted release: its masters say nothing of a key that they
//! do not know.

use std::collections::BTreeMap;

use upshift_model::alluxio::{HostFacts, OptionLine, Role};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::{kept, some};
use crate::knowledge::{Known, OptionTable, Release};
use crate::systems::alluxio::codes;
use crate::systems::alluxio::situation::{JOURNAL_TYPE as TYPE, Situation};

/// Settings with another default whose change is felt.
const FELT: [&str; 5] = [
    "alluxio.master.metastore",
    "alluxio.master.backup.delegation.enabled",
    "alluxio.user.file.writetype.default",
    "alluxio.user.file.replication.min",
    "alluxio.security.authorization.permission.enabled",
];

/// What the wanted release will start with on a host: its own file, or the one that is carried over, and whether it is.
pub(in crate::systems::alluxio) fn site_of(
    host: &HostFacts,
) -> Result<(&BTreeMap<String, OptionLine>, bool), Gap> {
    let own = host.target_site.as_result().map_err(Clone::clone)?;
    match own.is_empty() {
        false => Ok((own, false)),
        true => host.site.as_result().map(|old| (old, true)).map_err(Clone::clone),
    }
}

pub(super) fn journal_type(s: &Situation<'_>) -> Option<Finding> {
    let row = s.row("journal-type-default");
    if s.to.number(0) < 2 {
        return None;
    }
    let topic = Topic::new(codes::JOURNAL_TYPE, TYPE).source(row.source);
    let unseen = |topic: Topic, gap: &Gap| {
        topic.unknown(
            gap,
            Severity::Red,
            "whether the journal's type is set, and as it runs, is not known",
        )
    };
    let runs = match s.journal_type() {
        Ok(runs) => runs,
        Err(gap) => return Some(unseen(topic, &gap)),
    };
    let masters = s.facts.hosts.iter().filter(|host| kept::runs(host, Role::Master));
    let (mut unset, mut gap) = (Vec::new(), kept::nobody(masters.clone().count()));
    for host in masters {
        match site_of(host).map(|(options, _)| options.get(TYPE)) {
            Err(why) => gap = gap.or(Some(why)),
            Ok(None) => unset.push(host.name.clone()),
            Ok(Some(line)) if line.value.trim().eq_ignore_ascii_case(runs) => {}
            Ok(Some(line)) => {
                return Some(
                    topic
                        .saw(format!(
                            "{runs} runs, {} is set in line {} on {}",
                            line.value, line.line, host.name
                        ))
                        .fix(format!("{TYPE}={runs}"))
                        .refused("the wanted release would start with a journal of another type"),
                );
            }
        }
    }
    Some(match (gap, unset.is_empty()) {
        (Some(gap), _) => unseen(topic, &gap),
        (None, true) => topic.green("the journal's type is set, as it runs"),
        (None, false) => topic
            .saw(row.text)
            .saw(format!("not set on {}", unset.join(", ")))
            .fix(format!("{TYPE}={runs}: upshift sets it"))
            .yellow("the journal's type is not set, and is set before the first start"),
    })
}

pub(super) fn keys(s: &Situation<'_>) -> Vec<Finding> {
    let topic = |subject: String| {
        Topic::new(codes::UNREAD_KEY, subject).source("AlluxioProperties.merge of 2.9.6: an unknown key is taken without a word; knowledge/alluxio/options.tsv")
    };
    let unread = |gap: &Gap| {
        vec![topic("options".to_owned()).unknown(
            gap,
            Severity::Yellow,
            "not every key could be held against the wanted release",
        )]
    };
    let (Some(table), Some(line)) = (s.library.options(Known::Alluxio), line(&s.to)) else {
        return unread(&not_listed(s));
    };
    if !table.covers(&line) {
        return unread(&not_listed(s));
    }
    let gap = kept::nobody(s.facts.hosts.len());
    let (mut all, mut found, mut gap) = (0, BTreeMap::<&str, Unread>::new(), gap);
    for host in &s.facts.hosts {
        let (options, carried) = match site_of(host) {
            Ok(site) => site,
            Err(why) => {
                gap = gap.or(Some(why));
                continue;
            }
        };
        all += options.len();
        let ours = options.iter().filter(|(key, _)| key.starts_with("alluxio."));
        for (key, option) in ours.filter(|(key, _)| is_unread(table, &line, key)) {
            let its = found.entry(key).or_default();
            its.carried |= carried;
            its.places.push(format!("line {} on {}", option.line, host.name));
        }
    }
    let mut said: Vec<Finding> = found
        .into_iter()
        .map(|(key, its)| {
            let was = table.last_line_of(key).map_or_else(
                || "no release that is known reads it".to_owned(),
                |line| format!("{line} was the last release to read it"),
            );
            let fix = match (its.carried, replacement(s, key)) {
                (_, Some(now)) => format!("write {now} instead"),
                (true, None) => "it is carried over as it is; take it out if it is misspelt".to_owned(),
                (false, None) => "take it out, or write it as the wanted release calls it".to_owned(),
            };
            topic(format!("option {key}"))
                .saw_all(some(its.places))
                .saw(was)
                .fix(fix)
                .yellow(format!("{} does not read this key", s.to))
        })
        .collect();
    if let Some(gap) = gap {
        said.extend(unread(&gap));
    } else if said.is_empty() {
        let green = topic("options".to_owned()).saw(format!("{all} keys"));
        said.push(green.green(format!("{} reads every key", s.to)));
    }
    said
}

/// Where a key stands that the wanted release does not read.
#[derive(Default)]
struct Unread {
    carried: bool,
    places: Vec<String>,
}

fn not_listed(s: &Situation<'_>) -> Gap {
    Gap {
        what: format!("the options of {}", s.to),
        reason: "nobody has listed them".to_owned(),
    }
}

/// The line of a release, as the table of options names it; of a line that nobody listed, the one before.
pub(in crate::systems::alluxio) fn line(release: &Release) -> Option<Version> {
    let (major, minor) = release.line();
    format!("{major}.{minor}").parse().ok()
}

pub(in crate::systems::alluxio) fn is_unread(table: &OptionTable, target: &Version, key: &str) -> bool {
    table.option(target, key).is_none()
        && table.readers(target, key).is_empty()
        && table.map_around(target, key).is_none()
}

/// What stands in place of a key that is gone, as the releases' own lists say.
pub(in crate::systems::alluxio) fn replacement(s: &Situation<'_>, key: &str) -> Option<String> {
    let changes = s.library.option_changes(&s.from, &s.to)?;
    let renamed = changes.renamed.into_iter().find(|renamed| renamed.key == key)?;
    (!renamed.now.is_empty()).then_some(renamed.now)
}

pub(super) fn defaults(s: &Situation<'_>) -> Option<Finding> {
    let changes = s.library.option_changes(&s.from, &s.to)?;
    let topic = Topic::new(codes::DEFAULTS, "defaults").source("knowledge/alluxio/options.tsv");
    let mut options = Vec::new();
    for host in &s.facts.hosts {
        match site_of(host) {
            Ok((of, _)) => options.push(of),
            Err(gap) => {
                return Some(topic.unknown(&gap, Severity::Yellow, "which defaults count here is not known"));
            }
        }
    }
    let felt: Vec<String> = changes
        .revalued
        .iter()
        .filter(|revalued| FELT.contains(&revalued.key.as_str()))
        .filter(|revalued| options.iter().any(|of| !of.contains_key(&revalued.key)))
        .map(|revalued| {
            format!(
                "{}: {} → {}",
                revalued.key,
                shown(&revalued.was),
                shown(&revalued.now)
            )
        })
        .collect();
    Some(match felt.is_empty() {
        true => topic.green("no default that is felt is another"),
        false => topic
            .saw_all(some(felt))
            .fix("set the old value, or mean the new one")
            .yellow("defaults are others in the wanted release"),
    })
}

fn shown(value: &str) -> &str {
    match value {
        "" => "none",
        value => value,
    }
}

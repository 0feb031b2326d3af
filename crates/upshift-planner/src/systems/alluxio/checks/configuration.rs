//! `alluxio-site.properties`, held against the options of the wanted release: its masters say nothing of a key that they
//! do not know.

use std::collections::BTreeMap;

use upshift_model::alluxio::{HostFacts, OptionLine};
use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::some;
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

/// The file that the wanted release will start with: its own, or the one that is carried over.
pub(super) fn site<'a>(s: &Situation<'a>) -> Result<(&'a BTreeMap<String, OptionLine>, bool), Gap> {
    let Some(host) = s.facts.hosts.first() else {
        return Err(Gap {
            what: "alluxio-site.properties".to_owned(),
            reason: "no host was looked at".to_owned(),
        });
    };
    site_of(host)
}

/// The same of one host.
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
    let seen = site(s).and_then(|(options, _)| Ok((options, s.journal_type()?)));
    let (options, runs) = match seen {
        Ok(seen) => seen,
        Err(gap) => {
            return Some(topic.unknown(
                &gap,
                Severity::Red,
                "whether the journal's type is set, and as it runs, is not known",
            ));
        }
    };
    Some(match options.get(TYPE) {
        Some(line) if line.value.trim().eq_ignore_ascii_case(runs) => {
            topic.green("the journal's type is set, as it runs")
        }
        Some(line) => topic
            .saw(format!(
                "{runs} runs, {} is set in line {}",
                line.value, line.line
            ))
            .fix(format!("{TYPE}={runs}"))
            .refused("the wanted release would start with a journal of another type"),
        None => topic
            .saw(row.text)
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
    let (options, carried) = match site(s) {
        Ok(site) => site,
        Err(gap) => return unread(&gap),
    };
    let (Some(table), Some(line)) = (s.library.options(Known::Alluxio), line(&s.to)) else {
        return unread(&not_listed(s));
    };
    if !table.covers(&line) {
        return unread(&not_listed(s));
    }
    let ours = options.iter().filter(|(key, _)| key.starts_with("alluxio."));
    let found: Vec<Finding> = ours
        .filter(|(key, _)| is_unread(table, &line, key))
        .map(|(key, option)| {
            let was = table.last_line_of(key).map_or_else(
                || "no release that is known reads it".to_owned(),
                |line| format!("{line} was the last release to read it"),
            );
            let fix = match (carried, replacement(s, key)) {
                (_, Some(now)) => format!("write {now} instead"),
                (true, None) => "it is carried over as it is; take it out if it is misspelt".to_owned(),
                (false, None) => "take it out, or write it as the wanted release calls it".to_owned(),
            };
            topic(format!("option {key}"))
                .saw(format!("line {}", option.line))
                .saw(was)
                .fix(fix)
                .yellow(format!("{} does not read this key", s.to))
        })
        .collect();
    match found.is_empty() {
        true => vec![
            topic("options".to_owned())
                .saw(format!("{} keys", options.len()))
                .green(format!("{} reads every key", s.to)),
        ],
        false => found,
    }
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
    let options = match site(s) {
        Ok((options, _)) => options,
        Err(gap) => {
            return Some(topic.unknown(&gap, Severity::Yellow, "which defaults count here is not known"));
        }
    };
    let felt: Vec<String> = changes
        .revalued
        .iter()
        .filter(|revalued| FELT.contains(&revalued.key.as_str()) && !options.contains_key(&revalued.key))
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

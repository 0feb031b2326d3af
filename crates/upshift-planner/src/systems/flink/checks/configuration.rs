//! The configuration that is carried over: there, understood by the target, and what really runs.
//!
//! What is written where is decided with the edits of the plan; here it is only judged.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::finding::{Finding, Severity};
use upshift_model::flink::{ConfEntry, ConfFacts, DeclaredInstallation};
use upshift_model::observed::{Gap, Observed};

use super::source;
use super::topic::Topic;
use super::view::{NEW_CLUSTER, OLD_CLUSTER, View};
use crate::knowledge::flink::KeyStanding;
use crate::systems::flink::codes;

/// What the look puts in place of a sensitive value.
const REDACTED: &str = "«redacted»";
/// The file by which a folder is known to have been written by an earlier run.
const MARKER: &str = ".upshift-carried-over";

/// All findings about configuration.
pub(super) fn check(view: &View<'_>) -> Vec<Finding> {
    let Some(target) = view.target_installation() else {
        return Vec::new();
    };
    let mut found = vec![folder(view, target)];
    match &view.facts.host.current_conf {
        Some(Observed::Known(conf)) => {
            found.push(present(conf));
            found.extend(duplicates(conf));
            found.extend(keys(view, conf, target));
            found.extend(stale(view, conf));
        }
        Some(Observed::Unknown(gap)) => found.push(absent(&gap.to_string())),
        None => found.push(absent("the file names no [installation] for the running release")),
    }
    found
}

fn absent(why: &str) -> Finding {
    Topic::new(codes::CONFIG_ABSENT, OLD_CLUSTER)
        .saw(why)
        .fix("set [installation] config to the running cluster's FLINK_CONF_DIR: `ps -ef | grep configDir` shows it")
        .refused("the running release's configuration cannot be read, so there is nothing to carry over")
}

fn present(conf: &ConfFacts) -> Finding {
    Topic::new(codes::CONFIG_ABSENT, OLD_CLUSTER)
        .saw(format!(
            "{}, {} entries, SHA-256 {}",
            conf.file,
            conf.entries.len(),
            conf.digest
        ))
        .green("the running release's configuration is in hand")
}

fn folder(view: &View<'_>, target: &DeclaredInstallation) -> Finding {
    let path = target.conf.display();
    let topic = Topic::new(codes::TARGET_CONF_DIR, NEW_CLUSTER)
        .fix(format!("name an empty folder under [installation] target: config; or move this one away: mv {path} {path}.before"));
    match &view.facts.host.target_conf_entries {
        Some(Observed::Known(files)) if files.is_empty() => topic
            .saw(format!("{path} is absent or empty"))
            .green("the folder for the new configuration is free"),
        Some(Observed::Known(files)) if files.contains(MARKER) => topic
            .saw(format!("{path} was written by an earlier run"))
            .green("the folder for the new configuration is ours"),
        Some(Observed::Known(files)) => topic
            .saw(format!(
                "{path} holds {}",
                super::view::listed(files.iter().map(String::as_str))
            ))
            .refused("the folder for the new configuration holds something else"),
        Some(Observed::Unknown(gap)) => topic.unknown(
            gap,
            Severity::Red,
            "what the folder for the new configuration holds could not be seen",
        ),
        None => {
            let gap = Gap {
                what: path.to_string(),
                reason: "not looked at".into(),
            };
            topic.unknown(
                &gap,
                Severity::Red,
                "what the folder for the new configuration holds could not be seen",
            )
        }
    }
}

/// In `flink-conf.yaml` the last one wins; in `config.yaml` a second one keeps the cluster from
/// starting.
fn duplicates(conf: &ConfFacts) -> Vec<Finding> {
    let mut by_key: BTreeMap<&str, Vec<&ConfEntry>> = BTreeMap::new();
    for entry in &conf.entries {
        by_key.entry(&entry.key).or_default().push(entry);
    }
    let twice = by_key.into_iter().filter(|(_, entries)| entries.len() > 1);
    twice
        .map(|(key, entries)| {
            Topic::new(codes::CONFIG_DUPLICATE, subject(key))
                .saw_all(
                    entries
                        .iter()
                        .map(|entry| format!("line {}: {}", entry.line, entry.value)),
                )
                .saw("the last one counts; config.yaml of later releases refuses two, so one is carried over")
                .source(source::SCRIPTS)
                .fix(format!("delete all but the last from {}", conf.file))
                .yellow("a key comes twice")
        })
        .collect()
}

fn keys(view: &View<'_>, conf: &ConfFacts, target: &DeclaredInstallation) -> Vec<Finding> {
    let flink = view.situation.knowledge.flink();
    let to = &target.version;
    let topic = Topic::new(codes::CONFIG, NEW_CLUSTER);
    if !flink.options.covers(to) {
        let gap = Gap {
            what: format!("options of Flink {to}"),
            reason: "the catalogue has no list of them".into(),
        };
        let topic =
            topic.fix("compare the file with the release's own list: Flink documentation, deployment/config");
        return vec![topic.unknown(
            &gap,
            Severity::Yellow,
            "whether the target knows every key could not be judged",
        )];
    }
    let names: BTreeSet<_> = conf.entries.iter().map(|entry| entry.key.as_str()).collect();
    let mut found: Vec<_> = names.iter().filter_map(|key| standing(view, key, to)).collect();
    if found.is_empty() {
        found.push(
            topic
                .saw(format!("{} keys", names.len()))
                .green("the target knows every key of the configuration"),
        );
    }
    found
}

fn standing(view: &View<'_>, key: &str, to: &upshift_model::version::Version) -> Option<Finding> {
    let flink = view.situation.knowledge.flink();
    let from = &view.facts.source.version;
    match flink.key_standing(to, key) {
        KeyStanding::Option(_)
        | KeyStanding::EntryOf(_)
        | KeyStanding::Below { .. }
        | KeyStanding::Script { .. } => None,
        KeyStanding::ReadAs(options) => {
            let names: Vec<_> = options.iter().map(|option| option.key.as_str()).collect();
            Some(
                Topic::new(codes::CONFIG_RENAMED, subject(key))
                    .saw(format!("Flink {to} calls it {}", names.join(" or ")))
                    .fix(
                        "nothing to do: it is renamed on the way, and the plan's diff shows it: upshift diff",
                    )
                    .green("a key has another name in the target, which reads the old one, too"),
            )
        }
        KeyStanding::Nothing if flink.options.covers(from) && !flink.key_standing(from, key).is_known() => {
            Some(
                Topic::new(codes::CONFIG_UNKNOWN, subject(key))
                    .saw(format!(
                        "neither Flink {from} nor {to} has an option of this name"
                    ))
                    .fix("correct it if it is misspelt; leave it if a job or a plugin reads it")
                    .yellow("a key that no list of options knows; it is carried over as it is"),
            )
        }
        KeyStanding::Nothing => Some(removed(view, key, to)),
    }
}

fn removed(view: &View<'_>, key: &str, to: &upshift_model::version::Version) -> Finding {
    let flink = view.situation.knowledge.flink();
    let mut topic = Topic::new(codes::CONFIG_REMOVED, subject(key));
    if let Some(last) = flink.options.last_line_of(key) {
        topic = topic.saw(format!("an option up to {last}, and none of Flink {to}"));
    } else {
        topic = topic.saw(format!("no option of Flink {to}"));
    }
    match flink.removal_advice(to, key) {
        Some((advice, origin)) => topic.fix(advice).source(origin.to_string()),
        None => topic
            .fix("take it out of the running release's file if nobody needs it, or look for its successor: Flink documentation, release notes")
            .source(format!("option lists of Flink, read from its own jars, without it in {}", to.line())),
    }
    .yellow("a key is gone in the target")
}

/// Values that the file gives and the cluster does not run with: the new cluster would start with
/// what nobody has tried yet.
fn stale(view: &View<'_>, conf: &ConfFacts) -> Option<Finding> {
    let running = view.facts.source.config.known()?;
    let wanted: BTreeMap<_, _> = conf
        .entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.value.as_str()))
        .collect();
    let differs = |(key, value): &(&str, &str)| {
        let runs = running.get(*key)?;
        let hidden = *value == REDACTED || runs == REDACTED;
        (!hidden && bare(value) != bare(runs))
            .then(|| format!("{key}: {value} in the file, {runs} in the cluster"))
    };
    let differing: Vec<_> = wanted.into_iter().filter_map(|entry| differs(&entry)).collect();
    let topic = Topic::new(codes::CONFIG_STALE, OLD_CLUSTER).source(source::REST);
    Some(if differing.is_empty() {
        topic.green("the cluster runs with what its configuration file says")
    } else {
        topic
            .saw_all(differing)
            .saw("the file may have been edited since the start, or an option was given on the command line")
            .fix("make the file say what is meant for the target: its values are carried over")
            .yellow("the configuration file is not what the cluster runs with")
    })
}

/// A value without quotes, surrounding space and letters' case: `'TRUE' ` is `true`.
fn bare(value: &str) -> String {
    value.trim().trim_matches(['\'', '"']).to_ascii_lowercase()
}

fn subject(key: &str) -> String {
    format!("key {key}")
}

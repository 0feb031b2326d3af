//! `server.yaml` of the servers, held against the options of the wanted release.
//!
//! A server says nothing of a key that it does not know, so these findings are all that a person gets to see.

use std::collections::BTreeMap;

use upshift_model::finding::{Finding, Severity};
use upshift_model::observed::Gap;
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::processes::{missing, seen};
use crate::knowledge::{Known, OptionTable, Release};
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// Keys that scripts and plugins read, and those with names of listeners and mechanisms in them, which the releases'
/// lists do not hold: servers of 0.7 to 0.9 read `security.sasl.plain.jaas.config`, which is an option from 1.0 on.
const ELSEWHERE: [&str; 11] = [
    "env.",
    "security.sasl.",
    "s3.",
    "oss.",
    "cos.",
    "obs.",
    "gs.",
    "fs.",
    "hdfs.",
    "datalake.",
    "dfs.",
];
/// Version 1 of the S3 plugin's SDK, whose classes 1.0 does not have.
const OLD_SDK: &str = "com.amazonaws.";
pub(super) const OLD_PACKAGE: &str = "com.alibaba.fluss";

/// A key with all places that it stands at.
type Places = BTreeMap<String, Vec<String>>;

pub(super) fn keys(s: &Situation<'_>) -> Vec<Finding> {
    let table = s.library.options(Known::Fluss);
    let (Some(table), Some(target)) = (table, line(&s.to)) else {
        return vec![unread(s, &not_read(s))];
    };
    if !table.covers(&target) {
        return vec![unread(s, &not_read(s))];
    }
    let mut found: Vec<Finding> = gap_of(s).map(|gap| unread(s, &gap)).into_iter().collect();
    let places = places(s);
    let unknown: Vec<_> = places
        .iter()
        .filter(|(key, _)| is_unread(table, &target, key))
        .collect();
    let old: Vec<_> = places
        .iter()
        .filter_map(|(key, at)| Some((key, at, now(s, table, &target, key)?)))
        .collect();
    let silent = s.row("unknown-keys-are-silent");
    for (key, at) in &unknown {
        let was = readers_elsewhere(table, &target, key);
        found.push(
            Topic::new(codes::UNREAD_KEY, format!("option {key}"))
                .saw(at.join(", "))
                .saw(was)
                .saw(silent.text.clone())
                .source(silent.source.clone())
                .fix("take it out, or write it as the wanted release calls it; upshift check -v shows the file as a diff")
                .yellow(format!("{} does not read this key", s.to)),
        );
    }
    for (key, at, now) in &old {
        found.push(
            Topic::new(codes::OLD_KEY, format!("option {key}"))
                .saw(at.join(", "))
                .source(format!("options of {}", s.to))
                .fix(now.clone())
                .yellow(format!("{} calls this key old", s.to)),
        );
    }
    if unknown.is_empty() && old.is_empty() && found.is_empty() {
        found.push(
            Topic::new(codes::UNREAD_KEY, "options")
                .saw(format!("{} keys", places.len()))
                .green(format!("{} reads every key", s.to)),
        );
    }
    found
}

/// The line of a release, as tables of options name it.
pub(super) fn line(release: &Release) -> Option<Version> {
    let (major, minor) = release.line();
    format!("{major}.{minor}").parse().ok()
}

pub(super) fn is_unread(table: &OptionTable, target: &Version, key: &str) -> bool {
    let elsewhere = ELSEWHERE.iter().any(|prefix| key.starts_with(prefix));
    !elsewhere
        && table.option(target, key).is_none()
        && table.readers(target, key).is_empty()
        && table.map_around(target, key).is_none()
}

/// Which releases read a key that this one does not.
pub(super) fn readers_elsewhere(table: &OptionTable, target: &Version, key: &str) -> String {
    match (table.gone_after(target, key), table.last_line_of(key)) {
        (Some(line), _) => format!("{line} was the last release to read it"),
        (None, Some(_)) => "only later releases read it".to_owned(),
        (None, None) => "no release that is known reads it".to_owned(),
    }
}

/// What stands in place of an old key: as the release's options say, else as a row that names the key does.
fn now(s: &Situation<'_>, table: &OptionTable, target: &Version, key: &str) -> Option<String> {
    let readers = table.readers(target, key);
    let told = || {
        let rules = s.library.book(Known::Fluss).rules.iter();
        let mut rules = rules.filter(|rule| rule.text.split([' ', ',', ';']).any(|word| word == key));
        rules.next().map(|rule| rule.text.clone())
    };
    match (readers.first(), table.option(target, key)) {
        (Some(reader), None) => Some(format!("write {} instead", reader.key)),
        (_, Some(option)) if option.deprecated => Some(
            told().unwrap_or_else(|| format!("look in the notes of {} for what stands in its place", s.to)),
        ),
        _ => None,
    }
}

fn places(s: &Situation<'_>) -> Places {
    let mut places = Places::new();
    for process in seen(s) {
        for (key, option) in process.options.known().into_iter().flatten() {
            places.entry(key.clone()).or_default().push(process.place(option));
        }
    }
    for at in places.values_mut() {
        at.sort();
        at.dedup();
    }
    places
}

/// What of the servers' files was not seen.
fn gap_of(s: &Situation<'_>) -> Option<Gap> {
    let unread = seen(s).iter().find_map(|process| process.options.gap());
    missing(s).or_else(|| unread.cloned())
}

fn not_read(s: &Situation<'_>) -> Gap {
    Gap {
        what: format!("the options of {}", s.to),
        reason: "nobody has listed them".to_owned(),
    }
}

fn unread(s: &Situation<'_>, gap: &Gap) -> Finding {
    let row = s.row("configuration-carried-over");
    Topic::new(codes::UNREAD_KEY, "options")
        .source(row.source)
        .fix(format!("upshift compat fluss {} {} --options", s.from, s.to))
        .unknown(
            gap,
            Severity::Yellow,
            "not every key could be held against the wanted release",
        )
}

/// Asked of a hop over 0.8, which renamed the package.
pub(super) fn class_names(s: &Situation<'_>) -> Option<Finding> {
    if s.from.line() >= (0, 8) || s.to.line() < (0, 8) {
        return None;
    }
    let row = s.row("class-names-of-before");
    let topic = Topic::new(codes::CLASS_NAMES, "options").source(row.source);
    let named = values_with(s, OLD_PACKAGE);
    Some(match (named.is_empty(), gap_of(s)) {
        (false, _) => topic
            .saw_all(named)
            .fix(row.advice)
            .fix("where a server has a target_conf, put its server.yaml there yourself, it stays as it is; then waive this")
            .red("class names of com.alibaba.fluss are not found by the wanted release"),
        (true, Some(gap)) => topic.fix(row.advice).unknown(
            &gap,
            Severity::Yellow,
            "whether options name classes of com.alibaba.fluss is not known",
        ),
        (true, None) => topic.green("no option names a class of com.alibaba.fluss"),
    })
}

/// Asked of a hop to 1.0, whose S3 plugin has another SDK.
pub(super) fn credentials(s: &Situation<'_>) -> Option<Finding> {
    if s.from.line() >= (1, 0) || s.to.line() < (1, 0) {
        return None;
    }
    let row = s.row("s3-sdk-2");
    let topic = Topic::new(codes::CLASS_NAMES, "credential providers").source(row.source);
    let named = values_with(s, OLD_SDK);
    let fix = "write the class of version 2 (software.amazon.awssdk) into the target_conf of each server that is named, and prove with the store's own data that the wanted release reads it";
    Some(match (named.is_empty(), gap_of(s)) {
        (false, _) => topic
            .saw_all(named)
            .saw(row.text)
            .fix(fix)
            .red("class names of version 1 of the S3 plugin's SDK are not found by the wanted release"),
        (true, Some(gap)) => topic.fix(fix).unknown(
            &gap,
            Severity::Yellow,
            "whether options name classes of version 1 of the S3 plugin's SDK is not known",
        ),
        (true, None) => topic.green("no option names a class of version 1 of the S3 plugin's SDK"),
    })
}

/// Places of options whose values hold this text.
fn values_with(s: &Situation<'_>, text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for process in seen(s) {
        let options = process.options.known().into_iter().flatten();
        let with = options.filter(|(_, option)| option.value.contains(text));
        named.extend(with.map(|(key, option)| format!("{}: {key}", process.place(option))));
    }
    named
}

//! The carried-over `server.yaml` as the wanted release would have it: a diff, with its new options offered as comments.

use std::collections::BTreeMap;

use upshift_model::finding::Finding;
use upshift_model::fluss::{OptionLine, ServerProcess};
use upshift_model::step::ConfigEdit;
use upshift_model::topic::Topic;
use upshift_model::version::Version;

use super::configuration::{OLD_PACKAGE, is_unread, line, readers_elsewhere};
use super::processes::seen;
use crate::knowledge::{Known, Library, OptionTable, Release};
use crate::systems::fluss::codes;
use crate::systems::fluss::situation::Situation;

/// One finding, green: each key that has to change is a finding of its own.
pub(super) fn diff(s: &Situation<'_>) -> Option<Finding> {
    let table = s.library.options(Known::Fluss)?;
    let (from, to) = (line(&s.from)?, line(&s.to)?);
    if !table.covers(&from) || !table.covers(&to) {
        return None;
    }
    let mut groups: BTreeMap<Vec<String>, Vec<&ServerProcess>> = BTreeMap::new();
    for process in seen(s) {
        let Some(options) = process.options.known() else {
            continue;
        };
        groups
            .entry(changes(table, &to, options))
            .or_default()
            .push(process);
    }
    if groups.is_empty() {
        return None;
    }
    let mut topic =
        Topic::new(codes::CARRIED, "server.yaml").source(s.row("configuration-carried-over").source);
    let mut lines = 0;
    for (changed, processes) in &groups {
        let files: Vec<String> = processes.iter().map(|process| process.file()).collect();
        topic = match changed.is_empty() {
            true => topic.saw(format!("{}: as it is", files.join(", "))),
            false => topic.saw(files.join(", ")).saw_all(changed.iter().cloned()),
        };
        lines += changed.len();
    }
    let new = offered(table, &from, &to);
    if !new.is_empty() {
        topic = topic
            .saw(format!(
                "options that {to} has and {from} has not, with their defaults"
            ))
            .saw_all(new);
    }
    Some(match lines {
        0 => topic.green(format!("server.yaml is carried over to {} as it is", s.to)),
        _ => topic.green(format!("server.yaml as {} would have it", s.to)),
    })
}

/// What becomes of a file on its way to the wanted release.
pub(in crate::systems::fluss) struct CarriedOver {
    pub(in crate::systems::fluss) edits: Vec<ConfigEdit>,
    /// Its lines that become others or are called old, in the manner of a diff.
    pub(in crate::systems::fluss) diff: Vec<String>,
}

/// Nothing is edited where the options of the wanted release are not listed. A key that no known release reads may be a
/// plugin's and stays.
pub(in crate::systems::fluss) fn carried_over(
    s: &Situation<'_>,
    options: &BTreeMap<String, OptionLine>,
) -> CarriedOver {
    let table = s.library.options(Known::Fluss);
    let to = line(&s.to);
    let (Some(table), Some(to)) = (table, to.filter(|to| table.is_some_and(|table| table.covers(to)))) else {
        return CarriedOver {
            edits: Vec::new(),
            diff: vec![format!(
                "which keys {} reads is not known: every line stays as it is",
                s.to
            )],
        };
    };
    let edit = |key: &String| {
        let readers = table.readers(&to, key);
        if table.option(&to, key).is_some() {
            return None;
        }
        match readers.first() {
            // Where both stand there, the new name counts already.
            Some(reader) => (!options.contains_key(&reader.key)).then(|| ConfigEdit::Rename {
                from: key.clone(),
                to: reader.key.clone(),
                why: format!("{} reads it under this name", s.to),
            }),
            None => is_dropped(table, &to, key).then(|| ConfigEdit::Drop {
                key: key.clone(),
                why: format!("{} does not read it", s.to),
            }),
        }
    };
    CarriedOver {
        edits: in_the_file(options)
            .map(|(key, _)| key)
            .filter_map(edit)
            .collect(),
        diff: changes(table, &to, options),
    }
}

/// What stands on a command line is in no file that could be carried over.
fn in_the_file(options: &BTreeMap<String, OptionLine>) -> impl Iterator<Item = (&String, &OptionLine)> {
    options.iter().filter(|(_, option)| option.line > 0)
}

/// Whether an earlier release read a key, and this one does not.
fn is_dropped(table: &OptionTable, to: &Version, key: &str) -> bool {
    is_unread(table, to, key) && table.gone_after(to, key).is_some()
}

/// Options that the wanted release has and the one that runs has not, each as a comment with its default.
pub fn new_options(library: &Library, from: &Release, to: &Release) -> Vec<String> {
    let table = library.options(Known::Fluss);
    let lines = table.zip(line(from)).zip(line(to));
    match lines {
        Some(((table, from), to)) if table.covers(&from) && table.covers(&to) => offered(table, &from, &to),
        _ => Vec::new(),
    }
}

fn changes(table: &OptionTable, to: &Version, options: &BTreeMap<String, OptionLine>) -> Vec<String> {
    let mut changed = Vec::new();
    let renamed: Version = "0.8".parse().expect("a version");
    for (key, option) in in_the_file(options) {
        let OptionLine { value, line } = option;
        let readers = table.readers(to, key);
        match (table.option(to, key), readers.first()) {
            (None, Some(reader)) => {
                changed.push(format!("-{line}: {key}: {value}"));
                changed.push(format!("+{line}: {}: {value}", reader.key));
            }
            (Some(known), _) if known.deprecated => {
                changed.push(format!("~{line}: {key}: {value}   # {to} calls it old"));
            }
            (None, None) if is_dropped(table, to, key) => {
                changed.push(format!("-{line}: {key}: {value}   # {to} does not read it"));
            }
            (None, None) if is_unread(table, to, key) => {
                changed.push(format!(
                    "~{line}: {key}: {value}   # {}",
                    readers_elsewhere(table, to, key)
                ));
            }
            _ if value.contains(OLD_PACKAGE) && *to >= renamed => {
                changed.push(format!(
                    "~{line}: {key}: {value}   # {to} does not find this class"
                ));
            }
            _ => {}
        }
    }
    changed
}

/// Options of servers; those of tables and of clients do not stand in `server.yaml`.
fn offered(table: &OptionTable, from: &Version, to: &Version) -> Vec<String> {
    let elsewhere = |key: &str| key.starts_with("table.") || key.starts_with("client.");
    let new = table
        .keys(to)
        .filter(|key| table.option(from, key).is_none() && !elsewhere(key));
    new.filter_map(|key| {
        let option = table.option(to, key)?;
        let fits = !option.deprecated;
        fits.then(|| format!("+# {key}: {}", option.default).trim_end().to_owned())
    })
    .collect()
}

//! A snapshot as text: what it is, its operators with their states, what is odd, its files.

use std::fmt::Write as _;

use crate::app::inspect::{Account, FilesAccount, OperatorAccount, StateAccount};
use crate::cli::inventory::bytes;
use crate::cli::render::Paint;

/// So many files outside, or wrong, are named; the rest is counted, and all are in the JSON.
const NAMED: usize = 20;

/// The whole text.
pub(super) fn text(account: &Account, paint: Paint) -> String {
    let mut out = head(account, paint);
    let (with, without): (Vec<_>, Vec<_>) = account.operators.iter().partition(|o| o.stateful);
    for operator in &with {
        out.push('\n');
        out.push_str(&self::operator(operator, paint));
    }
    if !without.is_empty() {
        line(&mut out, "");
        line(
            &mut out,
            &format!("without state: {}", counted(without.len(), "operator")),
        );
        for operator in without {
            let end = if operator.finished {
                "; all subtasks had finished"
            } else {
                ""
            };
            line(&mut out, &format!("  {}  {}{end}", operator.id, label(operator)));
        }
    }
    if !account.odd.is_empty() {
        line(&mut out, "");
        line(&mut out, &paint.yellow("odd"));
        for odd in &account.odd {
            line(&mut out, &format!("  {odd}"));
        }
    }
    if let Some(files) = &account.files {
        out.push_str(&self::files(files, paint));
    }
    out
}

fn head(account: &Account, paint: Paint) -> String {
    let mut out = String::new();
    let kind = match (&account.format, account.kind) {
        (Some(format), kind) => format!("{} {kind}", format.to_lowercase()),
        (None, "unknown") => "savepoint or checkpoint (its metadata version does not say which)".to_owned(),
        (None, kind) => kind.to_owned(),
    };
    let writer = account.written_by.as_deref().unwrap_or("an unknown release");
    line(&mut out, &paint.bold(&account.directory));
    line(
        &mut out,
        &format!(
            "{kind} {}, metadata version {}, written by {writer}",
            account.checkpoint_id, account.metadata_version
        ),
    );
    let stateful = account.operators.iter().filter(|o| o.stateful).count();
    let unknown = match account.unknown_sizes {
        0 => String::new(),
        count => format!(", {count} of unknown size"),
    };
    line(
        &mut out,
        &format!(
            "{}, {stateful} with state; {} of state in {}{unknown}",
            counted(account.operators.len(), "operator"),
            bytes(account.state_bytes),
            counted(usize::try_from(account.handles).unwrap_or(usize::MAX), "handle"),
        ),
    );
    let places = [
        (account.bytes_inline, "in the metadata"),
        (account.bytes_beside, "in files beside it"),
        (account.bytes_elsewhere, "in files named by absolute paths"),
    ];
    let places = places.iter().filter(|(size, _)| *size > 0);
    let places: Vec<String> = places
        .map(|(size, place)| format!("{} {place}", bytes(*size)))
        .collect();
    if !places.is_empty() {
        line(&mut out, &places.join(", "));
    }
    for word in character(account) {
        line(&mut out, &word);
    }
    out
}

/// What decides where it can be restored, in sentences.
fn character(account: &Account) -> Vec<String> {
    let mut words = vec![
        match account.movable {
            true => "its directory may be moved or copied whole",
            false => "not movable: it refers to files by absolute paths",
        }
        .to_owned(),
    ];
    for (is, word) in [
        (
            account.incremental,
            "keyed state as the files of an embedded store",
        ),
        (account.unaligned, "unaligned: records in flight are part of it"),
        (
            account.changelog,
            "changelog: a materialized snapshot and the changes since",
        ),
        (
            account.merged_files,
            "files are merged: parts of them belong to other subtasks or checkpoints",
        ),
    ] {
        words.extend(is.then(|| word.to_owned()));
    }
    if !account.master_hooks.is_empty() {
        words.push(format!(
            "state of master hooks: {}",
            account.master_hooks.join(", ")
        ));
    }
    words
}

fn operator(of: &OperatorAccount, paint: Paint) -> String {
    let mut out = String::new();
    line(&mut out, &format!("{}  {}", paint.bold(&of.id), label(of)));
    let mut parts = vec![format!(
        "parallelism {}, max {}",
        of.parallelism, of.max_parallelism
    )];
    parts.push(bytes(of.bytes));
    let handles = of.handles.iter().map(|(class, count)| format!("{count} {class}"));
    parts.extend(handles);
    if let Some(size) = of.coordinator_bytes {
        parts.push(format!("coordinator {}", bytes(size)));
    }
    if of.finished {
        parts.push("all subtasks had finished".to_owned());
    }
    line(&mut out, &format!("  {}", parts.join("; ")));
    let mut rows: Vec<[String; 3]> = Vec::new();
    if let Some(keys) = &of.keys {
        rows.push(["keys".to_owned(), String::new(), keys.clone()]);
    }
    rows.extend(of.states.iter().map(row));
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    for [name, kind, what] in &rows {
        let text = format!("    {name:<first$}  {kind:<second$}  {what}");
        line(&mut out, text.trim_end());
    }
    if !of.states_complete {
        let why = match (of.headers_in_files, of.headers_opened) {
            (all, opened) if opened < all => {
                format!("{opened} of {all} state headers in files were opened; --files opens all")
            }
            _ => "a state header was not read to its end: see below".to_owned(),
        };
        line(&mut out, &format!("    {}", paint.dim(&format!("({why})"))));
    }
    out
}

fn row(state: &StateAccount) -> [String; 3] {
    let role = |name: &str| state.serializers.get(name).cloned();
    let what = match (role("VALUE_SERIALIZER"), role("KEY_SERIALIZER")) {
        // A broadcast state has keys of its own.
        (Some(value), Some(key)) => format!("{key} -> {value}"),
        (Some(value), None) => value,
        (None, Some(key)) => key,
        (None, None) => "type not read".to_owned(),
    };
    let window = role("NAMESPACE_SERIALIZER").filter(|namespace| namespace != "VoidNamespace");
    let window = window.map_or(String::new(), |namespace| format!(" per {namespace}"));
    let partitions = state.partitions.map_or(String::new(), |count| {
        format!(
            ", {}",
            counted(usize::try_from(count).unwrap_or(usize::MAX), "partition")
        )
    });
    [
        state.name.clone(),
        state.kind.clone(),
        format!("{what}{window}{partitions}"),
    ]
}

pub(super) fn label(of: &OperatorAccount) -> String {
    let uid = match (&of.uid, of.uid_is) {
        (Some(uid), "named") => format!("uid {uid} (as named)"),
        (Some(uid), _) => format!("uid {uid}"),
        (None, "absent") => "no uid".to_owned(),
        (None, _) => "uid not recorded".to_owned(),
    };
    match &of.name {
        Some(name) => format!("{uid}, {name}"),
        None => uid,
    }
}

fn files(of: &FilesAccount, paint: Paint) -> String {
    let mut out = String::from("\n");
    let verdict = match of.wrong.len() {
        0 => paint.green("all are there with their sizes"),
        wrong => paint.red(&format!("{wrong} not as they should be")),
    };
    let looked = counted(of.looked_at, "file");
    line(
        &mut out,
        &format!("{looked} looked at, {}: {verdict}", bytes(of.bytes)),
    );
    for wrong in of.wrong.iter().take(NAMED) {
        let text = format!(
            "  {}  {}: {}, needed by {}",
            wrong.code, wrong.file, wrong.what, wrong.operator
        );
        line(&mut out, &text);
    }
    rest(&mut out, of.wrong.len());
    if !of.outside.is_empty() {
        let count = counted(of.outside.len(), "file");
        line(
            &mut out,
            &format!("{count} outside of its directory, shared or held by others:"),
        );
        for file in of.outside.iter().take(NAMED) {
            line(&mut out, &format!("  {file}"));
        }
        rest(&mut out, of.outside.len());
    }
    out
}

fn rest(out: &mut String, all: usize) {
    if all > NAMED {
        line(out, &format!("  and {} more; --json lists all", all - NAMED));
    }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

pub(super) fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

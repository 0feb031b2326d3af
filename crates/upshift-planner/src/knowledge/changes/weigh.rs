//! Whether a condition holds for what is known of a system: yes, no, nobody asked, nobody can tell.
//!
//! One condition that does not hold decides, whatever is unknown of the others. What is unknown is
//! never ruled out.

use upshift_model::version::Version;

use super::need::Need;
use super::sight::{Member, Members, Number, Rest, Sight};
use crate::knowledge::fact::{Fact, Truth};
use crate::knowledge::options;

/// Whether a condition holds, and what says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// Whether it holds.
    pub truth: Truth,
    /// What shows it, or why it cannot be told.
    pub because: String,
    /// What all that is decided by the same look has in common; empty where it is not known.
    pub by: String,
    /// How it is found out; empty where it is known.
    pub how: String,
}

/// A value that the look has put in place of a secret.
const REDACTED: &str = "«redacted»";

impl Weighed {
    fn holds(because: impl Into<String>) -> Self {
        Self::known(Truth::Holds, because)
    }

    fn not(because: impl Into<String>) -> Self {
        Self::known(Truth::DoesNotHold, because)
    }

    fn known(truth: Truth, because: impl Into<String>) -> Self {
        let because = because.into();
        Self {
            truth,
            by: because.clone(),
            because,
            how: String::new(),
        }
    }

    /// Ruled out because nothing of the kind is there.
    fn absent(what: &str, by: &str) -> Self {
        Self {
            truth: Truth::DoesNotHold,
            because: format!("not so that {what}: {by}"),
            by: by.to_owned(),
            how: String::new(),
        }
    }

    fn open(truth: Truth, because: impl Into<String>, how: impl Into<String>) -> Self {
        Self {
            truth,
            because: because.into(),
            by: String::new(),
            how: how.into(),
        }
    }
}

/// Weighs all conditions of a row: those that decide, or all that are open.
pub(super) fn all(needs: &[Need], sight: &Sight) -> (Truth, Vec<Weighed>) {
    let weighed: Vec<Weighed> = needs.iter().map(|need| one(need, sight)).collect();
    let truth = weighed.iter().map(|one| one.truth).max().unwrap_or(Truth::Holds);
    let telling = |one: &Weighed| match truth {
        Truth::Holds | Truth::DoesNotHold => one.truth == truth,
        Truth::NotTold | Truth::CannotTell => one.truth != Truth::Holds,
    };
    (truth, weighed.into_iter().filter(telling).collect())
}

fn one(need: &Need, sight: &Sight) -> Weighed {
    match need {
        Need::Option { keys, is } => option(keys, is, &sight.options),
        Need::NoOption { keys } => no_option(keys, &sight.options),
        Need::Class { names } => {
            let how = format!("upshift notes … --fact class:{}=true|false", names[0]);
            any(names, &sight.classes, class_matches, "the jar refers to", &how)
        }
        Need::Member { names } => {
            let how = format!("upshift notes … --fact 'member:{}=true|false'", names[0]);
            any(names, &sight.members, str::eq, "the jar calls", &how)
        }
        Need::Connector { names, from, below } => {
            connector(names, from.as_ref(), below.as_ref(), &sight.connectors)
        }
        Need::Scheme { schemes } => {
            let how = format!("upshift notes … --fact scheme:{}=true|false", schemes[0]);
            any(
                schemes,
                &sight.schemes,
                str::eq_ignore_ascii_case,
                "a path is used of",
                &how,
            )
        }
        Need::Java { from, below } => java(*from, *below, &sight.java),
        Need::Fact { fact, is } => fact_is(*fact, is, sight),
    }
}

/// The named members that one of the patterns covers, and what is known of the rest: for a pattern
/// that a person has answered by its own name, that answer.
struct Found<'a> {
    there: Vec<(&'a str, &'a str)>,
    unseen: bool,
    all_out: bool,
}

fn found<'a>(patterns: &[String], members: &'a Members, matches: fn(&str, &str) -> bool) -> Found<'a> {
    let mut found = Found {
        there: Vec::new(),
        unseen: false,
        all_out: true,
    };
    for pattern in patterns {
        let mut answered = false;
        for (name, member) in members.named() {
            let exact = name == pattern;
            match member {
                Member::In(value) if exact || matches(pattern, name) => found.there.push((name, value)),
                Member::Out if exact => answered = true,
                Member::Unseen if exact || matches(pattern, name) => found.unseen = true,
                Member::In(_) | Member::Out | Member::Unseen => {}
            }
        }
        found.all_out &= answered;
    }
    found
}

/// What is to be said where none of the names is known to be there.
fn rest(found: &Found<'_>, members: &Members, what: &str, how: &str) -> Weighed {
    if found.unseen {
        return Weighed::open(Truth::CannotTell, format!("{what}: told as unknown"), how);
    }
    if found.all_out {
        return Weighed::absent(what, "told so");
    }
    match &members.rest {
        Rest::NotTold => Weighed::open(Truth::NotTold, format!("whether {what}"), how),
        Rest::Unseen(reason) => Weighed::open(Truth::CannotTell, format!("whether {what}: {reason}"), how),
        Rest::Absent(by) => Weighed::absent(what, by),
    }
}

fn any(
    patterns: &[String],
    members: &Members,
    matches: fn(&str, &str) -> bool,
    verb: &str,
    how: &str,
) -> Weighed {
    let found = found(patterns, members, matches);
    match found.there.first() {
        Some((name, _)) => Weighed::holds(format!("{verb} {name}")),
        None => rest(&found, members, &format!("{verb} {}", patterns.join(" or ")), how),
    }
}

/// A package, or a class with all that is nested in it.
fn class_matches(pattern: &str, name: &str) -> bool {
    match pattern.ends_with('.') {
        true => name.starts_with(pattern),
        false => name
            .strip_prefix(pattern)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('$')),
    }
}

fn key_matches(pattern: &str, key: &str) -> bool {
    match (pattern.ends_with('.'), pattern.contains('<')) {
        (true, false) => key.starts_with(pattern),
        (false, true) => options::matches_shape(pattern, key),
        _ => pattern == key,
    }
}

fn option(keys: &[String], is: &[String], options: &Members) -> Weighed {
    let found = found(keys, options, key_matches);
    let how = format!(
        "upshift notes … --fact option:{}=VALUE (nothing behind the sign: not set)",
        keys[0]
    );
    if let Some((key, _)) = found
        .there
        .iter()
        .find(|(_, value)| !is.is_empty() && *value == REDACTED)
    {
        return Weighed::open(
            Truth::CannotTell,
            format!("{key} is set, to a value that is kept secret"),
            how,
        );
    }
    let value_fits =
        |value: &str| is.is_empty() || is.iter().any(|wanted| wanted.eq_ignore_ascii_case(value.trim()));
    if let Some((key, value)) = found.there.iter().find(|(_, value)| value_fits(value)) {
        return Weighed::holds(match value.is_empty() {
            true => format!("{key} is set"),
            false => format!("{key}: {value}"),
        });
    }
    let what = match is {
        [] => format!("{} is set", keys.join(" or ")),
        is => format!("{} is {}", keys.join(" or "), is.join(" or ")),
    };
    match found.there.first() {
        Some((key, value)) if keys.len() == 1 => Weighed::not(format!("{key}: {value}")),
        _ => rest(&found, options, &what, &how),
    }
}

fn no_option(keys: &[String], options: &Members) -> Weighed {
    let found = found(keys, options, key_matches);
    if let Some((key, value)) = found.there.first() {
        return Weighed::not(format!("{key}: {value}"));
    }
    let how = format!(
        "upshift notes … --fact option:{}=VALUE (nothing behind the sign: not set)",
        keys[0]
    );
    let set = rest(&found, options, &format!("{} is set", keys.join(" or ")), &how);
    match set.truth {
        Truth::DoesNotHold => Weighed::holds(set.because),
        _ => set,
    }
}

fn connector(
    names: &[String],
    from: Option<&Version>,
    below: Option<&Version>,
    connectors: &Members,
) -> Weighed {
    let found = found(names, connectors, str::eq);
    let what = format!("the job uses the connector {}", names.join(" or "));
    let how = format!("upshift notes … --fact connector:{}=VERSION|false", names[0]);
    let bounded = from.is_some() || below.is_some();
    let mut without_version = None;
    let mut outside = None;
    for (name, text) in &found.there {
        let numbers = text.split_once('-').map_or(*text, |(numbers, _)| numbers);
        let version: Option<Version> = numbers.parse().ok();
        match version {
            None if bounded => without_version = Some(*name),
            Some(version)
                if from.is_some_and(|from| version < *from)
                    || below.is_some_and(|below| version >= *below) =>
            {
                outside = Some(format!("connector {name} {text}"));
            }
            _ if text.is_empty() => return Weighed::holds(format!("connector {name}")),
            _ => return Weighed::holds(format!("connector {name} {text}")),
        }
    }
    match (without_version, outside) {
        (Some(name), _) => Weighed::open(
            Truth::CannotTell,
            format!("the version of the connector {name} is not known"),
            how,
        ),
        (None, Some(outside)) if names.len() == 1 => Weighed::not(outside),
        _ => rest(&found, connectors, &what, &how),
    }
}

fn java(from: Option<u32>, below: Option<u32>, java: &Number) -> Weighed {
    let how = "upshift notes … --fact java=17";
    match java {
        Number::NotTold => Weighed::open(Truth::NotTold, "which Java the target runs on", how),
        Number::Unseen(reason) => Weighed::open(
            Truth::CannotTell,
            format!("which Java the target runs on: {reason}"),
            how,
        ),
        Number::Is(feature, by) => {
            let words = format!("Java {feature}: {by}");
            let fits = from.is_none_or(|from| *feature >= from) && below.is_none_or(|below| *feature < below);
            match fits {
                true => Weighed::holds(words),
                false => Weighed::not(words),
            }
        }
    }
}

fn fact_is(fact: Fact, is: &[&'static str], sight: &Sight) -> Weighed {
    let how = format!(
        "upshift notes … --fact {}={}",
        fact.word(),
        fact.values().join("|")
    );
    let (value, because) = sight.fact(fact);
    match value {
        None => Weighed::open(Truth::NotTold, fact.question(), how),
        Some(None) => Weighed::open(Truth::CannotTell, format!("{} {because}", fact.question()), how),
        Some(Some(value)) => {
            let words = format!("{}={value}: {because}", fact.word());
            match is.contains(&value) {
                true => Weighed::holds(words),
                false => Weighed::not(words),
            }
        }
    }
}

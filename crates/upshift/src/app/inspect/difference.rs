//! In what two snapshots differ, operator by operator and state by state.

use std::collections::BTreeMap;

use serde::Serialize;

use super::report::{Account, OperatorAccount, StateAccount};

/// The differences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Of the snapshots as a whole: version, kind, format.
    pub whole: Vec<Change>,
    /// Operators of the first that the second has not, with state or without.
    pub gone: Vec<OperatorAccount>,
    /// Operators of the second that the first has not.
    pub new: Vec<OperatorAccount>,
    /// Operators of both that are not the same.
    pub changed: Vec<ChangedOperator>,
}

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What.
    pub what: String,
    /// In the first.
    pub from: String,
    /// In the second.
    pub to: String,
}

/// An operator of both snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedOperator {
    /// Its id.
    pub id: String,
    /// Its uid or name, where known.
    pub label: Option<String>,
    /// States of the first that the second has not.
    pub states_gone: Vec<StateAccount>,
    /// States of the second that the first has not.
    pub states_new: Vec<StateAccount>,
    /// Whether both lists of states are whole; otherwise a state that is gone may only be unnamed.
    pub states_complete: bool,
    /// What changed.
    pub changes: Vec<Change>,
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

/// The differences from `a` to `b`.
pub fn difference(a: &Account, b: &Account) -> Difference {
    let by_id = |account: &Account| -> BTreeMap<String, OperatorAccount> {
        let operators = account.operators.iter();
        operators.map(|o| (o.id.clone(), o.clone())).collect()
    };
    let (before, after) = (by_id(a), by_id(b));
    let only = |these: &BTreeMap<String, OperatorAccount>, those: &BTreeMap<String, OperatorAccount>| {
        let mine = these.values().filter(|o| !those.contains_key(&o.id));
        mine.cloned().collect()
    };
    let both = before.values().filter_map(|o| Some((o, after.get(&o.id)?)));
    let mut whole = Vec::new();
    let mut note = |what: &str, from: String, to: String| change(&mut whole, what, from, to);
    let version = |account: &Account| account.metadata_version.to_string();
    note("metadata version", version(a), version(b));
    note("kind", a.kind.to_owned(), b.kind.to_owned());
    note("format", words(&a.format), words(&b.format));
    note("unaligned", a.unaligned.to_string(), b.unaligned.to_string());
    Difference {
        whole,
        gone: only(&before, &after),
        new: only(&after, &before),
        changed: both.filter_map(|(a, b)| operator(a, b)).collect(),
    }
}

fn words(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "not recorded".to_owned())
}

fn change(all: &mut Vec<Change>, what: &str, from: String, to: String) {
    if from != to {
        all.push(Change {
            what: what.to_owned(),
            from,
            to,
        });
    }
}

fn operator(a: &OperatorAccount, b: &OperatorAccount) -> Option<ChangedOperator> {
    let mut changes = Vec::new();
    let mut note = |what: &str, from: String, to: String| change(&mut changes, what, from, to);
    note(
        "parallelism",
        a.parallelism.to_string(),
        b.parallelism.to_string(),
    );
    note(
        "max parallelism",
        a.max_parallelism.to_string(),
        b.max_parallelism.to_string(),
    );
    note("backend", backend(a), backend(b));
    if let (Some(a), Some(b)) = (&a.keys, &b.keys) {
        note("keys", a.clone(), b.clone());
    }
    note("bytes", a.bytes.to_string(), b.bytes.to_string());
    // One operator may have a keyed state and a list of the same name.
    let by_name = |of: &OperatorAccount| -> BTreeMap<(String, bool), StateAccount> {
        let states = of.states.iter();
        states
            .map(|s| ((s.name.clone(), is_keyed(s)), s.clone()))
            .collect()
    };
    let (before, after) = (by_name(a), by_name(b));
    for (key, state) in &before {
        let Some(other) = after.get(key) else { continue };
        let what = format!("state {}", state.name);
        note(&what, state.kind.clone(), other.kind.clone());
        for (role, serializer) in &state.serializers {
            if let Some(now) = other.serializers.get(role) {
                note(&format!("{what} {role}"), serializer.clone(), now.clone());
            }
        }
    }
    let states_gone: Vec<_> = before
        .iter()
        .filter(|(key, _)| !after.contains_key(key))
        .map(|(_, s)| s.clone())
        .collect();
    let states_new: Vec<_> = after
        .iter()
        .filter(|(key, _)| !before.contains_key(key))
        .map(|(_, s)| s.clone())
        .collect();
    let same = changes.is_empty() && states_gone.is_empty() && states_new.is_empty();
    (!same).then(|| ChangedOperator {
        id: a.id.clone(),
        label: b.uid.clone().or_else(|| a.uid.clone()).or_else(|| b.name.clone()),
        states_gone,
        states_new,
        states_complete: a.states_complete && b.states_complete,
        changes,
    })
}

fn is_keyed(state: &StateAccount) -> bool {
    !["list", "raw", "broadcast"]
        .iter()
        .any(|word| state.kind.starts_with(word))
}

/// The classes of the handles that keyed state is in; they tell one backend's own format from another's.
fn backend(of: &OperatorAccount) -> String {
    let keyed = of.handles.keys().filter(|class| {
        class.contains("Keyed") || class.contains("KeyGroups") || class.contains("Changelog")
    });
    let keyed: Vec<&str> = keyed.copied().collect();
    if keyed.is_empty() {
        "no keyed state".to_owned()
    } else {
        keyed.join(" + ")
    }
}

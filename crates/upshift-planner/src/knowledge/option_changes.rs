//! What becomes of configuration options between two releases: what is new, gone, renamed, called
//! deprecated, or has another default.
//!
//! Read from the option tables; whether a key is used anywhere is not asked here.

use std::collections::BTreeMap;

use serde::Serialize;
use thiserror::Error;
use upshift_model::version::Version;

use super::options::{ConfigOption, OptionTable};

/// An option that goes by another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// The old key.
    pub key: String,
    /// The key that stands in its place.
    pub now: String,
    /// Whether the new release reads the old key still.
    pub still_read: bool,
}

/// An option whose default is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revalued {
    /// The key.
    pub key: String,
    /// The default before; empty where there was none.
    pub was: String,
    /// The default after.
    pub now: String,
}

/// What changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OptionChanges {
    /// Keys that the new release has alone.
    pub new: Vec<String>,
    /// Keys that it has no more, with nothing in their place.
    pub gone: Vec<String>,
    /// Keys that go by another name.
    pub renamed: Vec<Renamed>,
    /// Keys that it calls deprecated and the old one did not.
    pub deprecated: Vec<String>,
    /// Keys with another default.
    pub revalued: Vec<Revalued>,
}

/// A list of removed keys that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: expected key, release and what stands in its place, found {found:?}")]
pub(super) struct NotARemovedKey {
    /// Which line, from 1.
    line: usize,
    /// What stands there.
    found: String,
}

/// Keys that a vendor calls removed, and what it names in their place.
#[derive(Debug, Clone, Default)]
pub(super) struct RemovedKeys(BTreeMap<String, String>);

impl RemovedKeys {
    /// Reads lines of key, release and replacement, separated by tabs; the first line names them.
    pub(super) fn parse(text: &str) -> Result<Self, NotARemovedKey> {
        let rows = text.lines().enumerate().skip(1).map(|(at, row)| {
            let columns: Vec<&str> = row.split('\t').collect();
            let [key, _, instead] = columns.as_slice() else {
                return Err(NotARemovedKey {
                    line: at + 1,
                    found: row.to_owned(),
                });
            };
            Ok(((*key).to_owned(), (*instead).to_owned()))
        });
        rows.collect::<Result<_, _>>().map(Self)
    }

    fn instead_of(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str).filter(|key| !key.is_empty())
    }
}

/// What changes from one release to another; none where the options of one of them were not read.
pub(super) fn between(
    table: &OptionTable,
    removed: &RemovedKeys,
    from: &Version,
    to: &Version,
) -> Option<OptionChanges> {
    if !table.covers(from) || !table.covers(to) {
        return None;
    }
    let mut changes = OptionChanges::default();
    for key in table.keys(from) {
        let before = table.option(from, key)?;
        match table.option(to, key) {
            Some(after) => compare(&mut changes, before, after),
            None => changes.leaves(table, removed, to, key),
        }
    }
    let new = table.keys(to).filter(|key| table.option(from, key).is_none());
    changes.new = new.map(str::to_owned).collect();
    Some(changes)
}

fn compare(changes: &mut OptionChanges, before: &ConfigOption, after: &ConfigOption) {
    if after.deprecated && !before.deprecated {
        changes.deprecated.push(after.key.clone());
    }
    if before.default != after.default {
        changes.revalued.push(Revalued {
            key: after.key.clone(),
            was: before.default.clone(),
            now: after.default.clone(),
        });
    }
}

impl OptionChanges {
    fn leaves(&mut self, table: &OptionTable, removed: &RemovedKeys, to: &Version, key: &str) {
        let reader = table
            .readers(to, key)
            .first()
            .map(|option| (option.key.clone(), true));
        let instead = removed.instead_of(key).map(|now| (now.to_owned(), false));
        match reader.or(instead) {
            Some((now, still_read)) => self.renamed.push(Renamed {
                key: key.to_owned(),
                now,
                still_read,
            }),
            None => self.gone.push(key.to_owned()),
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_gone_renamed_deprecated_or_revalued_is_told_apart() {
        let table = OptionTable::parse(
            "#1.0 1.1\n\
             dir\t1.0\t1.0\tString\t/a\t\t\n\
             dir\t1.1\t1.1\tString\t/b\t\t\n\
             fast\t1.0\t1.0\tBoolean\t\t\t\n\
             lost\t1.0\t1.0\tString\t\t\t\n\
             old\t1.0\t1.0\tString\t\t\t\n\
             now\t1.1\t1.1\tString\t\t\told\n\
             port\t1.0\t1.0\tInteger\t\t\t\n\
             tired\t1.0\t1.0\tString\t\t\t\n\
             tired\t1.1\t1.1\tString\t\tdeprecated\t\n",
        )
        .expect("a table");
        let removed = RemovedKeys::parse("#key\tsince\tinstead\nport\t1.1\trpc.port\nfast\t1.1\t\n");
        let removed = removed.expect("a list");
        let at = |text: &str| text.parse().expect("a version");
        let changes = between(&table, &removed, &at("1.0.3"), &at("1.1.0")).expect("both were read");
        let renamed = |key: &str, now: &str, still_read| Renamed {
            key: key.to_owned(),
            now: now.to_owned(),
            still_read,
        };
        assert_eq!(
            changes,
            OptionChanges {
                new: vec!["now".to_owned()],
                gone: vec!["fast".to_owned(), "lost".to_owned()],
                renamed: vec![renamed("old", "now", true), renamed("port", "rpc.port", false)],
                deprecated: vec!["tired".to_owned()],
                revalued: vec![Revalued {
                    key: "dir".to_owned(),
                    was: "/a".to_owned(),
                    now: "/b".to_owned()
                }],
            }
        );
        assert_eq!(between(&table, &removed, &at("1.0"), &at("1.2")), None);
        assert!(
            between(&table, &removed, &at("1.1"), &at("1.1.9")).is_some_and(|changes| changes.is_empty())
        );
        assert!(RemovedKeys::parse("#\nport 1.1\n").is_err());
    }
}

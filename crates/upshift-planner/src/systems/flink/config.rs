//! A configuration file carried over to another release: which keys are renamed, dropped or set,
//! and what there is to say about it.
//!
//! It works on what was seen of the file, with secrets hidden, and writes nothing: the edits go into
//! the plan, and the driver applies them to the file as it is. It never sets a value that it could
//! not read in full.

mod diff;
mod note;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use upshift_model::flink::{ConfEntry, ConfFacts};
use upshift_model::observed::Gap;
use upshift_model::step::ConfigEdit;
use upshift_model::version::Version;

use crate::knowledge::ConfigOption;
use crate::knowledge::Flink;
use crate::knowledge::flink::KeyStanding;

pub use diff::{apply, diff_lines};
pub use note::ConfigNote;
pub use values::{DefaultChange, changed_defaults};

/// What stands in the place of a value, or part of one, that is shown to nobody.
const REDACTED: &str = "«redacted»";

/// Options that administrators set before the users' own; read by the scripts of 1.19 and later.
const DEFAULT_JAVA_OPTIONS: &str = "env.java.default-opts.all";

/// Ports of a cluster that starts beside the old one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// `rest.port`.
    pub rest: u16,
    /// `jobmanager.rpc.port`.
    pub rpc: u16,
    /// `blob.server.port`.
    pub blob: u16,
}

/// What is carried over, and where to.
#[derive(Debug, Clone, Copy)]
pub struct Carrying<'a> {
    /// What is known of Flink.
    pub flink: &'a Flink,
    /// The release that reads the file now.
    pub from: &'a Version,
    /// The release that will.
    pub to: &'a Version,
    /// The file.
    pub conf: &'a ConfFacts,
    /// The feature number of the Java that the target will run on, or why it is not known.
    pub java: Result<u32, &'a Gap>,
    /// Ports of its own, for a cluster that starts beside the old one.
    pub ports: Option<Ports>,
    /// The folder of the release that runs now.
    pub old_home: Option<&'a Path>,
}

/// A file as it will be carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Name of the main file that the target reads.
    pub to_file: String,
    /// What is changed, in order.
    pub edits: Vec<ConfigEdit>,
    /// What there is to say.
    pub notes: Vec<ConfigNote>,
}

/// Carries a configuration over.
///
/// # Errors
/// When it is not known which file the target reads.
pub fn carry(carrying: &Carrying<'_>) -> Result<Carried, Gap> {
    let Some(file) = carrying.flink.config_file(carrying.to) else {
        return Err(Gap {
            what: format!("which configuration file Flink {} reads", carrying.to),
            reason: "the release is not in the catalogue".to_owned(),
        });
    };
    let mut work = Work::new(*carrying);
    work.files(file.written(), &file.origin.source);
    work.duplicates();
    work.keys();
    work.values();
    work.java();
    if let Some(ports) = carrying.ports {
        work.ports(ports);
    }
    work.old_home();
    Ok(Carried {
        to_file: file.written().to_owned(),
        edits: work.edits,
        notes: work.notes,
    })
}

/// A carrying over under way: entries by their names so far, and what came of it.
struct Work<'a> {
    given: Carrying<'a>,
    /// Distinct entries, the last of each key, by the name it has now.
    entries: Vec<(String, &'a ConfEntry)>,
    edits: Vec<ConfigEdit>,
    notes: Vec<ConfigNote>,
}

impl<'a> Work<'a> {
    fn new(given: Carrying<'a>) -> Self {
        let all = &given.conf.entries;
        let last =
            |at: usize, entry: &ConfEntry| !all.iter().skip(at + 1).any(|later| later.key == entry.key);
        let entries = all.iter().enumerate().filter(|(at, entry)| last(*at, entry));
        let entries = entries.map(|(_, entry)| (entry.key.clone(), entry)).collect();
        Self {
            given,
            entries,
            edits: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn files(&mut self, to_file: &str, source: &str) {
        let conf = self.given.conf;
        if conf.file != to_file {
            let (from, to) = (conf.file.clone(), to_file.to_owned());
            self.notes.push(ConfigNote::FileRenamed {
                from,
                to,
                source: source.to_owned(),
            });
        }
        let Some(mine) = self.given.flink.config_file(self.given.from) else {
            return;
        };
        for name in &mine.names {
            if *name != conf.file && conf.files.contains(name) {
                let (read, ignored) = (conf.file.clone(), name.clone());
                let source = mine.origin.source.clone();
                self.notes.push(ConfigNote::TwoFiles {
                    read,
                    ignored,
                    source,
                });
            }
        }
    }

    fn duplicates(&mut self) {
        let mut by_key: BTreeMap<&str, Vec<&ConfEntry>> = BTreeMap::new();
        for entry in &self.given.conf.entries {
            by_key.entry(&entry.key).or_default().push(entry);
        }
        for (key, entries) in by_key.into_iter().filter(|(_, entries)| entries.len() > 1) {
            let values: BTreeSet<&str> = entries.iter().map(|entry| entry.value.as_str()).collect();
            // Two hidden values may differ behind what hides them.
            let differ = values.len() > 1 || values.iter().any(|value| value.contains(REDACTED));
            let lines = entries.iter().map(|entry| entry.line).collect();
            self.notes.push(ConfigNote::Duplicate {
                key: key.to_owned(),
                lines,
                differ,
            });
        }
    }

    fn keys(&mut self) {
        let Carrying { flink, from, to, .. } = self.given;
        for version in [from, to] {
            if !flink.options.covers(version) {
                self.notes.push(ConfigNote::OptionsNotRead {
                    version: version.clone(),
                });
            }
        }
        if !flink.options.covers(from) || !flink.options.covers(to) {
            return;
        }
        let keys: Vec<(String, &'a ConfEntry)> = self.entries.clone();
        for (key, entry) in keys {
            match flink.key_standing(to, &key) {
                KeyStanding::Option(option) if option.deprecated => {
                    self.notes.push(ConfigNote::Deprecated { key });
                }
                KeyStanding::Option(_)
                | KeyStanding::EntryOf(_)
                | KeyStanding::Below { .. }
                | KeyStanding::Script { .. } => {}
                KeyStanding::ReadAs(readers) => self.read_by(&key, &readers),
                KeyStanding::Nothing => self.not_read(&key, entry),
            }
        }
    }

    /// The target reads the key as an older name.
    fn read_by(&mut self, key: &str, readers: &[&ConfigOption]) {
        let [reader] = readers else {
            let options = readers.iter().map(|option| option.key.clone()).collect();
            self.notes.push(ConfigNote::ReadBySeveral {
                key: key.to_owned(),
                options,
            });
            return;
        };
        if self.has(&reader.key) {
            self.drop(key, format!("{} is set as well, and counts", reader.key));
            self.notes.push(ConfigNote::Shadowed {
                key: key.to_owned(),
                by: reader.key.clone(),
            });
            return;
        }
        let rivals = reader.fallbacks.iter().filter(|old| self.has(old)).count();
        if rivals > 1 {
            // Which of several older names wins is the target's own order: both stay.
            let options = vec![reader.key.clone()];
            self.notes.push(ConfigNote::ReadBySeveral {
                key: key.to_owned(),
                options,
            });
            return;
        }
        self.rename(key, &reader.key);
    }

    /// The target does not read the key: it goes back to an older name, is dropped, or was never
    /// known.
    fn not_read(&mut self, key: &str, entry: &ConfEntry) {
        let Carrying { flink, from, to, .. } = self.given;
        let mine = flink.options.option(from, key);
        let older = mine.into_iter().flat_map(|option| &option.fallbacks);
        if let Some(name) = older
            .into_iter()
            .find(|name| flink.options.option(to, name).is_some())
        {
            if self.has(name) {
                self.drop(name, format!("{key} is set as well, and counts"));
                self.notes.push(ConfigNote::Shadowed {
                    key: name.clone(),
                    by: key.to_owned(),
                });
            }
            self.rename(key, name);
            return;
        }
        let advice = flink.removal_advice(to, key);
        let last_line = flink.options.last_line_of(key).cloned();
        let known = flink.key_standing(from, key).is_known() || last_line.is_some() || advice.is_some();
        if !known {
            self.notes.push(ConfigNote::UnknownKey {
                key: key.to_owned(),
                line: entry.line,
            });
            return;
        }
        let source = advice.map_or_else(
            || format!("option lists of Flink {} and {}", from.line(), to.line()),
            |(_, origin)| origin.to_string(),
        );
        self.drop(key, format!("Flink {to} does not read it"));
        self.notes.push(ConfigNote::Removed {
            key: key.to_owned(),
            line: entry.line,
            last_line: last_line.filter(|last| *last < to.line()),
            advice: advice.map(|(advice, _)| advice.to_owned()),
            source,
        });
    }

    fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name == key)
    }

    fn value_of(&self, key: &str) -> Option<&'a str> {
        self.entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, entry)| entry.value.as_str())
    }

    fn drop(&mut self, key: &str, why: String) {
        self.entries.retain(|(name, _)| name != key);
        self.edits.push(ConfigEdit::Drop {
            key: key.to_owned(),
            why,
        });
    }

    fn rename(&mut self, from: &str, to: &str) {
        for (name, _) in self.entries.iter_mut().filter(|(name, _)| name == from) {
            to.clone_into(name);
        }
        let why = format!("its name in Flink {}", self.given.to.line());
        self.edits.push(ConfigEdit::Rename {
            from: from.to_owned(),
            to: to.to_owned(),
            why,
        });
        self.notes.push(ConfigNote::Renamed {
            key: from.to_owned(),
            to: to.to_owned(),
        });
    }

    fn set(&mut self, key: &str, value: String, why: &str) {
        self.edits.push(ConfigEdit::Set {
            key: key.to_owned(),
            value,
            why: why.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests;

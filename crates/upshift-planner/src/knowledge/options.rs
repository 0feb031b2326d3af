//! Every configuration option of every release line, read from the releases' own classes.
//!
//! The tables are written by the programs in `scripts/`; nothing here is typed by hand. What Flink's
//! classes do not show (keys of plugins, of shell scripts) is in `flink::config`; what changes from
//! one release to another is in `option_changes`.

use std::collections::BTreeMap;

use thiserror::Error;
use upshift_model::version::Version;

/// What one release line says of one option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigOption {
    /// Its key; with placeholders (`metrics.reporter.<name>.interval`) where part of it is free.
    pub key: String,
    /// The Java type: `Duration`, `Integer`, `List<String>`, `Map`, an enum's name.
    pub kind: String,
    /// The default as text; empty where there is none.
    pub default: String,
    /// Whether the release calls it deprecated.
    pub deprecated: bool,
    /// Older keys that are read where this one is absent.
    pub fallbacks: Vec<String>,
    since: usize,
    until: usize,
}

/// A table of options that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionsError {
    /// No first line that names the release lines.
    #[error("the first line does not name the release lines: {found:?}")]
    NoLines {
        /// What stands there.
        found: String,
    },
    /// A row of another shape.
    #[error("line {line}: expected 7 columns with lines of the first row, found {found:?}")]
    Row {
        /// Which line, from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// Two rows that speak of one key in one release line.
    #[error("line {line}: {key} is there twice")]
    Twice {
        /// Which line, from 1.
        line: usize,
        /// The key.
        key: String,
    },
}

/// Options of all release lines that were read.
#[derive(Debug, Clone, Default)]
pub struct OptionTable {
    lines: Vec<Version>,
    by_key: BTreeMap<String, Vec<ConfigOption>>,
    with_placeholder: Vec<ConfigOption>,
    by_fallback: BTreeMap<String, Vec<ConfigOption>>,
}

impl OptionTable {
    /// Reads the table: a line `#1.16 1.17 …`, then key, first line, last line, type, default,
    /// `deprecated`, fallback keys, separated by tabs.
    pub fn parse(text: &str) -> Result<Self, OptionsError> {
        let mut rows = text.lines().enumerate();
        let head = rows.next().map_or("", |(_, line)| line);
        let bad_head = || OptionsError::NoLines {
            found: head.to_owned(),
        };
        let lines: Vec<Version> = head
            .strip_prefix('#')
            .ok_or_else(bad_head)?
            .split_whitespace()
            .map(|line| line.parse().map_err(|_| bad_head()))
            .collect::<Result<_, _>>()?;
        if lines.is_empty() || !lines.is_sorted() {
            return Err(bad_head());
        }
        let mut table = Self {
            lines,
            ..Self::default()
        };
        for (at, text) in rows {
            let row = OptionsError::Row {
                line: at + 1,
                found: text.to_owned(),
            };
            let option = table.option_of(text).ok_or(row)?;
            table.add(option, at + 1)?;
        }
        Ok(table)
    }

    fn option_of(&self, row: &str) -> Option<ConfigOption> {
        let columns: Vec<&str> = row.split('\t').collect();
        let &[key, since, until, kind, default, deprecated, fallbacks] = columns.as_slice() else {
            return None;
        };
        let line = |text: &str| {
            let version: Version = text.parse().ok()?;
            self.index(&version)
        };
        let (since, until) = (line(since)?, line(until)?);
        let deprecated = match deprecated {
            "" => false,
            "deprecated" => true,
            _ => return None,
        };
        (since <= until && !key.is_empty()).then(|| ConfigOption {
            key: key.to_owned(),
            kind: kind.to_owned(),
            default: default.to_owned(),
            deprecated,
            fallbacks: fallbacks
                .split(',')
                .map(|fallback| fallback.trim_start_matches('!'))
                .filter(|fallback| !fallback.is_empty())
                .map(str::to_owned)
                .collect(),
            since,
            until,
        })
    }

    fn add(&mut self, option: ConfigOption, line: usize) -> Result<(), OptionsError> {
        let same_key = self.by_key.entry(option.key.clone()).or_default();
        if same_key
            .iter()
            .any(|o| o.since <= option.until && option.since <= o.until)
        {
            return Err(OptionsError::Twice {
                line,
                key: option.key,
            });
        }
        same_key.push(option.clone());
        if option.key.contains('<') {
            self.with_placeholder.push(option.clone());
        }
        for fallback in &option.fallbacks {
            self.by_fallback
                .entry(fallback.clone())
                .or_default()
                .push(option.clone());
        }
        Ok(())
    }

    /// Whether the options of this release's line were read.
    pub fn covers(&self, version: &Version) -> bool {
        self.index(version).is_some()
    }

    /// The release lines that were read, oldest first.
    pub fn lines(&self) -> &[Version] {
        &self.lines
    }

    /// The option of this key in a release.
    pub fn option(&self, version: &Version, key: &str) -> Option<&ConfigOption> {
        let at = self.index(version)?;
        let exact = self.by_key.get(key).into_iter().flatten();
        let shaped = self
            .with_placeholder
            .iter()
            .filter(|option| matches_shape(&option.key, key));
        exact.chain(shaped).find(|option| option.holds(at))
    }

    /// The options of a release that read `key` as an older name of theirs.
    pub fn readers<'a>(&'a self, version: &Version, key: &str) -> Vec<&'a ConfigOption> {
        let Some(at) = self.index(version) else {
            return Vec::new();
        };
        self.by_fallback
            .get(key)
            .into_iter()
            .flatten()
            .filter(|option| option.holds(at))
            .collect()
    }

    /// The option of type map, if any, that reads `key` as one of its entries: `labels.team` of
    /// `labels`.
    pub fn map_around(&self, version: &Version, key: &str) -> Option<&ConfigOption> {
        let dots = key.match_indices('.').map(|(at, _)| at);
        let mut prefixes = dots.rev().filter_map(|at| key.get(..at));
        prefixes.find_map(|prefix| self.option(version, prefix).filter(|option| option.kind == "Map"))
    }

    /// The last release line that knew `key` as an option.
    pub fn last_line_of(&self, key: &str) -> Option<&Version> {
        let last = self.by_key.get(key)?.iter().map(|option| option.until).max()?;
        self.lines.get(last)
    }

    /// The last release line before this release that knew `key`, where this one does not know it any more.
    pub fn gone_after(&self, version: &Version, key: &str) -> Option<&Version> {
        let at = self.index(version)?;
        let lines = self.by_key.get(key)?.iter().map(|option| option.until);
        self.lines.get(lines.filter(|until| *until < at).max()?)
    }

    /// All keys of a release, in order.
    pub fn keys(&self, version: &Version) -> impl Iterator<Item = &str> {
        let at = self.index(version);
        let known = move |options: &[ConfigOption]| at.is_some_and(|at| options.iter().any(|o| o.holds(at)));
        self.by_key
            .iter()
            .filter(move |(_, options)| known(options))
            .map(|(key, _)| key.as_str())
    }

    fn index(&self, version: &Version) -> Option<usize> {
        let line = version.line();
        self.lines.iter().position(|known| *known == line)
    }
}

impl ConfigOption {
    fn holds(&self, line: usize) -> bool {
        self.since <= line && line <= self.until
    }
}

/// Whether `key` has the shape of `pattern`: `<name>` stands for one part, at the end for at least
/// one.
pub(in crate::knowledge) fn matches_shape(pattern: &str, key: &str) -> bool {
    let mut parts = key.split('.').peekable();
    let mut shape = pattern.split('.').peekable();
    while let Some(wanted) = shape.next() {
        let Some(part) = parts.next() else {
            return false;
        };
        if wanted.starts_with('<') {
            if shape.peek().is_none() {
                return true;
            }
        } else if wanted != part {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "#1.19 1.20 2.0\n";

    fn table(rows: &str) -> Result<OptionTable, OptionsError> {
        OptionTable::parse(&format!("{HEAD}{rows}"))
    }

    fn v(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn a_key_is_found_in_the_lines_that_declare_it_and_by_its_older_name() {
        let table = table(
            "old.dir\t1.19\t1.19\tString\t\t\t\nnew.dir\t1.20\t2.0\tString\t/tmp\t\t!old.dir\nm\t1.19\t2.0\tMap\t\t\t\n",
        )
        .expect("a table");
        assert!(table.option(&v("1.19.3"), "old.dir").is_some());
        assert!(table.option(&v("1.20.5"), "old.dir").is_none());
        assert_eq!(
            table
                .readers(&v("2.0.1"), "old.dir")
                .first()
                .map(|o| o.key.as_str()),
            Some("new.dir")
        );
        assert_eq!(table.last_line_of("old.dir"), Some(&v("1.19")));
        assert!(table.map_around(&v("2.0"), "m.team.lead").is_some());
        assert!(!table.covers(&v("2.1.0")));
    }

    #[test]
    fn a_free_part_of_a_key_matches_one_name() {
        let shaped = "metrics.reporter.<name>.interval";
        assert!(matches_shape(shaped, "metrics.reporter.prom.interval"));
        assert!(!matches_shape(shaped, "metrics.reporter.prom"));
        assert!(!matches_shape(shaped, "metrics.reporter.a.b.interval"));
        assert!(matches_shape(
            "external-resource.<n>.param.<p>",
            "external-resource.gpu.param.a.b"
        ));
        assert!(!matches_shape(
            "external-resource.<n>.param.<p>",
            "external-resource.gpu.param"
        ));
    }

    #[test]
    fn rows_of_another_shape_are_refused() {
        for rows in [
            "k\t1.19\n",
            "k\t1.19\t3.0\tString\t\t\t\n",
            "k\t2.0\t1.19\tString\t\t\t\n",
            "k\t1.19\t2.0\tString\t\tmaybe\t\n",
            "\n",
        ] {
            assert!(
                matches!(table(rows), Err(OptionsError::Row { line: 2, .. })),
                "{rows:?}"
            );
        }
        let twice = "k\t1.19\t1.20\tString\t\t\t\nk\t1.20\t2.0\tString\t\t\t\n";
        assert!(matches!(table(twice), Err(OptionsError::Twice { line: 3, .. })));
        assert!(matches!(
            OptionTable::parse("k\n"),
            Err(OptionsError::NoLines { .. })
        ));
    }
}

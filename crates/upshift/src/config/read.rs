//! Walks the parsed text: tables whose keys are known beforehand, and values that say what they
//! expect. Every mistake goes to [`Problems`] and reading goes on, so that one look shows them all.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems};
use super::section::{KeyDoc, SectionDoc};
use crate::codes;

/// What a value is read with.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) problems: &'a Problems,
    /// Relative paths are relative to this.
    pub(super) base: &'a Path,
    /// All sections of the file, to say where a misplaced key belongs.
    pub(super) sections: &'static [SectionDoc],
}

/// A value in the text, and the words for where it is.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a DeValue<'a>,
    pub(super) span: Range<usize>,
    pub(super) place: Place,
}

impl Node<'_> {
    /// Whether it is a table that has this key, readable or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.value.as_table().is_some_and(|table| table.contains_key(key))
    }
}

/// Where a value stands: `[state] format`, `[[job]] jar`.
#[derive(Clone, Default)]
pub(super) struct Place {
    /// The table, as its header is written; empty at the top level.
    table: String,
    /// Keys below it.
    keys: Vec<String>,
}

impl Place {
    /// The place of a value that stands alone: an option of the command line.
    pub(super) fn named(name: &str) -> Self {
        Self {
            table: String::new(),
            keys: vec![name.to_owned()],
        }
    }

    fn key(&self, name: &str) -> Self {
        let mut inner = self.clone();
        inner.keys.push(name.to_owned());
        inner
    }

    /// The place as the words of a table: what it holds is below it.
    fn as_table(&self) -> Self {
        match (self.table.is_empty(), self.keys.as_slice()) {
            (true, [only]) => Self {
                table: format!("[{only}]"),
                keys: Vec::new(),
            },
            _ => self.clone(),
        }
    }

    /// The place of one element of an array of tables.
    fn as_element(&self) -> Self {
        match (self.table.is_empty(), self.keys.as_slice()) {
            (true, [only]) => Self {
                table: format!("[[{only}]]"),
                keys: Vec::new(),
            },
            _ => self.clone(),
        }
    }

    /// `[state]`, `[installation] current`, `the top level`.
    pub(super) fn words(&self) -> String {
        match (self.table.as_str(), self.keys.join(".")) {
            ("", keys) if keys.is_empty() => "the top level".to_owned(),
            ("", keys) => keys,
            (table, keys) if keys.is_empty() => table.to_owned(),
            (table, keys) => format!("{table} {keys}"),
        }
    }
}

/// Something that can be read from a value of the file.
pub(super) trait Value: Sized {
    /// What is expected, as a noun phrase: `a length of time such as "15m"`.
    fn expected() -> String;

    /// Reads it; none when it was not what is expected, which then is among the problems.
    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self>;
}

/// Whatever was read, with where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) it: T,
    pub(super) span: Range<usize>,
}

impl<T: Value> Value for At<T> {
    fn expected() -> String {
        T::expected()
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        Some(Self {
            it: T::read(node, reader)?,
            span: node.span.clone(),
        })
    }
}

impl<T: Value> Value for Vec<T> {
    fn expected() -> String {
        format!("a list, each entry {}", T::expected())
    }

    fn read(node: &Node<'_>, reader: &Reader<'_>) -> Option<Self> {
        let entries = match node.value {
            DeValue::Array(entries) => entries,
            DeValue::Table(_) => return reader.not_a_list::<Self, _>(node),
            _ => return reader.wrong_type::<Self, _>(node),
        };
        let read: Vec<Option<T>> = entries
            .iter()
            .map(|entry| {
                let place = match entry.get_ref() {
                    DeValue::Table(_) => node.place.as_element(),
                    _ => node.place.clone(),
                };
                T::read(
                    &Node {
                        value: entry.get_ref(),
                        span: entry.span(),
                        place,
                    },
                    reader,
                )
            })
            .collect();
        read.into_iter().collect()
    }
}

/// A table of the file that is being read.
pub(super) struct Table<'a> {
    entries: &'a DeTable<'a>,
    span: Range<usize>,
    place: Place,
}

impl Reader<'_> {
    /// Reports that the value is not of the type that `T` wants.
    pub(super) fn wrong_type<T: Value, R>(&self, node: &Node<'_>) -> Option<R> {
        let what = format!("{} is {}", node.place.words(), article(node.value.type_str()));
        let problem = Problem::new(codes::WRONG_TYPE, node.span.clone(), what).expected(T::expected());
        self.problems.add(problem);
        None
    }

    /// Reports a table where a list belongs: `[job]` for `[[job]]`.
    fn not_a_list<T: Value, R>(&self, node: &Node<'_>) -> Option<R> {
        let name = node.place.keys.last().map_or("", String::as_str);
        let what = format!("{} is one table and no list", node.place.words());
        let expected = format!("a list: [[{name}]] before each entry");
        self.problems
            .add(Problem::new(codes::WRONG_TYPE, node.span.clone(), what).expected(expected));
        None
    }

    /// Reports that the value is of the right type and cannot be used. What was found is not shown
    /// where it may hold a password.
    pub(super) fn wrong_value<T: Value, R>(&self, node: &Node<'_>, found: &str) -> Option<R> {
        let found = if found.contains('@') {
            "what it is (not shown)"
        } else {
            found
        };
        let what = format!("{} cannot be {found}", node.place.words());
        self.problems
            .add(Problem::new(codes::WRONG_VALUE, node.span.clone(), what).expected(T::expected()));
        None
    }

    /// The table at `node`; keys other than `keys` are reported.
    pub(super) fn table<'n, T: Value>(&self, node: &Node<'n>, keys: &'static [KeyDoc]) -> Option<Table<'n>> {
        let DeValue::Table(entries) = node.value else {
            return self.wrong_type::<T, _>(node);
        };
        let table = Table {
            entries,
            span: node.span.clone(),
            place: node.place.as_table(),
        };
        for (key, _) in entries {
            if !keys.iter().any(|known| known.name == key.get_ref().as_ref()) {
                self.unknown_key(&table, key.get_ref(), key.span(), keys);
            }
        }
        Some(table)
    }

    fn unknown_key(&self, table: &Table<'_>, key: &str, span: Range<usize>, keys: &'static [KeyDoc]) {
        let mut what = match table.place.words() {
            words if words == "the top level" => format!("unknown key {key:?} at the top level"),
            words => format!("unknown key {key:?} in {words}"),
        };
        let home = self
            .sections
            .iter()
            .find(|s| s.keys.iter().any(|k| k.name == key));
        match (nearest(key, keys), home) {
            (Some(near), _) => what.push_str(&format!("; did you mean {near:?}?")),
            (None, Some(home)) => what.push_str(&format!("; it belongs to {}", home.at)),
            (None, None) => {}
        }
        let known = keys.iter().map(|k| k.name).collect::<Vec<_>>().join(", ");
        self.problems
            .add(Problem::new(codes::UNKNOWN_KEY, span, what).expected(format!("one of: {known}")));
    }
}

impl<'a> Table<'a> {
    fn node(&self, name: &str) -> Option<Node<'a>> {
        let value: &Spanned<DeValue<'a>> = self.entries.get(name)?;
        Some(Node {
            value: value.get_ref(),
            span: value.span(),
            place: self.place.key(name),
        })
    }

    /// A key that must be there.
    pub(super) fn required<T: Value>(&self, name: &str, reader: &Reader<'_>) -> Option<T> {
        let Some(node) = self.node(name) else {
            let what = match self.place.words() {
                words if words == "the top level" => format!("{name:?} is missing"),
                words => format!("{name:?} is missing in {words}"),
            };
            let problem = Problem::new(codes::MISSING_KEY, self.span.clone(), what);
            reader.problems.add(problem.expected(T::expected()));
            return None;
        };
        T::read(&node, reader)
    }

    /// A key that may be left out.
    pub(super) fn optional<T: Value>(&self, name: &str, reader: &Reader<'_>) -> Option<T> {
        T::read(&self.node(name)?, reader)
    }

    /// A key that has a default; none only when what is there cannot be read.
    pub(super) fn fallback<T: Value>(
        &self,
        name: &str,
        reader: &Reader<'_>,
        default: impl FnOnce() -> T,
    ) -> Option<T> {
        self.node(name)
            .map_or_else(|| Some(default()), |node| T::read(&node, reader))
    }
}

/// The known key that is most like what was typed.
fn nearest(typed: &str, keys: &[KeyDoc]) -> Option<&'static str> {
    let plain = |text: &str| text.replace(['_', '-'], "").to_ascii_lowercase();
    keys.iter()
        .map(|key| {
            (
                strsim::damerau_levenshtein(&plain(typed), &plain(key.name)),
                key.name,
            )
        })
        .filter(|(distance, name)| *distance <= 1.max(name.len() / 4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

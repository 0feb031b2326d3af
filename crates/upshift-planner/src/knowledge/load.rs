//! From the texts of a catalogue's files to rows, refusing what cannot be.
//!
//! A row's own fields are described where its type is; here is what every row must have.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::de::DeserializeOwned;
use thiserror::Error;
use upshift_model::version::Version;

use super::changes::ChangeError;
use super::flink::Flink;
use super::flink::config::ConfigRules;
use super::flink::releases::Releases;
use super::flink::savepoints::Savepoints;
use super::options::{OptionTable, OptionsError};
use super::row::{Confidence, Origin, Range};

/// A catalogue that cannot be used.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A file that no part of the catalogue is kept in.
    #[error("{file} is not a file of the catalogue")]
    UnknownFile {
        /// Its name.
        file: String,
    },
    /// A file that is not there.
    #[error("the catalogue has no {file}")]
    MissingFile {
        /// Its name.
        file: &'static str,
    },
    /// Not TOML.
    #[error("{file} is not TOML")]
    Syntax {
        /// The file.
        file: &'static str,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// A table or key that nothing reads.
    #[error("{file}: nothing reads [{key}]")]
    UnknownTable {
        /// The file.
        file: &'static str,
        /// The key.
        key: String,
    },
    /// A row with an unknown or missing key, or a value that cannot be.
    #[error("{file}: {table} row {row} cannot be read")]
    Row {
        /// The file.
        file: &'static str,
        /// The table.
        table: &'static str,
        /// Which row of it, from 1.
        row: usize,
        /// Why.
        #[source]
        source: toml::de::Error,
    },
    /// A row that does not say where it was read.
    #[error("{file}: {table} row {row} has no source")]
    NoSource {
        /// The file.
        file: &'static str,
        /// The table.
        table: &'static str,
        /// Which row of it, from 1.
        row: usize,
    },
    /// A range that holds no version.
    #[error("{file}: {table} row {row} holds no version: {found}")]
    ImpossibleRange {
        /// The file.
        file: &'static str,
        /// The table.
        table: &'static str,
        /// Which row of it, from 1.
        row: usize,
        /// The range.
        found: String,
    },
    /// Two rows that answer one question differently.
    #[error("{file}: {table} rows {first} and {second} speak of the same versions")]
    Overlap {
        /// The file.
        file: &'static str,
        /// The table.
        table: &'static str,
        /// The one row, from 1.
        first: usize,
        /// The other.
        second: usize,
    },
    /// An option list that cannot be read.
    #[error("{file} is not an option list")]
    Options {
        /// The file.
        file: &'static str,
        /// Why.
        #[source]
        source: OptionsError,
    },
    /// A file of changes that cannot be used.
    #[error(transparent)]
    Changes(#[from] ChangeError),
}

/// A row: what it says, of which versions, and where it was read.
#[derive(Debug, Clone)]
pub(in crate::knowledge) struct Row<T> {
    /// What it says.
    pub what: T,
    /// Of which versions.
    pub range: Range,
    /// Where it was read.
    pub origin: Origin,
}

/// One TOML file while it is read.
pub(super) struct TomlFile {
    name: &'static str,
    tables: toml::Table,
}

impl TomlFile {
    fn parse(files: &BTreeMap<String, String>, name: &'static str) -> Result<Self, LoadError> {
        let text = files.get(name).ok_or(LoadError::MissingFile { file: name })?;
        let tables = text
            .parse()
            .map_err(|source| LoadError::Syntax { file: name, source })?;
        Ok(Self { name, tables })
    }

    /// The rows of `[[table]]`; none where it is absent.
    pub(super) fn rows<T: DeserializeOwned>(
        &mut self,
        table: &'static str,
    ) -> Result<Vec<Row<T>>, LoadError> {
        let rows = match self.tables.remove(table) {
            None => return Ok(Vec::new()),
            Some(toml::Value::Array(rows)) => rows,
            Some(one) => vec![one],
        };
        rows.into_iter()
            .enumerate()
            .map(|(at, row)| read(self.name, table, at + 1, row))
            .collect()
    }

    /// The same, for rows of which at most one may speak of a version: those that `key` puts
    /// together.
    pub(super) fn distinct<T: DeserializeOwned, K: PartialEq>(
        &mut self,
        table: &'static str,
        key: impl Fn(&T) -> K,
    ) -> Result<Vec<Row<T>>, LoadError> {
        let rows = self.rows::<T>(table)?;
        for (first, a) in rows.iter().enumerate() {
            for (second, b) in rows.iter().enumerate().skip(first + 1) {
                if key(&a.what) == key(&b.what) && a.range.overlaps(&b.range) {
                    let file = self.name;
                    return Err(LoadError::Overlap {
                        file,
                        table,
                        first: first + 1,
                        second: second + 1,
                    });
                }
            }
        }
        Ok(rows)
    }

    /// Refuses a range inside a row that holds no version.
    pub(super) fn possible(&self, table: &'static str, row: usize, range: &Range) -> Result<(), LoadError> {
        match range.is_impossible() {
            true => Err(LoadError::ImpossibleRange {
                file: self.name,
                table,
                row,
                found: range.to_string(),
            }),
            false => Ok(()),
        }
    }

    /// Refuses what nothing has read.
    pub(super) fn finish(self) -> Result<(), LoadError> {
        match self.tables.into_iter().next() {
            None => Ok(()),
            Some((key, _)) => Err(LoadError::UnknownTable { file: self.name, key }),
        }
    }
}

fn read<T: DeserializeOwned>(
    file: &'static str,
    table: &'static str,
    row: usize,
    value: toml::Value,
) -> Result<Row<T>, LoadError> {
    let wrong = |source| LoadError::Row {
        file,
        table,
        row,
        source,
    };
    let mut fields: toml::Table = value.try_into().map_err(wrong)?;
    let bound = |field: Option<toml::Value>| -> Result<Option<Version>, LoadError> {
        field.map(|value| value.try_into().map_err(wrong)).transpose()
    };
    let range = Range {
        since: bound(fields.remove("since"))?,
        until: bound(fields.remove("until"))?,
    };
    if range.is_impossible() {
        return Err(LoadError::ImpossibleRange {
            file,
            table,
            row,
            found: range.to_string(),
        });
    }
    let (Some(source), Some(confidence)) = (fields.remove("source"), fields.remove("confidence")) else {
        return Err(LoadError::NoSource { file, table, row });
    };
    let source: String = source.try_into().map_err(wrong)?;
    let confidence: Confidence = confidence.try_into().map_err(wrong)?;
    if source.trim().is_empty() {
        return Err(LoadError::NoSource { file, table, row });
    }
    let what = fields.try_into().map_err(wrong)?;
    Ok(Row {
        what,
        range,
        origin: Origin { source, confidence },
    })
}

/// Flink's part, and the date of the catalogue.
pub(super) fn flink(files: &BTreeMap<String, String>) -> Result<(Date, Flink), LoadError> {
    let mut catalogue = TomlFile::parse(files, "flink/catalogue.toml")?;
    let date = date(&mut catalogue)?;
    let releases = Releases::load(&mut catalogue, TomlFile::parse(files, "flink/releases.toml")?)?;
    catalogue.finish()?;
    let savepoints = Savepoints::load(TomlFile::parse(files, "flink/savepoints.toml")?)?;
    let rules = ConfigRules::load(TomlFile::parse(files, "flink/config.toml")?)?;
    let file = "flink/options.tsv";
    let text = files.get(file).ok_or(LoadError::MissingFile { file })?;
    let options = OptionTable::parse(text).map_err(|source| LoadError::Options { file, source })?;
    Ok((
        date,
        Flink {
            releases,
            savepoints,
            rules,
            options,
        },
    ))
}

fn date(catalogue: &mut TomlFile) -> Result<Date, LoadError> {
    let (file, table) = (catalogue.name, "date");
    let Some(value) = catalogue.tables.remove(table) else {
        return Err(LoadError::NoSource { file, table, row: 1 });
    };
    value.try_into().map_err(|source| LoadError::Row {
        file,
        table,
        row: 1,
        source,
    })
}

//! The configuration file of each release, and what its option list does not show: keys of plugins
//! and scripts, values and keys that went away, what Java has to be told.
//!
//! How a file is carried over is decided in `systems::flink::config`.

use serde::Deserialize;
use upshift_model::version::Version;

use crate::knowledge::load::{LoadError, Row, TomlFile};
use crate::knowledge::row::Origin;

use super::Flink;
use super::releases::speaking_of;
use crate::knowledge::options::{ConfigOption, matches_shape};

/// The file that Flink 1.19 and later write their configuration to.
pub const CONFIG_YAML: &str = "config.yaml";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileNames {
    names: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prefix {
    prefix: String,
    meaning: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptKey {
    key: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removed {
    key: String,
    advice: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    keys: Vec<String>,
    value: String,
    becomes: String,
    why: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct JavaOptionsKey {
    key: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct JavaOptions {
    feature: u32,
    options: Vec<String>,
}

/// Rows of `config.toml`.
#[derive(Debug, Clone)]
pub struct ConfigRules {
    files: Vec<Row<FileNames>>,
    prefixes: Vec<Row<Prefix>>,
    script_keys: Vec<Row<ScriptKey>>,
    removed: Vec<Row<Removed>>,
    values: Vec<Row<Value>>,
    java_options_keys: Vec<Row<JavaOptionsKey>>,
    java_options: Vec<Row<JavaOptions>>,
}

impl ConfigRules {
    pub(in crate::knowledge) fn load(mut file: TomlFile) -> Result<Self, LoadError> {
        let this = Self {
            files: file.distinct("file", |_| ())?,
            prefixes: file.distinct("prefix", |row: &Prefix| row.prefix.clone())?,
            script_keys: file.distinct("script_key", |row: &ScriptKey| row.key.clone())?,
            removed: file.distinct("removed", |row: &Removed| row.key.clone())?,
            values: file.rows("value")?,
            java_options_keys: file.distinct("java_options_key", |_| ())?,
            java_options: file.distinct("java_options", |row: &JavaOptions| row.feature)?,
        };
        file.finish()?;
        Ok(this)
    }
}

/// The main configuration file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// Names that it may have: the first that is there is read.
    pub names: Vec<String>,
    /// Who says so.
    pub origin: Origin,
}

impl ConfigFile {
    /// The name under which upshift writes it: the newest that the release reads.
    pub fn written(&self) -> &str {
        self.names.last().map_or(CONFIG_YAML, String::as_str)
    }
}

/// What a key is to a release.
#[derive(Debug, Clone)]
pub enum KeyStanding<'a> {
    /// An option of its own.
    Option(&'a ConfigOption),
    /// An older name of these options.
    ReadAs(Vec<&'a ConfigOption>),
    /// An entry of an option of type map.
    EntryOf(&'a ConfigOption),
    /// Free settings below a prefix.
    Below {
        /// What they are.
        meaning: &'a str,
        /// Who says so.
        origin: &'a Origin,
    },
    /// Read by the release's scripts alone.
    Script {
        /// Who says so.
        origin: &'a Origin,
    },
    /// Nothing that the catalogue knows of.
    Nothing,
}

impl KeyStanding<'_> {
    /// Whether the release reads it.
    pub const fn is_known(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

/// A value that a release no longer knows, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange<'a> {
    /// The new value.
    pub becomes: &'a str,
    /// Why.
    pub why: &'a str,
    /// Who says so.
    pub origin: &'a Origin,
}

impl Flink {
    /// The configuration file of a release; none where no row says.
    pub fn config_file(&self, version: &Version) -> Option<ConfigFile> {
        let row = speaking_of(&self.rules.files, version)?;
        Some(ConfigFile {
            names: row.what.names.clone(),
            origin: row.origin.clone(),
        })
    }

    /// What a key is to a release. Ask [`OptionTable::covers`](crate::knowledge::OptionTable::covers) first:
    /// of a line that was not read, nothing but prefixes is known.
    pub fn key_standing(&self, version: &Version, key: &str) -> KeyStanding<'_> {
        if let Some(option) = self.options.option(version, key)
            && self.removed_key(version, key).is_none()
        {
            return KeyStanding::Option(option);
        }
        let readers = self.options.readers(version, key);
        if !readers.is_empty() {
            return KeyStanding::ReadAs(readers);
        }
        if self.removed_key(version, key).is_some() {
            return KeyStanding::Nothing;
        }
        if let Some(option) = self.options.map_around(version, key) {
            return KeyStanding::EntryOf(option);
        }
        let scripts = self
            .rules
            .script_keys
            .iter()
            .filter(|row| row.range.contains(version));
        if let Some(row) = scripts.into_iter().find(|row| row.what.key == key) {
            return KeyStanding::Script { origin: &row.origin };
        }
        let prefixes = self
            .rules
            .prefixes
            .iter()
            .filter(|row| row.range.contains(version));
        match prefixes.into_iter().find(|row| key.starts_with(&row.what.prefix)) {
            Some(row) => KeyStanding::Below {
                meaning: &row.what.meaning,
                origin: &row.origin,
            },
            None => KeyStanding::Nothing,
        }
    }

    /// What can be said of a key that went away without a successor that reads it.
    pub fn removal_advice(&self, version: &Version, key: &str) -> Option<(&str, &Origin)> {
        self.removed_key(version, key)
            .map(|row| (row.what.advice.as_str(), &row.origin))
    }

    fn removed_key(&self, version: &Version, key: &str) -> Option<&Row<Removed>> {
        let rows = self
            .rules
            .removed
            .iter()
            .filter(|row| row.range.contains(version));
        rows.into_iter().find(|row| matches_shape(&row.what.key, key))
    }

    /// What a release takes in place of a value that it no longer knows.
    pub fn value_change(&self, version: &Version, key: &str, value: &str) -> Option<ValueChange<'_>> {
        let rows = self.rules.values.iter().filter(|row| row.range.contains(version));
        let row = rows.into_iter().find(|row| {
            row.what.keys.iter().any(|k| k == key) && row.what.value.eq_ignore_ascii_case(value.trim())
        })?;
        Some(ValueChange {
            becomes: &row.what.becomes,
            why: &row.what.why,
            origin: &row.origin,
        })
    }

    /// The key under which a release's scripts read options for every Java process.
    pub fn java_options_key(&self, version: &Version) -> Option<&str> {
        speaking_of(&self.rules.java_options_keys, version).map(|row| row.what.key.as_str())
    }

    /// What a Java of this feature number, or a later one, has to be told for a release to run.
    pub fn java_options(&self, version: &Version, feature: u32) -> Option<(&[String], &Origin)> {
        let rows = self
            .rules
            .java_options
            .iter()
            .filter(|row| row.range.contains(version));
        let row = rows
            .filter(|row| row.what.feature <= feature)
            .max_by_key(|row| row.what.feature)?;
        Some((row.what.options.as_slice(), &row.origin))
    }
}

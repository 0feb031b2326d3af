//! A configuration file as it was read: entries in order, with their lines and the comments between
//! them. Values are as they are, secrets included: this never leaves the driver.

use super::error::ConfError;
use super::{flat, yaml};

/// The two forms of Flink's main configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `flink-conf.yaml`: `key: value` lines and nothing else, whatever its name says.
    Flat,
    /// `config.yaml`: YAML.
    Yaml,
}

impl Form {
    /// The form that Flink reads a file of that name in.
    pub fn of(file: &str) -> Option<Self> {
        match file {
            "flink-conf.yaml" => Some(Self::Flat),
            "config.yaml" => Some(Self::Yaml),
            _ => None,
        }
    }

    /// The name of the file in this form.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Flat => "flink-conf.yaml",
            Self::Yaml => "config.yaml",
        }
    }
}

/// A file, read.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfFile {
    /// Entries in the order of the file; a key may come twice.
    pub entries: Vec<Entry>,
    /// Comments that have a line of their own: line from 1, and text from its `#` on.
    pub comments: Vec<(u32, String)>,
    /// Lines that Flink passes over with a warning.
    pub passed_over: Vec<u32>,
}

/// One entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, nested ones joined with dots.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Line from 1; 0 for an entry that an edit added.
    pub line: u32,
}

/// A value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// Text; `plain` when it stood in a YAML file without quotes, where YAML reads numbers and
    /// truth values out of it.
    Text {
        /// The text.
        text: String,
        /// Whether it stood without quotes in YAML.
        plain: bool,
    },
    /// A YAML list.
    List(Vec<Self>),
    /// Keys and values inside of a list, as one line of YAML.
    Deep(String),
}

impl Value {
    /// Text as it stands in a flat file or comes from an edit.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text {
            text: text.into(),
            plain: false,
        }
    }

    /// The value on one line: texts as they stand in the file (Flink turns `0x10` without quotes into
    /// `16` when it reads), lists in brackets, their items in quotes where a comma or colon would
    /// be misread.
    pub fn line(&self) -> String {
        match self {
            Self::Text { text, .. } => text.clone(),
            Self::List(items) => {
                let shown = |item: &Self| match item {
                    Self::Text { text, .. } if text.contains([',', ':', '[', ']', '{', '}', '#']) => {
                        format!("'{}'", text.replace('\'', "''"))
                    }
                    other => other.line(),
                };
                format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", "))
            }
            Self::Deep(yaml) => yaml.clone(),
        }
    }
}

impl ConfFile {
    /// Reads `text` in the given form.
    ///
    /// # Errors
    /// When it is no YAML, or YAML that Flink does not read as a configuration.
    pub fn read(form: Form, text: &str) -> Result<Self, ConfError> {
        match form {
            Form::Flat => Ok(flat::read(text)),
            Form::Yaml => yaml::read(text),
        }
    }

    /// The value that takes effect: the last one of that key.
    pub fn get(&self, key: &str) -> Option<String> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.key == key)
            .map(|entry| entry.value.line())
    }
}

//! What there is to say about a configuration on its way to another release.
//!
//! Which of it becomes a finding, and how bad it is in the end, is the checks' business; here is
//! what was found, in words once.

use std::fmt;

use upshift_model::finding::Severity;
use upshift_model::version::Version;

/// One thing found while a configuration was carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigNote {
    /// The main file has another name in the target.
    FileRenamed {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
        /// Who says so.
        source: String,
    },
    /// Both names of the main file lie in the folder, and one of them is ignored.
    TwoFiles {
        /// The one that is read.
        read: String,
        /// The one that is not.
        ignored: String,
        /// Who says so.
        source: String,
    },
    /// A key has another name in the target.
    Renamed {
        /// Its old name.
        key: String,
        /// Its new name.
        to: String,
    },
    /// A key is set under its old and its new name; the new one counts.
    Shadowed {
        /// The old name, which is dropped.
        key: String,
        /// The name that counts.
        by: String,
    },
    /// Several options of the target read a key as their older name; it is left as it is.
    ReadBySeveral {
        /// The key.
        key: String,
        /// The options.
        options: Vec<String>,
    },
    /// The target no longer reads a key, and nothing stands in its place.
    Removed {
        /// The key.
        key: String,
        /// Its line in the file.
        line: u32,
        /// The last release line that read it, where that is known.
        last_line: Option<Version>,
        /// What a person should do.
        advice: Option<String>,
        /// Who says so.
        source: String,
    },
    /// The target reads a key and calls it deprecated.
    Deprecated {
        /// The key.
        key: String,
    },
    /// Neither release knows a key.
    UnknownKey {
        /// The key.
        key: String,
        /// Its line in the file.
        line: u32,
    },
    /// A key is set more than once; the last one counts.
    Duplicate {
        /// The key.
        key: String,
        /// Its lines in the file.
        lines: Vec<u32>,
        /// Whether the values differ.
        differ: bool,
    },
    /// The target no longer knows a value.
    ValueGone {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What is set in its place.
        becomes: String,
        /// Why.
        why: String,
        /// Who says so.
        source: String,
    },
    /// The target wants a value of another type.
    Unfit {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// The type it wants.
        kind: String,
    },
    /// A value has white space or quotes around it that the target takes for part of it.
    Trimmed {
        /// The key.
        key: String,
    },
    /// The target's Java has to be told to open some of its modules.
    JavaOptionsAdded {
        /// The key they are set under.
        key: String,
        /// How many were missing.
        missing: usize,
        /// Who says so.
        source: String,
    },
    /// The same, and upshift cannot add them: the value holds something it must not write.
    JavaOptionsByHand {
        /// The key they belong under.
        key: String,
        /// What is missing.
        missing: Vec<String>,
        /// Who says so.
        source: String,
    },
    /// Whether Java has to be told anything is not known.
    JavaUnknown {
        /// Why.
        reason: String,
    },
    /// A port that is set and would be wanted by both clusters.
    PortShared {
        /// The key.
        key: String,
        /// The port, or ports.
        value: String,
    },
    /// A value names the folder of the release that runs now.
    NamesOldHome {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// The options of a release were never read: only what is known of all releases was looked at.
    OptionsNotRead {
        /// The release.
        version: Version,
    },
}

impl ConfigNote {
    /// How bad it is by itself.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::FileRenamed { .. }
            | Self::Renamed { .. }
            | Self::ReadBySeveral { .. }
            | Self::Deprecated { .. }
            | Self::Trimmed { .. }
            | Self::JavaOptionsAdded { .. } => Severity::Green,
            Self::TwoFiles { .. }
            | Self::Shadowed { .. }
            | Self::Removed { .. }
            | Self::UnknownKey { .. }
            | Self::Duplicate { .. }
            | Self::ValueGone { .. }
            | Self::JavaUnknown { .. }
            | Self::NamesOldHome { .. }
            | Self::OptionsNotRead { .. } => Severity::Yellow,
            Self::Unfit { .. } | Self::JavaOptionsByHand { .. } | Self::PortShared { .. } => Severity::Red,
        }
    }
}

impl fmt::Display for ConfigNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileRenamed { from, to, .. } => write!(f, "{from} becomes {to}"),
            Self::TwoFiles { read, ignored, .. } => {
                write!(f, "{read} and {ignored} both lie there: {ignored} is not read")
            }
            Self::Renamed { key, to } => write!(f, "{key} becomes {to}"),
            Self::Shadowed { key, by } => write!(f, "{key} is dropped: {by} is set as well, and counts"),
            Self::ReadBySeveral { key, options } => {
                let options = options.join(" and ");
                write!(f, "{key} stays: {options} read it by its old name")
            }
            Self::Removed { key, line, .. } => {
                write!(f, "{key} (line {line}) is dropped: the target does not read it")?;
                self.what_else_of_a_removed_key(f)
            }
            Self::Deprecated { key } => write!(f, "{key} is deprecated in the target, and still read"),
            Self::UnknownKey { key, line } => {
                let known = "is known to neither release; carried over as it is";
                write!(f, "{key} (line {line}) {known}")
            }
            Self::Duplicate { key, lines, differ } => {
                let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
                let lines = lines.join(", ");
                let values = ["the same value", "different values"][usize::from(*differ)];
                write!(
                    f,
                    "{key} is set on lines {lines} to {values}: the last one counts"
                )
            }
            Self::ValueGone {
                key,
                value,
                becomes,
                why,
                ..
            } => {
                write!(f, "{key} = {value} becomes {becomes}: {why}")
            }
            Self::Unfit { key, value, kind } => {
                let wants = format!("cannot be read by the target, which wants a {kind}");
                write!(f, "{key} = {value} {wants}")
            }
            Self::Trimmed { key } => write!(f, "{key} loses the white space or quotes around its value"),
            Self::JavaOptionsAdded { key, missing, .. } => {
                let options = "--add-opens/--add-exports that the target's Java needs";
                write!(f, "{key} gets {missing} {options}")
            }
            Self::JavaOptionsByHand { key, missing, .. } => {
                let missing = missing.join(" ");
                write!(f, "{key} lacks what the target's Java needs: {missing}")
            }
            Self::JavaUnknown { reason } => {
                let whether = "whether the target's Java has to be told to open its modules";
                write!(f, "{whether}: {reason}")
            }
            Self::PortShared { key, value } => {
                write!(f, "{key} = {value} would be wanted by both clusters")
            }
            Self::NamesOldHome { key, value } => {
                let names = "names the installation of the release that runs now";
                write!(f, "{key} = {value} {names}")
            }
            Self::OptionsNotRead { version } => write!(f, "the options of Flink {version} were never read"),
        }
    }
}

impl ConfigNote {
    fn what_else_of_a_removed_key(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Removed {
            last_line, advice, ..
        } = self
        else {
            return Ok(());
        };
        if let Some(last) = last_line {
            write!(f, ", {last} was the last to do so")?;
        }
        match advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

//! What must be so of a system for a change to bite it: conditions of a closed set of kinds.
//!
//! Whether one holds is weighed elsewhere. There is no expression language: all conditions of a row
//! must hold, and within one of them any of its names will do.

use std::fmt;

use serde::{Deserialize, Deserializer};
use thiserror::Error;
use upshift_model::version::Version;

use crate::knowledge::fact::{Fact, NotAFact};

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// One of these options is set, to one of these values where any are named.
    Option {
        /// Keys; with a dot at the end all keys below, with `<name>` any one part.
        keys: Vec<String>,
        /// Values; any will do where none is named.
        is: Vec<String>,
    },
    /// None of these options is set, so that a default counts.
    NoOption {
        /// Keys.
        keys: Vec<String>,
    },
    /// The job's jar refers to one of these classes, or to one of a package (a dot at the end).
    Class {
        /// Their names.
        names: Vec<String>,
    },
    /// The job's jar refers to one of these members: `org.apache.flink.A#method`.
    Member {
        /// Their names.
        names: Vec<String>,
    },
    /// The job uses one of these connectors, in a version between these.
    Connector {
        /// Their names.
        names: Vec<String>,
        /// The first version.
        from: Option<Version>,
        /// The first that is later than the last.
        below: Option<Version>,
    },
    /// A path of one of these schemes is used.
    Scheme {
        /// `s3`, `oss`, `hdfs`, …
        schemes: Vec<String>,
    },
    /// The Java that the target would run on lies between these.
    Java {
        /// The first feature number.
        from: Option<u32>,
        /// The first that is later than the last.
        below: Option<u32>,
    },
    /// A fact of the closed set has one of these values.
    Fact {
        /// The fact.
        fact: Fact,
        /// Its values.
        is: Vec<&'static str>,
    },
}

/// A condition that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotANeed {
    /// No kind, or more than one.
    #[error(
        "a condition has exactly one of option, class, member, connector, scheme, java and fact; found {found}"
    )]
    Kind {
        /// Those that were found.
        found: String,
    },
    /// A kind without a name.
    #[error("{kind} names nothing")]
    Empty {
        /// The kind.
        kind: &'static str,
    },
    /// A key beside a kind that has no such key.
    #[error("{kind} has no key {key}")]
    Key {
        /// The kind.
        kind: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A range that holds nothing.
    #[error("{kind}: nothing lies from {from} to below {below}")]
    Range {
        /// The kind.
        kind: &'static str,
        /// Its start.
        from: String,
        /// Its end.
        below: String,
    },
    /// A member that is not written as `Class#member`.
    #[error("member {found:?} is not of the form org.apache.flink.A#method")]
    Member {
        /// The text.
        found: String,
    },
    /// A fact or a value of it that does not exist.
    #[error("{source}; the facts are listed in docs/notes.md")]
    Fact {
        /// Which.
        #[source]
        source: NotAFact,
    },
    /// A version of a connector that is none.
    #[error("{found:?} is no version of a connector: expected dotted numbers such as 3.1.0")]
    Version {
        /// The text.
        found: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    option: Option<Vec<String>>,
    class: Option<Vec<String>>,
    member: Option<Vec<String>>,
    connector: Option<Vec<String>>,
    scheme: Option<Vec<String>>,
    java: Option<RawJava>,
    fact: Option<String>,
    is: Option<Vec<String>>,
    absent: Option<bool>,
    from: Option<String>,
    below: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawJava {
    from: Option<u32>,
    below: Option<u32>,
}

impl TryFrom<Raw> for Need {
    type Error = NotANeed;

    fn try_from(mut raw: Raw) -> Result<Self, NotANeed> {
        let kind = raw.kind()?;
        let need = match kind {
            "option" => Self::option(
                names("option", raw.option.take())?,
                raw.is.take(),
                raw.absent.take(),
            )?,
            "class" => Self::Class {
                names: names("class", raw.class.take())?,
            },
            "member" => Self::members(names("member", raw.member.take())?)?,
            "connector" => Self::Connector {
                names: names("connector", raw.connector.take())?,
                from: raw.from.take().map(version).transpose()?,
                below: raw.below.take().map(version).transpose()?,
            },
            "scheme" => Self::Scheme {
                schemes: names("scheme", raw.scheme.take())?,
            },
            "java" => Self::java(raw.java.take())?,
            _ => Self::fact(raw.fact.take().unwrap_or_default(), raw.is.take())?,
        };
        need.possible()?;
        raw.finish(kind)?;
        Ok(need)
    }
}

impl Raw {
    /// The one kind that is there.
    fn kind(&self) -> Result<&'static str, NotANeed> {
        let kinds = [
            ("option", self.option.is_some()),
            ("class", self.class.is_some()),
            ("member", self.member.is_some()),
            ("connector", self.connector.is_some()),
            ("scheme", self.scheme.is_some()),
            ("java", self.java.is_some()),
            ("fact", self.fact.is_some()),
        ];
        let found: Vec<&'static str> = kinds
            .into_iter()
            .filter(|(_, there)| *there)
            .map(|(kind, _)| kind)
            .collect();
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(NotANeed::Kind {
                found: "none".to_owned(),
            }),
            several => Err(NotANeed::Kind {
                found: several.join(" and "),
            }),
        }
    }

    /// Refuses what the kind has not taken.
    fn finish(self, kind: &'static str) -> Result<(), NotANeed> {
        let left = [
            ("is", self.is.is_some()),
            ("absent", self.absent.is_some()),
            ("from", self.from.is_some()),
            ("below", self.below.is_some()),
        ];
        match left.into_iter().find(|(_, there)| *there) {
            None => Ok(()),
            Some((key, _)) => Err(NotANeed::Key { kind, key }),
        }
    }
}

impl Need {
    /// Whether the job's jar alone decides it.
    pub const fn is_about_jar(&self) -> bool {
        matches!(
            self,
            Self::Class { .. } | Self::Member { .. } | Self::Connector { .. }
        )
    }

    fn option(keys: Vec<String>, is: Option<Vec<String>>, absent: Option<bool>) -> Result<Self, NotANeed> {
        match (absent, is) {
            (Some(true), Some(_)) => Err(NotANeed::Key {
                kind: "option with absent",
                key: "is",
            }),
            (Some(true), None) => Ok(Self::NoOption { keys }),
            (_, is) => Ok(Self::Option {
                keys,
                is: is.unwrap_or_default(),
            }),
        }
    }

    fn members(names: Vec<String>) -> Result<Self, NotANeed> {
        let wrong = |name: &&String| {
            name.split_once('#')
                .is_none_or(|(class, member)| class.is_empty() || member.is_empty())
        };
        match names.iter().find(wrong) {
            Some(found) => Err(NotANeed::Member { found: found.clone() }),
            None => Ok(Self::Member { names }),
        }
    }

    fn java(raw: Option<RawJava>) -> Result<Self, NotANeed> {
        match raw {
            Some(RawJava { from, below }) if from.is_some() || below.is_some() => {
                Ok(Self::Java { from, below })
            }
            _ => Err(NotANeed::Empty { kind: "java" }),
        }
    }

    fn fact(word: String, is: Option<Vec<String>>) -> Result<Self, NotANeed> {
        let wrong = |source| NotANeed::Fact { source };
        let fact: Fact = word.parse().map_err(wrong)?;
        let values = names("fact", is)?;
        let is: Vec<&'static str> = values
            .iter()
            .map(|text| fact.value(text).map_err(wrong))
            .collect::<Result<_, _>>()?;
        Ok(Self::Fact { fact, is })
    }

    fn possible(&self) -> Result<(), NotANeed> {
        let empty = |kind, from: String, below: String| Err(NotANeed::Range { kind, from, below });
        match self {
            Self::Connector {
                from: Some(from),
                below: Some(below),
                ..
            } if from >= below => empty("connector", from.to_string(), below.to_string()),
            Self::Java {
                from: Some(from),
                below: Some(below),
            } if from >= below => empty("java", from.to_string(), below.to_string()),
            _ => Ok(()),
        }
    }
}

fn names(kind: &'static str, list: Option<Vec<String>>) -> Result<Vec<String>, NotANeed> {
    match list {
        Some(list) if !list.is_empty() && list.iter().all(|name| !name.trim().is_empty()) => Ok(list),
        _ => Err(NotANeed::Empty { kind }),
    }
}

fn version(text: String) -> Result<Version, NotANeed> {
    text.parse().map_err(|_| NotANeed::Version { found: text })
}

impl<'de> Deserialize<'de> for Need {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;
        Self::try_from(Raw::deserialize(from)?).map_err(D::Error::custom)
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option { keys, is } if is.is_empty() => write!(f, "{} is set", keys.join(" or ")),
            Self::Option { keys, is } => write!(f, "{} is {}", keys.join(" or "), is.join(" or ")),
            Self::NoOption { keys } => write!(f, "{} is not set", keys.join(" and ")),
            Self::Class { names } => write!(f, "the jar refers to {}", names.join(" or ")),
            Self::Member { names } => write!(f, "the jar calls {}", names.join(" or ")),
            Self::Connector { names, from, below } => {
                write!(f, "the job uses the connector {}", names.join(" or "))?;
                bounds(f, from.as_ref(), below.as_ref())
            }
            Self::Scheme { schemes } => write!(f, "a path of {} is used", schemes.join(" or ")),
            Self::Java { from, below } => {
                f.write_str("the target's Java is")?;
                bounds(f, from.as_ref(), below.as_ref())
            }
            Self::Fact { fact, is } => write!(f, "{}={}", fact.word(), is.join("|")),
        }
    }
}

fn bounds<T: fmt::Display>(f: &mut fmt::Formatter<'_>, from: Option<&T>, below: Option<&T>) -> fmt::Result {
    match (from, below) {
        (None, None) => Ok(()),
        (Some(from), None) => write!(f, " {from} or later"),
        (None, Some(below)) => write!(f, " older than {below}"),
        (Some(from), Some(below)) => write!(f, " {from} or later and older than {below}"),
    }
}

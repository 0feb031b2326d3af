//! The verdict over two releases: may state written by one be restored by the other.
//!
//! It knows no job and no snapshot: conditions are handed on, to be weighed against what is seen.

use std::collections::BTreeSet;
use std::fmt;

use upshift_model::observed::Gap;
use upshift_model::version::Version;

use crate::knowledge::row::{Confidence, Origin};

use super::Flink;
use super::savepoints::{Effect, When};

/// May state written by one release be restored by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairVerdict {
    /// The vendor says so, and no limit speaks of the pair.
    Supported {
        /// Who says so.
        sources: Vec<String>,
    },
    /// It depends on the state, on the job, or on nobody's promise.
    Conditional {
        /// On what, worst first.
        reasons: Vec<Reason>,
        /// Who says that it may be done at all.
        sources: Vec<String>,
    },
    /// It fails, or the vendor does not offer it.
    Unsupported {
        /// Why, worst first.
        reasons: Vec<Reason>,
        /// Who says so.
        sources: Vec<String>,
    },
    /// No source that upshift knows speaks of the pair.
    Unknown {
        /// What is missing.
        gap: Gap,
        /// What is known all the same.
        reasons: Vec<Reason>,
        /// From where.
        sources: Vec<String>,
    },
}

impl PairVerdict {
    /// The word in JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Supported { .. } => "supported",
            Self::Conditional { .. } => "conditional",
            Self::Unsupported { .. } => "unsupported",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// What it depends on or founders on.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Supported { .. } => &[],
            Self::Conditional { reasons, .. }
            | Self::Unsupported { reasons, .. }
            | Self::Unknown { reasons, .. } => reasons,
        }
    }

    /// Who says so.
    pub fn sources(&self) -> &[String] {
        match self {
            Self::Supported { sources }
            | Self::Conditional { sources, .. }
            | Self::Unsupported { sources, .. }
            | Self::Unknown { sources, .. } => sources,
        }
    }
}

/// One thing that stands in the way, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// When it holds.
    pub when: When,
    /// What it means where it holds.
    pub effect: Effect,
    /// What it is.
    pub ground: Ground,
    /// Who says so.
    pub origin: Origin,
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// A row of the catalogue.
    Limit {
        /// What it says.
        text: String,
        /// What can be done.
        advice: String,
    },
    /// The target cannot read the snapshot's `_metadata`.
    Metadata {
        /// The version that is written.
        written: u32,
        /// The highest that is read.
        read: u32,
    },
    /// The target cannot read the header of operator state.
    OperatorHeader {
        /// The version that is written.
        written: u32,
        /// The highest that is read.
        read: u32,
    },
    /// The vendor's table leaves the cell empty.
    EmptyCell,
    /// The target is older than what wrote the state.
    Downgrade,
    /// It was done and went well; the vendor does not promise it.
    NotPromised,
}

impl fmt::Display for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { text, .. } => f.write_str(text),
            Self::Metadata { written, read } => write!(
                f,
                "the restore point's metadata has version {written}, the target reads up to {read}"
            ),
            Self::OperatorHeader { written, read } => write!(
                f,
                "operator state is written with header version {written}, the target reads up to {read}"
            ),
            Self::EmptyCell => f.write_str("the vendor's table does not list the pair"),
            Self::Downgrade => f.write_str("no release is promised to read state of a later line"),
            Self::NotPromised => f.write_str("the vendor does not promise it"),
        }
    }
}

impl Ground {
    /// What can be done about it; empty where nothing can.
    pub fn advice(&self) -> &str {
        match self {
            Self::Limit { advice, .. } => advice,
            Self::Metadata { .. } | Self::OperatorHeader { .. } | Self::EmptyCell | Self::Downgrade => {
                "restore a snapshot that the older release wrote itself"
            }
            Self::NotPromised => "prove the job's results after the switch",
        }
    }
}

impl Flink {
    /// Whether state written by `from` may be restored by `to`. Works in both directions; a
    /// downgrade to an earlier line is never supported.
    pub fn pair(&self, from: &Version, to: &Version) -> PairVerdict {
        let mut reasons = self.format_reasons(from, to);
        reasons.extend(self.limit_reasons(from, to));
        let row = self.resume_row(from, to);
        let downgrade = to.line() < from.line();
        let cell = self
            .savepoints
            .tables
            .iter()
            .find(|table| table.what.hold(from, to));
        match (row, cell) {
            _ if downgrade => reasons.push(downgrade_reason(cell.map(|table| &table.origin))),
            (Some(origin), _) if origin.confidence != Confidence::Vendor => {
                reasons.push(always(Ground::NotPromised, origin.clone()));
            }
            (None, Some(table)) => reasons.push(always(Ground::EmptyCell, table.origin.clone())),
            (Some(_), _) | (None, None) => {}
        }
        reasons.sort_by_key(|reason| (std::cmp::Reverse(reason.effect), reason.when));
        let hopeless = reasons
            .iter()
            .any(|r| r.when == When::Always && r.effect == Effect::Fails);
        let sources = sources(row, &reasons);
        match row {
            Some(_) if !hopeless && !downgrade => match reasons.is_empty() {
                true => PairVerdict::Supported { sources },
                false => PairVerdict::Conditional { reasons, sources },
            },
            None if !hopeless && !downgrade && cell.is_none() => PairVerdict::Unknown {
                gap: Gap {
                    what: format!("whether Flink {to} restores state of {from}"),
                    reason: "no table of the vendor and no experiment covers the pair".to_owned(),
                },
                reasons,
                sources,
            },
            _ => PairVerdict::Unsupported { reasons, sources },
        }
    }

    /// The row that lets the pair be: the vendor's before anybody else's.
    fn resume_row(&self, from: &Version, to: &Version) -> Option<&Origin> {
        let rows = self
            .savepoints
            .resume
            .iter()
            .filter(|row| row.what.hold(from, to));
        rows.map(|row| &row.origin).min_by_key(|origin| origin.confidence)
    }

    fn limit_reasons(&self, from: &Version, to: &Version) -> impl Iterator<Item = Reason> {
        let rows = self
            .savepoints
            .limits
            .iter()
            .filter(move |row| row.what.holds(from, to));
        rows.map(|row| Reason {
            when: row.what.when,
            effect: row.what.effect,
            ground: Ground::Limit {
                text: row.what.text.clone(),
                advice: row.what.advice.clone(),
            },
            origin: row.origin.clone(),
        })
    }

    fn format_reasons(&self, from: &Version, to: &Version) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let (Some(written), Some((_, read, origin))) =
            (self.metadata_version_written(from), self.metadata_reads(to))
            && written > read
        {
            let ground = Ground::Metadata { written, read };
            reasons.push(Reason {
                when: When::Always,
                effect: Effect::Fails,
                ground,
                origin: origin.clone(),
            });
        }
        if let (Some(written), Some(read), Some(origin)) = (
            self.operator_header(from),
            self.operator_header(to),
            self.operator_header_origin(to),
        ) && written > read
        {
            let ground = Ground::OperatorHeader { written, read };
            reasons.push(Reason {
                when: When::OperatorState,
                effect: Effect::Fails,
                ground,
                origin: origin.clone(),
            });
        }
        reasons
    }
}

fn always(ground: Ground, origin: Origin) -> Reason {
    Reason {
        when: When::Always,
        effect: Effect::Risk,
        ground,
        origin,
    }
}

fn downgrade_reason(table: Option<&Origin>) -> Reason {
    let origin = table.cloned().unwrap_or_else(|| Origin {
        source: "every table of the vendor leaves the cells below the diagonal empty".to_owned(),
        confidence: Confidence::Inferred,
    });
    always(Ground::Downgrade, origin)
}

fn sources(row: Option<&Origin>, reasons: &[Reason]) -> Vec<String> {
    let all = row.into_iter().chain(reasons.iter().map(|reason| &reason.origin));
    all.map(Origin::to_string)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

//! What all findings together mean: blocked beats unknown beats conditional.

use crate::finding::{Finding, FindingState, Severity};

/// The answer to "may this upgrade start?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing but green.
    Supported,
    /// It may start; there are yellow findings, lesser unknowns or waivers to be read first.
    Conditional {
        /// Yellow findings.
        yellow: usize,
        /// Unknowns that cannot hide anything red, and all that is waived.
        others: usize,
    },
    /// Something that a check needs to rule out the worst was not seen.
    Unknown {
        /// How many such unknowns there are.
        unknown: usize,
    },
    /// At least one red finding that nobody waived.
    Unsupported {
        /// How many there are.
        red: usize,
    },
}

impl Verdict {
    /// The verdict over all findings of a check.
    pub fn of(findings: &[Finding]) -> Self {
        let count = |pick: &dyn Fn(&Finding) -> bool| findings.iter().filter(|f| pick(f)).count();
        let red = count(&Finding::blocks);
        let unknown = count(&Finding::blinds);
        let yellow = count(&|f| f.waived_by.is_none() && f.judged() == Some(Severity::Yellow));
        let others = count(&|f| {
            f.waived_by.is_some() || (matches!(f.state, FindingState::Unknown { .. }) && !f.blinds())
        });
        match (red, unknown, yellow + others) {
            (1.., _, _) => Self::Unsupported { red },
            (0, 1.., _) => Self::Unknown { unknown },
            (0, 0, 1..) => Self::Conditional { yellow, others },
            (0, 0, 0) => Self::Supported,
        }
    }

    /// The word of the verdict in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Conditional { .. } => "conditional",
            Self::Unknown { .. } => "unknown",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}

//! One question of a check on its way to becoming a finding.
//!
//! It gathers evidence, remedies and sources, and is closed with a judgement. It decides nothing.

use crate::finding::{Finding, FindingState, Severity};
use crate::ids::Code;
use crate::observed::Gap;

/// A question that is being answered.
#[derive(Debug, Clone)]
pub struct Topic {
    code: Code,
    subject: String,
    evidence: Vec<String>,
    remedy: Vec<String>,
    sources: Vec<String>,
}

impl Topic {
    /// The question `code` asked about `subject`.
    pub fn new(code: Code, subject: impl Into<String>) -> Self {
        Self {
            code,
            subject: subject.into(),
            evidence: Vec::new(),
            remedy: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// Something that was seen.
    #[must_use]
    pub fn saw(mut self, fact: impl Into<String>) -> Self {
        self.evidence.push(fact.into());
        self
    }

    /// Several things that were seen.
    #[must_use]
    pub fn saw_all(mut self, facts: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(facts);
        self
    }

    /// Something that a person can do.
    #[must_use]
    pub fn fix(mut self, remedy: impl Into<String>) -> Self {
        self.remedy.push(remedy.into());
        self
    }

    /// Where the rule comes from.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.sources.push(source.into());
        self
    }

    /// Looked at and found good; remedies are dropped.
    #[must_use]
    pub fn green(mut self, title: impl Into<String>) -> Finding {
        self.remedy.clear();
        self.judged(Severity::Green, false, title)
    }

    /// Worth knowing.
    #[must_use]
    pub fn yellow(self, title: impl Into<String>) -> Finding {
        self.judged(Severity::Yellow, true, title)
    }

    /// Blocks, unless a person waives it.
    #[must_use]
    pub fn red(self, title: impl Into<String>) -> Finding {
        self.judged(Severity::Red, true, title)
    }

    /// Blocks, and no waiver helps: the plan could not be carried out, or could not be proven.
    #[must_use]
    pub fn refused(self, title: impl Into<String>) -> Finding {
        self.judged(Severity::Red, false, title)
    }

    /// Red that may be waived, or yellow, as the case demands.
    #[must_use]
    pub fn at(self, severity: Severity, title: impl Into<String>) -> Finding {
        self.judged(severity, true, title)
    }

    /// Could not be judged because of `gap`; at worst it hides something of `may_hide`.
    #[must_use]
    pub fn unknown(self, gap: &Gap, may_hide: Severity, title: impl Into<String>) -> Finding {
        let state = FindingState::Unknown {
            gap: gap.clone(),
            may_hide,
        };
        self.saw(gap.to_string()).finding(state, title)
    }

    fn judged(self, severity: Severity, waivable: bool, title: impl Into<String>) -> Finding {
        self.finding(FindingState::Judged { severity, waivable }, title)
    }

    fn finding(self, state: FindingState, title: impl Into<String>) -> Finding {
        Finding {
            code: self.code,
            state,
            subject: self.subject,
            title: title.into(),
            evidence: self.evidence,
            remedy: self.remedy,
            sources: self.sources,
            waived_by: None,
        }
    }
}

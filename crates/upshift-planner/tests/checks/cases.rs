//! How a case is written and judged.

use std::collections::BTreeSet;

use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::ids::Code;

use crate::support::World;

/// What must come of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Green,
    Yellow,
    /// Red, and a waiver helps.
    Red,
    /// Red, and no waiver helps.
    Refused,
    /// Not seen; may hide something red.
    Blind,
    /// Not seen; hides nothing worse than yellow.
    Dim,
}

/// One thing changed in a healthy system.
pub(crate) struct Case {
    pub(crate) story: &'static str,
    pub(crate) code: Code,
    pub(crate) outcome: Outcome,
    /// Text that its evidence must contain.
    pub(crate) evidence: &'static str,
    pub(crate) start: fn() -> World,
    pub(crate) change: fn(&mut World),
}

/// Carries all cases out and shows everything that is not as told.
pub(crate) fn check(cases: &[Case]) {
    let complaints: Vec<_> = cases.iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn complaint(case: &Case) -> Option<String> {
    let mut world = (case.start)();
    (case.change)(&mut world);
    let findings = world.findings();
    keep_rules(case.story, &findings);
    let of_code: Vec<_> = findings
        .iter()
        .filter(|finding| finding.code == case.code)
        .collect();
    let says = |finding: &Finding| finding.evidence.iter().any(|line| line.contains(case.evidence));
    let good =
        |finding: &Finding| outcome(finding) == case.outcome && (case.evidence.is_empty() || says(finding));
    let found = of_code.iter().any(|finding| good(finding));
    (!found).then(|| {
        format!(
            "{}: wanted {} {:?} saying {:?}, found {of_code:#?}",
            case.story, case.code, case.outcome, case.evidence
        )
    })
}

pub(crate) fn outcome(finding: &Finding) -> Outcome {
    match &finding.state {
        FindingState::Judged {
            severity: Severity::Green,
            ..
        } => Outcome::Green,
        FindingState::Judged {
            severity: Severity::Yellow,
            ..
        } => Outcome::Yellow,
        FindingState::Judged {
            severity: Severity::Red,
            waivable: true,
        } => Outcome::Red,
        FindingState::Judged {
            severity: Severity::Red,
            waivable: false,
        } => Outcome::Refused,
        FindingState::Unknown {
            may_hide: Severity::Red,
            ..
        } => Outcome::Blind,
        FindingState::Unknown { .. } => Outcome::Dim,
    }
}

/// What every list of findings keeps: a waiver means one finding, titles are fragments, and nothing
/// bad comes without evidence and a way out.
pub(crate) fn keep_rules(story: &str, findings: &[Finding]) {
    let mut seen = BTreeSet::new();
    for finding in findings {
        let (code, subject) = (&finding.code, &finding.subject);
        assert!(
            seen.insert((code.clone(), subject.clone())),
            "{story}: {code} twice for {subject}"
        );
        assert!(
            !finding.title.ends_with('.'),
            "{story}: {code}: {:?}",
            finding.title
        );
        if outcome(finding) != Outcome::Green {
            assert!(
                !finding.evidence.is_empty(),
                "{story}: {code} without evidence: {}",
                finding.title
            );
            assert!(
                !finding.remedy.is_empty(),
                "{story}: {code} without a remedy: {}",
                finding.title
            );
        }
    }
}

//! Findings and verdicts as a person and as a machine reads them; `check` and `plan` print them.

use std::fmt::Write as _;

use serde::Serialize;
use upshift_model::finding::{Finding, FindingState, Severity};
use upshift_model::verdict::Verdict;

use super::render::Paint;
use crate::exit::Exit;

/// How many findings are of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// All of them.
    pub looked_at: usize,
    /// Red and not waived.
    pub red: usize,
    /// Yellow and not waived.
    pub yellow: usize,
    /// Not seen, and not waived.
    pub unknown: usize,
    /// Waived.
    pub waived: usize,
    /// Green.
    pub green: usize,
}

/// In which order findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Red,
    Blind,
    Yellow,
    Unknown,
    Waived,
    Green,
}

fn rank(finding: &Finding) -> Rank {
    match (&finding.state, finding.waived_by.is_some()) {
        (
            FindingState::Judged {
                severity: Severity::Green,
                ..
            },
            _,
        ) => Rank::Green,
        (_, true) => Rank::Waived,
        (
            FindingState::Judged {
                severity: Severity::Red,
                ..
            },
            false,
        ) => Rank::Red,
        (
            FindingState::Judged {
                severity: Severity::Yellow,
                ..
            },
            false,
        ) => Rank::Yellow,
        (
            FindingState::Unknown {
                may_hide: Severity::Red,
                ..
            },
            false,
        ) => Rank::Blind,
        (
            FindingState::Unknown {
                may_hide: Severity::Yellow | Severity::Green,
                ..
            },
            false,
        ) => Rank::Unknown,
    }
}

/// Counts them.
pub fn counts(findings: &[Finding]) -> Counts {
    findings.iter().fold(
        Counts {
            looked_at: findings.len(),
            ..Counts::default()
        },
        |mut counts, finding| {
            match rank(finding) {
                Rank::Red => counts.red += 1,
                Rank::Blind | Rank::Unknown => counts.unknown += 1,
                Rank::Yellow => counts.yellow += 1,
                Rank::Waived => counts.waived += 1,
                Rank::Green => counts.green += 1,
            }
            counts
        },
    )
}

/// The exit code of a verdict.
pub const fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Supported | Verdict::Conditional { .. } => Exit::Done,
        Verdict::Unknown { .. } => Exit::Unknown,
        Verdict::Unsupported { .. } => Exit::Blocked,
    }
}

/// All findings, the worst first; green ones only when `verbose`, and otherwise counted.
pub fn text(findings: &[Finding], verbose: bool, paint: Paint) -> String {
    let mut shown: Vec<&Finding> = findings
        .iter()
        .filter(|f| verbose || rank(f) != Rank::Green)
        .collect();
    shown.sort_by_key(|finding| rank(finding));
    let mut text = String::new();
    for finding in shown {
        one(&mut text, finding, verbose, paint);
    }
    let green = counts(findings).green;
    if green > 0 && !verbose {
        line(
            &mut text,
            &format!("{}    {} (show with -v)", paint.green("green"), checks(green)),
        );
    }
    text
}

fn one(text: &mut String, finding: &Finding, verbose: bool, paint: Paint) {
    let word = match rank(finding) {
        Rank::Red => paint.red("RED    "),
        Rank::Yellow => paint.yellow("YELLOW "),
        Rank::Blind | Rank::Unknown => paint.blue("UNKNOWN"),
        Rank::Waived => paint.dim("waived "),
        Rank::Green => paint.green("green  "),
    };
    line(
        text,
        &format!(
            "{word}  {}  {}   {}",
            finding.code,
            finding.title,
            paint.dim(&finding.subject)
        ),
    );
    let mut detail = |said: &str| line(text, &format!("         {}", said.replace('\n', "\n         ")));
    if let FindingState::Unknown { gap, may_hide } = &finding.state {
        let said = gap.to_string();
        if !finding.evidence.contains(&said) {
            detail(&format!("not seen: {said}"));
        }
        if *may_hide == Severity::Red && finding.waived_by.is_none() {
            detail("it may hide something that stops the upgrade");
        }
    }
    finding.evidence.iter().for_each(|said| detail(said));
    if let Some(reason) = &finding.waived_by {
        detail(&format!("accepted: {reason}"));
    }
    finding
        .remedy
        .iter()
        .for_each(|said| detail(&format!("fix: {said}")));
    if verbose {
        finding
            .sources
            .iter()
            .for_each(|said| detail(&format!("source: {said}")));
    }
}

/// The verdict in one line, with the commands that tell more.
pub fn verdict(verdict: Verdict, findings: &[Finding], paint: Paint) -> String {
    let said = match verdict {
        Verdict::Supported => paint.green("supported"),
        Verdict::Conditional { yellow, others } => {
            let mut parts = Vec::new();
            parts.extend((yellow > 0).then(|| format!("{yellow} yellow")));
            parts.extend((others > 0).then(|| format!("{others} unknown or waived")));
            format!("{}, {} to read first", paint.yellow("ready"), parts.join(", "))
        }
        Verdict::Unknown { unknown } => {
            let (things, were) = match unknown {
                1 => ("1 thing".to_owned(), "was"),
                more => (format!("{more} things"), "were"),
            };
            format!("{}: {things} that must be seen {were} not", paint.blue("unknown"))
        }
        Verdict::Unsupported { red } => {
            let things = if red == 1 {
                "1 finding".to_owned()
            } else {
                format!("{red} findings")
            };
            paint.red(&format!("blocked by {things}"))
        }
    };
    let mut codes: Vec<_> = findings
        .iter()
        .filter(|f| rank(f) <= Rank::Blind)
        .map(|f| f.code.as_str())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    match codes.is_empty() {
        true => format!("Verdict: {said}."),
        false => format!("Verdict: {said}.   upshift explain {}", codes.join(" ")),
    }
}

/// `12 checks`.
fn checks(count: usize) -> String {
    if count == 1 {
        "1 check".to_owned()
    } else {
        format!("{count} checks")
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string cannot fail");
}

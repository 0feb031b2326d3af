//! Waivers: a person's recorded acceptance, matched against what was found.
//!
//! A waiver that cannot take effect is a finding of its own, because whoever wrote it believes that
//! it does. Waivers of other ranges than the checks' belong to the plan and are left alone here.

use jiff::civil::Date;
use upshift_model::finding::{Finding, Severity};
use upshift_model::waiver::Waiver;

use upshift_model::flink::fit::codes::OPEN_OUTPUT;

use crate::systems::flink::{codes, fit};
use upshift_model::topic::Topic;

/// Whether checks give the code; others are matched where they arise.
fn is_of_checks(waiver: &Waiver) -> bool {
    let ranges = ["UP-FLINK-01", "UP-FLINK-028"];
    // No check finds it: only a rehearsal reads a snapshot of a job that runs on.
    if waiver.code == OPEN_OUTPUT {
        return false;
    }
    ranges.iter().any(|range| waiver.code.as_str().starts_with(range)) || fit::is_about_snapshots(waiver)
}

/// Sets `waived_by` where a waiver holds, and adds a finding for every waiver that does not.
pub(super) fn apply(mut found: Vec<Finding>, waivers: &[Waiver], today: Date) -> Vec<Finding> {
    let mut idle = Vec::new();
    for waiver in waivers.iter().filter(|waiver| is_of_checks(waiver)) {
        match lift(&mut found, waiver, today) {
            Outcome::Lifted => {}
            Outcome::Idle(finding) => idle.push(*finding),
        }
    }
    found.extend(idle);
    found
}

enum Outcome {
    Lifted,
    Idle(Box<Finding>),
}

fn lift(found: &mut [Finding], waiver: &Waiver, today: Date) -> Outcome {
    let idle = |finding| Outcome::Idle(Box::new(finding));
    if waiver.until.is_some_and(|until| until < today) {
        return idle(expired(waiver));
    }
    let matches = |finding: &Finding| finding.code == waiver.code && finding.subject == waiver.subject;
    let mut outcome = None;
    for finding in found
        .iter_mut()
        .filter(|finding| matches(finding) && is_bad(finding))
    {
        if finding.waivable() {
            finding.waived_by = Some(waiver.words());
            outcome = Some(Outcome::Lifted);
        } else {
            outcome = Some(idle(refused(waiver)));
        }
    }
    outcome.unwrap_or_else(|| idle(unmatched(waiver, found)))
}

fn is_bad(finding: &Finding) -> bool {
    finding.judged() != Some(Severity::Green)
}

fn subject(waiver: &Waiver) -> String {
    format!("waiver of {} for {}", waiver.code, waiver.subject)
}

fn expired(waiver: &Waiver) -> Finding {
    let until = waiver.until.map_or_else(String::new, |until| until.to_string());
    Topic::new(codes::WAIVER_EXPIRED, subject(waiver))
        .saw(format!(
            "its last day was {until}; its reason was: {}",
            waiver.reason
        ))
        .fix("look at the finding anew, then set a later `until` in its [[waive]] entry or delete the entry")
        .yellow("a waiver has expired and no longer takes effect")
}

fn unmatched(waiver: &Waiver, found: &[Finding]) -> Finding {
    let others: Vec<_> = found
        .iter()
        .filter(|f| f.code == waiver.code && is_bad(f))
        .collect();
    let topic = Topic::new(codes::WAIVER_UNUSED, subject(waiver));
    let topic = match others.as_slice() {
        [] => topic.saw(format!(
            "{} was not found to be red, yellow or unknown",
            waiver.code
        )),
        some => topic.saw_all(
            some.iter()
                .map(|f| format!("{} was found for {:?}", f.code, f.subject)),
        ),
    };
    topic
        .fix("copy `subject` literally as `upshift check` prints it, or delete the [[waive]] entry")
        .yellow("a waiver matches nothing")
}

fn refused(waiver: &Waiver) -> Finding {
    Topic::new(codes::WAIVER_UNUSED, subject(waiver))
        .saw("no waiver lifts this finding: the plan could not be carried out or proven")
        .fix(format!("upshift explain {}", waiver.code))
        .yellow("a waiver cannot take effect")
}

//! Waivers: a person's recorded acceptance, matched against what was found. One that has no effect is a finding of
//! its own, because whoever wrote it believes that it has.

use jiff::civil::Date;
use upshift_model::finding::{Finding, Severity};
use upshift_model::ids::Code;
use upshift_model::topic::Topic;
use upshift_model::waiver::Waiver;

/// Lifts what waivers name; `idle_code` is the code of those that name nothing.
pub(super) fn apply(
    mut found: Vec<Finding>,
    waivers: &[Waiver],
    today: Date,
    idle_code: &Code,
) -> Vec<Finding> {
    let mut idle = Vec::new();
    for waiver in waivers {
        match lift(&mut found, waiver, today) {
            None => {}
            Some(why) => idle.push(
                Topic::new(
                    idle_code.clone(),
                    format!("waiver of {} for {}", waiver.code, waiver.subject),
                )
                .saw(format!("its reason was: {}", waiver.words()))
                .saw(why)
                .fix("take it out of the system file, or write code and subject as upshift check prints them")
                .yellow("a waiver has no effect"),
            ),
        }
    }
    found.extend(idle);
    found
}

/// Lifts what a waiver names; why it has no effect, where it has none.
fn lift(found: &mut [Finding], waiver: &Waiver, today: Date) -> Option<String> {
    if let Some(until) = waiver.until.filter(|until| *until < today) {
        return Some(format!("its last day was {until}"));
    }
    let is_bad = |finding: &Finding| finding.judged() != Some(Severity::Green);
    let named = found
        .iter_mut()
        .find(|finding| finding.code == waiver.code && finding.subject == waiver.subject && is_bad(finding));
    match named {
        None => Some("nothing of that code and subject was found".to_owned()),
        Some(finding) if !finding.waivable() => Some("what it names cannot be waived".to_owned()),
        Some(finding) => {
            finding.waived_by = Some(waiver.words());
            None
        }
    }
}

//! Every check anew before a hop of a run: what stands in its way, by name.

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::finding::Finding;
use upshift_model::plan::{InventoryStamp, Plan};
use upshift_model::record::Failure;
use upshift_model::step::Effect;
use upshift_model::version::Version;
use upshift_model::weka::{Act, Facts, Site};

use super::checks;
use super::codes;
use super::situation::Situation;
use crate::dispatch::Judged;
use crate::knowledge::Library;

/// The plan of a run as if this hop were all of it: what a look asks, and what checks compare with.
pub fn alone(plan: &Plan, (from, to): (&Version, &Version)) -> Plan {
    Plan {
        from: from.clone(),
        to: to.clone(),
        ..plan.clone()
    }
}

/// What a look comes to, judged for the hop that `plan` was narrowed to. What is waived stays so.
pub fn judge(
    plan: &Plan,
    site: &Site,
    (facts, stamp): (&Facts, InventoryStamp),
    library: &Library,
    at: (Date, Timestamp),
) -> Judged {
    let mut declared = site.declaration(&plan.system, (&plan.from, &plan.to), plan.waivers.clone());
    if sets_client_target(plan) {
        // The plan asks people to set the same on the other clusters before that wave; no look at this one tells of them.
        declared.other_client_targets.fill(plan.from.to_string());
    }
    let situation = match Situation::new(&declared, facts, library, at, stamp) {
        Ok(situation) => Situation {
            mends: false,
            ..situation
        },
        Err(error) => {
            return Judged::Red(Failure {
                code: codes::UNSEEN,
                what: error.to_string(),
                far_side: None,
            });
        }
    };
    // A waiver for another hop has no effect on this one, which is nothing to tell.
    let found = checks::findings(&situation);
    let found: Vec<Finding> = found
        .into_iter()
        .filter(|finding| finding.code != codes::IDLE_WAIVER)
        .collect();
    of(&found, plan)
}

/// Whether the plan has set what stateless clients take to the release that this hop begins with.
fn sets_client_target(plan: &Plan) -> bool {
    plan.steps().any(|step| {
        matches!(&step.effect, Effect::Weka { what: Act::ClientTarget { release, .. } } if *release == plan.from)
    })
}

fn of(found: &[Finding], plan: &Plan) -> Judged {
    let red: Vec<&Finding> = found.iter().filter(|finding| finding.blocks()).collect();
    let blind: Vec<&Finding> = found.iter().filter(|finding| finding.blinds()).collect();
    match (red.as_slice(), blind.as_slice()) {
        ([first, ..], _) => Judged::Red(Failure {
            code: first.code.clone(),
            what: format!("in the way of {} → {}: {}", plan.from, plan.to, named(&red)),
            far_side: Some(red.iter().map(|one| told(one)).collect::<Vec<_>>().join("\n")),
        }),
        ([], [_, ..]) => Judged::Unknown(format!("not known: {}", named(&blind))),
        ([], []) => Judged::Fine(vec![format!(
            "{} checks for {} → {}: nothing stands in the way",
            found.len(),
            plan.from,
            plan.to
        )]),
    }
}

fn named(findings: &[&Finding]) -> String {
    let all = findings
        .iter()
        .map(|one| format!("{} {} ({})", one.code, one.title, one.subject));
    all.collect::<Vec<_>>().join("; ")
}

fn told(finding: &Finding) -> String {
    let seen = finding.evidence.join("; ");
    let fix = finding.remedy.join("; ");
    format!("{}: {seen}; fix: {fix}", finding.code)
}

//! The plan of a Flink upgrade, whole.

use upshift_model::finding::{Finding, Severity};
use upshift_model::plan::{Direction, InventoryStamp, PLAN_FORMAT, Plan, Site};
use upshift_model::version::SystemKind;
use upshift_model::waiver::Waiver;

use super::error::PlanError;
use super::ground::{Ground, survey, waivers};
use super::{codes, needs, outlook, waves};
use crate::build::number;
use crate::systems::flink::situation::Situation;

/// Lays out the plan. Findings go into it as they are: whether it may be carried out is the
/// caller's decision, by the verdict over them.
///
/// # Errors
/// When there is nothing to do, or when something that the steps themselves are made of was not seen.
pub fn plan(situation: &Situation<'_>, findings: &[Finding]) -> Result<Plan, PlanError> {
    let ground = survey(situation)?;
    let mut laid_out = waves::lay_out(&ground)?;
    number(&mut laid_out, "");
    let declaration = situation.declaration;
    let (green, shown): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.judged() == Some(Severity::Green));
    let green = u32::try_from(green.len()).unwrap_or(u32::MAX);
    let inventory = situation.inventory;
    let mut plan = Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: declaration.name.clone(),
        kind: SystemKind::Flink,
        from: ground.from.clone(),
        to: ground.to.clone(),
        strategy: ground.strategy,
        strategy_why: ground
            .strategy_why
            .iter()
            .chain(&ground.old_left)
            .cloned()
            .collect(),
        made_at: situation.now,
        knowledge: situation.knowledge.stamp().clone(),
        inventory: InventoryStamp {
            taken_at: inventory.taken_at,
            digest: inventory.digest(),
        },
        site: Site::Flink(ground.site.clone()),
        policy: declaration.policy.clone(),
        waivers: in_effect(situation, findings, &ground),
        findings: shown.into_iter().cloned().collect(),
        green,
        needs: needs::list(&ground),
        waves: laid_out,
        ways_back: Vec::new(),
    };
    outlook::fill(&mut plan, &ground);
    Ok(plan)
}

/// Waivers that took effect: those that lifted a finding, and those that a step of the plan rests on.
fn in_effect(situation: &Situation<'_>, findings: &[Finding], ground: &Ground<'_>) -> Vec<Waiver> {
    let lifted = |waiver: &&Waiver| {
        let by = |f: &Finding| {
            f.code == waiver.code
                && f.subject == waiver.subject
                && f.waived_by.as_ref() == Some(&waiver.words())
        };
        findings.iter().any(by)
    };
    let subjects = ground.rests_on();
    let rests = waivers(situation, &codes::STATE_DROPPED).chain(waivers(situation, &codes::BY_CHECKPOINT));
    let rests = rests.filter(|waiver| subjects.contains(&waiver.subject));
    situation
        .declaration
        .waivers
        .iter()
        .filter(lifted)
        .chain(rests)
        .cloned()
        .collect()
}

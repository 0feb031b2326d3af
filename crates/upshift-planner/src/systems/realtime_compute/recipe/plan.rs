//! The plan of an upgrade, whole.

use upshift_model::finding::{Finding, Severity};
use upshift_model::plan::{self, Direction, PLAN_FORMAT, Plan};
use upshift_model::policy::Strategy;
use upshift_model::realtime_compute::{Deployed, Site};
use upshift_model::restore::RestorePointKind;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, Wave, WaveOutlook, WayBack};
use upshift_model::version::{SystemKind, Version};
use upshift_model::waiver::Waiver;

use super::error::PlanError;
use super::moving::{self, Moving, State};
use super::steps::Hands;
use super::waves;
use crate::build::number;
use crate::knowledge::Known;
use crate::systems::realtime_compute::back::{self, Fate, Journey};
use crate::systems::realtime_compute::codes;
use crate::systems::realtime_compute::situation::{Situation, subject};

/// Lays out the plan. Findings go into it as they are: whether it may be carried out is for the verdict over them.
///
/// # Errors
/// When there is nothing to do, something that steps are made of was not seen, or a deployment is none that is moved.
pub fn plan(s: &Situation<'_>, findings: &[Finding]) -> Result<Plan, PlanError> {
    let moving = moving::all(s)?;
    let to = version(&s.declaration.target, "the wanted engine")?;
    let lifted = lifted(s, findings);
    let site = site(s, &moving, &to, &lifted)?;
    let hands = Hands { site: &site };
    let mut waves = waves::lay_out(s, &moving, &hands);
    number(&mut waves, "");
    let (green, shown): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.judged() == Some(Severity::Green));
    let from = site.deployments.values().map(|one| &one.old).min();
    let mut plan = Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: s.declaration.name.clone(),
        kind: SystemKind::RealtimeCompute,
        from: from.unwrap_or(&to).clone(),
        to,
        strategy: s.declaration.strategy,
        strategy_why: why(s.declaration.strategy),
        made_at: s.now,
        knowledge: s.library.stamp(Known::RealtimeCompute),
        inventory: s.stamp.clone(),
        policy: s.declaration.policy.clone(),
        waivers: lifted,
        findings: shown.into_iter().cloned().collect(),
        green: u32::try_from(green.len()).unwrap_or(u32::MAX),
        needs: needs(&moving, s.declaration.strategy),
        site: plan::Site::RealtimeCompute(site.clone()),
        ways_back: Vec::new(),
        waves,
    };
    fill(&mut plan, &site);
    Ok(plan)
}

fn version(text: &str, what: &str) -> Result<Version, PlanError> {
    text.parse().map_err(|error| PlanError::NotMoved {
        deployment: what.to_owned(),
        why: format!("{error}"),
    })
}

fn lifted(s: &Situation<'_>, findings: &[Finding]) -> Vec<Waiver> {
    let by = |waiver: &&Waiver| {
        findings.iter().any(|finding| {
            finding.code == waiver.code
                && finding.subject == waiver.subject
                && finding.waived_by.as_ref() == Some(&waiver.words())
        })
    };
    s.declaration.waivers.iter().filter(by).cloned().collect()
}

fn site(
    s: &Situation<'_>,
    moving: &[Moving<'_>],
    to: &Version,
    lifted: &[Waiver],
) -> Result<Site, PlanError> {
    let declared = s.declaration;
    let mut site = Site {
        service: declared.service.clone(),
        lists_lag: declared.lists_lag,
        calls_per_second: Some(declared.calls_per_second),
        objects: Box::new(declared.objects.clone()),
        probes: declared.probes.iter().cloned().collect(),
        deployments: std::collections::BTreeMap::new(),
    };
    for one in moving {
        let of = one.deployment;
        let twice = |waiver: &Waiver| waiver.code == codes::TWICE && waiver.subject == subject(of);
        let from_nothing = matches!(one.state, State::GivenUp | State::None);
        let deployed = Deployed {
            id: of.id.clone(),
            kind: of.kind.clone(),
            job: one.job.clone(),
            old: version(&of.engine, &of.name)?,
            new: to.clone(),
            clone: (declared.strategy != Strategy::InPlace).then(|| one.to.clone()),
            native: one.named.then_some(one.form == RestorePointKind::SavepointNative),
            start_at: declared.start_at.filter(|_| from_nothing),
            may_double: lifted.iter().any(twice),
            draft: one.draft.clone(),
            program: declared.programs.get(&of.name).cloned(),
        };
        site.deployments.insert(one.name.clone(), deployed);
    }
    Ok(site)
}

fn why(strategy: Strategy) -> Vec<String> {
    let why = match strategy {
        Strategy::InPlace => {
            "the file asks for it; the deployment itself is changed, and changed back on the way back"
        }
        Strategy::DoubleRun => "the file asks for it, and a waiver says that what is written may come twice",
        Strategy::WithoutState => "the file asks for it: the vendor's way across major versions",
        _ => "the original stays as it is until somebody accepts",
    };
    vec![why.to_owned()]
}

fn needs(moving: &[Moving<'_>], strategy: Strategy) -> Vec<String> {
    let count = moving.len();
    match strategy {
        Strategy::DoubleRun => vec![format!(
            "room in the queue for {count} more jobs beside those that run"
        )],
        _ => vec![
            "no more room than the jobs take now: each is stopped before its successor starts".to_owned(),
        ],
    }
}

/// What each wave costs and how one gets back from it, and the ways back.
fn fill(plan: &mut Plan, site: &Site) {
    let mut accepted = false;
    for at in 0..plan.waves.len() {
        let done = &plan.waves[..=at];
        let reached = |step: &upshift_model::step::Step| {
            let mut steps = done.iter().flat_map(steps);
            if steps.any(|one| one.id == step.id) {
                Fate::Done
            } else {
                Fate::Untouched
            }
        };
        let journey = Journey::of(plan, reached);
        let slots = journey.slots();
        let way_back = match (accepted, slots.is_empty()) {
            (true, _) => WayBack::Closed {
                because: codes::ACCEPTED,
            },
            (false, true) if journey.stopped() => WayBack::Restore { slots },
            (false, true) => WayBack::Free,
            (false, false) => WayBack::Restore { slots },
        };
        plan.ways_back.push(match accepted {
            true => Vec::new(),
            false => back::lay_out(&journey, site, &plan.policy),
        });
        let wave = &plan.waves[at];
        let is_open = !accepted && journey.moved();
        let outlook = WaveOutlook {
            downtime: match steps(wave).any(|step| step.downtime == Downtime::Begins) && !accepted {
                true => None,
                false => Some(Millis::ZERO),
            },
            replayed: if is_open {
                journey.replayed()
            } else {
                String::new()
            },
            open_until: match is_open {
                true => vec![
                    "until somebody says finalize".to_owned(),
                    "while the savepoint is there: nobody but its deleter takes it away".to_owned(),
                ],
                false => Vec::new(),
            },
            way_back,
        };
        accepted |= steps(wave).any(|step| {
            matches!(
                &step.effect,
                Effect::Hold {
                    gate: upshift_model::gate::Gate::Finalize { .. }
                }
            )
        });
        plan.waves[at].outlook = outlook;
    }
}

fn steps(wave: &Wave) -> impl Iterator<Item = &upshift_model::step::Step> {
    wave.lanes.iter().flat_map(|lane| &lane.steps)
}

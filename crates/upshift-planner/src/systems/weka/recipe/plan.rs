//! The plan of an upgrade of a WEKA cluster, whole.

use upshift_model::finding::{Finding, Severity};
use upshift_model::plan::{self, Direction, PLAN_FORMAT, Plan};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::span::Millis;
use upshift_model::step::{Step, Wave, WaveOutlook, WayBack};
use upshift_model::version::{SystemKind, Version};
use upshift_model::weka::{Condition, Site};

use super::clients::Clients;
use super::error::PlanError;
use super::site::site;
use super::way::{Move, way};
use super::{around, before, needs, steps};
use crate::build::{lane, number, wave};
use crate::knowledge::Known;
use crate::systems::weka::codes;
use crate::systems::weka::situation::Situation;

/// Lays out the plan. Findings go into it as they are: whether it may be carried out is for the verdict over them.
///
/// # Errors
/// When there is nothing to do, no way leads there, or something that steps are made of was not seen.
pub fn plan(s: &Situation<'_>, findings: &[Finding]) -> Result<Plan, PlanError> {
    let site = site(s)?;
    let (moves, reasons) = way(s)?;
    if moves.is_empty() {
        return Err(PlanError::NothingToDo {
            to: s.declaration.target.clone(),
        });
    }
    let mut waves = lay_out(s, &site, &moves)?;
    number(&mut waves, "");
    let (green, shown): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.judged() == Some(Severity::Green));
    Ok(Plan {
        format: PLAN_FORMAT,
        direction: Direction::Forward,
        system: s.declaration.name.clone(),
        kind: SystemKind::Weka,
        from: s.declaration.current.clone(),
        to: s.declaration.target.clone(),
        strategy: Strategy::Rolling,
        strategy_why: reasons,
        made_at: s.now,
        knowledge: s.library.stamp(Known::Weka),
        inventory: s.stamp.clone(),
        policy: policy(),
        // All of them: some are for a later hop, and every hop is judged anew.
        waivers: s.declaration.waivers.clone(),
        findings: shown.into_iter().cloned().collect(),
        green: u32::try_from(green.len()).unwrap_or(u32::MAX),
        needs: needs::needs(s, &site, &moves),
        // Nothing has to be undone before backends are upgraded, and nothing can be from then on.
        ways_back: vec![Vec::new(); waves.len()],
        site: plan::Site::Weka(site),
        waves,
    })
}

/// A failed gate is a person's: there is no way back that upshift could take by itself.
fn policy() -> Policy {
    Policy {
        on_failed_gate: OnFailedGate::Ask,
        on_lane_failure: OnLaneFailure::All,
        replay_limit: Millis::ZERO,
        max_downtime: None,
        keep_restore_points: None,
        notify: Vec::new(),
    }
}

fn lay_out(s: &Situation<'_>, site: &Site, moves: &[Move]) -> Result<Vec<Wave>, PlanError> {
    let clients = Clients::of(s, site)?;
    let mut waves: Vec<Option<Wave>> = vec![before::quiet(s)?, before::tasks(s)?];
    let mut at = s.declaration.current.clone();
    for step in moves {
        match step {
            Move::Backends(release) => {
                waves.extend(hop(s, site, (&at, release))?);
                at.clone_from(release);
            }
            Move::Clients(release) => waves.extend(clients.waves(release)?),
        }
    }
    waves.push(before::go_on(s)?);
    let verify = vec![steps::hold(s.declaration.hold, whole(s, &clients))];
    waves.push(one("verify", verify));
    waves.push(one("accept", vec![steps::finalize()]));
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    close(&mut waves);
    Ok(waves)
}

/// One hop of the backends: everything judged anew, the package, the upgrade, what is looked at after it.
fn hop(
    s: &Situation<'_>,
    site: &Site,
    (from, to): (&Version, &Version),
) -> Result<Vec<Option<Wave>>, PlanError> {
    let ready = vec![Condition::Fine, Condition::Idle, Condition::Converted];
    let mut stage = vec![
        steps::judged(from, to),
        steps::hold(s.declaration.hold, ready),
        steps::stage(site, to),
    ];
    stage.extend(s.declaration.distribute.then(|| steps::distribute(site, to)));
    let around = around::overrides(s, (from, to))?;
    let mut upgrade = Vec::new();
    upgrade.extend(around.then(|| steps::set_override(to, true)));
    upgrade.push(steps::backends(site, to));
    upgrade.push(steps::hold(s.declaration.hold, settled(s, to)));
    upgrade.extend(around.then(|| steps::set_override(to, false)));
    Ok(vec![
        one(&format!("stage {to}"), stage),
        one(&format!("backends {to}"), upgrade),
        around::restarts(s, to),
    ])
}

/// What must hold before the next hop, and before clients go.
pub(super) fn settled(s: &Situation<'_>, release: &Version) -> Vec<Condition> {
    let release = release.clone();
    vec![
        Condition::BackendsAre { release },
        Condition::Converted,
        Condition::Fine,
        undisturbed(s),
    ]
}

pub(super) fn undisturbed(s: &Situation<'_>) -> Condition {
    let s3 = s.facts.cluster.protocols.s3.known();
    Condition::Undisturbed {
        // Where it could not be seen, one that is there later is no news.
        s3: s3.is_none_or(Option::is_some),
    }
}

fn whole(s: &Situation<'_>, clients: &Clients<'_>) -> Vec<Condition> {
    let release = s.declaration.target.clone();
    let mut all = settled(s, &release);
    let ids = clients.ids();
    if !ids.is_empty() {
        all.push(Condition::ClientsAre { release, ids });
        // A client that is left alone keeps the alert of clients that differ.
        all.extend(clients.are_all().then_some(Condition::NoMismatch));
    }
    all
}

pub(super) fn one(title: &str, steps: Vec<Step>) -> Option<Wave> {
    wave(title, vec![lane(None, steps)], 1, OnLaneFailure::All)
}

/// From the first upgrade of backends on there is no way back.
fn close(waves: &mut [Wave]) {
    let mut closed = false;
    for wave in waves {
        closed |= wave.title.starts_with("backends ");
        wave.outlook = WaveOutlook {
            downtime: Some(Millis::ZERO),
            way_back: match closed {
                true => WayBack::Closed {
                    because: codes::NO_WAY_BACK,
                },
                false => WayBack::Free,
            },
            replayed: String::new(),
            open_until: match closed {
                true => Vec::new(),
                false => vec!["the drives phase of the first upgrade closes it".to_owned()],
            },
        };
    }
}

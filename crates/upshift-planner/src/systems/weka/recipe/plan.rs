//! The plan of an upgrade of a WEKA cluster, whole.

use std::collections::BTreeSet;

use upshift_model::finding::{Finding, Severity};
use upshift_model::plan::{self, Direction, PLAN_FORMAT, Plan};
use upshift_model::policy::{OnFailedGate, OnLaneFailure, Policy, Strategy};
use upshift_model::span::Millis;
use upshift_model::step::{Step, Wave, WaveOutlook, WayBack};
use upshift_model::version::{SystemKind, Version};
use upshift_model::waiver::Waiver;
use upshift_model::weka::{Condition, Site};

use super::error::PlanError;
use super::site::site;
use super::steps;
use super::way::{Move, way};
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
    let mut waves = lay_out(s, &site, &moves);
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
        waivers: lifted(s, findings),
        findings: shown.into_iter().cloned().collect(),
        green: u32::try_from(green.len()).unwrap_or(u32::MAX),
        needs: needs(s, &site),
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

fn lay_out(s: &Situation<'_>, site: &Site, moves: &[Move]) -> Vec<Wave> {
    let ids: BTreeSet<u64> = site.clients.iter().map(|client| client.id).collect();
    let mut waves: Vec<Option<Wave>> = Vec::new();
    for step in moves {
        match step {
            Move::Backends(release) => {
                let ready = vec![Condition::Fine, Condition::Idle, Condition::Converted];
                let stage = vec![
                    steps::hold(s.declaration.hold, ready),
                    steps::stage(site, release),
                ];
                waves.push(one(&format!("stage {release}"), stage));
                let upgrade = vec![
                    steps::backends(site, release),
                    steps::hold(s.declaration.hold, settled(release)),
                ];
                waves.push(one(&format!("backends {release}"), upgrade));
            }
            Move::Clients(release) if !ids.is_empty() => {
                let there = Condition::ClientsAre {
                    release: release.clone(),
                    ids: ids.clone(),
                };
                let batch = s.declaration.client_batch;
                let go = steps::clients(site, release, ids.clone(), batch);
                let title = format!("clients {release}");
                waves.push(one(
                    &title,
                    vec![go, steps::hold(s.declaration.hold, vec![there, Condition::Fine])],
                ));
            }
            Move::Clients(_) => {}
        }
    }
    waves.push(one(
        "verify",
        vec![steps::hold(s.declaration.hold, whole(s, ids))],
    ));
    waves.push(one("accept", vec![steps::finalize()]));
    let mut waves: Vec<Wave> = waves.into_iter().flatten().collect();
    close(&mut waves);
    waves
}

/// What must hold before the next hop, and before clients go.
fn settled(release: &Version) -> Vec<Condition> {
    let release = release.clone();
    vec![
        Condition::BackendsAre { release },
        Condition::Converted,
        Condition::Fine,
    ]
}

fn whole(s: &Situation<'_>, ids: BTreeSet<u64>) -> Vec<Condition> {
    let release = s.declaration.target.clone();
    let mut all = settled(&release);
    if !ids.is_empty() {
        all.push(Condition::ClientsAre { release, ids });
        all.push(Condition::NoMismatch);
    }
    all
}

fn one(title: &str, steps: Vec<Step>) -> Option<Wave> {
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

fn needs(s: &Situation<'_>, site: &Site) -> Vec<String> {
    let mut needs = vec![
        format!(
            "{} carries the upgrade out, in its container {}",
            site.runner.host, site.runner.container
        ),
        "one server at a time restarts its containers; the others carry its load".to_owned(),
    ];
    let stateless = s.facts.cluster.client_containers();
    let stateless = stateless.filter(|client| client.stateless == Some(true));
    let named: Vec<String> = stateless.filter_map(|client| client.host.clone()).collect();
    if !named.is_empty() {
        needs.push(format!(
            "stateless clients would follow by themselves with a new mount: {}",
            crate::systems::weka::judge::some(named).join(", ")
        ));
    }
    if !s.declaration.clients {
        needs.push("clients stay as they are: clients = true upgrades them, too".to_owned());
    }
    needs
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

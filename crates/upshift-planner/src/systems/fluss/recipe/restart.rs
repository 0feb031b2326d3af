//! A server that is restarted with the release that it runs, beside the plan of a run that halted: the remedy for a
//! replica that is stuck. It changes no release, and so no way back.

use std::collections::{BTreeMap, BTreeSet};

use upshift_model::fluss::{Condition, Role, ServerId, Site, System, same_release};
use upshift_model::ids::{ComponentId, StepId};
use upshift_model::policy::OnLaneFailure;
use upshift_model::record::Failure;
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, Preparation, Releasable, Wave};

use super::steps::{COUNTS_STARTS, Hands, Side};
use crate::build::{lane, wave};
use crate::systems::fluss::codes;

/// Its steps: stopped once every bucket has another replica in sync, and started again.
///
/// # Errors
/// When the plan has no such server, or none runs.
pub fn restart(run: &RunState, site: &Site, server: &ComponentId, system: &System) -> Result<Wave, Failure> {
    let no = |what: String| Failure {
        code: codes::NO_RESTART,
        what,
        far_side: None,
    };
    let Some(of) = site.servers.get(server) else {
        let known: Vec<&str> = site.servers.keys().map(ComponentId::as_str).collect();
        let what = format!("the plan has no {server}, it has {}", known.join(", "));
        return Err(no(what));
    };
    let role = match of.id {
        ServerId::Coordinator => Role::Coordinator,
        ServerId::TabletServer(_) => Role::TabletServer,
    };
    let processes = system.processes.as_result();
    let processes = processes.map_err(|gap| no(format!("{server} is not restarted: {gap}")))?;
    let its = |conf: &std::path::Path| *conf == of.old.conf || *conf == of.new.conf;
    let is_there = |on: &str| of.host.as_ref().is_none_or(|host| *host == on);
    let process = processes
        .iter()
        .find(|process| process.role == role && its(&process.conf) && is_there(&process.host));
    let jar = process.and_then(|process| process.jar.known());
    let side = match jar.map(String::as_str) {
        Some(jar) if same_release(jar, of.old.version.as_str()) => Side::Old,
        Some(jar) if same_release(jar, of.new.version.as_str()) => Side::New,
        Some(jar) => return Err(no(format!("{server} runs {jar}, which the plan cannot start"))),
        None => {
            return Err(no(format!(
                "no process of {server} was found that tells its release: what is to be started is not known"
            )));
        }
    };
    let line = |version: &upshift_model::version::Version| (version.major(), version.minor());
    let counts = line(&of.new.version) >= COUNTS_STARTS && line(&of.old.version) < COUNTS_STARTS;
    let closes = counts && of.id == ServerId::Coordinator && side == Side::New;
    if closes
        && system
            .cluster
            .highest_coordinator_epoch()
            .is_ok_and(|epoch| epoch == 0)
    {
        return Err(no(format!(
            "the next start of the {server} of {} is its second, which closes the way back to {} for good; where that is not wanted any more, restart it by hand",
            of.new.version, of.old.version
        )));
    }
    let covered = match of.id {
        ServerId::TabletServer(number) => Some((
            number,
            Condition::Covered {
                server: number,
                own: canaries(run),
            },
        )),
        ServerId::Coordinator => None,
    };
    let hands = Hands {
        site,
        system: &run.plan.plan.system,
        ok_to_stop: covered.into_iter().collect::<BTreeMap<_, _>>(),
        coordinator: None,
        carried: carried(run),
        hang: BTreeSet::new(),
        not_read: BTreeMap::new(),
        coordinator_led: true,
        stages: false,
    };
    let why = "a replica is stuck until it starts anew; nothing else of the plan is changed; a bucket in which no other replica counts is away meanwhile".to_owned();
    let stop = match of.id {
        // No gate would ever open: what is wrong is to be put right by this.
        ServerId::Coordinator => hands.stop(of.id, side, false, vec![why]),
        ServerId::TabletServer(_) => hands.stop(of.id, side, true, vec![why]),
    };
    let mut steps = vec![stop, hands.start(of.id, side)];
    if let ServerId::TabletServer(number) = of.id {
        steps.extend(hands.clean_end(&[number], side, side));
    }
    let title = format!("restart {}", of.id);
    let mut wave =
        wave(&title, vec![lane(None, steps)], 1, OnLaneFailure::All).expect("a wave of steps is one");
    let nth = run.asides.len() + 1;
    for (step, at) in wave.lanes.iter_mut().flat_map(|lane| &mut lane.steps).zip(1..) {
        step.id = StepId::new(format!("beside.{nth}.{at}"));
    }
    Ok(wave)
}

/// Databases that steps of the run make and drop, there and back.
fn canaries(run: &RunState) -> BTreeSet<String> {
    let there = run.plan.plan.steps();
    let back = run.back.iter().flat_map(|back| back.plan.steps());
    let made = there.chain(back).filter_map(|step| match &step.effect {
        Effect::Prepare {
            what: Preparation::Canary { what, .. },
        }
        | Effect::Release {
            what: Releasable::Canary { what },
        } => Some(what.name.clone()),
        _ => None,
    });
    made.collect()
}

/// Servers whose file the run brought to the wanted release.
fn carried(run: &RunState) -> BTreeSet<ComponentId> {
    let steps = run.plan.plan.steps();
    let brought = steps.filter_map(|step| match &step.effect {
        Effect::Configure { component, .. } => Some(component.clone()),
        _ => None,
    });
    brought.collect()
}

//! One try of a step on the simulated cluster: one arm an effect, one change each.

use upshift_engine::driver::Fault;
use upshift_model::expect::Expectation;
use upshift_model::fluss::{Act, Condition, Site};
use upshift_model::record::Intent;
use upshift_model::step::{Canary, Effect, Preparation, Releasable, StartWhat, Step, StopWhat};

use super::codes::refused;
use super::condition::away;
use super::observe;
use super::scene::number;
use super::standing::{copy_of, is_made_since, is_taken_on, pid_before, row_of};
use crate::fluss::{StopAs, World};

/// `whole` is false for a try that is cut off in its middle; `asked` is when it was sent.
pub(super) fn attempt(
    world: &mut World,
    site: &Site,
    (step, intent): (&Step, &Intent),
    whole: bool,
    asked: i64,
) -> Result<(), Fault> {
    let server = |id| {
        let server = site.servers.get(id);
        server.ok_or_else(|| refused(format!("the plan has no {id}")))
    };
    let unsure = |said: Result<(), String>| said.map_err(Fault::Ambiguous);
    match &step.effect {
        Effect::Stop {
            what: StopWhat::Server { server: id },
        } => {
            let n = number(server(id)?.id);
            let pid = pid_before(intent).ok_or_else(|| refused("no process was noted"))?;
            world.terminate(n, pid, stop_as(step), asked);
            Ok(())
        }
        Effect::Start {
            what: StartWhat::Server { server: id, release },
        } => {
            let n = number(server(id)?.id);
            world.start(n, release.as_str(), intent.key.as_hex());
            Ok(())
        }
        Effect::Prepare {
            what: Preparation::Evidence { .. },
        } => {
            // Written whole under another name first: a part of it is nothing.
            if whole && world.copies.insert(copy_of(intent)) {
                *world.done.entry("copy of the metadata".to_owned()).or_default() += 1;
            }
            Ok(())
        }
        Effect::Prepare {
            what: Preparation::Canary { what, anew },
        } => {
            // One that is away would get no part of it.
            if let Some(missing) = away(site, &observe::facts(world)?, None) {
                return Err(Fault::Transient(missing.what));
            }
            let tables = world.canary(&what.name);
            if !tables.is_empty() && *anew && !is_made_since(&tables, intent) {
                unsure(world.drop_canary(&what.name))?;
            }
            if whole {
                unsure(world.make_canary(&what.name, what.parts, what.copies))?;
            }
            Ok(())
        }
        // One that was not there before the try is this try's: asked for twice, it is carried out once.
        Effect::Fluss {
            what: Act::SpreadLeaders,
        } => match whole && !is_taken_on(world, intent) {
            true => unsure(world.spread_leaders()),
            false => Ok(()),
        },
        Effect::Prove { what } => unsure(world.write_canary(&what.name, row_of(intent))),
        Effect::Release {
            what: Releasable::Canary {
                what: Canary { name, .. },
            },
        } => unsure(world.drop_canary(name)),
        _ => Err(refused(format!("step {} has nothing to be tried", step.id))),
    }
}

/// What the plan makes sure of before it stops a server.
fn stop_as(step: &Step) -> StopAs {
    let by = step.before.iter().find_map(|expectation| match expectation {
        Expectation::Fluss(Condition::OkToStop { min_in_sync, .. }) => Some(StopAs::Spared(
            usize::try_from(*min_in_sync).unwrap_or(usize::MAX),
        )),
        Expectation::Fluss(Condition::Covered { .. } | Condition::Whole) => Some(StopAs::Covered),
        _ => None,
    });
    by.unwrap_or(StopAs::Everything)
}

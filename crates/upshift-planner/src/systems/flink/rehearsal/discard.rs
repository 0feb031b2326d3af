//! How everything that a rehearsal made is taken away again: once it held, or from wherever it came to.
//!
//! Everything is known by a place that no other cluster has: processes by the scratch cluster's own configuration
//! directory, files by its own folder, the savepoint by what the journal bound. Nothing of it can be production's.

use std::path::Path;

use jiff::Timestamp;
use upshift_model::flink::Site;
use upshift_model::ids::Slot;
use upshift_model::plan::{Direction, Plan};
use upshift_model::policy::OnLaneFailure;
use upshift_model::run_state::RunState;
use upshift_model::span::Millis;
use upshift_model::step::{Downtime, Effect, ForeignId, Releasable, Step, Wave};

use super::new;
use super::waves::from;
use crate::build::{Draft, lane, number, wave};
use crate::systems::flink::of_plan;
use crate::systems::flink::recipe::steps::Hands;
use crate::systems::flink::recipe::{id_of, quote, variable};

/// Deleting a folder, or the files of a savepoint.
const GIVE_UP: Millis = Millis::from_secs(300);

/// The copies end as jobs do, so that their sinks are closed; then all of it goes.
pub(super) fn when_it_held(hands: &Hands<'_>, folder: &Path) -> Option<Wave> {
    let cancelled = hands.site.jobs.keys().map(|job| {
        let mut step = hands.cancel_started(job, &new(), ForeignId::Bound(id_of(job, &new())));
        step.why = vec!["a copy: nothing is lost with it".to_owned()];
        step.downtime = Downtime::None;
        step
    });
    let slots = slots(hands).map(|slot| release_point(hands, slot, is_local(hands.site)));
    let steps = cancelled.chain(all_of_it(hands, folder)).chain(slots).collect();
    wave("discard", vec![lane(None, steps)], 1, OnLaneFailure::All)
}

/// What takes away everything that a rehearsal has left so far. Every step is done also when there is nothing to do,
/// and none asks anything of the scratch cluster, which may answer no more.
pub(in crate::systems::flink) fn discard_plan(run: &RunState, now: Timestamp) -> Plan {
    let forward = &run.plan.plan;
    let site = of_plan::site(forward);
    let hands = Hands {
        site,
        system: &forward.system,
    };
    let folder = forward.steps().find_map(|step| match &step.effect {
        Effect::Release {
            what: Releasable::Scratch { folder },
        } => Some(folder.as_path()),
        _ => None,
    });
    // One that this machine never saw on its disk cannot be told from another that lies there by now.
    let seen = |slot: &Slot| {
        let point = run.bindings.slot(slot);
        point.is_none_or(|point| point.metadata_digest.is_some())
    };
    let points = slots(&hands).map(|slot| {
        let deletes = is_local(site) && seen(&slot);
        release_point(&hands, slot, deletes)
    });
    let steps = folder
        .into_iter()
        .flat_map(|folder| all_of_it(&hands, folder))
        .chain(points)
        .collect();
    let mut waves: Vec<Wave> = wave("discard", vec![lane(None, steps)], 1, OnLaneFailure::All)
        .into_iter()
        .collect();
    number(&mut waves, "back.");
    Plan {
        direction: Direction::Back {
            of: run.plan.digest.clone(),
        },
        strategy_why: vec!["what the rehearsal has left is discarded".to_owned()],
        made_at: now,
        needs: Vec::new(),
        ways_back: vec![Vec::new(); waves.len()],
        waves,
        ..forward.clone()
    }
}

/// The cluster with whatever runs on it, then its folder.
fn all_of_it(hands: &Hands<'_>, folder: &Path) -> [Step; 2] {
    let mut stop = hands.stop_cluster(
        &new(),
        "it was started for the rehearsal, and what runs on it is a copy",
    );
    stop.before.clear();
    let what = Releasable::Scratch {
        folder: folder.to_owned(),
    };
    let delete = Draft::new(Effect::Release { what }, GIVE_UP)
        .tries(2)
        .by_hand(vec![format!("rm -r {}", quote(&folder.display().to_string()))]);
    [stop, delete.step()]
}

fn slots(hands: &Hands<'_>) -> impl Iterator<Item = Slot> {
    hands.site.jobs.keys().filter_map(|job| from(hands, job))
}

/// The savepoint's files, where they can be deleted here; else it is let go and told of.
fn release_point(hands: &Hands<'_>, slot: Slot, deletes: bool) -> Step {
    if !deletes {
        return hands.release_point(&slot);
    }
    let named = variable(slot.as_str());
    let what = Releasable::SlotFiles { slot };
    Draft::new(Effect::Release { what }, GIVE_UP)
        .tries(2)
        .by_hand(vec![format!(
            "rm -r \"${{{named}#file:}}\"   # the savepoint of the rehearsal"
        )])
        .step()
}

/// Whether savepoints are written to a file system that this machine may have.
fn is_local(site: &Site) -> bool {
    site.savepoints.starts_with("file:/") || site.savepoints.starts_with('/')
}

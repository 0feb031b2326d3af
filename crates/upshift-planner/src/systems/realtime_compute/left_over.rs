//! What a run leaves behind: told from its journal, and from a last look where there is one.

use upshift_model::ids::ComponentId;
use upshift_model::proof::Binding;
use upshift_model::realtime_compute::{Facts, Site};
use upshift_model::run_state::RunState;
use upshift_model::step::{Effect, Releasable};

use super::recipe::draft_of;

/// What a driver says where a savepoint came to nothing.
const SAVEPOINT_FAILED: &str = "UP-RC-0304";

/// Everything that somebody may want to delete or look at, one thing a line.
pub fn left_over(run: &RunState, site: &Site, present: Option<&Facts>) -> Vec<String> {
    let settled = run.back.is_some();
    let open = run.open_intents().into_iter();
    let open = open.filter(|step| !settled || step.as_str().starts_with("back."));
    let mut left: Vec<String> = open
        .map(|step| format!("step {step} was begun and its end was not seen"))
        .collect();
    let plans = || std::iter::once(&run.plan.plan).chain(run.back.as_ref().map(|back| &back.plan));
    let released = |wanted: &dyn Fn(&Releasable) -> bool| {
        plans().flat_map(|plan| plan.steps()).any(|step| {
            matches!(&step.effect, Effect::Release { what } if wanted(what)) && run.is_done(&step.id)
        })
    };
    for (slot, point) in &run.bindings.slots {
        if !released(&|what| matches!(what, Releasable::SlotFiles { slot: of } if of == slot)) {
            left.push(format!(
                "{slot}: {} {}, which the service keeps until somebody deletes it",
                point.kind.words(),
                point.location
            ));
        }
    }
    for step in plans().flat_map(|plan| plan.steps()) {
        let proof = run.steps.get(&step.id).and_then(|state| state.done.as_ref());
        let binds = proof.map(|(proof, _)| proof.binds.as_slice()).unwrap_or_default();
        let Effect::Prepare {
            what: upshift_model::step::Preparation::Clone { to, .. },
        } = &step.effect
        else {
            continue;
        };
        let gone =
            released(&|what| matches!(what, Releasable::Deployment { deployment, .. } if deployment == to));
        let id = binds.iter().find_map(|bound| match bound {
            Binding::Value { value, .. } => Some(value.as_str()),
            Binding::Restore { .. } => None,
        });
        if let (true, false, Some(id)) = (settled, gone, id) {
            left.push(format!(
                "deployment {to} ({id}) with its logs and events: delete it before another try"
            ));
        }
    }
    left.extend(failed_savepoints(run));
    left.extend(drafts(run, site, settled, &released));
    for (name, of) in site
        .deployments
        .iter()
        .filter(|(_, of)| of.clone.is_some() && !settled)
    {
        if !released(&|what| matches!(what, Releasable::Deployment { deployment, .. } if deployment == name))
        {
            left.push(format!(
                "deployment {name} ({}), the original, stopped; nobody asked for it to be deleted",
                of.id
            ));
        }
    }
    if present.is_none() {
        left.push("the namespace could not be looked at after the last step".to_owned());
    }
    left
}

/// Whether anything that fits was let go.
type Released<'a> = dyn Fn(&dyn Fn(&Releasable) -> bool) -> bool + 'a;

/// Drafts belong to whoever writes SQL: those of copies that stay, and those of originals that went.
fn drafts(run: &RunState, site: &Site, settled: bool, released: &Released<'_>) -> Vec<String> {
    let mut left = Vec::new();
    for (name, of) in &site.deployments {
        let (Some(drafted), Some(copy)) = (&of.draft, &of.clone) else {
            continue;
        };
        let gone = |wanted: &ComponentId| {
            released(&|what| matches!(what, Releasable::Draft { draft, .. } if draft == wanted))
        };
        let made = run.bindings.value(&draft_of(copy));
        if let (true, Some(id), false) = (settled, made, gone(copy)) {
            left.push(format!("draft {copy} ({id}), of which that deployment came"));
        }
        let deleted =
            released(&|what| matches!(what, Releasable::Deployment { deployment, .. } if deployment == name));
        if deleted && !settled {
            left.push(format!(
                "draft {} of {name}, which upshift never deletes: the SQL in it is somebody's",
                drafted.id
            ));
        }
    }
    left
}

/// Savepoints of tries that came to nothing: the service keeps them in its lists.
fn failed_savepoints(run: &RunState) -> impl Iterator<Item = String> {
    let failures = run
        .steps
        .iter()
        .flat_map(|(id, step)| step.failures.iter().map(move |failure| (id, failure)));
    let ours = failures.filter(|(_, failure)| failure.code.as_str() == SAVEPOINT_FAILED);
    ours.map(|(step, failure)| {
        format!(
            "step {step}: {}; the service lists it until somebody deletes it",
            failure.what
        )
    })
}

//! Whether the coordinator of the wanted release may have led in a run: what closes a way back is what it wrote, and one
//! that never came up wrote nothing.

use upshift_model::fluss::before_stop::{LEADERSHIP, REGISTERED};
use upshift_model::fluss::{ServerId, Site, System};
use upshift_model::run_state::RunState;
use upshift_model::step::Step;

use super::stops::{started, stopped};

/// One whose start was never begun wrote nothing. Else nothing is said to be so that was not seen: by the journal no start of it ever came to be registered, and by a fresh
/// look nobody leads but whom the run stopped, and nothing of who leads was written since.
///
/// # Errors
/// With what speaks against it, or was not seen.
pub(super) fn never_led(run: &RunState, site: &Site, present: Option<&System>) -> Result<(), String> {
    let forward = &run.plan.plan;
    let of = |wanted: &dyn Fn(&Step) -> bool| forward.steps().find(|step| wanted(step));
    let stop = of(&|step| stopped(step, site) == Some(ServerId::Coordinator));
    let start = of(&|step| started(step, site) == Some(ServerId::Coordinator));
    let (Some(stop), Some(start)) = (stop, start) else {
        return Err("the plan does not start one".to_owned());
    };
    if !run.is_begun(&start.id) {
        return Ok(());
    }
    if run.is_done(&start.id) {
        return Err("it came up and led".to_owned());
    }
    let noted = run.steps.get(&stop.id).and_then(|state| state.intent.as_ref());
    let noted = noted.map(|intent| &intent.baseline.0);
    let before = noted.and_then(|noted| noted.get(LEADERSHIP));
    let before = before.ok_or_else(|| "what led before it was stopped was not noted".to_owned())?;
    let present = present.ok_or_else(|| "the cluster could not be looked at".to_owned())?;
    let unseen = |gap: &upshift_model::observed::Gap| format!("not seen: {gap}");
    let active = present.cluster.active.as_result().map_err(unseen)?;
    let was = noted.and_then(|noted| noted.get(REGISTERED));
    match active {
        Some(active) if was != Some(&active.id) => return Err(format!("{} leads", active.id)),
        _ => {}
    }
    match present.cluster.leadership().map_err(|gap| unseen(&gap))?.hex() == before {
        true => Ok(()),
        false => Err("who leads has been written since the old one was stopped".to_owned()),
    }
}

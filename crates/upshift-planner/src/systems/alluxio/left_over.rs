//! What a run of Alluxio leaves behind: told from its journal, and from a last look where there is one.

use upshift_model::alluxio::{Facts, Site};
use upshift_model::run_state::RunState;
use upshift_model::step::Effect;

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, site: &Site, present: Option<&Facts>) -> Vec<String> {
    // What a step of the way there left open, the way back has settled.
    let settled = run.back.is_some();
    let open = run.open_intents().into_iter();
    let open = open.filter(|step| !settled || step.as_str().starts_with("back."));
    let mut left: Vec<String> = open
        .map(|step| format!("step {step} was begun and its end was not seen"))
        .collect();
    let moved = |step: &upshift_model::step::Step| matches!(&step.effect, Effect::Transfer { .. });
    let forward = &run.plan.plan;
    let kept = forward.steps().any(|step| moved(step) && run.is_done(&step.id));
    let journals = site
        .places
        .iter()
        .filter_map(|place| Some((place, place.journal.as_ref()?)));
    left.extend(journals.filter(|_| kept && !settled).map(|(place, journal)| {
        format!(
            "{} on {} is the journal of {}: kept until you delete it",
            journal.kept.display(),
            place.host,
            forward.from
        )
    }));
    let over = run.wave_at() == run.waves().len();
    if !over || settled {
        return left;
    }
    match present.and_then(Facts::leader) {
        None => left.push("the master could not be looked at after the last step".to_owned()),
        Some(master) if master.version != forward.to.as_str() => left.push(format!(
            "the master answers as {}, {} was wanted",
            master.version, forward.to
        )),
        Some(_) => {}
    }
    left
}

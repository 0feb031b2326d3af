//! What a run of WEKA leaves behind: told from its journal, and from a last look where there is one.

use upshift_model::run_state::RunState;
use upshift_model::step::Effect;
use upshift_model::weka::{Act, Facts};

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, present: Option<&Facts>) -> Vec<String> {
    let open = run.open_intents().into_iter();
    let mut left: Vec<String> = open
        .map(|step| format!("step {step} was begun and its end was not seen; its command may still run"))
        .collect();
    let over = run.wave_at() == run.waves().len();
    if over {
        match present {
            None => left.push("the cluster could not be looked at after the last step".to_owned()),
            Some(facts) => left.extend(elsewhere(run, facts)),
        }
        return left;
    }
    let staged = run.plan.plan.steps().filter(|step| run.is_done(&step.id));
    left.extend(staged.filter_map(|step| match &step.effect {
        Effect::Weka {
            what: Act::Stage { release },
        } => Some(format!("the package of {release}: weka version rm {release}")),
        _ => None,
    }));
    left
}

/// Backends that are not on the wanted release.
fn elsewhere(run: &RunState, facts: &Facts) -> Vec<String> {
    let to = run.plan.plan.to.as_str();
    let all = facts.cluster.backend_containers();
    let others = all.filter(|container| container.release.as_deref() != Some(to));
    others
        .map(|container| {
            format!(
                "{} of {} is of {}, {to} was wanted",
                container.name.as_deref().unwrap_or("a container"),
                container.host.as_deref().unwrap_or("a server"),
                container.release.as_deref().unwrap_or("an unknown release")
            )
        })
        .collect()
}

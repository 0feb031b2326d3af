//! What a run of WEKA leaves behind: told from its journal, and from a last look where there is one.

use upshift_model::run_state::RunState;
use upshift_model::step::Effect;
use upshift_model::weka::{Act, Facts, Fate};

/// Everything that is not as a finished run would leave it, one thing a line.
pub fn left_over(run: &RunState, present: Option<&Facts>) -> Vec<String> {
    let open = run.open_intents().into_iter();
    let mut left: Vec<String> = open
        .map(|step| format!("step {step} was begun and its end was not seen; its command may still run"))
        .collect();
    left.extend(standing(run));
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

/// What steps beside the upgrade have changed, and no step has put back.
fn standing(run: &RunState) -> Vec<String> {
    let acts = run.plan.plan.steps().filter(|step| run.is_done(&step.id));
    let acts = acts.filter_map(|step| match &step.effect {
        Effect::Weka { what } => Some(what),
        _ => None,
    });
    let mut left = Vec::new();
    for act in acts {
        match act {
            Act::Quiet { host, units } => {
                let ran = units.iter().filter(|(_, former)| former.ran || former.enabled);
                let names: Vec<&str> = ran.map(|(name, _)| name.as_str()).collect();
                left.push(format!(
                    "{0} on {host} stopped and disabled, as the vendor asks: systemctl enable --now {0} puts them back",
                    names.join(" ")
                ));
            }
            Act::Override {
                key, value: Some(_), ..
            } => left.push(format!(
                "the override {key}: weka debug override list, then remove it"
            )),
            Act::Override { key, value: None, .. } => {
                let set = format!("the override {key}:");
                left.retain(|line| !line.starts_with(&set));
            }
            Act::Task {
                id,
                fate: Fate::Pause,
                ..
            } => left.push(format!("task {id} pauses: weka cluster task resume {id}")),
            Act::Task {
                id,
                fate: Fate::Resume,
                ..
            } => {
                let pauses = format!("task {id} pauses:");
                left.retain(|line| !line.starts_with(&pauses));
            }
            _ => {}
        }
    }
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

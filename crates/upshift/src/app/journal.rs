//! A run's journal for people and for other programs: verified, exported, and what is left of its plan
//! as commands to follow by hand.

use std::fmt::Write as _;

use upshift_model::run_state::RunState;
use upshift_model::step::Step;
use upshift_planner::render;
use upshift_planner::systems::flink::recipe::{quote, variable};

/// What is left of the current plan as plain commands, for the day when upshift itself is gone.
pub fn runbook(state: &RunState) -> String {
    let plan = state.current();
    let mut text = String::new();
    let mut line = |l: &str| writeln!(text, "{l}").expect("writing to a string cannot fail");
    line(&format!(
        "# {}: what is left of run {}, by hand",
        plan.system, state.run
    ));
    line(&format!(
        "# plan {}, {} -> {}, {}",
        state.plan.digest.short(),
        plan.from,
        plan.to,
        plan.strategy
    ));
    line("# Before each step look whether it has happened already; a step that was begun may have.");
    // A job that is started from an empty variable starts without its state.
    line("set -u   # a name that no step has filled stops here");
    for (slot, point) in &state.bindings.slots {
        line(&format!(
            "{}={}   # {slot}, the {}",
            variable(slot.as_str()),
            quote(&point.location),
            point.kind.words(),
        ));
    }
    for (name, value) in &state.bindings.values {
        line(&format!(
            "{}={}   # {name}",
            variable(name.as_str()),
            quote(value)
        ));
    }
    for wave in state.waves() {
        let open: Vec<&Step> = wave
            .lanes
            .iter()
            .flat_map(|lane| &lane.steps)
            .filter(|step| !state.is_done(&step.id))
            .collect();
        if open.is_empty() {
            continue;
        }
        line(&format!("\n# {}", wave.title));
        for step in open {
            let begun = if state.is_begun(&step.id) {
                " (begun, its end was not seen)"
            } else {
                ""
            };
            line(&format!(
                "\n# {} {}{begun}",
                step.id,
                render::words(plan, &step.effect)
            ));
            for command in &step.by_hand {
                line(command);
            }
        }
    }
    text
}

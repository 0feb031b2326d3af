//! What a plan changes in configuration, key by key.

use upshift_model::plan::Plan;
use upshift_model::step::{Change, ConfigEdit, Effect};

/// Every configuration file that the plan carries over, with its changes in the manner of a diff: `-`
/// for what goes, `+` for what comes, and why. Keys that stay are not listed.
pub fn diff(plan: &Plan) -> String {
    let mut text = String::new();
    for step in plan.steps() {
        if let Effect::Configure { change, .. } = &step.effect {
            text.push_str(&carry_over(change));
        }
    }
    text
}

fn carry_over(change: &Change) -> String {
    let Change::CarryOver {
        from,
        from_file,
        to,
        to_file,
        edits,
        ..
    } = change;
    let mut lines = vec![
        format!("--- {}/{from_file}", from.display()),
        format!("+++ {}/{to_file}", to.display()),
    ];
    if edits.is_empty() {
        lines.push("  every key as it is".to_owned());
    }
    for edit in edits {
        let (gone, come, why) = match edit {
            ConfigEdit::Rename { from, to, why } => {
                (Some(from.clone()), Some(format!("{to}: (as it was)")), why)
            }
            ConfigEdit::Drop { key, why } => (Some(key.clone()), None, why),
            ConfigEdit::Set { key, value, why } => (None, Some(format!("{key}: {value}")), why),
        };
        lines.push(format!("  # {why}"));
        lines.extend(gone.map(|key| format!("- {key}")));
        lines.extend(come.map(|line| format!("+ {line}")));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

//! A configuration before and after, as a unified diff of its entries.
//!
//! Entries and not lines: comments are left out, nested keys are flat, values of sensitive keys are
//! hidden already in what comes in.

use similar::TextDiff;
use upshift_model::flink::ConfEntry;
use upshift_model::step::ConfigEdit;

/// The entries after the edits, in the file's order; what is new comes last. A key that comes twice
/// is there once, with its last value.
pub fn apply(entries: &[ConfEntry], edits: &[ConfigEdit]) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        if !entries.iter().skip(at + 1).any(|later| later.key == entry.key) {
            kept.push((entry.key.clone(), entry.value.clone()));
        }
    }
    for edit in edits {
        match edit {
            ConfigEdit::Rename { from, to, .. } => {
                if kept.iter().any(|(key, _)| key == to) {
                    kept.retain(|(key, _)| key != from);
                }
                for (key, _) in kept.iter_mut().filter(|(key, _)| key == from) {
                    key.clone_from(to);
                }
            }
            ConfigEdit::Drop { key: gone, .. } => kept.retain(|(key, _)| key != gone),
            ConfigEdit::Set {
                key: wanted,
                value: new,
                ..
            } => match kept.iter_mut().find(|(key, _)| key == wanted) {
                Some((_, value)) => value.clone_from(new),
                None => kept.push((wanted.clone(), new.clone())),
            },
        }
    }
    kept
}

/// The unified diff of the entries, empty where nothing changes.
pub fn diff_lines(entries: &[ConfEntry], edits: &[ConfigEdit], from_file: &str, to_file: &str) -> String {
    let before: String = entries
        .iter()
        .map(|entry| format!("{}: {}\n", entry.key, entry.value))
        .collect();
    let after: String = apply(entries, edits)
        .iter()
        .map(|(key, value)| format!("{key}: {value}\n"))
        .collect();
    if before == after {
        return String::new();
    }
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(2)
        .header(from_file, to_file)
        .to_string()
}

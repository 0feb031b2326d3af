//! Direct dependencies: each has a line of reason, and each line a dependency.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use super::{Complaint, Tree};

const REASONS: &str = "docs/decisions/dependencies.md";

pub(super) fn reasons(tree: &Tree) -> Result<Vec<Complaint>> {
    let manifest: toml::Table = tree
        .file("Cargo.toml")
        .context("there is no Cargo.toml")?
        .parse()
        .context("reading Cargo.toml")?;
    let declared = manifest
        .get("workspace")
        .and_then(|w| w.get("dependencies"))
        .and_then(toml::Value::as_table);
    let outside = declared
        .into_iter()
        .flatten()
        .filter(|(_, how)| how.get("path").is_none());
    let wanted: BTreeSet<_> = outside.map(|(name, _)| name.as_str()).collect();
    let reasons = tree.file(REASONS).unwrap_or_default();
    let rows = reasons
        .lines()
        .filter_map(|l| l.strip_prefix('|')?.split('|').next());
    let given: BTreeSet<_> = rows
        .flat_map(|cell| cell.split(',').map(|c| c.trim().trim_matches('`')))
        .collect();

    let mut found = Vec::new();
    for name in wanted.difference(&given) {
        found.push(Complaint::new(
            *name,
            format!("a direct dependency without a line in {REASONS}"),
        ));
    }
    let heads =
        |name: &&&str| **name == "crate" || name.is_empty() || name.chars().all(|c| c == '-' || c == ':');
    for name in given.difference(&wanted).filter(|name| !heads(name)) {
        found.push(Complaint::new(
            *name,
            format!("has a line in {REASONS} and is no direct dependency"),
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Tree, reasons};

    #[test]
    fn dependencies_and_reasons_match() {
        let tree = Tree::from(&[
            (
                "Cargo.toml",
                "[workspace.dependencies]\na = \"1\"\nb = \"1\"\nours = { path = \"x\" }\n",
            ),
            (
                "docs/decisions/dependencies.md",
                "| crate | why |\n|---|---|\n| a, c | good |\n",
            ),
        ]);
        let found: Vec<_> = reasons(&tree).unwrap().into_iter().map(|c| c.subject).collect();
        assert_eq!(found, ["b", "c"]);
    }
}

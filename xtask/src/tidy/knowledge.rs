//! Knowledge: every row says where it was read, and changes between releases can be read.
//!
//! Whether the rows are right is not judged here, nor the keys of other rows, which the planner reads strictly.

use anyhow::{Context as _, Result};
use upshift_planner::knowledge::Known;
use upshift_planner::knowledge::changes::Changes;

use super::{Complaint, Tree};

/// A file that cannot be read is one complaint; the others are read all the same.
pub(super) fn changes(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for system in Known::ALL {
        let folder = format!("knowledge/{}/changes/", system.word());
        let mut changes = Changes::none(system);
        let files = tree
            .with_ending(".toml")
            .filter(|(path, _)| path.starts_with(&folder));
        for (path, text) in files {
            if let Err(error) = changes.lay(path, text) {
                found.push(Complaint::new(path, error.to_string()));
            }
        }
    }
    Ok(found)
}

pub(super) fn sources(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, text) in tree
        .with_ending(".toml")
        .filter(|(path, _)| path.starts_with("knowledge/"))
    {
        let table: toml::Table = text.parse().with_context(|| format!("reading {path}"))?;
        for (kind, rows) in &table {
            let rows = rows.as_array().into_iter().flatten().enumerate();
            for (number, row) in rows.filter(|(_, row)| row.is_table()) {
                let source = row
                    .get("source")
                    .and_then(toml::Value::as_str)
                    .unwrap_or_default();
                if source.trim().is_empty() {
                    let text = format!("row {} of [[{kind}]] has no source: {}", number + 1, first(row));
                    found.push(Complaint::new(path, text));
                }
            }
        }
    }
    // A table of tabs has no room in its rows: a file beside it says where all of it comes from.
    for (path, _) in tree
        .with_ending(".tsv")
        .filter(|(path, _)| path.starts_with("knowledge/"))
    {
        let (dir, name) = path.rsplit_once('/').expect("it lies below knowledge/");
        let beside = [".toml", ".md"]
            .into_iter()
            .flat_map(|ending| tree.with_ending(ending));
        if !beside
            .filter(|(other, _)| other.starts_with(dir))
            .any(|(_, text)| text.contains(name))
        {
            found.push(Complaint::new(
                path,
                format!("no file in {dir} says where it comes from"),
            ));
        }
    }
    Ok(found)
}

/// Enough of a row to find it by.
fn first(row: &toml::Value) -> String {
    let keys = row.as_table().into_iter().flatten().take(2);
    keys.map(|(k, v)| format!("{k} = {v}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Tree, changes, sources};

    #[test]
    fn a_change_that_cannot_be_read_is_found_with_file_row_and_key() {
        let row = |id: &str, since: &str| {
            format!(
                "[[change]]\nid = \"{id}\"\nsince = \"{since}\"\narea = \"state\"\nact = \"before\"\nseverity = \"note\"\n\
                 text = \"t\"\nsource = \"s\"\nconfidence = \"vendor\"\n"
            )
        };
        let good = format!("date = \"2026-11-27\"\n{}", row("one", "1.19"));
        let bad = format!("date = \"2026-11-27\"\n{}", row("two", "1.19"));
        let tree = Tree::from(&[
            ("knowledge/flink/changes/1.19.toml", good.as_str()),
            ("knowledge/flink/changes/1.20.toml", bad.as_str()),
        ]);
        let found = changes(&tree).unwrap();
        assert_eq!(found.len(), 1);
        assert!(
            found[0].to_string().contains("1.20.toml: change two: key since"),
            "{}",
            found[0]
        );
    }

    #[test]
    fn a_row_without_a_source_is_found() {
        let tree = Tree::from(&[(
            "knowledge/x/a.toml",
            "format = 1\n[[release]]\nversion = \"1\"\nsource = \"the notes\"\n[[release]]\nversion = \"2\"\nsource = \" \"\n",
        )]);
        let found = sources(&tree).unwrap();
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("row 2 of [[release]]"), "{}", found[0]);
    }
}

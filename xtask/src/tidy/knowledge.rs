//! Knowledge: every row says where it was read.
//!
//! Whether the rows are right is not judged here, nor their other keys, which the planner reads strictly.

use anyhow::{Context as _, Result};

use super::{Complaint, Tree};

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
    use super::{Tree, sources};

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

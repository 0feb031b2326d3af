//! Stories: each has the text of what upshift says in it, and each text its story.

use anyhow::Result;

use super::{Complaint, Tree};

const FOLDER: &str = "scenarios/";

pub(super) fn told(tree: &Tree) -> Result<Vec<Complaint>> {
    Ok([(".story", ".txt"), (".txt", ".story")]
        .into_iter()
        .flat_map(|(has, wants)| lonely(tree, has, wants))
        .collect())
}

fn lonely(tree: &Tree, has: &str, wants: &str) -> Vec<Complaint> {
    tree.with_ending(has)
        .filter(|(path, _)| path.starts_with(FOLDER))
        .map(|(path, _)| (path, path.replace(has, wants)))
        .filter(|(_, other)| tree.file(other).is_none())
        .map(|(path, other)| Complaint::new(path, format!("there is no {other}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_without_its_text_is_seen_and_a_text_without_its_story() {
        let tree = Tree::from(&[
            ("scenarios/a.story", ""),
            ("scenarios/a.txt", ""),
            ("scenarios/b.story", ""),
            ("scenarios/c.txt", ""),
            ("docs/d.txt", ""),
        ]);
        let found = told(&tree).unwrap();
        let subjects: Vec<_> = found.iter().map(|c| c.subject.as_str()).collect();
        assert_eq!(subjects, ["scenarios/b.story", "scenarios/c.txt"]);
    }
}

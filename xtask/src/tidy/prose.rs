//! Markdown: one title, at the top; relative links that lead somewhere.

use anyhow::Result;

use super::{Complaint, Tree};

pub(super) fn titles(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, text) in tree.with_ending(".md") {
        let titles = outside_code(text).filter(|l| l.starts_with("# ")).count();
        if titles != 1 {
            found.push(Complaint::new(
                path,
                format!("{titles} titles (`# …`); wants one"),
            ));
        } else if !text.trim_start().starts_with("# ") {
            found.push(Complaint::new(path, "does not begin with its title"));
        }
    }
    Ok(found)
}

pub(super) fn links(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, text) in tree.with_ending(".md") {
        let dir = tree
            .root
            .join(path)
            .parent()
            .map(std::path::Path::to_owned)
            .unwrap_or_default();
        for target in outside_code(text).flat_map(targets) {
            let file = target.split('#').next().unwrap_or_default();
            let is_outside = target.contains("://") || target.starts_with("mailto:");
            if !is_outside && !file.is_empty() && !dir.join(file).exists() {
                found.push(Complaint::new(
                    path,
                    format!("a link to {file}, which is not there"),
                ));
            }
        }
    }
    Ok(found)
}

fn outside_code(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |l| {
        let fence = l.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// The targets of `[text](target)` in a line, code spans left out.
fn targets(line: &str) -> Vec<&str> {
    let prose = line.split('`').step_by(2);
    prose
        .flat_map(|p| p.split("](").skip(1))
        .filter_map(|rest| rest.split([')', ' ']).next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Tree, links, titles};

    #[test]
    fn a_page_has_one_title_and_its_links_lead_somewhere() {
        let tree = Tree::from(&[
            (
                "good.md",
                "# One\n```sh\n# not a title\n```\n[here](#part) [out](https://example.org)\n",
            ),
            ("two.md", "# One\n# Two\n"),
            ("late.md", "text\n# One\n[gone](nowhere.md)\n"),
        ]);
        let subjects =
            |found: Vec<super::Complaint>| found.into_iter().map(|c| c.subject).collect::<Vec<_>>();
        assert_eq!(subjects(titles(&tree).unwrap()), ["late.md", "two.md"]);
        assert_eq!(subjects(links(&tree).unwrap()), ["late.md"]);
    }
}

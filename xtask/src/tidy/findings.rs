//! Codes: each has a page for `upshift explain`, and a test that provokes it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::tree::{is_test_file, split_tests};
use super::{Complaint, Tree};

const PAGES: &str = "docs/findings/";

/// A code as the source makes it.
struct Made {
    path: String,
    /// The constant that holds it, if one does.
    constant: Option<String>,
}

pub(super) fn pages(tree: &Tree) -> Result<Vec<Complaint>> {
    let made = codes(tree);
    let mut found = Vec::new();
    for (code, at) in &made {
        let page = format!("{PAGES}{code}.md");
        if tree.file(&page).is_none() {
            found.push(Complaint::new(
                code,
                format!("made in {}, but there is no {page}", at[0].path),
            ));
        }
        if at.len() > 1 {
            let paths: Vec<_> = at.iter().map(|m| m.path.as_str()).collect();
            found.push(Complaint::new(
                code,
                format!("made in {} places: {}", at.len(), paths.join(", ")),
            ));
        }
    }
    for (path, _) in tree
        .with_ending(".md")
        .filter(|(path, _)| path.starts_with(PAGES))
    {
        let name = path[PAGES.len()..].trim_end_matches(".md");
        if name.starts_with("UP-") && !made.contains_key(name) {
            found.push(Complaint::new(
                name,
                format!("{path} is there, but no crate makes the code"),
            ));
        }
    }
    Ok(found)
}

pub(super) fn tests(tree: &Tree) -> Result<Vec<Complaint>> {
    let said = words_of_tests(tree);
    let unproved = codes(tree).into_iter().filter(|(code, at)| {
        let by_constant = at
            .iter()
            .filter_map(|m| m.constant.as_ref())
            .any(|c| said.contains(c.as_str()));
        !by_constant && !said.contains(code.as_str())
    });
    let tell = |path: &str| format!("made in {path}, but no test speaks of it, by code or by constant");
    Ok(unproved
        .map(|(code, at)| Complaint::new(code, tell(&at[0].path)))
        .collect())
}

/// All `Code::new("UP-…")` outside of tests.
fn codes(tree: &Tree) -> BTreeMap<String, Vec<Made>> {
    let mut all: BTreeMap<String, Vec<Made>> = BTreeMap::new();
    for (path, masked) in tree
        .sources()
        .filter(|(path, _)| path.starts_with("crates/") && !is_test_file(path))
    {
        let text = tree.file(path).unwrap_or_default();
        let end = split_tests(masked).0.len();
        // Searched in the masked text, so that an example in a comment is none; read from the text itself.
        for (at, _) in masked[..end].match_indices("Code::new(\"") {
            let code = &text[at + "Code::new(\"".len()..];
            let code = &code[..code.find('"').unwrap_or(0)];
            if code.starts_with("UP-") {
                let line = text[..at].rsplit('\n').next().unwrap_or_default();
                let constant = line
                    .split_once("const ")
                    .and_then(|(_, rest)| rest.split(':').next());
                let constant = constant.map(|c| c.trim().to_owned());
                all.entry(code.to_owned()).or_default().push(Made {
                    path: path.to_owned(),
                    constant,
                });
            }
        }
    }
    all
}

/// Every word of every test: of `tests/` folders, of unit tests, and of scenarios.
fn words_of_tests(tree: &Tree) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    for (path, masked) in tree.sources() {
        let text = tree.file(path).unwrap_or_default();
        let from = if is_test_file(path) {
            0
        } else {
            split_tests(masked).0.len()
        };
        all.extend(words(&text[from..]));
    }
    let scenarios = [".md", ".toml"].into_iter().flat_map(|e| tree.with_ending(e));
    for (_, text) in scenarios.filter(|(path, _)| path.starts_with("scenarios/")) {
        all.extend(words(text));
    }
    all
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
        .filter(|w| !w.is_empty())
}

#[cfg(test)]
mod checks {
    use super::{Tree, pages, tests};

    #[test]
    fn code_page_and_test_belong_together() {
        let tree = Tree::from(&[
            (
                "crates/x/src/codes.rs",
                "pub const A: Code = Code::new(\"UP-X-0001\");\npub const B: Code = Code::new(\"UP-X-0002\");\n\
                 // Code::new(\"UP-X-0009\")\n",
            ),
            ("crates/x/tests/t.rs", "assert_eq!(f.code, codes::A);"),
            ("docs/findings/UP-X-0001.md", "# A"),
            ("docs/findings/UP-X-0003.md", "# C"),
        ]);
        let subjects =
            |found: Vec<super::Complaint>| found.into_iter().map(|c| c.subject).collect::<Vec<_>>();
        assert_eq!(subjects(pages(&tree).unwrap()), ["UP-X-0002", "UP-X-0003"]);
        assert_eq!(subjects(tests(&tree).unwrap()), ["UP-X-0002"]);
    }
}

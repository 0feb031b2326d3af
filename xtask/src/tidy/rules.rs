//! The table of rules, and running it.

use std::path::Path;

use anyhow::{Result, bail};

use super::{
    Complaint, Tree, budgets, crates, dependencies, exceptions, findings, knowledge, licences, modules,
    prose, scenarios, words,
};
use crate::workspace::{print, root};

/// A rule of the house.
pub struct Rule {
    /// What exceptions call it.
    pub name: &'static str,
    /// What it wants, in one line.
    pub wants: &'static str,
    check: fn(&Tree) -> Result<Vec<Complaint>>,
}

/// All of them.
pub const RULES: [Rule; 18] = [
    Rule {
        name: "crates",
        wants: "crates depend only on those that the architecture allows",
        check: crates::borders,
    },
    Rule {
        name: "purity",
        wants: "the thinking half does no I/O and the acting half does not print",
        check: crates::purity,
    },
    Rule {
        name: "simulating",
        wants: "only commands that simulate speak of simulated worlds",
        check: crates::simulating,
    },
    Rule {
        name: "file-length",
        wants: "a source file has at most 600 lines, 900 with its tests",
        check: budgets::files,
    },
    Rule {
        name: "function-length",
        wants: "a function has at most 70 lines of code",
        check: budgets::functions,
    },
    Rule {
        name: "module-docs",
        wants: "every module says what it is responsible for",
        check: modules::documented,
    },
    Rule {
        name: "module-used",
        wants: "every source file is part of a crate",
        check: modules::used,
    },
    Rule {
        name: "declare-only",
        wants: "lib.rs and mod.rs declare and re-export, nothing else",
        check: modules::declare_only,
    },
    Rule {
        name: "words",
        wants: "no ignored test, no stub, no bare allow",
        check: words::check,
    },
    Rule {
        name: "finding-page",
        wants: "every code has a page and every page a code",
        check: findings::pages,
    },
    Rule {
        name: "finding-test",
        wants: "every code is provoked by a test",
        check: findings::tests,
    },
    Rule {
        name: "knowledge-source",
        wants: "every row of knowledge says where it was read",
        check: knowledge::sources,
    },
    Rule {
        name: "changes",
        wants: "every file of changes can be read by the program",
        check: knowledge::changes,
    },
    Rule {
        name: "dependency-reason",
        wants: "every direct dependency has its line of reason",
        check: dependencies::reasons,
    },
    Rule {
        name: "licence",
        wants: "every licence is one that deny.toml allows",
        check: licences::allowed,
    },
    Rule {
        name: "scenarios",
        wants: "every story has the text of what is said in it",
        check: scenarios::told,
    },
    Rule {
        name: "markdown-title",
        wants: "a Markdown file has one title, at its top",
        check: prose::titles,
    },
    Rule {
        name: "markdown-link",
        wants: "a relative link leads somewhere",
        check: prose::links,
    },
];

/// Every complaint about a checkout that is not excepted, and every exception that excepts nothing.
pub fn complaints(root: &Path) -> Result<Vec<Complaint>> {
    let tree = Tree::read(root)?;
    let mut all = Vec::new();
    for rule in &RULES {
        all.extend(
            (rule.check)(&tree)?
                .into_iter()
                .map(|c| Complaint { rule: rule.name, ..c }),
        );
    }
    all.sort();
    exceptions::apply(&tree, all)
}

/// Runs the chore.
pub fn run() -> Result<()> {
    let found = complaints(&root())?;
    for c in &found {
        print(&c.to_string());
    }
    if !found.is_empty() {
        bail!(
            "{} complaints; exceptions go into xtask/tidy-exceptions.toml, by name and with a reason",
            found.len()
        );
    }
    print(&format!("{} rules hold", RULES.len()));
    Ok(())
}

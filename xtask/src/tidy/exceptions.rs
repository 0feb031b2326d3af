//! Exceptions by name, each with its reason; one that excepts nothing is itself a complaint.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::{Complaint, Tree};

const FILE: &str = "xtask/tidy-exceptions.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    rule: String,
    subject: String,
    reason: String,
}

pub(super) fn apply(tree: &Tree, complaints: Vec<Complaint>) -> Result<Vec<Complaint>> {
    let list: Exceptions =
        toml::from_str(tree.file(FILE).unwrap_or_default()).with_context(|| format!("reading {FILE}"))?;
    let excepts = |e: &Exception, c: &Complaint| e.rule == c.rule && e.subject == c.subject;
    let mut left: Vec<_> = complaints
        .iter()
        .filter(|c| !list.exception.iter().any(|e| excepts(e, c)))
        .cloned()
        .collect();
    for e in &list.exception {
        let wrong = if e.reason.trim().is_empty() {
            "has no reason"
        } else if !complaints.iter().any(|c| excepts(e, c)) {
            "excepts nothing any more: delete it"
        } else {
            continue;
        };
        let text = format!("the exception of {} for {} {wrong}", e.rule, e.subject);
        left.push(Complaint {
            rule: "exceptions",
            ..Complaint::new(FILE, text)
        });
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::{Complaint, FILE, Tree, apply};

    #[test]
    fn an_exception_takes_a_complaint_away_and_a_stale_one_is_a_complaint() {
        let list = "[[exception]]\nrule = \"r\"\nsubject = \"a\"\nreason = \"a flat list\"\n\
                    [[exception]]\nrule = \"r\"\nsubject = \"gone\"\nreason = \"was long\"\n";
        let tree = Tree::from(&[(FILE, list)]);
        let about = |subject: &str| Complaint {
            rule: "r",
            ..Complaint::new(subject, "too long")
        };
        let left = apply(&tree, vec![about("a"), about("b")]).unwrap();
        let left: Vec<_> = left.iter().map(|c| (c.rule, c.subject.as_str())).collect();
        assert_eq!(left, [("r", "b"), ("exceptions", FILE)]);
    }
}

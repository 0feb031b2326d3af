//! Licences of everything that is built, against the list that `deny.toml` allows.
//!
//! cargo-deny does this and more; this much needs nothing installed, so it is part of every test run.

use anyhow::{Context as _, Result};

use super::crates::metadata;
use super::{Complaint, Tree};

pub(super) fn allowed(tree: &Tree) -> Result<Vec<Complaint>> {
    let deny: toml::Table = tree
        .file("deny.toml")
        .context("there is no deny.toml")?
        .parse()
        .context("reading deny.toml")?;
    let list = deny
        .get("licenses")
        .and_then(|l| l.get("allow"))
        .and_then(toml::Value::as_array);
    let allow: Vec<_> = list
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str)
        .collect();
    let mut found = Vec::new();
    for package in metadata(tree, false)?["packages"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let name = package["name"].as_str().unwrap_or_default();
        match package["license"].as_str() {
            None => found.push(Complaint::new(name, "names no licence")),
            Some(licence) if !fits(licence, &allow) => {
                found.push(Complaint::new(
                    name,
                    format!("{licence} is not allowed by deny.toml"),
                ));
            }
            Some(_) => {}
        }
    }
    Ok(found)
}

/// An SPDX expression of `AND`, `OR` and parentheses; the old `A/B` means `OR`.
fn fits(expression: &str, allow: &[&str]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "+");
    let tokens: Vec<_> = spaced.split_whitespace().collect();
    let mut at = 0;
    any(&tokens, &mut at, allow)
}

fn any(tokens: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let mut holds = all(tokens, at, allow);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        holds |= all(tokens, at, allow);
    }
    holds
}

fn all(tokens: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let mut holds = one(tokens, at, allow);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        holds &= one(tokens, at, allow);
    }
    holds
}

fn one(tokens: &[&str], at: &mut usize, allow: &[&str]) -> bool {
    let Some(token) = tokens.get(*at) else {
        return false;
    };
    *at += 1;
    if *token == "(" {
        let holds = any(tokens, at, allow);
        *at += 1;
        return holds;
    }
    // A licence with an exception is asked for as a whole: `Apache-2.0 WITH LLVM-exception`.
    allow.contains(&token.replace('+', " WITH ").as_str())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        let allow = ["MIT", "Apache-2.0", "Unicode-3.0"];
        for good in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(GPL-3.0 OR MIT) AND Unicode-3.0",
        ] {
            assert!(fits(good, &allow), "{good}");
        }
        for bad in [
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR Apache-2.0) AND BSD-3-Clause",
        ] {
            assert!(!fits(bad, &allow), "{bad}");
        }
    }
}

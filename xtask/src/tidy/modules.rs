//! Modules: each documented, each part of a crate, and those that hold others hold nothing else.

use anyhow::Result;

use super::tree::is_test_file;
use super::{Complaint, Tree};

pub(super) fn documented(tree: &Tree) -> Result<Vec<Complaint>> {
    let bare = tree
        .with_ending(".rs")
        .filter(|(_, text)| !text.starts_with("//!") && !text.starts_with("#!["));
    let tell = "no `//!` at its top: what is it responsible for, what does it deliberately not do?";
    Ok(bare.map(|(path, _)| Complaint::new(path, tell)).collect())
}

pub(super) fn used(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, _) in tree.sources().filter(|(path, _)| path.contains("/src/")) {
        let (dir, file) = path.rsplit_once('/').expect("the path has a src/ in it");
        let (parents, name) = match file {
            "lib.rs" | "main.rs" => continue,
            "mod.rs" => {
                let (above, own) = dir.rsplit_once('/').expect("the path has a src/ in it");
                (parents_of(above), own)
            }
            _ => (parents_of(dir), file.trim_end_matches(".rs")),
        };
        let declared = |text: &str| {
            let words = [format!("mod {name};"), format!("mod {name} {{")];
            words.iter().any(|w| text.contains(w.as_str()))
        };
        let is_binary = dir.ends_with("/src/bin");
        if !is_binary && !parents.iter().filter_map(|p| tree.file(p)).any(declared) {
            found.push(Complaint::new(
                path,
                format!("no `mod {name};` in {}", parents.join(" or ")),
            ));
        }
    }
    Ok(found)
}

/// The files that may declare the modules of a folder.
fn parents_of(dir: &str) -> Vec<String> {
    if dir.ends_with("/src") {
        return vec![format!("{dir}/lib.rs"), format!("{dir}/main.rs")];
    }
    vec![format!("{dir}/mod.rs"), format!("{dir}.rs")]
}

pub(super) fn declare_only(tree: &Tree) -> Result<Vec<Complaint>> {
    const CODE: [&str; 7] = ["fn ", "struct ", "enum ", "trait ", "impl ", "impl<", "static "];
    let mut found = Vec::new();
    for (path, text) in tree.sources() {
        if !(path.ends_with("/lib.rs") || path.ends_with("/mod.rs")) || is_test_file(path) {
            continue;
        }
        let is_code = |line: &str| {
            let line = line
                .trim_start()
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ");
            CODE.iter().any(|word| line.starts_with(word))
        };
        if let Some(at) = text.lines().position(is_code) {
            found.push(Complaint::new(
                path,
                format!("line {}: code; give it a file of its own", at + 1),
            ));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{Tree, declare_only, used};

    #[test]
    fn a_file_that_nobody_declares_is_found() {
        let tree = Tree::from(&[
            ("crates/x/src/lib.rs", "mod a;\npub mod b;"),
            ("crates/x/src/a.rs", ""),
            ("crates/x/src/b/mod.rs", "pub(crate) mod c;"),
            ("crates/x/src/b/c.rs", ""),
            ("crates/x/src/b/lost.rs", ""),
        ]);
        let found: Vec<_> = used(&tree).unwrap().into_iter().map(|c| c.subject).collect();
        assert_eq!(found, ["crates/x/src/b/lost.rs"]);
    }

    #[test]
    fn a_lib_with_code_is_found() {
        let tree = Tree::from(&[
            ("crates/x/src/lib.rs", "mod a;\npub fn f() {}"),
            ("crates/y/src/lib.rs", "mod a;"),
        ]);
        assert_eq!(declare_only(&tree).unwrap().len(), 1);
    }
}

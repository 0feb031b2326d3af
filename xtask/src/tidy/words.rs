//! Words that must not stand in source: ignored tests, stubs, leftovers of debugging, unexplained exceptions.

use anyhow::Result;

use super::{Complaint, Tree};

const BANNED: [(&str, &str); 9] = [
    (
        "#[ignore",
        "a test that is not run proves nothing: delete it or make it run",
    ),
    ("todo!(", "finish it or refuse with an error"),
    ("unimplemented!(", "finish it or refuse with an error"),
    ("dbg!(", "a leftover of debugging"),
    (
        "#[allow(",
        "use #[expect(.., reason = \"..\")]: it goes away when it is not needed any more",
    ),
    (
        "#![allow(",
        "use #![expect(.., reason = \"..\")]: it goes away when it is not needed any more",
    ),
    (
        "let _ =",
        "say what happens to the result: `?`, `.ok()` with the reason, or a named binding",
    ),
    (
        "#[cfg(feature",
        "there are no features: delete what nobody builds",
    ),
    (
        "std::process::exit",
        "return an ExitCode, so that what is open is closed",
    ),
];

pub(super) fn check(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, text) in tree.sources() {
        for (number, line) in text.lines().enumerate() {
            for (word, advice) in BANNED.iter().filter(|(word, _)| line.contains(word)) {
                found.push(Complaint::new(
                    path,
                    format!("line {}: `{word}`: {advice}", number + 1),
                ));
            }
            if line.contains("#[expect(") && !whole_attribute(text, number).contains("reason") {
                found.push(Complaint::new(
                    path,
                    format!("line {}: an `expect` without its reason", number + 1),
                ));
            }
        }
    }
    Ok(found)
}

/// The lines of an attribute, which ends with the first line that closes it.
fn whole_attribute(text: &str, from: usize) -> String {
    let mut lines = Vec::new();
    for line in text.lines().skip(from) {
        lines.push(line);
        if line.contains(")]") {
            break;
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn banned_words_count_in_code_and_not_in_text() {
        let tree = Tree::from(&[
            ("a.rs", "// todo!()\nfn f() { todo!() }\n"),
            (
                "b.rs",
                "#[expect(x, reason = \"y\")]\n#[expect(\n    z\n)]\nfn g() {}\n",
            ),
        ]);
        let found: Vec<_> = check(&tree)
            .unwrap()
            .into_iter()
            .map(|c| format!("{}: {}", c.subject, c.text))
            .collect();
        assert_eq!(
            found,
            [
                "a.rs: line 2: `todo!(`: finish it or refuse with an error",
                "b.rs: line 2: an `expect` without its reason"
            ]
        );
    }
}

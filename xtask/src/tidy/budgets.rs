//! How long files and functions may be.
//!
//! The numbers are the architecture's; what may be longer stands by name among the exceptions. In a function only lines
//! of code count: an expected text in a test is as long as it is.

use anyhow::Result;

use super::tree::{is_test_file, split_tests};
use super::{Complaint, Tree};

const FILE: usize = 600;
const FILE_WITH_TESTS: usize = 900;
const FUNCTION: usize = 70;

pub(super) fn files(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, text) in tree.sources() {
        let all = text.lines().count();
        let source = if is_test_file(path) {
            0
        } else {
            split_tests(text).0.lines().count()
        };
        if source > FILE {
            found.push(Complaint::new(
                path,
                format!("{source} lines without tests; at most {FILE}"),
            ));
        } else if all > FILE_WITH_TESTS {
            found.push(Complaint::new(
                path,
                format!("{all} lines with tests; at most {FILE_WITH_TESTS}"),
            ));
        }
    }
    Ok(found)
}

pub(super) fn functions(tree: &Tree) -> Result<Vec<Complaint>> {
    let mut found = Vec::new();
    for (path, text) in tree.sources() {
        for f in all_functions(text) {
            if f.lines > FUNCTION {
                let text = format!(
                    "{} lines of code from line {}; at most {FUNCTION}",
                    f.lines, f.line
                );
                found.push(Complaint::new(format!("{path}:{}", f.name), text));
            }
        }
    }
    Ok(found)
}

#[derive(Debug, PartialEq, Eq)]
struct Function<'a> {
    name: &'a str,
    line: usize,
    lines: usize,
}

fn all_functions(masked: &str) -> Vec<Function<'_>> {
    let starts = masked.match_indices("fn ").filter(|(at, _)| {
        masked[..*at]
            .chars()
            .next_back()
            .is_none_or(|c| c.is_whitespace() || c == '(')
    });
    starts.filter_map(|(at, _)| function(masked, at)).collect()
}

fn function(masked: &str, at: usize) -> Option<Function<'_>> {
    let rest = &masked[at + "fn ".len()..];
    let name = &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_')?];
    let open = body(rest)?;
    let mut depth = 0;
    for (offset, c) in rest[open..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            let whole = &masked[at..=at + "fn ".len() + open + offset];
            let lines = whole.lines().filter(|l| !l.trim().is_empty()).count();
            let line = masked[..at].matches('\n').count() + 1;
            return (!name.is_empty()).then_some(Function { name, line, lines });
        }
    }
    None
}

/// Where the body opens; a function of a trait, or a function type, may have none.
fn body(rest: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in rest.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '{' if depth == 0 => return Some(at),
            ';' | '}' | ',' | '=' if depth == 0 && !rest[at..].starts_with("=>") => {
                // `impl Fn() -> X, y: Z` ends a type; `fn f<T = U>` is not written here.
                return None;
            }
            _ if depth < 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Function, all_functions};

    #[test]
    fn functions_are_found_with_their_length() {
        let source = "trait T { fn a(); fn b(&self) -> [u8; 4] {\n [0; 4]\n } }\nfn c<'a>(f: fn(u8) -> u8) where X: Y {}\n";
        let found = all_functions(source);
        let expected = [
            Function {
                name: "b",
                line: 1,
                lines: 3,
            },
            Function {
                name: "c",
                line: 4,
                lines: 1,
            },
        ];
        assert_eq!(found, expected);
    }
}

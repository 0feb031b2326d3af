//! Mistakes in a system file, collected while it is read, and where they are in the text.

use std::cell::RefCell;
use std::ops::Range;

use upshift_model::ids::Code;

use crate::codes;
use crate::trouble::Trouble;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: Code,
    /// Bytes of the text it is about.
    pub(super) span: Range<usize>,
    pub(super) what: String,
    pub(super) expected: Option<String>,
    pub(super) next: Vec<String>,
}

impl Problem {
    pub(super) fn new(code: Code, span: Range<usize>, what: impl Into<String>) -> Self {
        Self {
            code,
            span,
            what: what.into(),
            expected: None,
            next: Vec::new(),
        }
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next.push(next.into());
        self
    }
}

/// Where problems gather: reading goes on after each of them.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub(super) fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    pub(super) fn none(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// All of them in the order of the text, as a person is told.
    pub(super) fn into_troubles(self, file: &str, text: &str) -> Vec<Trouble> {
        let mut problems = self.0.into_inner();
        problems.sort_by(|a, b| a.span.start.cmp(&b.span.start).then_with(|| a.code.cmp(&b.code)));
        problems.dedup();
        problems
            .into_iter()
            .map(|problem| {
                let (line, column) = place(text, problem.span.start);
                let mut trouble =
                    Trouble::usage(problem.code, problem.what).at(format!("{file}:{line}:{column}"));
                trouble.expected = problem.expected;
                trouble.next = problem.next;
                trouble
            })
            .collect()
    }
}

/// A syntax error of the TOML reader, without the line it is on: that may hold a secret.
pub(super) fn syntax(error: &toml::de::Error) -> Problem {
    let span = error.span().unwrap_or(0..0);
    Problem::new(codes::NOT_TOML, span, format!("not TOML: {}", error.message()))
        .expected("lines of key = value, text in quotes, tables under [headers]")
}

/// Line and column, both from 1, columns in characters.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a = 1\nß = 2\n";
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, 6), (2, 1));
        assert_eq!(place(text, text.find("2").expect("it is there")), (2, 5));
        assert_eq!(place(text, text.len()), (3, 1));
    }
}

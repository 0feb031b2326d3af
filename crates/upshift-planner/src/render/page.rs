//! Lines of text that break at words.

/// The widest line.
pub const WIDTH: usize = 100;

/// Lines being written.
#[derive(Debug, Default)]
pub(super) struct Page {
    lines: Vec<String>,
}

impl Page {
    /// A line as it is, broken where it is too wide; what is broken off stands under `indent` spaces.
    pub(super) fn line(&mut self, text: &str, indent: usize) {
        self.lines.extend(wrap(text, indent));
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.lines.push(String::new());
    }

    /// Left text, and right text at a column where it fits beside; else under it.
    pub(super) fn beside(&mut self, left: &str, column: usize, right: &str) {
        if right.is_empty() {
            return self.line(left, 14);
        }
        let width = left.chars().count();
        if width < column && column + right.chars().count() <= WIDTH {
            let pad = " ".repeat(column - width);
            return self.lines.push(format!("{left}{pad}{right}"));
        }
        if width + 2 + right.chars().count() <= WIDTH {
            return self.lines.push(format!("{left}  {right}"));
        }
        self.line(left, 14);
        self.line(&format!("{}{right}", " ".repeat(14)), 14);
    }

    /// The text, ending with a line break.
    pub(super) fn text(self) -> String {
        let mut text: String = self
            .lines
            .iter()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect();
        while text.ends_with("\n\n") {
            text.pop();
        }
        text
    }
}

/// Breaks at the last space that fits; spacing inside a line stays as it is.
fn wrap(text: &str, indent: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > WIDTH {
        let lead = rest.iter().take_while(|c| **c == ' ').count();
        let Some(at) = (lead + 1..=WIDTH).rev().find(|at| rest[*at] == ' ') else {
            break;
        };
        lines.push(rest[..at].iter().collect());
        let more = rest[at..].iter().skip_while(|c| **c == ' ');
        rest = std::iter::repeat_n(&' ', indent).chain(more).copied().collect();
    }
    lines.push(rest.into_iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, wrap};

    #[test]
    fn long_lines_break_at_words_and_stay_under_their_indent() {
        let text = format!("  first {}", "word ".repeat(40));
        let lines = wrap(&text, 4);
        assert!(lines.len() > 1);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("  first"));
        assert!(lines[1].starts_with("    word"));
        assert_eq!(wrap("short", 4), ["short"]);
    }
}

//! What the test runner's closing lines add up to.

use std::fmt;

/// Tests of several binaries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Binaries that were run.
    pub(super) binaries: usize,
    /// Tests that passed.
    pub(super) passed: u64,
    /// Tests that failed.
    pub(super) failures: u64,
    /// Tests that were not run; there should be none.
    pub(super) ignored: u64,
    /// Binaries that failed, those that died without a closing line included.
    pub(super) failed: Vec<String>,
}

impl Tally {
    /// Adds a binary by its exit status and its closing line (`test result: ok. 3 passed; 0 failed; 0 ignored; …`). One
    /// without such a line did not end as a test does: it failed, whatever its status.
    pub(super) fn add(&mut self, name: &str, passed: bool, said: &str) {
        self.binaries += 1;
        let closing = said
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("test result: "));
        let counts =
            closing.map(|line| ["passed", "failed", "ignored"].map(|word| number_before(line, word)));
        let Some([Some(ok), Some(bad), Some(ignored)]) = counts else {
            self.failed
                .push(format!("{name} (it ended without a test result)"));
            return;
        };
        self.passed += ok;
        self.failures += bad;
        self.ignored += ignored;
        if !passed {
            self.failed.push(name.to_owned());
        }
    }

    /// Both.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.binaries += other.binaries;
        self.passed += other.passed;
        self.failures += other.failures;
        self.ignored += other.ignored;
        self.failed.extend(other.failed);
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed; {} failed; {} ignored in {} test binaries",
            self.passed, self.failures, self.ignored, self.binaries
        )
    }
}

fn number_before(line: &str, word: &str) -> Option<u64> {
    let words: Vec<&str> = line.split([' ', ';']).filter(|part| !part.is_empty()).collect();
    let at = words.iter().position(|one| *one == word)?;
    words.get(at.checked_sub(1)?)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str =
        "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";

    #[test]
    fn closing_lines_add_up() {
        let mut tally = Tally::default();
        tally.add("a", true, OK);
        tally.add(
            "b",
            false,
            "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured",
        );
        assert_eq!(
            tally.to_string(),
            "5 passed; 1 failed; 1 ignored in 2 test binaries"
        );
        assert_eq!(tally.failed, ["b"]);
    }

    #[test]
    fn a_binary_that_dies_failed() {
        let mut tally = Tally::default();
        tally.add("a", true, "running 2 tests\n.");
        assert_eq!(tally.failed, ["a (it ended without a test result)"]);
    }

    #[test]
    fn one_that_fails_after_its_tests_failed() {
        let mut tally = Tally::default();
        tally.add("a", false, OK);
        assert_eq!(tally.failed, ["a"]);
    }
}

//! The durable mark of a command that outlives its connection: the same run, step and try always name
//! the same mark, on this day and after a crash.

use std::fmt;

use thiserror::Error;

/// A mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    run: String,
    step: String,
    attempt: u16,
}

/// A word that names no mark.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} cannot be part of a mark: letters, digits and . - _, not beginning with . or -")]
pub struct NotAMark(String);

impl Mark {
    /// The mark of a try. `step` may name more than the step, such as a server that it is about.
    ///
    /// # Errors
    /// When a word cannot be the name of a folder.
    pub fn new(run: &str, step: &str, attempt: u16) -> Result<Self, NotAMark> {
        for word in [run, step] {
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let first = word.chars().next();
            let wrong_begin = first.is_none_or(|c| matches!(c, '.' | '-'));
            if wrong_begin || !word.chars().all(fine) || word.len() > 100 {
                return Err(NotAMark(word.to_owned()));
            }
        }
        Ok(Self {
            run: run.to_owned(),
            step: step.to_owned(),
            attempt,
        })
    }

    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Its folder below that of the run.
    pub(super) fn folder(&self) -> String {
        format!("{}.try{}", self.step, self.attempt)
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.run, self.folder())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_folder_and_leads_nowhere_else() {
        assert_eq!(
            Mark::new("01J", "w2.l1.s3", 2).unwrap().to_string(),
            "01J/w2.l1.s3.try2"
        );
        for word in ["", ".", "..", "../x", "a/b", "-rf", "a b", "$(id)", "ü"] {
            assert!(Mark::new(word, "s", 1).is_err(), "{word:?}");
            assert!(Mark::new("r", word, 1).is_err(), "{word:?}");
        }
    }
}

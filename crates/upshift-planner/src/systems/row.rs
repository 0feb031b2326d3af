//! A row of the catalogue, as checks quote it.

use crate::knowledge::{Known, Library};

/// What a row says, what to do, and where it was read.
pub(super) struct Row {
    pub(super) text: String,
    pub(super) advice: String,
    pub(super) source: String,
}

impl Row {
    /// A row of a system's book by its name.
    ///
    /// # Panics
    /// When there is none: checks name rows literally, and a test asks for each.
    pub(super) fn of(library: &Library, system: Known, id: &str) -> Self {
        let rule = library.book(system).rule(id);
        let rule = rule.expect("a row that checks name is in the catalogue: a test asks for each");
        Self {
            text: rule.text.clone(),
            advice: rule.advice.clone(),
            source: rule.origin.to_string(),
        }
    }
}

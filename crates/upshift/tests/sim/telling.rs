//! What only the stories need: what was said, and the run from beginning to where it stops.

use crate::support::{Ran, Story};

impl Ran {
    /// The same, after looking whether it said something on either stream.
    #[track_caller]
    pub(crate) fn says(self, what: &str) -> Self {
        assert!(
            self.out.contains(what) || self.err.contains(what),
            "{what:?} in\n{}\n{}",
            self.out,
            self.err
        );
        self
    }
}

impl Story {
    /// Plans, applies, and follows to where it stops.
    pub(crate) fn apply(&self) -> Ran {
        self.plan();
        self.upshift(&["apply", "up.plan"])
    }
}

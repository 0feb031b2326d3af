//! What every function of this layer needs beside the bytes: the limits, and how deep it is.

use crate::{FormatError, Limits};

/// The limits and the depth reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ctx<'l> {
    pub(super) limits: &'l Limits,
    depth: u32,
}

impl<'l> Ctx<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Self { limits, depth: 0 }
    }

    /// The context one level further in, or an error where that is too deep.
    pub(super) fn deeper(self, at: u64, what: &'static str) -> Result<Self, FormatError> {
        let depth = self.depth + 1;
        if depth > self.limits.depth {
            let (expected, found) = (u64::from(self.limits.depth), u64::from(depth));
            return Err(FormatError::Limit {
                at,
                what,
                expected,
                found,
            });
        }
        Ok(Self { depth, ..self })
    }
}

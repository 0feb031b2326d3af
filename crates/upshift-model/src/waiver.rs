//! A person's recorded acceptance of one finding on one subject.

use serde::{Deserialize, Serialize};

use crate::ids::Code;

/// One `[[waive]]` entry of a system file. It goes into the plan and so into its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The finding's code.
    pub code: Code,
    /// The finding's subject, literally as `check` prints it.
    pub subject: String,
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which the waiver holds.
    pub until: Option<jiff::civil::Date>,
}

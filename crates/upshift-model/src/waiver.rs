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
    /// Who accepts it, where the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The ticket under which it was accepted, where the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// The last day on which the waiver holds.
    pub until: Option<jiff::civil::Date>,
}

impl Waiver {
    /// Why, who and the ticket, as people say it.
    pub fn words(&self) -> String {
        let by = self.by.as_ref().map(|by| format!("(by {by})"));
        let ticket = self.ticket.as_ref().map(|ticket| format!("[{ticket}]"));
        let words: Vec<String> = std::iter::once(self.reason.clone())
            .chain(by)
            .chain(ticket)
            .collect();
        words.join(" ")
    }
}

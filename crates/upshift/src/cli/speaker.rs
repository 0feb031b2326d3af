//! Who says something, why, and under which ticket: options of every command that changes a run.

use clap::Args;
use upshift_model::record::Who;

use crate::app::context;

/// Who, why and a ticket, for the journal.
#[derive(Debug, Clone, Default, Args)]
pub struct Speaker {
    /// Why; recorded in the journal.
    #[arg(long, value_name = "REASON")]
    pub why: Option<String>,
    /// A ticket; recorded in the journal.
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
}

impl Speaker {
    /// This user on this host, with what the options say.
    pub fn who(&self) -> Who {
        context::who(self.why.clone(), self.ticket.clone())
    }
}

//! What people ask of a run: put into an inbox by any process, turned into records by the owner.
//!
//! A request is no fact. It becomes one when the owner writes the record that answers it, in the
//! same transaction that takes it out of the inbox.

use serde::{Deserialize, Serialize};
use upshift_model::ids::ComponentId;
use upshift_model::record::{Answer, Who};

/// One wish of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What is wanted.
    pub ask: Ask,
    /// By whom.
    pub by: Who,
}

/// What can be wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Stop between steps.
    Pause,
    /// Go on after a pause or a halt.
    Resume,
    /// An answer to the question that stands.
    Answer(Answer),
    /// Go back by the plan's way.
    RollBack {
        /// The replay that the way back means is accepted.
        accept_replay: bool,
    },
    /// Restart a server with the release that it runs, and go on after that.
    Restart {
        /// Which.
        server: ComponentId,
    },
    /// Give the run up where it stands.
    Abandon,
}

/// A request in the inbox, with the number that takes it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Its number.
    pub id: i64,
    /// The request.
    pub request: Request,
}

//! A way back that is offered: its steps, and what taking it means. Who goes is asked with it.

use crate::plan::Plan;
use crate::span::Millis;

/// A way back, and what taking it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayBackOffer {
    /// The steps.
    pub plan: Plan,
    /// How far back input would be processed again.
    pub replays: Millis,
    /// The amount in a sentence; empty when nothing is replayed.
    pub amount: String,
    /// Whose output cannot take a record twice, or of whom nobody said so.
    pub doubles: Vec<String>,
}

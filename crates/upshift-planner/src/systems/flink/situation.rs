//! What checks and recipes are given to judge: the wish, the look, the catalogue and the time.
//!
//! It holds references and decides nothing. Who reads the file, takes the look or asks the clock is
//! the binary's business.

use jiff::Timestamp;
use jiff::civil::Date;
use upshift_model::flink::{Declaration, Facts};
use upshift_model::inventory::Inventory;

use crate::knowledge::Knowledge;

/// Everything that a judgement may depend on. Two equal situations give equal findings and plans.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What a person wants.
    pub declaration: &'a Declaration,
    /// The look, as a document.
    pub inventory: &'a Inventory,
    /// What was seen.
    pub facts: &'a Facts,
    /// What is known of releases.
    pub knowledge: &'a Knowledge,
    /// Today, where the person is: waivers end by it.
    pub today: Date,
    /// The time of the judgement.
    pub now: Timestamp,
}

impl<'a> Situation<'a> {
    /// What was seen of the Flink system.
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }
}

//! Waits that are part of a plan.

use serde::{Deserialize, Serialize};

use crate::expect::Expectation;
use crate::span::Millis;
use crate::version::Version;

/// What a `Hold` step waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// Everything watched must hold for a length of *observed* time.
    Soak {
        /// What is watched.
        watch: Vec<Expectation>,
        /// How long it must hold.
        hold_for: Millis,
        /// How often it is looked at.
        every: Millis,
        /// So many bad samples in a row fail the gate; a single one only starts the time anew.
        fail_after: u16,
        /// So long without being able to look fails the gate.
        blind_for: Millis,
    },
    /// Everything is looked at and judged anew, as before a plan is made: nothing red may stand in the way of this hop,
    /// and nothing unknown that may hide it.
    Judged {
        /// The release that runs then.
        from: Version,
        /// The one that is next.
        to: Version,
    },
    /// A person must accept; `after` lets the policy's timer accept instead.
    Finalize {
        /// Accepted without a person after so long, where the policy says so.
        after: Option<Millis>,
    },
}

//! Questions of an operator's own: whether what a system is there for goes on. How often they are asked, and what a miss
//! means, is for the plan to say.

use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;
use crate::ids::BindingName;
use crate::span::Millis;

/// A question whose answer says whether the system does what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// How it is asked.
    pub ask: ProbeAsk,
    /// What must come back.
    pub expect: ProbeExpect,
    /// Longest time to wait for the answer.
    pub timeout: Millis,
}

/// How a probe is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeAsk {
    /// `GET`; the body is the answer.
    Http(Endpoint),
    /// A program with its arguments, no shell; standard output is the answer.
    Command(Vec<String>),
}

/// What a probe must answer. Numbers are compared in thousandths, so that no float is ever stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeExpect {
    /// Status 2xx, or exit code 0.
    Success,
    /// Exactly this text, without surrounding white space.
    Text(String),
    /// A number of at least so many thousandths.
    AtLeastMilli(i64),
    /// A number of at most so many thousandths.
    AtMostMilli(i64),
    /// A number of at least so many thousandths of the value before the switch.
    AtLeastRatioOfBaselineMilli(u32),
}

/// Where a probe's value from before the first change is bound: `probe/NAME`.
pub fn baseline_of(probe: &str) -> BindingName {
    BindingName::new(format!("probe/{probe}"))
}

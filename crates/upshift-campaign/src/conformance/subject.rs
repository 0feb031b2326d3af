//! A far side, fresh and with a plan for it, as the laws need it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use upshift_engine::clock::Clock;
use upshift_engine::counsel::Counsel;
use upshift_engine::driver::Driver;
use upshift_model::ids::StepId;
use upshift_model::plan::Sealed;

/// What becomes of a request that would change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// It goes out, and the connection ends before anything happens.
    CutBefore,
    /// It happens, and the connection ends before the answer.
    CutAfter,
    /// Nothing happens, and nothing is answered.
    Hangs,
    /// upshift's process dies before anything happens.
    DiesBefore,
    /// upshift's process dies before it hears the answer.
    DiesAfter,
}

impl Disturbance {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::CutBefore,
        Self::CutAfter,
        Self::Hangs,
        Self::DiesBefore,
        Self::DiesAfter,
    ];

    /// Whether the process dies of it.
    pub const fn kills(self) -> bool {
        matches!(self, Self::DiesBefore | Self::DiesAfter)
    }

    /// Whether what was asked for has happened.
    pub const fn has_happened(self) -> bool {
        matches!(self, Self::CutAfter | Self::DiesAfter)
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CutBefore => "cut before it happened",
            Self::CutAfter => "cut before the answer",
            Self::Hangs => "hung",
            Self::DiesBefore => "died before it happened",
            Self::DiesAfter => "died before the answer",
        })
    }
}

/// See the module. One subject is one world: it is walked through once.
pub trait Subject: Send + Sync {
    /// The plan.
    fn plan(&self) -> &Sealed;

    /// The clock of the run.
    fn clock(&self) -> Clock;

    /// A driver, as a process that has just started has it.
    fn driver(&self) -> Arc<dyn Driver>;

    /// Whoever plans the way back.
    fn counsel(&self) -> Arc<dyn Counsel>;

    /// Everything that a driver could have changed, and nothing that goes on by itself.
    fn touched(&self) -> String;

    /// What was done, each with how often.
    fn effects(&self) -> BTreeMap<String, u64>;

    /// How it all looks once the run is over, such that two that look alike are alike.
    fn picture(&self) -> BoxFuture<'_, String>;

    /// From now on the request number `nth` that would change something goes like this, once.
    fn disturb(&self, step: &StepId, how: Disturbance, nth: u32);

    /// Comes back as soon as the disturbance has come.
    fn struck(&self) -> BoxFuture<'_, ()>;

    /// Ends the disturbance, and whatever hangs; says whether it came.
    fn calm(&self) -> bool;

    /// How long a driver may wait for an answer.
    fn limit(&self) -> Duration;

    /// Whether its time is virtual already.
    fn is_virtual(&self) -> bool;

    /// What nobody may be told.
    fn secrets(&self) -> Vec<String>;
}

/// Makes a fresh one.
pub type Make = dyn Fn() -> BoxFuture<'static, Arc<dyn Subject>> + Send + Sync;

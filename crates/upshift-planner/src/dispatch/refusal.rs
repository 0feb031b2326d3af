//! Why there is no plan, or no way back: each system says it by errors of its own, and here they become one.

use std::fmt;

use upshift_model::ids::Code;
use upshift_model::record::Failure;

use crate::systems::{alluxio, flink, fluss, realtime_compute, weka};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlan {
    /// The page that explains it.
    pub code: Code,
    /// One line.
    pub what: String,
    /// What kind of reason it is.
    pub reason: Reason,
}

/// Kinds of reasons for there being no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// What runs is what is wanted.
    NothingToDo,
    /// Something that steps are made of was not seen.
    Unseen,
    /// The system is not as it must be.
    Blocked,
    /// The system file does not say enough, or contradicts itself.
    Declared,
}

/// Why there is no way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoWayBack {
    /// The page that explains it.
    pub code: Code,
    /// One line.
    pub what: String,
}

impl From<NoWayBack> for Failure {
    fn from(no: NoWayBack) -> Self {
        Self {
            code: no.code,
            what: no.what,
            far_side: None,
        }
    }
}

/// A no of a system, which a page explains.
pub(super) trait Coded: fmt::Display {
    fn code(&self) -> Code;
}

/// A no to a plan.
pub(super) trait Refusal: Coded {
    fn reason(&self) -> Reason;
}

pub(super) fn no_plan(no: impl Refusal) -> NoPlan {
    NoPlan {
        code: no.code(),
        what: no.to_string(),
        reason: no.reason(),
    }
}

pub(super) fn no_way_back(no: impl Coded) -> NoWayBack {
    NoWayBack {
        code: no.code(),
        what: no.to_string(),
    }
}

macro_rules! coded {
    ($($error:ty),+ $(,)?) => {
        $(impl Coded for $error {
            fn code(&self) -> Code {
                // The system's own, which bears the same name.
                <$error>::code(self)
            }
        })+
    };
}

coded!(
    flink::recipe::PlanError,
    fluss::recipe::PlanError,
    weka::recipe::PlanError,
    realtime_compute::recipe::PlanError,
    alluxio::recipe::PlanError,
    flink::back::BackError,
    alluxio::back::BackError,
    fluss::back::BackError,
    realtime_compute::back::BackError,
);

impl Refusal for flink::recipe::PlanError {
    fn reason(&self) -> Reason {
        match self {
            Self::NothingToDo { .. } => Reason::NothingToDo,
            Self::Unseen { .. } => Reason::Unseen,
            Self::JobNotThere { .. } => Reason::Blocked,
            Self::NotOursToStop { .. } | Self::NoShadowAddress { .. } | Self::SharedConf { .. } => {
                Reason::Declared
            }
        }
    }
}

impl Refusal for fluss::recipe::PlanError {
    fn reason(&self) -> Reason {
        match self {
            Self::NothingToDo { .. } => Reason::NothingToDo,
            Self::Unseen { .. } => Reason::Unseen,
            Self::NoProcess { .. } | Self::NotDeclared { .. } => Reason::Declared,
        }
    }
}

impl Refusal for weka::recipe::PlanError {
    fn reason(&self) -> Reason {
        match self {
            Self::NothingToDo { .. } => Reason::NothingToDo,
            Self::Unseen { .. } => Reason::Unseen,
            Self::NoRoute { .. } => Reason::Blocked,
        }
    }
}

impl Refusal for realtime_compute::recipe::PlanError {
    fn reason(&self) -> Reason {
        match self {
            Self::NothingToDo { .. } => Reason::NothingToDo,
            Self::Unseen { .. } => Reason::Unseen,
            Self::NotMoved { .. } => Reason::Blocked,
        }
    }
}

impl Refusal for alluxio::recipe::PlanError {
    fn reason(&self) -> Reason {
        match self {
            Self::NothingToDo { .. } => Reason::NothingToDo,
            Self::Unseen { .. } => Reason::Unseen,
            Self::NotHere { .. } => Reason::Declared,
        }
    }
}

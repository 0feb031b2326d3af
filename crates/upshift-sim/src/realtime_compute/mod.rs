//! The model of the managed service: who may ask, deployments, drafts, tickets, jobs, savepoints, queues,
//! and what goes wrong by name. It is a pure state machine. What takes real time (a job on a cluster, a
//! savepoint) leaves it as [`Work`] and comes back as a [`Report`].
//!
//! It judges the driver, so it shares no code with it: signatures are worked out here once more.

mod action;
mod answer;
mod deployments;
mod drafts;
mod fault;
mod gate;
mod jobs;
mod request;
mod savepoints;
mod setup;
mod work;
mod world;

pub use action::Action;
pub use answer::Answer;
pub use fault::{Fault, Injection, NotAFault};
pub use request::Request;
pub use setup::{Engine, Key, Queue, Setup};
pub use work::{Look, Report, Run, Saving, Work};
pub use world::{Inside, Told, World};

//! A WEKA cluster that is made up: what it is, and what its command line and its servers' own programs answer.
//!
//! Shapes of answers are those of the command line up to 5.1 and, from 6.0 on, of its successor; values are
//! invented. Faults have names. How hosts are reached is not known here: the lab gives each server an sshd.

mod answer;
mod changes;
mod cluster;
mod debug;
mod fault;
mod files;
mod forced;
mod inventory;
mod local;
mod program;
mod protocols;
mod rest;
mod spec;
mod state;
mod status;
mod tools;
mod upgrade;
mod weka_cli;
mod world;

pub use answer::Answer;
pub use changes::Change;
pub use fault::{Fault, NoSuchFault};
pub use files::{Files, files};
pub use forced::rewritten;
pub use program::{PROGRAMS, Play, play};
pub use rest::{RestRequest, rest};
pub use spec::{Node, Spec};
pub use state::{Begun, Phase, State};
pub use upgrade::{Stepped, Upgrade};
pub use world::{Place, World};

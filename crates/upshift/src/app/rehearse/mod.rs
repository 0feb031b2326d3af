//! Rehearsals of a plan: on real servers, and on a simulated system that is like the one it was made for.

pub mod inventory;
pub mod real;
pub mod simulated;

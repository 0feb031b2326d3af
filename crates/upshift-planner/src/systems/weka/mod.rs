//! WEKA: what is checked before an upgrade, how it is laid out, and what keeps a plan from being carried out.

pub mod checks;
pub mod codes;
pub mod drift;
pub mod hop;
mod judge;
pub mod left_over;
pub mod recipe;
mod sight;
pub mod situation;
mod systems;
mod tasks;

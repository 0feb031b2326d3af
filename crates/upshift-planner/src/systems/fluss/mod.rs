//! Apache Fluss: what is checked before an upgrade, what the upgrade consists of, and the ways back.

pub mod back;
pub mod checks;
pub mod codes;
pub mod drift;
mod led;
pub mod left_over;
pub mod recipe;
pub mod repair;
pub mod sight;
pub mod situation;
mod stops;
mod touched;
pub mod ways_back;

//! WEKA: what is checked before an upgrade.

pub mod checks;
pub mod codes;
mod judge;
mod sight;
pub mod situation;
mod systems;

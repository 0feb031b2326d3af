//! Apache Fluss: what is checked before an upgrade, what was seen in the words of the catalogue, and the ways back.

pub mod checks;
pub mod codes;
pub mod drift;
pub mod left_over;
pub mod sight;
pub mod situation;
pub mod ways_back;

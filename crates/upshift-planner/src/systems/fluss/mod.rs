//! Apache Fluss: what was seen in the words of the catalogue, and the ways back.

pub mod sight;
pub mod ways_back;

//! Realtime Compute: every check provoked, the plans as they are read, and the way back from wherever a run stands.

mod checks;
mod plans;
mod world;

//! The laws of drivers, tried on every driver there is a far side for; and drivers that break one, which are caught.

mod flink;
mod mutants;
mod simulated;
mod support;

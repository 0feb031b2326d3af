//! Carries out plans: the journal and its stores, the loop over steps, and the [`driver::Driver`]
//! trait behind which a real or simulated system stands.
//!
//! The engine decides nothing: it never plans, never names a concrete system, never prints. It
//! believes only what a driver's `standing` saw.

pub mod driver;

//! Carries out plans: the journal and its stores, the loop over steps, and the [`driver::Driver`]
//! trait behind which a real or simulated system stands.
//!
//! The engine decides nothing: it never plans, never names a concrete system, never prints. It
//! believes only what a driver's `standing` saw.

pub mod clock;
pub mod codes;
pub mod counsel;
pub mod driver;
pub mod engine;
pub mod journal;
pub mod pace;
pub mod request;
pub mod store;

mod accept;
mod decide;
mod lane;
mod safety;
mod soak;
mod step_loop;

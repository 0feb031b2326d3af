//! The laws that every [`Driver`](upshift_engine::driver::Driver) keeps, tried on one with a far side before it: a plan
//! of the real planner is carried out by the real engine, and something is done to each try.
//!
//! A far side is a subject. What it looks like inside is its own business; the laws ask what was changed, what was
//! done and how often. They judge drivers: whether a world is like the system that it stands for is proven elsewhere.

mod direct;
mod foreign;
mod law;
mod subject;
mod walk;
mod watched;

pub use direct::simulated;
pub use foreign::{refuses, strangers};
pub use law::{Breach, Law};
pub use subject::{Disturbance, Make, Subject};
pub use walk::{Tried, Walk, walk};

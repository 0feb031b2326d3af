//! Worlds to plan in: a healthy system that a test damages in one place.

pub(crate) mod world;

pub(crate) use world::{JAR, World};

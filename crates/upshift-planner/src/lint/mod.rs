//! The plan linter: rules that every plan must keep, whoever built it.
//!
//! It walks the plan as a run would, with nothing but what the steps say of themselves, and tries to
//! refute it. It knows no recipe, and it does not judge whether the upgrade is wise.

mod flaw;
mod rules;
mod walk;
mod world;

pub use flaw::{Flaw, Rule};
pub use rules::lint;

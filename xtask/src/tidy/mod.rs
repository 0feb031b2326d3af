//! The rules of the house that no compiler checks, as a table of rules over the text of the checkout.
//!
//! A rule complains; it repairs nothing. What is to be excepted stands by name, with a reason, in
//! `xtask/tidy-exceptions.toml`.

mod budgets;
mod complaint;
mod crates;
mod dependencies;
mod exceptions;
mod findings;
mod knowledge;
mod licences;
mod mask;
mod modules;
mod prose;
mod rules;
mod scenarios;
mod tree;
mod words;

pub use complaint::Complaint;
pub use rules::{RULES, Rule, complaints, run};
pub use tree::Tree;

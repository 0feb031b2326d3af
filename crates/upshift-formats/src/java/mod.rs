//! Java class files: what a class is, what it has, and what it refers to. Method bodies are skipped;
//! nothing is loaded, verified or run.

mod class;
mod pool;

pub use class::{Class, ClassLimits, Member, read_class, types};
pub use pool::{MemberKind, MemberRef};

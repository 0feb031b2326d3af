//! Plans as text: the numbered tree that is read and approved, and what changes in configuration.
//!
//! It decides nothing and knows nothing that is not in the plan. Colour and width of the terminal are
//! the binary's business; lines are at most [`WIDTH`] wide.

mod alluxio;
mod changes;
mod expectation;
mod page;
mod realtime_compute;
mod step;
mod tree;
mod weka;

pub use changes::diff;
pub use page::WIDTH;
pub use step::words;
pub use tree::tree;

//! Realtime Compute for Apache Flink: the managed service's OpenAPI.

mod answers;
mod calls;
mod client;
pub mod codes;
mod credentials;
mod documents;
mod envelope;
mod loose;
mod mark;
mod observe;
pub mod sign;
mod words;

pub use answers::*;
pub use calls::{Filter, From, Start, Stop};
pub use client::RealtimeCompute;
pub use documents::{Deployment, Draft, only};
pub use mark::Mark;
pub use observe::observe;
pub use words::*;

//! Realtime Compute for Apache Flink: the managed service's OpenAPI.

mod answers;
mod attempt;
mod calls;
mod client;
pub mod codes;
mod credentials;
mod documents;
mod driver;
mod envelope;
mod expectation;
mod fits;
mod loose;
mod mark;
mod observe;
mod pace;
mod probes;
pub mod sign;
mod standing;
mod words;

pub use answers::*;
pub use calls::{Filter, From, Start, Stop};
pub use client::RealtimeCompute;
pub use documents::{Deployment, Draft, only};
pub use driver::RealtimeComputeDriver;
pub use mark::Mark;
pub use observe::{Wanted, observe};
pub use words::*;

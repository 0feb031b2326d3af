//! The servers' own protocol: as little of it as is needed to tell which release answers, and to write and read
//! a canary. Every call asks beforehand whether the server knows it, and every wait has an end.

mod batch;
mod canary;
mod connection;
mod fingerprint;
mod leaders;
mod messages;
mod offsets;
mod rebalance;

pub use canary::{Canary, CanaryError, Proved, Seen, prove, seen};
pub use connection::{Connection, RpcError};
pub use fingerprint::{Answered, Fingerprint, fingerprint};
pub use leaders::{own_count, who_leads};
pub use offsets::{Buckets, End, log_ends};
pub use rebalance::spread_leaders;

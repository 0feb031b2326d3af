//! The shared store: PostgreSQL, for several upshift processes on several machines.

mod address;
mod lease;
mod link;
mod statements;
mod store;
mod tables;

pub use address::{Address, BadAddress};
pub use store::PostgresStore;

//! What every store must do, held against all of them: one suite, SQLite and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod bed;
mod claims;
mod damage;
mod journals;
mod requests;
mod secured;
mod whole_runs;

#[path = "../support/mod.rs"]
mod support;

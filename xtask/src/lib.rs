//! Chores of the project, one module each; `main.rs` is the command line over them.
//!
//! Nothing here is needed to build upshift, and nothing here is part of it.

pub mod alluxio_lab;
pub mod alluxio_told;
pub mod bench;
pub mod demo;
pub mod fetch;
pub mod fluss_lab;
pub mod fuzz;
pub mod knowledge;
pub mod plain_http;
pub mod probe;
pub mod provoke;
pub mod snapshots;
pub mod stage;
pub mod suite;
pub mod tidy;
pub mod try_job;
pub mod until_told;
pub mod weka_demo;
pub mod weka_lab;
pub mod weka_parity;
pub mod workspace;

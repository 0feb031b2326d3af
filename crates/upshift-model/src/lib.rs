//! The vocabulary that every other crate shares: releases, inventories, findings, plans, journal
//! records.
//!
//! Everything here is plain data with the small pure functions that belong to it. This crate does
//! no I/O, is never async, reads neither clock nor environment, uses no randomness and knows no
//! system's REST paths or command lines.
//!
//! Exactly three documents are durable, and only what they are made of derives `Serialize`: the
//! [`Inventory`](inventory::Inventory), the [`Plan`](plan::Plan) and the journal
//! [`Entry`](record::Entry). Each carries a format version of its own.

pub mod alluxio;
pub mod digest;
pub mod endpoint;
pub mod expect;
pub mod finding;
pub mod flink;
pub mod fluss;
pub mod gate;
pub mod host;
pub mod ids;
pub mod inventory;
pub mod objects;
pub mod observed;
pub mod plan;
pub mod policy;
pub mod probe;
pub mod proof;
pub mod realtime_compute;
pub mod record;
pub mod restore;
pub mod run_state;
pub mod span;
pub mod step;
pub mod topic;
pub mod verdict;
pub mod version;
pub mod waiver;
pub mod way_back;
pub mod weka;
pub mod words;

//! `cargo xtask bench flink`: how long a job is down while its cluster is upgraded, by upshift and by others;
//! `cargo xtask bench plan`: how planning grows with the size of a system;
//! `cargo xtask bench step`: what a durable step costs;
//! `cargo xtask bench sim`: whole simulated upgrades a minute;
//! `cargo xtask bench savepoint`: how long large snapshot metadata takes to read, beside Flink's own loader;
//! `cargo xtask bench alluxio`: judging a large backup, beside inflating it;
//! `cargo xtask bench fluss`: a roll of a Fluss cluster under load, beside a script and one failover;
//! `cargo xtask bench emulated`: a deployment on the emulated service while answers are lost, beside a script on the SDK;
//! `cargo xtask bench preflight`: whether a WEKA cluster is ready, beside the vendor's own checker;
//! `cargo xtask bench fanout`: a few commands on each of many hosts, beside Ansible and bare OpenSSH.
//!
//! A measurement, not a test: it proves the output of every run, but a slow run fails nothing.

mod alluxio;
mod case;
mod contender;
mod emulated;
mod fanout;
mod fluss;
mod journal;
mod plan;
mod preflight;
mod run;
mod savepoint;
mod sim;
mod step;
mod table;

pub use run::{Args, run};

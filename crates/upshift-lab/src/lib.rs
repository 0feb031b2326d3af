//! Real Flink, Fluss and Alluxio for upshift's tests, demo and benchmark: fetches releases, starts clusters on the loopback
//! interface, builds the self-checking job and reads its output.
//!
//! It is independent of upshift on purpose: it shares no code with the drivers, so that what it says about a cluster
//! is a second opinion. It is a development dependency only, and it upgrades nothing.

pub mod account;
pub mod alluxio;
pub mod ansible;
pub mod cache;
pub mod cargo;
pub mod error;
pub mod flink;
pub mod fluss;
mod http;
pub mod java;
pub mod job;
pub mod metadata;
pub mod output;
mod pins;
mod pip;
pub mod ports;
pub mod postgres;
mod process;
mod python;
pub mod rest;
pub mod s3;
pub mod sandbox;
pub mod sshd;
pub mod stage;
pub mod ververica;
mod wait;
pub mod weka;

pub use account::Account;
pub use alluxio::{ALLUXIO_RELEASES, AlluxioHome, AlluxioHost};
pub use ansible::Ansible;
pub use cache::Cache;
pub use error::{ClusterError, FetchError, LoadError, OutputError, RestError, StageError};
pub use flink::{Archive, Cluster, Home, Options, RELEASES};
pub use fluss::{
    FLUSS_RELEASES, FlussClient, FlussCluster, FlussHome, FlussLoad, FlussOptions, LoadAccount, LoadOptions,
};
pub use java::Java;
pub use job::{Job, Uids, Variant, job_jar, old_job_jar, state_job_jar, stray_job_jar};
pub use output::{Report, Writing, check_output};
pub use ports::{Ports, free_port};
pub use postgres::Postgres;
pub use rest::Rest;
pub use s3::S3Server;
pub use sandbox::Sandbox;
pub use sshd::{Fabric, FabricHost};
pub use stage::{Scene, Stage, Strategy};
pub use ververica::{Generation, VervericaSdk};
pub use weka::{WekaCluster, WekaOptions};

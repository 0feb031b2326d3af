//! Where the rules of the checks come from, named once.
//!
//! Rules that hang on a release take their sources from the catalogue and not from here.

/// The procedure that upshift carries out.
pub(super) const UPGRADING: &str =
    "Flink documentation, ops/upgrading: Upgrading the Flink Framework Version";
/// What a savepoint is and where it may lie.
pub(super) const SAVEPOINTS: &str = "Flink documentation, ops/state/savepoints";
/// What each kind of snapshot can be used for.
pub(super) const SNAPSHOTS: &str = "Flink documentation, ops/state/checkpoints_vs_savepoints";
/// Restores tried out with wrong parallelism, wrong backends and wrong ids.
pub(super) const RESTORES: &str =
    "measured: snapshots of Flink 1.14 to 2.3 restored on 1.18.1, 1.20.5, 2.0.2 and 2.3.0";
/// Answers of real job managers, call by call.
pub(super) const REST: &str = "measured: REST answers of Flink 1.14.6, 1.18.1, 1.20.5 and 2.3.0";
/// The scripts of the releases themselves.
pub(super) const SCRIPTS: &str = "read: bin/config.sh and bin/flink-daemon.sh of Flink 1.18.1 and 2.3.0";
/// Which fields of a request body each server takes.
pub(super) const BODIES: &str = "read: request classes of Flink 1.14 to 2.3 (flinkConfiguration since 1.18)";
/// What upshift itself carries out.
pub(super) const SCOPE: &str = "upshift: what is carried out in this release";
/// Java's own rule.
pub(super) const JVM: &str = "Java Virtual Machine Specification, 4.1: class file versions";
/// Changelog and NO_CLAIM.
pub(super) const CHANGELOG: &str =
    "FLINK-38307, FLINK-40476: the changelog backend refuses the forced full checkpoint of NO_CLAIM";
/// Schedulers that rescale.
pub(super) const ELASTIC: &str = "Flink documentation, deployment/elastic_scaling";
/// How a class file names what it refers to, and where Flink looks for it.
pub(super) const CLASS_FILES: &str = "Java Virtual Machine Specification, 4.4 and 5.4.3; Flink documentation, classloader.parent-first-patterns.default";
/// How connectors are released.
pub(super) const CONNECTORS: &str =
    "Flink documentation, connectors: released apart from Flink, the line that they are for behind the dash";

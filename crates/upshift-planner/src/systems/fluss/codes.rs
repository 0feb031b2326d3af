//! Codes of what is said of Fluss systems: checks UP-FLUSS-01xx, the plan UP-FLUSS-02xx.

use upshift_model::ids::Code;

/// Whether the release may be replaced by the wanted one.
pub const HOP: Code = Code::new("UP-FLUSS-0101");
/// In which order servers are replaced.
pub const ORDER: Code = Code::new("UP-FLUSS-0102");
/// Which release every server answers.
pub const RELEASES: Code = Code::new("UP-FLUSS-0103");
/// Whether the cluster is healthy.
pub const HEALTH: Code = Code::new("UP-FLUSS-0104");
/// Buckets with one replica.
pub const SINGLE_REPLICA: Code = Code::new("UP-FLUSS-0105");
/// Buckets that cannot be written while one server is away.
pub const MIN_IN_SYNC: Code = Code::new("UP-FLUSS-0106");
/// A rebalance.
pub const REBALANCE: Code = Code::new("UP-FLUSS-0107");
/// Servers that are tagged to be emptied.
pub const TAGS: Code = Code::new("UP-FLUSS-0108");
/// The way back.
pub const WAY_BACK: Code = Code::new("UP-FLUSS-0109");
/// Servers that share a machine, and so a pid file.
pub const PID_FILE: Code = Code::new("UP-FLUSS-0110");
/// A stop script that kills.
pub const STOP_SCRIPT: Code = Code::new("UP-FLUSS-0111");
/// Keys that the wanted release does not read.
pub const UNREAD_KEY: Code = Code::new("UP-FLUSS-0112");
/// Keys that the wanted release reads under another name, or calls deprecated.
pub const OLD_KEY: Code = Code::new("UP-FLUSS-0113");
/// Java.
pub const JAVA: Code = Code::new("UP-FLUSS-0114");
/// Clients that may hang.
pub const CLIENTS: Code = Code::new("UP-FLUSS-0115");
/// Tables that cannot be made meanwhile.
pub const NEW_TABLES: Code = Code::new("UP-FLUSS-0116");
/// Class names of before 0.8.
pub const CLASS_NAMES: Code = Code::new("UP-FLUSS-0117");
/// Tables with a lake, and tiering.
pub const LAKE: Code = Code::new("UP-FLUSS-0118");
/// The wanted release's home.
pub const HOME: Code = Code::new("UP-FLUSS-0119");
/// Tables that are wider than 1.0 allows.
pub const WIDE_TABLES: Code = Code::new("UP-FLUSS-0120");
/// Servers' processes on their hosts.
pub const PROCESSES: Code = Code::new("UP-FLUSS-0121");
/// Folders of data, and the disks that they are on.
pub const DATA: Code = Code::new("UP-FLUSS-0122");
/// Plugins and jars of the wanted release.
pub const PLUGINS: Code = Code::new("UP-FLUSS-0123");
/// Compaction while tiering, off since 0.8.
pub const COMPACTION: Code = Code::new("UP-FLUSS-0124");
/// Snapshots of key-value stores.
pub const SNAPSHOTS: Code = Code::new("UP-FLUSS-0125");
/// The carried-over `server.yaml`, as a diff.
pub const CARRIED: Code = Code::new("UP-FLUSS-0126");
/// Listeners that ask who connects, and access control.
pub const LOGIN: Code = Code::new("UP-FLUSS-0127");
/// What servers tell clients of who leads.
pub const TOLD: Code = Code::new("UP-FLUSS-0128");
/// The servers of ZooKeeper.
pub const ZOOKEEPER: Code = Code::new("UP-FLUSS-0129");
/// Where servers keep what is tiered, and snapshots of key-value stores.
pub const REMOTE: Code = Code::new("UP-FLUSS-0130");
/// Folders of configuration without what the release's scripts log by.
pub const LOGGING: Code = Code::new("UP-FLUSS-0131");
/// A waiver that has no effect.
pub const IDLE_WAIVER: Code = Code::new("UP-FLUSS-0190");

/// The system file does not say where servers lie and how they are started.
pub const NOT_DECLARED: Code = Code::new("UP-FLUSS-0201");
/// The way back is closed: the upgrade was accepted.
pub const ACCEPTED: Code = Code::new("UP-FLUSS-0202");
/// Every server is of the wanted release.
pub const NOTHING_TO_DO: Code = Code::new("UP-FLUSS-0203");
/// A server that is named has no process that could be stopped.
pub const NO_PROCESS: Code = Code::new("UP-FLUSS-0204");
/// Something that steps are built from was not seen.
pub const UNSEEN: Code = Code::new("UP-FLUSS-0205");
/// A server that cannot be restarted beside the plan.
pub const NO_RESTART: Code = Code::new("UP-FLUSS-0207");
/// There is nothing to go back from.
pub const NO_WAY_TO_GO_BACK: Code = Code::new("UP-FLUSS-0206");

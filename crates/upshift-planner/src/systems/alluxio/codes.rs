//! Codes of what is said of Alluxio systems: checks UP-ALLUXIO-01xx, the plan UP-ALLUXIO-02xx; those of backups and
//! journals are the model's.

pub use upshift_model::alluxio::codes::*;
use upshift_model::ids::Code;

/// Whether the release may be replaced by the wanted one.
pub const HOP: Code = Code::new("UP-ALLUXIO-0101");
/// In place, or by a backup.
pub const WAY: Code = Code::new("UP-ALLUXIO-0102");
/// Which release masters answer.
pub const RELEASE: Code = Code::new("UP-ALLUXIO-0103");
/// Whether the installed binaries are those that run.
pub const BINARIES: Code = Code::new("UP-ALLUXIO-0104");
/// Whether the wanted release lies there.
pub const TARGET_HOME: Code = Code::new("UP-ALLUXIO-0105");
/// Whether the release can be backed up.
pub const BACKED_UP: Code = Code::new("UP-ALLUXIO-0106");
/// The journal on disk, and the one that is configured.
pub const JOURNAL: Code = Code::new("UP-ALLUXIO-0107");
/// Whether the type of the journal is set.
pub const JOURNAL_TYPE: Code = Code::new("UP-ALLUXIO-0108");
/// Keys that the wanted release does not read.
pub const UNREAD_KEY: Code = Code::new("UP-ALLUXIO-0109");
/// Defaults that are others.
pub const DEFAULTS: Code = Code::new("UP-ALLUXIO-0110");
/// The root mount.
pub const ROOT_MOUNT: Code = Code::new("UP-ALLUXIO-0111");
/// Java.
pub const JAVA: Code = Code::new("UP-ALLUXIO-0112");
/// The folder of backups.
pub const BACKUPS: Code = Code::new("UP-ALLUXIO-0113");
/// Whether all masters can read the backup.
pub const READABLE: Code = Code::new("UP-ALLUXIO-0114");
/// Under-stores.
pub const UNDER_STORES: Code = Code::new("UP-ALLUXIO-0115");
/// Files that exist in workers only.
pub const UNPERSISTED: Code = Code::new("UP-ALLUXIO-0116");
/// What becomes of the cache.
pub const CACHE: Code = Code::new("UP-ALLUXIO-0117");
/// Workers.
pub const WORKERS: Code = Code::new("UP-ALLUXIO-0118");
/// Job masters, job workers and proxies.
pub const OTHERS: Code = Code::new("UP-ALLUXIO-0119");
/// Clients.
pub const CLIENTS: Code = Code::new("UP-ALLUXIO-0120");
/// The sync of the root after a restore.
pub const ROOT_SYNC: Code = Code::new("UP-ALLUXIO-0121");
/// Fingerprints that will be written again.
pub const REWRITE: Code = Code::new("UP-ALLUXIO-0122");
/// Masters.
pub const MASTERS: Code = Code::new("UP-ALLUXIO-0123");
/// What the new leader does on its own.
pub const EXPIRY: Code = Code::new("UP-ALLUXIO-0124");
/// Default access lists after a restart.
pub const DEFAULT_ACCESS: Code = Code::new("UP-ALLUXIO-0125");
/// What changes between the two.
pub const CHANGES: Code = Code::new("UP-ALLUXIO-0126");
/// Whether stores that are mounted beside the root are there.
pub const MOUNTED: Code = Code::new("UP-ALLUXIO-0127");
/// What ties the cluster to its journal, its masters and its blocks.
pub const KEPT: Code = Code::new("UP-ALLUXIO-0128");
/// Whether the journal can be moved aside, or copied.
pub const MOVABLE: Code = Code::new("UP-ALLUXIO-0129");
/// Files of the configuration that are not carried over.
pub const OTHER_FILES: Code = Code::new("UP-ALLUXIO-0130");
/// A waiver without effect.
pub const IDLE_WAIVER: Code = Code::new("UP-ALLUXIO-0190");
/// The wanted release runs.
pub const NOTHING_TO_DO: Code = Code::new("UP-ALLUXIO-0201");
/// Something that steps are built from was not seen.
pub const UNSEEN: Code = Code::new("UP-ALLUXIO-0202");
/// A cluster that upshift does not upgrade yet.
pub const NOT_HERE: Code = Code::new("UP-ALLUXIO-0203");
/// Nothing to go back from.
pub const NO_WAY_TO_GO_BACK: Code = Code::new("UP-ALLUXIO-0204");
/// The upgrade was accepted.
pub const ACCEPTED: Code = Code::new("UP-ALLUXIO-0205");

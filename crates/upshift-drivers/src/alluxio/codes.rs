//! Codes of the looking and acting half of Alluxio, UP-ALLUXIO-04xx.

use upshift_model::ids::Code;

/// A backup that cannot be read at all.
pub const BACKUP_UNREADABLE: Code = Code::new("UP-ALLUXIO-0401");
/// A backup that cannot be written again for another release.
pub const NOT_REWRITTEN: Code = Code::new("UP-ALLUXIO-0402");
/// A journal folder that cannot be read.
pub const JOURNAL_UNREADABLE: Code = Code::new("UP-ALLUXIO-0403");
/// Something that the plan does not have.
pub const NOT_IN_THE_PLAN: Code = Code::new("UP-ALLUXIO-0404");
/// A process that the plan does not know.
pub const FOREIGN_PROCESS: Code = Code::new("UP-ALLUXIO-0405");
/// A server that did not stay up.
pub const SERVER_DIED: Code = Code::new("UP-ALLUXIO-0406");
/// A backup that the master did not write.
pub const NO_BACKUP: Code = Code::new("UP-ALLUXIO-0407");
/// A file that is not the backup that was taken.
pub const OTHER_BACKUP: Code = Code::new("UP-ALLUXIO-0408");
/// A master that did not restore all of the backup.
pub const NOT_RESTORED: Code = Code::new("UP-ALLUXIO-0409");
/// A tree that is not the one of before.
pub const OTHER_TREE: Code = Code::new("UP-ALLUXIO-0410");
/// Blocks that are gone.
pub const BLOCKS_GONE: Code = Code::new("UP-ALLUXIO-0411");
/// Somebody who writes.
pub const WRITES: Code = Code::new("UP-ALLUXIO-0412");
/// A root store that is not there.
pub const ROOT_STORE: Code = Code::new("UP-ALLUXIO-0413");
/// A folder of a journal that is not as it must be.
pub const FOLDER: Code = Code::new("UP-ALLUXIO-0414");
/// A configuration that was changed meanwhile.
pub const CONFIGURATION: Code = Code::new("UP-ALLUXIO-0415");
/// A server of another release.
pub const OTHER_RELEASE: Code = Code::new("UP-ALLUXIO-0416");
/// A program of the system file that failed.
pub const WRITERS: Code = Code::new("UP-ALLUXIO-0417");
/// A journal that was not formatted.
pub const NOT_FORMATTED: Code = Code::new("UP-ALLUXIO-0418");
/// Files in workers only, against the wish.
pub const IN_WORKERS_ONLY: Code = Code::new("UP-ALLUXIO-0419");
/// Hosts that the plan cannot be carried out on.
pub const HOSTS: Code = Code::new("UP-ALLUXIO-0421");
/// A copy that is not there as it must be, or that its master cannot read.
pub const NOT_COPIED: Code = Code::new("UP-ALLUXIO-0422");
/// A disk without room.
pub const DISK_FULL: Code = Code::new("UP-ALLUXIO-0423");
/// Tiers that cannot be copied, or not be put back.
pub const TIERS: Code = Code::new("UP-ALLUXIO-0424");
/// Blocks that somebody wrote after the backup.
pub const LATE: Code = Code::new("UP-ALLUXIO-0425");
/// Changes in the old journal that somebody made after the backup.
pub const LATE_CHANGES: Code = Code::new("UP-ALLUXIO-0426");
/// Journals that do not tell what was changed last.
pub const LATE_UNSEEN: Code = Code::new("UP-ALLUXIO-0427");
/// A worker whose tiers were not formatted.
pub const WORKER_NOT_FORMATTED: Code = Code::new("UP-ALLUXIO-0428");
/// A worker's tier that holds nothing any more.
pub const TIER_EMPTY: Code = Code::new("UP-ALLUXIO-0429");
/// Files in workers only that no tier holds.
pub const ONLY_COPIES_GONE: Code = Code::new("UP-ALLUXIO-0430");
/// A master that does not run.
pub const MASTER_AWAY: Code = Code::new("UP-ALLUXIO-0431");
/// Blocks that could not be listed.
pub const BLOCKS_UNSEEN: Code = Code::new("UP-ALLUXIO-0420");

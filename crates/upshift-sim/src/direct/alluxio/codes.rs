//! Failures as the real driver tells them: with the same codes.

use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

pub(super) const NOT_IN_THE_PLAN: &str = "UP-ALLUXIO-0404";
pub(super) const FOREIGN_PROCESS: &str = "UP-ALLUXIO-0405";
pub(super) const SERVER_DIED: &str = "UP-ALLUXIO-0406";
pub(super) const NO_BACKUP: &str = "UP-ALLUXIO-0407";
pub(super) const OTHER_BACKUP: &str = "UP-ALLUXIO-0408";
pub(super) const NOT_RESTORED: &str = "UP-ALLUXIO-0409";
pub(super) const OTHER_TREE: &str = "UP-ALLUXIO-0410";
pub(super) const BLOCKS_GONE: &str = "UP-ALLUXIO-0411";
pub(super) const LATE: &str = "UP-ALLUXIO-0425";
pub(super) const LATE_CHANGES: &str = "UP-ALLUXIO-0426";
pub(super) const WRITES: &str = "UP-ALLUXIO-0412";
pub(super) const FOLDER: &str = "UP-ALLUXIO-0414";
pub(super) const NOT_FORMATTED: &str = "UP-ALLUXIO-0418";
pub(super) const NOT_COPIED: &str = "UP-ALLUXIO-0422";
pub(super) const TIER_EMPTY: &str = "UP-ALLUXIO-0429";
pub(super) const ONLY_COPIES_GONE: &str = "UP-ALLUXIO-0430";
pub(super) const MASTER_AWAY: &str = "UP-ALLUXIO-0431";
pub(super) const TIERS: &str = "UP-ALLUXIO-0424";
pub(super) const OTHER_RELEASE: &str = "UP-ALLUXIO-0416";

pub(super) fn failure(code: &str, what: impl Into<String>) -> Failure {
    Failure {
        code: Code::from(code.to_owned()),
        what: what.into(),
        far_side: None,
    }
}

pub(super) fn refused(what: impl Into<String>) -> Fault {
    Fault::Refused(failure(NOT_IN_THE_PLAN, what))
}

pub(super) fn away() -> Fault {
    Fault::Transient("the master does not answer".to_owned())
}

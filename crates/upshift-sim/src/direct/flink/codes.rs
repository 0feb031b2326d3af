//! Pages that a simulated Flink halts with: those of the real driver, which owns them.

use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

pub(super) const SAVEPOINT_FAILED: &str = "UP-FLINK-0301";
pub(super) const JOB_GONE: &str = "UP-FLINK-0302";
pub(super) const UNREADABLE: &str = "UP-FLINK-0303";
pub(super) const UNCERTAIN: &str = "UP-FLINK-0304";
pub(super) const NO_CHECKPOINT: &str = "UP-FLINK-0305";
pub(super) const NO_ROOM: &str = "UP-FLINK-0308";
pub(super) const HOME_TAKEN: &str = "UP-FLINK-0309";
pub(super) const FILE_CHANGED: &str = "UP-FLINK-0310";
pub(super) const PROCESS_DIED: &str = "UP-FLINK-0311";
pub(super) const OTHER_RELEASE: &str = "UP-FLINK-0312";
pub(super) const FOREIGN_PROCESS: &str = "UP-FLINK-0314";
pub(super) const SUBMIT_REFUSED: &str = "UP-FLINK-0315";
pub(super) const JOB_FAILED: &str = "UP-FLINK-0316";
pub(super) const DOUBLED_JOB: &str = "UP-FLINK-0317";
pub(super) const RESTORED_ELSEWHERE: &str = "UP-FLINK-0318";
pub(super) const RESTARTED: &str = "UP-FLINK-0319";
pub(super) const EXCEPTIONS: &str = "UP-FLINK-0320";
pub(super) const DOES_NOT_FIT: &str = "UP-FLINK-0322";
pub(super) const OTHER_JOBS: &str = "UP-FLINK-0323";
pub(super) const NOT_RUNNING: &str = "UP-FLINK-0324";
pub(super) const NOT_IN_THE_PLAN: &str = "UP-FLINK-0408";

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

//! Failures as the real driver tells them: with the same codes.

use upshift_engine::driver::Fault;
use upshift_model::ids::Code;
use upshift_model::record::Failure;

pub(super) const NOT_IN_THE_PLAN: &str = "UP-FLUSS-0404";
pub(super) const OTHER_RELEASE: &str = "UP-FLUSS-0406";
pub(super) const SERVER_DIED: &str = "UP-FLUSS-0407";
pub(super) const SERVER_AWAY: &str = "UP-FLUSS-0408";
pub(super) const NOT_OK_TO_STOP: &str = "UP-FLUSS-0409";
pub(super) const FOREIGN_PROCESS: &str = "UP-FLUSS-0411";
pub(super) const STUCK_REPLICA: &str = "UP-FLUSS-0412";
pub(super) const NO_CLEAN_END: &str = "UP-FLUSS-0413";
pub(super) const EPOCH: &str = "UP-FLUSS-0419";

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

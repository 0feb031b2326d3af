//! Codes of what a run can meet, UP-RC-03xx, and of what the service, or the way to it, can answer, UP-RC-04xx.

use upshift_model::ids::Code;

/// A step that is none of the plan's system, or names what the plan does not have.
pub const NOT_IN_THE_PLAN: Code = Code::new("UP-RC-0301");
/// Something is not as the plan left it: somebody else changed it.
pub const NOT_AS_PLANNED: Code = Code::new("UP-RC-0302");
/// The job is not there, or not the one that was seen.
pub const JOB_AWAY: Code = Code::new("UP-RC-0303");
/// A savepoint came to nothing.
pub const SAVEPOINT_FAILED: Code = Code::new("UP-RC-0304");
/// A savepoint is not in the form that is needed.
pub const WRONG_FORM: Code = Code::new("UP-RC-0305");
/// A job was started and failed.
pub const START_FAILED: Code = Code::new("UP-RC-0306");
/// A job was restarted.
pub const RESTARTS: Code = Code::new("UP-RC-0307");
/// A job was restored from something else.
pub const NOT_RESTORED: Code = Code::new("UP-RC-0308");
/// No checkpoint completes.
pub const NO_CHECKPOINT: Code = Code::new("UP-RC-0309");
/// A job runs on another engine than was wanted.
pub const OTHER_ENGINE: Code = Code::new("UP-RC-0310");
/// The service does not validate or deploy a draft.
pub const DRAFT_REFUSED: Code = Code::new("UP-RC-0311");
/// A probe does not give what it should.
pub const PROBE_FAILED: Code = Code::new("UP-RC-0312");
/// A probe could not be asked.
pub const PROBE_NOT_ASKED: Code = Code::new("UP-RC-0313");
/// A savepoint is damaged, or the wanted engine cannot be started from it.
pub const DOES_NOT_FIT: Code = Code::new("UP-RC-0314");
/// A draft may have been deployed, and nobody can tell.
pub const DRAFT_LOST: Code = Code::new("UP-RC-0315");
/// What answers is not the service.
pub const NOT_THE_SERVICE: Code = Code::new("UP-RC-0401");
/// The service does not accept the key or its signature.
pub const KEYS_REFUSED: Code = Code::new("UP-RC-0402");
/// The clocks of both sides are too far apart.
pub const CLOCKS_APART: Code = Code::new("UP-RC-0403");
/// The key may not do that.
pub const NOT_ALLOWED: Code = Code::new("UP-RC-0404");
/// The service does not know what was asked for.
pub const NOT_KNOWN: Code = Code::new("UP-RC-0405");
/// The service refused for a reason of its own.
pub const REFUSED: Code = Code::new("UP-RC-0406");
/// The key, its secret or its token cannot be had.
pub const NO_KEYS: Code = Code::new("UP-RC-0407");
/// Two things carry one mark.
pub const DOUBLED: Code = Code::new("UP-RC-0408");

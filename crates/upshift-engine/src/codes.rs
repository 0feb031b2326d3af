//! The engine's codes; each has a page under `docs/findings/`.

use upshift_model::ids::Code;

/// The world contradicts what a step expects: drift.
pub const DRIFT: Code = Code::new("UP-RUN-0001");
/// A step failed and has no tries left.
pub const STEP_FAILED: Code = Code::new("UP-RUN-0002");
/// A wait came to its end.
pub const TIMED_OUT: Code = Code::new("UP-RUN-0003");
/// The system could not be seen for too long.
pub const BLIND: Code = Code::new("UP-RUN-0004");
/// A job is down for longer than the plan allows.
pub const MAX_DOWNTIME: Code = Code::new("UP-RUN-0005");
/// No way back could be planned.
pub const NO_WAY_BACK: Code = Code::new("UP-RUN-0006");

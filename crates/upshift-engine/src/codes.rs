//! The engine's and the store's codes; each has a page under `docs/findings/`.

use upshift_model::ids::Code;

/// A wait came to its end.
pub const TIMED_OUT: Code = Code::new("UP-RUN-0003");
/// The system could not be seen for too long.
pub const BLIND: Code = Code::new("UP-RUN-0004");
/// A job is down for longer than the plan allows.
pub const MAX_DOWNTIME: Code = Code::new("UP-RUN-0005");
/// No way back could be planned.
pub const NO_WAY_BACK: Code = Code::new("UP-RUN-0006");
/// Nobody judges hops of such a plan.
pub const NOBODY_JUDGES: Code = Code::new("UP-RUN-0009");

/// The system has an open run already.
pub const OPEN_RUN: Code = Code::new("UP-STORE-0001");
/// Another process owns the run.
pub const HELD: Code = Code::new("UP-STORE-0002");
/// No such run.
pub const NO_SUCH_RUN: Code = Code::new("UP-STORE-0003");
/// The run was taken over.
pub const FENCED: Code = Code::new("UP-STORE-0004");
/// The newest records are missing or changed.
pub const RECORDS_LOST: Code = Code::new("UP-STORE-0005");
/// A journal cannot be read, or its chain is broken.
pub const JOURNAL_BROKEN: Code = Code::new("UP-STORE-0006");
/// The store is of a newer upshift.
pub const STORE_NEWER: Code = Code::new("UP-STORE-0007");
/// The store could not be read or written.
pub const STORE_UNUSABLE: Code = Code::new("UP-STORE-0008");

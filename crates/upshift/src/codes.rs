//! The codes of the system file, the command line and the plan file. Each has a page in
//! `docs/findings/`; codes of checks, recipes and drivers live in their own crates.

use upshift_model::ids::Code;

/// The file cannot be read.
pub const FILE_UNREADABLE: Code = Code::new("UP-CONF-0001");
/// The file is not TOML.
pub const NOT_TOML: Code = Code::new("UP-CONF-0002");
/// A key that does not exist.
pub const UNKNOWN_KEY: Code = Code::new("UP-CONF-0003");
/// A key that must be there and is not.
pub const MISSING_KEY: Code = Code::new("UP-CONF-0004");
/// A value of another type.
pub const WRONG_TYPE: Code = Code::new("UP-CONF-0005");
/// A value of the right type that cannot be used.
pub const WRONG_VALUE: Code = Code::new("UP-CONF-0006");
/// A secret itself where a reference to it belongs.
pub const LITERAL_SECRET: Code = Code::new("UP-CONF-0007");
/// A reference to a secret that leads nowhere.
pub const SECRET_NOT_FOUND: Code = Code::new("UP-CONF-0008");
/// Keys that contradict each other.
pub const CONTRADICTION: Code = Code::new("UP-CONF-0009");
/// A name that is used twice.
pub const DUPLICATE_NAME: Code = Code::new("UP-CONF-0010");
/// Known, and not carried out yet.
pub const NOT_YET: Code = Code::new("UP-CONF-0011");
/// A command line that cannot be understood.
pub const USAGE: Code = Code::new("UP-CONF-0012");
/// An output file that cannot be written, or that is there already.
pub const OUTPUT: Code = Code::new("UP-CONF-0013");
/// A code that nobody knows.
pub const UNKNOWN_CODE: Code = Code::new("UP-CONF-0014");
/// Nothing that can be used answers at the address.
pub const NO_ANSWER: Code = Code::new("UP-CONF-0015");
/// Something that should not happen.
pub const UNEXPECTED: Code = Code::new("UP-CONF-0099");

/// The file is not a plan.
pub const NOT_A_PLAN: Code = Code::new("UP-PLAN-0001");
/// A plan of another format.
pub const PLAN_FORMAT: Code = Code::new("UP-PLAN-0002");
/// A plan that was changed after it was sealed.
pub const PLAN_EDITED: Code = Code::new("UP-PLAN-0003");
/// The world is not the one that the plan was made for.
pub const DRIFT: Code = Code::new("UP-PLAN-0004");
/// The plan's own findings stop it.
pub const PLAN_BLOCKED: Code = Code::new("UP-PLAN-0005");
/// Going back would write records again, and nobody consented.
pub const REPLAY_CONSENT: Code = Code::new("UP-PLAN-0006");
/// No process carries the run on.
pub const WORKER_GONE: Code = Code::new("UP-RUN-0007");
/// Something is asked of a run that did not halt.
pub const NOT_HALTED: Code = Code::new("UP-RUN-0008");
/// No restore point can be taken, or the one that was named cannot be let go.
pub const NO_RESTORE_POINT: Code = Code::new("UP-PLAN-0007");

/// The inventory of a plan is not there, or is of another one.
pub const NO_INVENTORY: Code = Code::new("UP-REH-0003");
/// A fault is wanted where it cannot strike.
pub const NO_PLACE: Code = Code::new("UP-REH-0004");

/// A store that cannot be used as it is named.
pub const STORE_ADDRESS: Code = Code::new("UP-STORE-0009");

/// A word that names no system of the catalogue.
pub const UNKNOWN_SYSTEM: Code = Code::new("UP-KNOW-0001");
/// A text that is no version of the system.
pub const NOT_A_VERSION: Code = Code::new("UP-KNOW-0002");
/// A fact that no rule asks for, or a value that it cannot have.
pub const NOT_A_FACT: Code = Code::new("UP-KNOW-0003");
/// Rows that are older than half a year.
pub const OLD_CATALOGUE: Code = Code::new("UP-KNOW-0004");
/// Rows of an overlay, or a vendor's table, that cannot be used.
pub const OVERLAY: Code = Code::new("UP-KNOW-0005");

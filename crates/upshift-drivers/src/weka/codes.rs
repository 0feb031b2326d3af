//! Codes of the acting half of WEKA.

use upshift_model::ids::Code;

/// No backend of the system file could be asked.
pub const NO_ENTRY: Code = Code::new("UP-WEKA-0001");
/// A step that the driver does not know how to carry out.
pub const NOT_IN_THE_PLAN: Code = Code::new("UP-WEKA-0003");
/// An upgrade goes on that upshift did not begin.
pub const FOREIGN_UPGRADE: Code = Code::new("UP-WEKA-0511");
/// The package could not be fetched or made ready.
pub const NOT_STAGED: Code = Code::new("UP-WEKA-0512");
/// The upgrade of the backends came to an end and did not succeed.
pub const UPGRADE_FAILED: Code = Code::new("UP-WEKA-0513");
/// The upgrade of clients came to an end and did not succeed.
pub const CLIENTS_FAILED: Code = Code::new("UP-WEKA-0514");
/// Nothing has moved for long.
pub const NO_PROGRESS: Code = Code::new("UP-WEKA-0515");
/// Somebody began what has to wait for the end of the upgrade.
pub const DISTURBED: Code = Code::new("UP-WEKA-0516");
/// A step beside the upgrade came to an end and did not succeed.
pub const NOT_DONE: Code = Code::new("UP-WEKA-0517");

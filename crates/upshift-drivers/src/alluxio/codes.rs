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

//! Codes of the acting half of Fluss, UP-FLUSS-04xx.

use upshift_model::ids::Code;

/// ZooKeeper does not answer, or not as ZooKeeper.
pub const ZOOKEEPER_UNREACHABLE: Code = Code::new("UP-FLUSS-0401");
/// No Fluss cluster below the root that was named.
pub const NO_CLUSTER: Code = Code::new("UP-FLUSS-0402");
/// A file that is no dump.
pub const NOT_A_DUMP: Code = Code::new("UP-FLUSS-0403");
/// Hosts that cannot be told apart.
pub const HOSTS: Code = Code::new("UP-FLUSS-0405");
/// A step that the driver does not know how to carry out.
pub const NOT_IN_THE_PLAN: Code = Code::new("UP-FLUSS-0404");

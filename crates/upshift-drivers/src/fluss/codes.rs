//! Codes of the acting half of Fluss, UP-FLUSS-04xx.

use upshift_model::ids::Code;

/// ZooKeeper does not answer, or not as ZooKeeper.
pub const ZOOKEEPER_UNREACHABLE: Code = Code::new("UP-FLUSS-0401");
/// ZooKeeper wants to know who asks, or its certificate is not trusted.
pub const NOT_LET_IN: Code = Code::new("UP-FLUSS-0417");
/// No Fluss cluster below the root that was named.
pub const NO_CLUSTER: Code = Code::new("UP-FLUSS-0402");
/// A file that is no dump.
pub const NOT_A_DUMP: Code = Code::new("UP-FLUSS-0403");
/// Hosts that cannot be told apart.
pub const HOSTS: Code = Code::new("UP-FLUSS-0405");
/// A step that the driver does not know how to carry out.
pub const NOT_IN_THE_PLAN: Code = Code::new("UP-FLUSS-0404");
/// A process that is not the one that was there, or several where one should be.
pub const FOREIGN_PROCESS: Code = Code::new("UP-FLUSS-0411");
/// A server came up with another release than was wanted.
pub const OTHER_RELEASE: Code = Code::new("UP-FLUSS-0406");
/// A server did not come up.
pub const SERVER_DIED: Code = Code::new("UP-FLUSS-0407");
/// Another server than the one that is replaced is away.
pub const SERVER_AWAY: Code = Code::new("UP-FLUSS-0408");
/// A bucket cannot do without the server that is to be stopped, and the plan does not know of it.
pub const NOT_OK_TO_STOP: Code = Code::new("UP-FLUSS-0409");
/// A replica that never comes to be in sync by itself, though its server and its leader's answer.
pub const STUCK_REPLICA: Code = Code::new("UP-FLUSS-0412");
/// A server that was stopped left no mark of an orderly end.
pub const NO_CLEAN_END: Code = Code::new("UP-FLUSS-0413");
/// The coordinator did not spread the leaders.
pub const NOT_SPREAD: Code = Code::new("UP-FLUSS-0414");
/// A `server.yaml` that has changed since the plan, or that is of another server.
pub const OTHER_FILE: Code = Code::new("UP-FLUSS-0415");
/// A program of the operator's own did not do its work.
pub const PROGRAM: Code = Code::new("UP-FLUSS-0416");
/// An epoch above zero, where a coordinator that knows none is to lead.
pub const EPOCH: Code = Code::new("UP-FLUSS-0419");
/// What the wanted release needs is not on a host as it should be.
pub const STAGED: Code = Code::new("UP-FLUSS-0418");
/// A table was made or changed that the older release does not read, while the way back was taken.
pub const NOT_READ: Code = Code::new("UP-FLUSS-0420");
/// The copy of the metadata could not be written.
pub const NO_EVIDENCE: Code = Code::new("UP-FLUSS-0410");

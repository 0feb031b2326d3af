//! The codes of the plan and the way back. `docs/findings/` has a page for each.

pub use upshift_model::flink::fit::codes::STATE_DROPPED;
use upshift_model::ids::Code;

/// What runs is what is wanted.
pub const NOTHING_TO_DO: Code = Code::new("UP-FLINK-0201");
/// Something that the plan itself needs was not seen.
pub const UNSEEN: Code = Code::new("UP-FLINK-0202");
/// A named job does not run, or not exactly once.
pub const JOB_NOT_THERE: Code = Code::new("UP-FLINK-0203");
/// In place is asked for a cluster that upshift may not start and stop.
pub const NOT_OURS_TO_STOP: Code = Code::new("UP-FLINK-0204");
/// The way back is closed: the upgrade was accepted.
pub const ACCEPTED: Code = Code::new("UP-FLINK-0205");
/// The way back is closed: the old jar is not in hand.
pub const OLD_JAR_GONE: Code = Code::new("UP-FLINK-0206");
/// The way back is closed: the old installation or its configuration is not in hand.
pub const OLD_INSTALLATION_GONE: Code = Code::new("UP-FLINK-0207");
/// The way back is not known: a step may or may not have taken effect.
pub const UNSETTLED: Code = Code::new("UP-FLINK-0208");
/// Old and new installation name one configuration directory.
pub const SHARED_CONF: Code = Code::new("UP-FLINK-0209");
/// A job moves by its newest retained checkpoint and not by a savepoint: the waiver that allows it.
pub const BY_CHECKPOINT: Code = Code::new("UP-FLINK-0211");
/// There is nothing to go back from: the run is over, or goes back already.
pub const NO_WAY_TO_GO_BACK: Code = Code::new("UP-FLINK-0212");
/// A shadow is asked for, and no address is given for it.
pub const NO_SHADOW_ADDRESS: Code = Code::new("UP-FLINK-0213");
/// A rehearsal on real servers would write where the real jobs write.
pub const SINKS_NOT_ISOLATED: Code = Code::new("UP-REH-0001");
/// The plan has nothing that could be rehearsed on real servers.
pub const NOTHING_TO_REHEARSE: Code = Code::new("UP-REH-0002");

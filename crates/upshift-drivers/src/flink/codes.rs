//! Codes of the looking half, UP-FLINK-04xx; the wire's own are in `crate::wire::codes`, and those of
//! carrying out steps beside the code that does so.

pub use upshift_model::flink::fit::codes::DOES_NOT_FIT;
use upshift_model::ids::Code;

/// The server's release cannot take what the submission asks for.
pub const RELEASE_TAKES_NO_CONFIGURATION: Code = Code::new("UP-FLINK-0406");
/// A savepoint was asked for in a form that is none.
pub const NOT_A_SAVEPOINT_FORM: Code = Code::new("UP-FLINK-0407");
/// The plan names something that its site does not have.
pub const NOT_IN_THE_PLAN: Code = Code::new("UP-FLINK-0408");
/// A cluster of the plan is older than what upshift acts upon.
pub const TOO_OLD_TO_ACT_ON: Code = Code::new("UP-FLINK-0409");
/// A configuration directory could not be read or carried over.
pub const CONFIGURATION: Code = Code::new("UP-FLINK-0410");
/// A probe could not be asked.
pub const PROBE_NOT_ASKED: Code = Code::new("UP-FLINK-0411");

// The acting half: what a step can meet.

/// A savepoint, or a stop with one, came to nothing.
pub const SAVEPOINT_FAILED: Code = Code::new("UP-FLINK-0301");
/// The job is over or gone, and not by what upshift did.
pub const JOB_GONE: Code = Code::new("UP-FLINK-0302");
/// The server named a restore point that is not there, or cannot be read.
pub const RESTORE_POINT_UNREADABLE: Code = Code::new("UP-FLINK-0303");
/// Whether the savepoint was taken cannot be told, so no second one is asked for.
pub const SAVEPOINT_UNCERTAIN: Code = Code::new("UP-FLINK-0304");
/// No retained checkpoint to resume from.
pub const NO_CHECKPOINT: Code = Code::new("UP-FLINK-0305");
/// The release archive is not the one that was named.
pub const ARCHIVE_DIGEST: Code = Code::new("UP-FLINK-0306");
/// The release archive cannot be unpacked into an installation.
pub const ARCHIVE_UNUSABLE: Code = Code::new("UP-FLINK-0307");
/// There was no room to unpack, or writing failed.
pub const NO_ROOM: Code = Code::new("UP-FLINK-0308");
/// Something else lies where the installation belongs.
pub const HOME_TAKEN: Code = Code::new("UP-FLINK-0309");
/// A file that the plan was made with is another one now.
pub const FILE_CHANGED: Code = Code::new("UP-FLINK-0310");
/// A process of the cluster ended while the cluster was starting.
pub const PROCESS_DIED: Code = Code::new("UP-FLINK-0311");
/// Another release answers than the plan expects.
pub const OTHER_RELEASE: Code = Code::new("UP-FLINK-0312");
/// The release's script could not start a process.
pub const LAUNCH_FAILED: Code = Code::new("UP-FLINK-0313");
/// A process belongs to the cluster that the step did not see when it began.
pub const FOREIGN_PROCESS: Code = Code::new("UP-FLINK-0314");
/// The cluster refused to run the job.
pub const SUBMIT_REFUSED: Code = Code::new("UP-FLINK-0315");
/// The job failed, or fails again and again, after it was started.
pub const JOB_FAILED: Code = Code::new("UP-FLINK-0316");
/// The same job runs already under another id.
pub const DOUBLED_JOB: Code = Code::new("UP-FLINK-0317");
/// The job was restored from something else.
pub const RESTORED_ELSEWHERE: Code = Code::new("UP-FLINK-0318");
/// The job was restarted since it was submitted.
pub const RESTARTED: Code = Code::new("UP-FLINK-0319");
/// The job reported exceptions since it was submitted.
pub const EXCEPTIONS: Code = Code::new("UP-FLINK-0320");
/// A probe does not give what it should.
pub const PROBE_FAILED: Code = Code::new("UP-FLINK-0321");
/// Jobs run on the cluster that the plan does not name.
pub const OTHER_JOBS: Code = Code::new("UP-FLINK-0323");
/// The job, or one of its tasks, does not run.
pub const JOB_NOT_RUNNING: Code = Code::new("UP-FLINK-0324");

//! The codes of Flink's findings. `docs/findings/` has a page for each.
//!
//! 01xx are the checks before an upgrade, 02xx the plan and the way back.

use upshift_model::ids::Code;

/// The pair of releases, as the catalogue judges it.
pub const PAIR: Code = Code::new("UP-FLINK-0100");
/// A condition that the catalogue's verdict over the pair hangs on.
pub const PAIR_CONDITION: Code = Code::new("UP-FLINK-0109");
/// The target is older than what runs.
pub const DIRECTION: Code = Code::new("UP-FLINK-0101");
/// A release too old to be acted upon.
pub const TOO_OLD: Code = Code::new("UP-FLINK-0102");
/// The catalogue knows nothing of a release line.
pub const LINE_UNKNOWN: Code = Code::new("UP-FLINK-0103");
/// The file's idea of what runs is not what runs.
pub const CURRENT_VERSION: Code = Code::new("UP-FLINK-0104");
/// A build that is not Apache's own release.
pub const VENDOR_BUILD: Code = Code::new("UP-FLINK-0105");
/// The catalogue is old.
pub const CATALOGUE_AGE: Code = Code::new("UP-FLINK-0106");
/// The target cluster, which should run already, cannot be seen.
pub const TARGET_CLUSTER: Code = Code::new("UP-FLINK-0107");
/// Nothing but a restart would come of it.
pub const NOTHING_CHANGES: Code = Code::new("UP-FLINK-0108");

/// Who gives the cluster its processes.
pub const PROVIDER: Code = Code::new("UP-FLINK-0110");
/// The job is part of the cluster.
pub const APPLICATION_MODE: Code = Code::new("UP-FLINK-0111");
/// High availability is on.
pub const HIGH_AVAILABILITY: Code = Code::new("UP-FLINK-0112");
/// Jars may not be submitted over REST.
pub const WEB_SUBMIT: Code = Code::new("UP-FLINK-0113");
/// The cluster's processes are not seen on this machine.
pub const PROCESSES: Code = Code::new("UP-FLINK-0114");
/// Task managers of the cluster run on other machines.
pub const ELSEWHERE: Code = Code::new("UP-FLINK-0115");
/// The file does not say where the running release is installed.
pub const NO_CURRENT_INSTALLATION: Code = Code::new("UP-FLINK-0116");

/// A named job is running.
pub const JOB_RUNS: Code = Code::new("UP-FLINK-0120");
/// A job's name is not unique.
pub const JOB_NOT_UNIQUE: Code = Code::new("UP-FLINK-0121");
/// A job's tasks are all running.
pub const TASKS_RUN: Code = Code::new("UP-FLINK-0122");
/// A job was restarted.
pub const RESTARTS: Code = Code::new("UP-FLINK-0123");
/// A job threw exceptions.
pub const EXCEPTIONS: Code = Code::new("UP-FLINK-0124");
/// A job runs that the file does not name.
pub const UNNAMED_JOB: Code = Code::new("UP-FLINK-0125");
/// The details of a job could not be seen.
pub const JOB_DETAILS: Code = Code::new("UP-FLINK-0126");

/// A job checkpoints.
pub const CHECKPOINTING_OFF: Code = Code::new("UP-FLINK-0130");
/// No checkpoint of a job completed yet.
pub const NO_CHECKPOINT: Code = Code::new("UP-FLINK-0131");
/// The newest completed checkpoint is late.
pub const CHECKPOINT_LATE: Code = Code::new("UP-FLINK-0132");
/// The newest checkpoint failed.
pub const CHECKPOINT_FAILING: Code = Code::new("UP-FLINK-0133");
/// Unaligned checkpoints are on.
pub const UNALIGNED: Code = Code::new("UP-FLINK-0134");
/// The changelog is on.
pub const CHANGELOG: Code = Code::new("UP-FLINK-0135");
/// Checkpoints are at-least-once.
pub const AT_LEAST_ONCE: Code = Code::new("UP-FLINK-0136");
/// A job may resume from a checkpoint, and none outlives it.
pub const NOT_RETAINED: Code = Code::new("UP-FLINK-0137");

/// The savepoint directory, on this machine.
pub const SAVEPOINT_DIR: Code = Code::new("UP-FLINK-0140");
/// The savepoint directory, in a store that upshift cannot see.
pub const SAVEPOINT_STORE: Code = Code::new("UP-FLINK-0141");
/// Old and new cluster reach the savepoint under one path.
pub const SAME_PATH: Code = Code::new("UP-FLINK-0142");
/// Room for the savepoints.
pub const SAVEPOINT_DISK: Code = Code::new("UP-FLINK-0143");
/// The state backend changes.
pub const BACKEND: Code = Code::new("UP-FLINK-0144");
/// No savepoint is taken and read before the stop.
pub const NO_TRIAL: Code = Code::new("UP-FLINK-0145");
/// No recent restore point exists.
pub const NO_RECENT_RESTORE_POINT: Code = Code::new("UP-FLINK-0146");

/// Slots for the jobs.
pub const SLOTS: Code = Code::new("UP-FLINK-0150");
/// The max parallelism would change.
pub const MAX_PARALLELISM: Code = Code::new("UP-FLINK-0151");
/// The parallelism exceeds the max parallelism.
pub const PARALLELISM_TOO_HIGH: Code = Code::new("UP-FLINK-0152");
/// A declared max parallelism cannot be sent.
pub const MAX_PARALLELISM_NOT_SENT: Code = Code::new("UP-FLINK-0153");

/// Nobody said what "it works" means.
pub const NO_PROBES: Code = Code::new("UP-FLINK-0155");
/// A probe gives no answer.
pub const PROBE_BLIND: Code = Code::new("UP-FLINK-0156");
/// A probe fails already.
pub const PROBE_FAILS: Code = Code::new("UP-FLINK-0157");

/// The Java that the target would run on.
pub const JAVA: Code = Code::new("UP-FLINK-0160");
/// A jar needs a newer Java.
pub const CLASS_VERSION: Code = Code::new("UP-FLINK-0161");
/// The target's home holds another release.
pub const HOME_VERSION: Code = Code::new("UP-FLINK-0162");
/// The target's home is absent and no archive is named.
pub const HOME_ABSENT: Code = Code::new("UP-FLINK-0163");
/// The archive is not the one that is named.
pub const ARCHIVE_DIGEST: Code = Code::new("UP-FLINK-0164");
/// The archive cannot be read.
pub const ARCHIVE_ABSENT: Code = Code::new("UP-FLINK-0165");
/// Room for the release.
pub const UNPACK_DISK: Code = Code::new("UP-FLINK-0166");
/// The running release's installation is not in hand.
pub const CURRENT_HOME: Code = Code::new("UP-FLINK-0167");

/// A value names the folder of the release that runs now.
pub const OLD_HOME_NAMED: Code = Code::new("UP-FLINK-0168");
/// What the target's Java has to be told.
pub const JAVA_OPTIONS: Code = Code::new("UP-FLINK-0169");

/// A jar is in hand.
pub const JAR: Code = Code::new("UP-FLINK-0170");
/// A jar's entry class.
pub const ENTRY_CLASS: Code = Code::new("UP-FLINK-0171");
/// A jar bundles Flink itself.
pub const BUNDLED_FLINK: Code = Code::new("UP-FLINK-0172");
/// The running release's jar is not in hand.
pub const CURRENT_JAR: Code = Code::new("UP-FLINK-0173");

/// What a jar refers to is missing in the target.
pub const REFERENCES: Code = Code::new("UP-FLINK-0260");
/// Connectors of another release line in a jar.
pub const CONNECTOR_LINES: Code = Code::new("UP-FLINK-0261");

/// Operators with explicit uids.
pub const UIDS: Code = Code::new("UP-FLINK-0175");
/// Uids are required of a server that cannot be told so.
pub const UIDS_NOT_SENT: Code = Code::new("UP-FLINK-0176");

/// The running release's configuration is not in hand.
pub const CONFIG_ABSENT: Code = Code::new("UP-FLINK-0180");
/// A configuration key has another name.
pub const CONFIG_RENAMED: Code = Code::new("UP-FLINK-0181");
/// A configuration key is gone.
pub const CONFIG_REMOVED: Code = Code::new("UP-FLINK-0182");
/// A configuration key comes twice.
pub const CONFIG_DUPLICATE: Code = Code::new("UP-FLINK-0183");
/// A configuration key that the target does not know.
pub const CONFIG_UNKNOWN: Code = Code::new("UP-FLINK-0184");
/// The configuration file is not what the cluster runs with.
pub const CONFIG_STALE: Code = Code::new("UP-FLINK-0185");
/// The folder for the new configuration holds something else.
pub const TARGET_CONF_DIR: Code = Code::new("UP-FLINK-0186");
/// The configuration as a whole, carried over.
pub const CONFIG: Code = Code::new("UP-FLINK-0187");

/// Two main files of configuration lie in one folder.
pub const CONFIG_FILES: Code = Code::new("UP-FLINK-0188");
/// A value that the target does not take as it is.
pub const CONFIG_VALUE: Code = Code::new("UP-FLINK-0189");

/// Two clusters would share a folder.
pub const SHARED_FOLDERS: Code = Code::new("UP-FLINK-0190");
/// Two clusters would share their high-availability data.
pub const SHARED_HA: Code = Code::new("UP-FLINK-0191");
/// A port that the new cluster needs is taken.
pub const PORTS: Code = Code::new("UP-FLINK-0192");
/// No ports are given for a cluster beside the old one.
pub const NO_SHADOW_PORTS: Code = Code::new("UP-FLINK-0193");

/// An operator or autoscaler manages the cluster.
pub const OPERATOR: Code = Code::new("UP-FLINK-0194");
/// The cluster rescales jobs by itself.
pub const REACTIVE: Code = Code::new("UP-FLINK-0195");

/// What a sink makes of a replay.
pub const SINK: Code = Code::new("UP-FLINK-0196");
/// Until when the way back stays open.
pub const WAY_BACK_LIMITS: Code = Code::new("UP-FLINK-0197");

/// A waiver has expired.
pub const WAIVER_EXPIRED: Code = Code::new("UP-FLINK-0198");
/// A waiver matches nothing, or cannot take effect.
pub const WAIVER_UNUSED: Code = Code::new("UP-FLINK-0199");

/// The old release cannot read the metadata of snapshots that the new one takes.
pub const NEWER_METADATA: Code = Code::new("UP-FLINK-0221");
/// The old release cannot read the operator state of snapshots that the new one takes.
pub const NEWER_HEADER: Code = Code::new("UP-FLINK-0223");

/// A change on the way that stops a job or the cluster, or loses state.
pub const CHANGE_RED: Code = Code::new("UP-FLINK-0280");
/// A change on the way that asks for something, or looks different.
pub const CHANGE_YELLOW: Code = Code::new("UP-FLINK-0281");
/// Changes on the way of which nobody can tell whether they bite.
pub const CHANGE_UNDECIDED: Code = Code::new("UP-FLINK-0282");
/// One that may lose state and of which nobody can tell whether it bites.
pub const CHANGE_UNDECIDED_RED: Code = Code::new("UP-FLINK-0283");

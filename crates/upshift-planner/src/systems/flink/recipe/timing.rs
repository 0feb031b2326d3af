//! How long things usually take, and when they are given up.
//!
//! The usual times come from one quiet 2-core machine (research note, sections 1 and 4) and are for
//! showing only; nothing is decided by them. The deadlines are generous on purpose: a loaded machine
//! was seen to take 90 s for a cluster start that takes 8 s otherwise, and giving up early costs
//! more than waiting.

use upshift_model::restore::RestorePointKind;
use upshift_model::span::Millis;

/// Reading the metadata of a savepoint: most have some kB.
pub(super) const READ: Millis = Millis(20);
/// A look that cannot be made for a minute fails the gate; this is its backstop.
pub(super) const READ_GIVE_UP: Millis = Millis::from_secs(120);
/// Unpacking a release of about 310 MB.
pub(super) const UNPACK: Millis = Millis(9_000);
/// A slow link must be able to fetch 330 MB: 30 minutes are 190 kB/s.
pub(super) const UNPACK_GIVE_UP: Millis = Millis::from_secs(1_800);
/// Copying a directory of small files.
pub(super) const CARRY_OVER_GIVE_UP: Millis = Millis::from_secs(60);
/// Cluster start to the last slot: 8 to 10 s by script with its JVM calls.
pub(super) const CLUSTER_START: Millis = Millis(8_000);
/// Twice the slowest start seen (90 s).
pub(super) const CLUSTER_START_GIVE_UP: Millis = Millis::from_secs(180);
/// Cluster stop: 4.5 to 5 s.
pub(super) const CLUSTER_STOP: Millis = Millis(4_500);
/// Twice the slowest stop seen (90 s).
pub(super) const CLUSTER_STOP_GIVE_UP: Millis = Millis::from_secs(180);
/// A jar of some MB over the loopback.
pub(super) const UPLOAD: Millis = Millis(300);
/// 100 MB at 340 kB/s.
pub(super) const UPLOAD_GIVE_UP: Millis = Millis::from_secs(300);
/// From the submission to every task running, with small state: 0.5 to 1 s on the server.
pub(super) const SUBMIT: Millis = Millis(900);
/// A cancelled job leaves its slots within a second.
pub(super) const CANCEL: Millis = Millis(500);
/// Flink itself kills a task manager whose task does not react for 180 s (`task.cancellation.timeout`).
pub(super) const CANCEL_GIVE_UP: Millis = Millis::from_secs(240);
/// A probe has a time-out of its own; this is for all its tries.
pub(super) const BASELINE_GIVE_UP: Millis = Millis::from_secs(120);
/// Deleting an uploaded jar, letting go of a restore point.
pub(super) const RELEASE_GIVE_UP: Millis = Millis::from_secs(60);
/// Looking for the newest retained checkpoint.
pub(super) const ADOPT_GIVE_UP: Millis = Millis::from_secs(120);
/// A person answers when a person answers; a year stands for never.
pub(super) const NEVER: Millis = Millis::from_secs(365 * 86_400);

/// The server needs about 100 ms for a savepoint of 121 kB, and of 105 MB 0.3 s native and 0.66 s
/// canonical: 2 and 5 ms a MB on top.
pub(super) fn savepoint(kind: RestorePointKind, bytes: Option<u64>) -> Millis {
    let per_mb = match kind {
        RestorePointKind::SavepointCanonical => 5,
        RestorePointKind::SavepointNative | RestorePointKind::Checkpoint => 2,
    };
    Millis(100).plus(Millis(bytes.unwrap_or(0) / 1_000_000 * per_mb))
}

/// The job's own checkpoint time-out ends a savepoint that hangs; a minute on top lets the server
/// say so. Ten minutes where the time-out is not known: it is Flink's default.
pub(super) fn savepoint_give_up(checkpoint_timeout: Option<Millis>) -> Millis {
    checkpoint_timeout
        .unwrap_or(Millis::from_secs(600))
        .plus(Millis::from_secs(60))
}

/// Restoring reads the state back; 1 MB/s is a store that barely works.
pub(super) fn start_give_up(bytes: Option<u64>) -> Millis {
    Millis::from_secs(300).plus(Millis::from_secs(bytes.unwrap_or(0) / 1_000_000))
}

/// A soak that starts anew with every bad sample ends by its own limits; four times its length and
/// an hour is a backstop.
pub(super) fn soak_give_up(soak: Millis) -> Millis {
    Millis(soak.0.saturating_mul(4)).plus(Millis::from_secs(3_600))
}

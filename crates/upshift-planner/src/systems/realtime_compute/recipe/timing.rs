//! How long things are waited for. How long they take on the service is not documented; what the vendor's own tools
//! wait for is: two minutes for a start, one for a stop, five for either in its other tool.

use upshift_model::span::Millis;

/// A deployment that is created, changed or deleted answers at once.
pub(super) const DOCUMENT_GIVE_UP: Millis = Millis::from_secs(120);
/// A ticket: how long the service takes to validate or deploy SQL, which may look into every source and sink.
pub(super) const TICKET_GIVE_UP: Millis = Millis::from_secs(600);
/// A savepoint of large state takes minutes; the job runs on meanwhile.
pub(super) const SAVEPOINT_GIVE_UP: Millis = Millis::from_secs(1_800);
/// A stop, with a savepoint of its own.
pub(crate) const LEAVE_GIVE_UP: Millis = Millis::from_secs(1_800);
/// A start: resources, the pull of images, the restore of large state.
pub(super) const START_GIVE_UP: Millis = Millis::from_secs(900);
/// How often a gate looks: each look at a job is three calls.
pub(super) const EVERY: Millis = Millis(1_000);
/// Calls that a look at a job takes.
pub(super) const CALLS_A_LOOK: u64 = 3;
/// A probe that never answers fails its gate by bad samples; this is the end of a wait for nothing else.
pub(super) const PROBE_GIVE_UP: Millis = Millis::from_secs(600);
/// Bad samples in a row that fail a gate.
pub(super) const BAD_SAMPLES: u16 = 5;
/// The service may be away, or shed load, for so long.
pub(super) const BLIND: Millis = Millis::from_secs(180);
/// A person answers when a person answers; a year stands for never.
pub(super) const NEVER: Millis = Millis::from_secs(365 * 86_400);

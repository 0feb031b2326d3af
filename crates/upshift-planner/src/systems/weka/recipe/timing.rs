//! How long things take, and how long they are waited for. What no document tells is not guessed.

use upshift_model::span::Millis;

/// A package of some gigabytes, fetched and made ready.
pub(super) const STAGE_GIVE_UP: Millis = Millis::from_secs(4 * 3600);
/// The upgrade of all backends. It is a command of the vendor's own, which nobody ends: this is no limit of it, only of
/// the wait.
pub(super) const BACKENDS_GIVE_UP: Millis = Millis::from_secs(24 * 3600);
/// Clients, a few hundred one after the other.
pub(super) const CLIENTS_GIVE_UP: Millis = Millis::from_secs(24 * 3600);
/// One client: a package for clients alone, and its containers.
pub(super) const CLIENT_GIVE_UP: Millis = Millis::from_secs(2 * 3600);
/// Servers that are not reached at once are, mostly, restarting.
pub(super) const JUDGE_GIVE_UP: Millis = Millis::from_secs(15 * 60);
/// A unit, an override, a restart of one server.
pub(super) const BESIDE_GIVE_UP: Millis = Millis::from_secs(1800);
/// Uploads and downloads of snapshots take as long as they take.
pub(super) const TASK_GIVE_UP: Millis = Millis::from_secs(24 * 3600);
/// The documentation's own sample shows some 33 s for a client.
pub(super) const ONE_CLIENT: Millis = Millis::from_secs(33);
/// The conversion of metadata after a hop: several minutes in the documentation, hours with much of it.
pub(super) const SETTLE_GIVE_UP: Millis = Millis::from_secs(24 * 3600);
pub(super) const EVERY: Millis = Millis::from_secs(5);
/// A look takes a few calls of `weka`.
pub(super) const OFTEN: Millis = Millis(500);
/// A minute of something that is bad.
pub(super) const BAD_SAMPLES: u16 = 12;
/// Backends restart while they are upgraded, the one that is asked among them.
pub(super) const BLIND: Millis = Millis::from_secs(600);

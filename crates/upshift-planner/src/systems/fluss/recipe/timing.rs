//! How long things take, and how long they are waited for. Measured on real servers of 0.7 to 0.9 on two cores.

use upshift_model::span::Millis;

/// SIGTERM to the end of the process: 4 to 7 s with little data. Much data is written out before the end, and the
/// process is never killed, so the wait is long.
pub(super) const STOP: Millis = Millis::from_secs(6);
pub(super) const STOP_GIVE_UP: Millis = Millis::from_secs(900);

/// Up and registered: 5 to 7 s; a server that recovers its log takes longer.
pub(super) const START: Millis = Millis::from_secs(7);
pub(super) const START_GIVE_UP: Millis = Millis::from_secs(600);

/// Every replica in sync: 2 to 16 s after the start. One that is stuck never comes back by itself.
pub(super) const WHOLE_GIVE_UP: Millis = Millis::from_secs(300);
/// How long every replica must stay in sync before the next server goes. What a look cannot tell by itself was shown
/// right before it: a row that came from each leader to each follower. A follower that stops fetching after that is taken
/// out of the set half a minute later (`log.replica.max-lag-time`), which no short watch would see; the gate right before
/// each stop and the soak at the end do.
pub(super) const WHOLE_FOR: Millis = Millis::from_secs(1);
/// Leaders move one bucket after the other, each within a second.
pub(super) const SPREAD: Millis = Millis::from_secs(2);
pub(super) const SPREAD_GIVE_UP: Millis = Millis::from_secs(600);
/// A probe costs its owner something.
pub(super) const EVERY_WITH_PROBES: Millis = Millis::from_secs(1);
pub(super) const EVERY: Millis = Millis(500);
/// Ten seconds of another server's absence: more than a reconnect to ZooKeeper takes, less than its session.
pub(super) const BAD_SAMPLES: u16 = 20;
/// ZooKeeper may be away for a minute, and its servers elect a new leader within seconds.
pub(super) const BLIND: Millis = Millis::from_secs(180);

/// A release of some hundred megabytes over a slow line, and jars of a lake.
pub(super) const STAGE_GIVE_UP: Millis = Millis::from_secs(3_600);

/// A row goes to every replica before it is acknowledged.
pub(super) const PROVE: Millis = Millis::from_secs(2);
pub(super) const PROVE_GIVE_UP: Millis = Millis::from_secs(180);

/// Whatever a program of the operator's own does: Flink stops a job with a savepoint.
pub(super) const PROGRAM_GIVE_UP: Millis = Millis::from_secs(1_800);
/// `table.datalake.freshness` is 3 minutes by default; a round of tiering takes its time.
pub(super) const LAKE_GIVE_UP: Millis = Millis::from_secs(1_800);
pub(super) const EVERY_OF_LAKE: Millis = Millis::from_secs(5);

/// From the first tablet server's stop to a coordinator that leads, one after the other: everything is away.
pub(super) const fn all_away(tablet_servers: usize) -> Millis {
    let each = (STOP.0 + START.0) * tablet_servers as u64;
    Millis(each + START.0)
}

/// A bucket without another replica: stop and start, 8 s measured.
pub(super) const AWAY: Millis = Millis::from_secs(8);

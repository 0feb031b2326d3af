//! The one place of the simulator that reads the clock: the wire faces live in real time.

use std::time::UNIX_EPOCH;

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a stand-in server has a clock of its own, as a real one has"
)]
pub(super) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
